"""What ran is on record, however it ended"""
import json
import os
import time

import pgtest


class History(pgtest.Case):
    settings = ("max_parallel_workers=8",)

    def setUp(self):
        super().setUp()
        self.database("shop", "shop.sql")

    def records(self, directory=None):
        path = os.path.join(directory or self.dir, "zdbackup_history.jsonl")
        with open(path) as file:
            return [json.loads(line) for line in file]

    def outcomes(self):
        return [(r["operation"], r["outcome"], r.get("code"))
                for r in self.records()]

    def test_every_operation(self):
        done = self.call("shop", "zdb_backup_to", self.dir, True,
                         {"job": "nightly"})
        self.call("shop", "zdb_verify", self.dir, {"level": "restore"})
        self.call("shop", "zdb_restore_from", self.dir, {"job": "drill"})
        self.call("shop", "zdb_merge_from", self.dir, {"job": "mix"})
        records = self.records()
        self.assertEqual([(r["operation"], r["outcome"], r.get("job"),
                           r.get("verified")) for r in records],
                         [("backup", "success", "nightly", "data"),
                          ("verify", "success", None, "restore"),
                          ("restore", "success", "drill", "data"),
                          ("merge", "success", "mix", None)])
        for key in ("stored_bytes", "bytes", "sha256", "type", "rows"):
            self.assertEqual(records[0][key], done[key])
        self.assertEqual(records[0]["engine"], "postgresql")
        self.assertEqual(records[0]["database"], "shop")
        self.assertEqual(self.psql(
            "shop", "SELECT operation, job, started <= ended, pid > 0,"
            f" verified FROM zdb_history('{self.dir}') LIMIT 1"),
            "backup|nightly|t|t|data")
        self.assertEqual(self.psql(
            "shop", f"SELECT verified, verified_at > created - interval '1 s'"
            f" FROM zdb_list('{self.dir}') WHERE label IS NULL"), "restore|t")

    def test_errors_and_rollback(self):
        path = self.path("a.sql.gz")
        self.psql("shop", "BEGIN", f"SELECT zdb_backup_to('{path}') IS NULL",
                  "ROLLBACK")
        self.fails("shop", f"SELECT zdb_backup_to('{path}')",
                   text="already exists", code="58P02")
        self.fails("shop", f"SELECT zdb_backup_to('{path}', true,"
                   " '{\"tpye\": 1}')", text='option "tpye"', code="22023")
        self.fails("shop", f"SELECT zdb_restore_from('{path}',"
                   " '{\"tables\": [\"none\"]}')", text="none")
        # caught by the caller, recorded all the same
        self.psql("shop", "DO $$ BEGIN PERFORM zdb_verify("
                  f"'{self.path('none')}'); EXCEPTION WHEN OTHERS THEN NULL;"
                  " END $$")
        self.assertEqual([o[:2] for o in self.outcomes()], [
            ("backup", "success"), ("backup", "failure"),
            ("backup", "failure"), ("restore", "failure"),
            ("verify", "failure")])
        self.assertEqual([o[2] for o in self.outcomes()][:3],
                         [None, "58P02", "22023"])
        self.assertEqual(self.records()[-1]["code"], "58P01")
        self.assertIn("already exists", self.records()[1]["error"])
        self.nothing_left()

    def ended(self, way, number):
        """Cancel or terminate a session that makes backups; what the history
        says of its last run."""
        session = self.session("shop")
        session.send(f"SELECT zdb_backup_to('{self.path(way)}_{number}_' || g"
                     " || '.sql.gz', 'gzip:12') IS NULL"
                     " FROM generate_series(1, 1000) g")
        time.sleep(0.5)
        self.psql("postgres", f"SELECT pg_{way}_backend({session.pid})")
        session.result()
        for _ in range(30):  # a session that was ended takes its time
            if self.outcomes()[-1][1] == "cancelled":
                break
            time.sleep(0.1)
        return self.outcomes()[-1][1:]

    def test_cancel_timeout_and_end(self):
        for way, outcome in (("cancel", ("cancelled", "57014")),
                             ("terminate", ("cancelled", "57P01"))):
            for again in range(5):  # it may end between two backups
                if self.ended(way, again) == outcome:
                    break
            self.assertEqual(self.outcomes()[-1][1:], outcome)
        other = self.session("shop")
        other("BEGIN; LOCK TABLE users")
        self.fails("shop", "SET statement_timeout = '1 s'",
                   f"SELECT zdb_backup_to('{self.path('t.sql.gz')}',"
                   " 'gzip:12')", code="57014", text="statement timeout")
        self.assertEqual(self.outcomes()[-1][1:], ("cancelled", "57014"))
        self.nothing_left()

    def test_who_may_begin_a_history(self):
        self.call("shop", "zdb_backup_to", self.path("a.sql.gz"))
        history = self.path("zdbackup_history.jsonl")
        os.rename(history, history + ".old")
        self.psql("shop", "DO $$ BEGIN CREATE ROLE low LOGIN; EXCEPTION WHEN"
                  " duplicate_object THEN NULL; END $$",
                  "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO low")
        verify = f"SELECT zdb_verify('{self.path('a.sql.gz')}')"
        self.fails("shop", verify, user="low", code="42501",
                   text="permission denied")
        self.assertFalse(os.path.exists(history))
        self.psql("shop", "GRANT pg_read_server_files TO low")
        # reading rights make no file, but add to one that is there
        report = json.loads(self.psql("shop", verify, user="low"))
        self.assertIn("history was not written", report["warnings"][0])
        self.assertFalse(os.path.exists(history))
        os.rename(history + ".old", history)
        report = json.loads(self.psql("shop", verify, user="low"))
        self.assertEqual(report["warnings"], [])
        self.assertEqual(len(self.records()), 2)

    def test_another_file(self):
        log = self.path("elsewhere.jsonl")
        setting = f"SET zdbackup.history = '{log}'"
        self.call("shop", "zdb_backup_to", self.path("a.sql.gz"),
                  before=(setting,))
        self.assertFalse(os.path.exists(self.path("zdbackup_history.jsonl")))
        self.assertEqual(self.psql(
            "shop", setting, "SELECT count(*) FROM zdb_history("
            f"'{self.dir}')"), "1")
        self.assertEqual(self.psql(
            "shop", setting, "SELECT count(*) FROM zdb_history('/tmp')"), "0")

    def test_eight_at_once(self):
        sessions = [self.session("shop") for _ in range(8)]
        for number, session in enumerate(sessions):
            session.send(f"SELECT zdb_backup_to('{self.dir}/{number}_' || g ||"
                         " '.sql.gz') IS NULL FROM generate_series(1, 5) g")
        for session in sessions:
            session.result()
        self.assertEqual([o[1] for o in self.outcomes()], ["success"] * 40)


pgtest.main()
