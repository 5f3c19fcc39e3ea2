"""A repository: what it holds, and the newest of it"""
import os
import shutil

import pgtest
import zdbtest


class Repository(pgtest.Case):
    settings = ("max_parallel_workers=8",)

    def setUp(self):
        super().setUp()
        self.database("shop", "shop.sql")

    def filled(self):
        self.call("shop", "zdb_backup_to", self.path("first.sql.gz"))
        self.psql("shop", "DELETE FROM messages")
        return self.call("shop", "zdb_backup_to", self.dir)["path"]

    def listed(self, columns, *before):
        return self.psql("shop", *before, f"SELECT {columns} FROM zdb_list("
                         f"'{self.dir}') ORDER BY file").split("\n")

    def test_list(self):
        self.filled()
        self.call("shop", "zdb_backup_to", self.path("s.sql"), None,
                  {"type": "schema", "label": "é"})
        with open(self.path("foreign.sql"), "w") as file:
            file.write("SELECT 1;\n")
        os.chmod(self.path("foreign.sql"), 0o644)
        self.assertEqual(self.listed(
            "split_part(file, '/', -1) ~ '^shop_full_.*gz$' OR file !~ '/',"
            " type, engine, database, compress, rows, label, indexed,"
            " length(sha256), created > now() - '1 hour'::interval"), [
                "t|full|postgresql|shop|gzip|2000||t|64|t",
                "t|full|postgresql|shop|gzip|5000||t|64|t",
                "t||||none|||f||",
                "t|schema|postgresql|shop|none|0|é|t|64|t"])
        # any style of dates, and the setting as the default
        self.psql("shop", "SET DateStyle = 'German'",
                  f"SET zdbackup.repository = '{self.dir}'",
                  "SELECT * FROM zdb_list()")
        self.fails("shop", "SELECT * FROM zdb_list()", code="22023",
                   text="no repository is given")
        self.fails("shop", "SELECT * FROM zdb_list('/nowhere')", code="58P01",
                   text="could not read directory")

    def test_an_unreadable_directory(self):
        self.filled()
        os.mkdir(self.path("lost+found"), 0o700)
        if os.getuid() != 0:
            os.chmod(self.path("lost+found"), 0)
        self.assertIn("Permission denied",
                      "".join(self.listed("file, error")))

    def test_newest_and_at(self):
        newest = self.filled()
        for function in ("zdb_verify", "zdb_info", "zdb_restore_from"):
            self.assertEqual(self.call("shop", function, self.dir)["path"],
                             newest)
        # the restore's own backup lies there now, and is not chosen
        self.assertEqual(len(self.listed("file")), 3)
        self.psql("shop", "DELETE FROM favourites")
        self.assertEqual(self.call("shop", "zdb_restore_from", self.dir,
                                   {"dry_run": True})["path"], newest)
        self.assertEqual(self.call("shop", "zdb_merge_from",
                                   self.dir)["path"], newest)
        self.assertEqual(self.psql(
            "shop", f"SELECT rows FROM zdb_entries('{self.dir}') WHERE"
            " \"table\" = 'messages'"), "0")
        for function in ("zdb_verify", "zdb_info", "zdb_restore_from",
                         "zdb_merge_from", "zdb_entries"):
            self.fails("shop", f"SELECT {function}('{self.dir}',"
                       " '{\"at\": \"2020-01-01\"}'::jsonb)",
                       text="of 2020-01-01 or before", code="58P01")

    def test_other_engines_and_databases(self):
        newest = self.filled()
        self.database("other")
        self.call("other", "zdb_backup_to", self.dir)
        self.assertEqual(self.call("shop", "zdb_restore_from", self.dir,
                                   {"dry_run": True})["path"], newest)
        self.database("third")
        said = self.fails("third", f"SELECT zdb_restore_from('{self.dir}')",
                          text='several databases, and none of "third"')
        self.assertIn("other, shop", said)
        shutil.rmtree(self.dir)
        os.mkdir(self.dir)
        zdbtest.call(zdbtest.connect(":memory:"), "zdb_backup_to",
                     self.path("app.db.gz"))
        os.chmod(self.path("app.db.gz"), 0o644)
        self.fails("shop", f"SELECT zdb_restore_from('{self.dir}')",
                   text="no full backup of a PostgreSQL database\nHINT:  It "
                        "holds: full of memory (sqlite).")

    def test_verify_compares_the_sums(self):
        path = self.filled()
        self.assertTrue(self.call("shop", "zdb_verify", path)["sha256_file"])
        shutil.copy(self.path("first.sql.gz"), path)
        self.fails("shop", f"SELECT zdb_verify('{path}')", code="XX001",
                   text=f'but "{path}.sha256" says')

    def test_rights(self):
        self.psql("shop", "DO $$ BEGIN CREATE ROLE low LOGIN; EXCEPTION WHEN"
                  " duplicate_object THEN NULL; END $$",
                  "GRANT EXECUTE ON FUNCTION zdb_list(text) TO low")
        self.fails("shop", f"SELECT * FROM zdb_list('{self.dir}')",
                   user="low", code="42501",
                   text="permission denied to read a file of the server")


pgtest.main()
