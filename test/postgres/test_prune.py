"""Retention in PostgreSQL: the same rules, other arguments"""
import datetime
import os

import pgtest
import zdbtest


class Prune(pgtest.Case):
    settings = ("max_parallel_workers=8",)

    def setUp(self):
        super().setUp()
        self.database("shop", "shop.sql")
        for days in (1, 29, 31, 100):
            self.call("shop", "zdb_backup_to", self.path(f"{days}.sql.gz"))
            then = (datetime.datetime.utcnow()
                    - datetime.timedelta(days=days))
            zdbtest.redate(self.path(f"{days}.sql.gz"),
                           then.strftime("%Y-%m-%d %H:%M"))
            os.chmod(self.path(f"{days}.sql.gz.sha256"), 0o644)

    def prune(self, keep, options="NULL"):
        return self.psql("shop", f"SELECT zdb_prune('{self.dir}', {keep},"
                         f" {options}) ->> 'removed'")

    def test_every_way_to_say_it(self):
        for keep in ("30", "'30'", "'{\"days\": 30}'",
                     "'{\"days\": 30}'::jsonb", "jsonb_build_object('days',"
                     " 30)", "'30'::text"):
            self.assertEqual(self.prune(keep, "'{\"dry_run\": true}'"), "2")
        self.assertEqual(len(self.backups()), 4)
        self.assertEqual(self.prune("30"), "2")
        self.assertEqual(self.backups(), ["1.sql.gz", "29.sql.gz"])

    def test_keep_with_a_backup(self):
        report = self.call("shop", "zdb_backup_to", self.path("0.sql.gz"),
                           True, {"keep": {"last": 2}})
        self.assertEqual(report["pruned"]["removed"], 3)
        self.assertEqual(self.backups(), ["0.sql.gz", "1.sql.gz"])

    def test_errors(self):
        for keep, text, code in (
                ("0", "from 1 to 100000", "22023"),
                ("'often'", "number of days or rules", "22023"),
                ("NULL::int", '"keep" is null', "22004")):
            self.fails("shop", f"SELECT zdb_prune('{self.dir}', {keep})",
                       text=text, code=code)
        self.fails("shop", "SELECT zdb_prune('/nowhere', 7)", code="58P01",
                   text="could not read directory")
        self.psql("shop", "DO $$ BEGIN CREATE ROLE low LOGIN; EXCEPTION WHEN"
                  " duplicate_object THEN NULL; END $$",
                  "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO low",
                  "GRANT pg_read_server_files TO low")
        self.fails("shop", f"SELECT zdb_prune('{self.dir}', 7)", user="low",
                   code="42501", text="permission denied to write a file")
        self.assertEqual(len(self.backups()), 4)


pgtest.main()
