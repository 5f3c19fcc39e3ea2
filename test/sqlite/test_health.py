"""Is it well? What counts is a backup that was verified and is there"""
import json
import os

import zdbtest
from zdbtest import call


class Health(zdbtest.Case):

    def alerts(self, con, **options):
        report = call(con, "zdb_health", "b", options)
        return report["status"], sorted(
            (a["severity"], a["name"]) for a in report["alerts"])

    def test_well(self):
        con = self.sample()
        for number in range(3):
            call(con, "zdb_backup_to", f"b/{number}.db.gz")
        report = call(con, "zdb_health", "b")
        self.assertEqual((report["status"], report["alerts"]), ("ok", []))
        self.assertEqual([report[k] for k in (
            "total_backups", "success_rate", "consecutive_failures",
            "backups", "cloud_in_step")], [3, 1, 0, 3, None])
        self.assertLess(report["hours_since_last_success"], 1)
        self.assertLess(report["hours_since_last_verified"], 1)
        self.assertGreater(report["mean_duration_s"], 0)
        self.assertEqual(report["largest_bytes"],
                         max(os.path.getsize(f"b/{number}.db.gz")
                             for number in range(3)))
        self.assertGreater(report["storage_free_bytes"], 0)

    def test_nothing(self):
        con = self.open()
        os.mkdir("b")
        self.assertEqual(self.alerts(con),
                         ("critical", [("critical", "no_backup")]))

    def test_jobs_succeed_but_nothing_is_verified(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz", None, {"verify": "index"})
        report = call(con, "zdb_health", "b")
        self.assertEqual(report["success_rate"], 1)
        self.assertIsNone(report["hours_since_last_verified"])
        self.assertEqual(self.alerts(con),
                         ("critical", [("critical", "no_backup")]))
        call(con, "zdb_verify", "b/a.db.gz")
        self.assertEqual(self.alerts(con), ("ok", []))

    def test_some_tables_are_not_the_database(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz", None, {"verify": "index"})
        for number in range(4):
            call(con, "zdb_backup_to", f"b/some{number}.db.gz", None,
                 {"tables": ["messages"]})
        self.assertEqual(self.alerts(con),
                         ("critical", [("critical", "no_backup")]))
        newest, = call(con, "zdb_report", "b", "daily")["databases"]
        self.assertEqual(newest["verified"], "index")
        # nor is the size of one that of the others
        call(con, "zdb_verify", "b/a.db.gz")
        con.execute("CREATE TABLE noise AS SELECT randomblob(100000)")
        call(con, "zdb_backup_to", "b/all.db.gz")
        self.assertEqual(self.alerts(con), ("ok", []))
        for name in ("a", "all"):
            os.remove(f"b/{name}.db.gz")
        self.assertEqual(self.alerts(con), ("ok", []))  # there is no whole one

    def test_the_file_is_gone_or_damaged(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz")
        with open("b/a.db.gz", "r+b") as file:
            file.seek(1000)
            file.write(b"????")
        self.fails(con, "zdb_verify", "b/a.db.gz", text="is damaged")
        self.assertEqual(self.alerts(con), ("critical", [
            ("critical", "damaged"), ("critical", "no_backup")]))
        os.remove("b/a.db.gz")
        self.assertEqual(self.alerts(con),
                         ("critical", [("critical", "no_backup")]))

    def test_three_failures(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz")
        for count in (1, 2, 3):
            self.fails(con, "zdb_backup_to", "b/a.db.gz", text="exists")
            self.assertEqual(self.alerts(con), (
                ("critical", [("critical", "failures")]) if count == 3
                else ("ok", [])))
        self.assertEqual(self.alerts(con, failures=4), ("ok", []))
        call(con, "zdb_backup_to", "b/b.db.gz")
        self.assertEqual(self.alerts(con), ("ok", []))

    def test_limits(self):
        con = self.sample()
        for number in range(4):
            call(con, "zdb_backup_to", f"b/{number}.db.gz")
        con.execute("DELETE FROM messages")
        con.execute("VACUUM")
        call(con, "zdb_backup_to", "b/small.db.gz")
        self.assertEqual(self.alerts(con),
                         ("warning", [("warning", "size")]))
        self.assertEqual(self.alerts(con, size_factor=100), ("ok", []))
        self.assertEqual(self.alerts(con, size_factor=100, hours=1e-9),
                         ("critical", [("critical", "no_backup")]))
        self.assertEqual(self.alerts(
            con, size_factor=100, storage_percent=1e-9),
            ("warning", [("warning", "storage")]))
        self.assertEqual(self.alerts(
            con, size_factor=100, restore_days=1e-9),
            ("warning", [("warning", "verification")]))
        self.fails(con, "zdb_health", "b", {"hours": 0},
                   text='"hours" must be a number above 0')
        self.fails(con, "zdb_health", "b", {"days": 1},
                   text='unknown option "days"')

    def test_every_database(self):
        con, other = self.sample(), self.open("other.db")
        call(con, "zdb_backup_to", "b/a.db.gz")
        call(other, "zdb_backup_to", "b/o.db.gz", None, {"verify": False})
        report = call(con, "zdb_health", "b")
        self.assertIn('"other"', report["alerts"][0]["message"])
        self.assertEqual(self.alerts(con, database="app"), ("ok", []))

    def test_the_history_cannot_be_read(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz")
        with open("b/zdbackup_history.jsonl", "a") as file:
            file.write("torn")
        self.assertEqual(self.alerts(con),
                         ("warning", [("warning", "history")]))
        os.remove("b/zdbackup_history.jsonl")
        os.mkdir("b/zdbackup_history.jsonl")
        # what was verified is not known any more
        self.assertEqual(self.alerts(con), ("critical", [
            ("critical", "no_backup"), ("warning", "history")]))


zdbtest.main()
