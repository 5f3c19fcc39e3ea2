"""Retention: what goes, what never goes, and why"""
import datetime
import glob
import json
import os
import shutil
import time

import zdbtest
from zdbtest import call, rows


def ago(days, hours=0):
    """A moment as redate() takes it."""
    return (datetime.datetime.utcnow() - datetime.timedelta(
        days=days, hours=hours)).strftime("%Y-%m-%d %H:%M")


class Prune(zdbtest.Case):

    def small(self, path="app.db"):
        con = self.open(path)
        con.executescript("CREATE TABLE t(a); INSERT INTO t VALUES (1)")
        return con

    def old(self, con, name, days, hours=0, **options):
        """A backup in b/ of a day in the past."""
        call(con, "zdb_backup_to", "b/" + name, None, options)
        zdbtest.redate("b/" + name, ago(days, hours))

    def names(self):
        return sorted(os.path.relpath(path, "b") for path in glob.glob(
            "b/**/*", recursive=True) if os.path.isfile(path)
            and not path.endswith((".sha256", ".zdbi", ".jsonl")))

    def test_days(self):
        con = self.small()
        for days in (0, 29, 31, 100):
            self.old(con, f"{days}.db.gz", days)
        report = call(con, "zdb_prune", "b", 30)
        self.assertEqual(self.names(), ["0.db.gz", "29.db.gz"])
        self.assertEqual(
            [report[k] for k in ("kept", "removed", "failed", "left")],
            [2, 2, 0, 0])
        self.assertEqual(sorted(f["file"] for f in report["files"]),
                         ["100.db.gz", "31.db.gz"])
        self.assertGreater(report["freed_bytes"], 500)
        self.assertEqual(len(glob.glob("b/*.sha256")), 2)
        self.assertEqual(rows(con, "zdb_history", "b")[-1]["operation"],
                         "prune")

    def test_dry_run_explains(self):
        con = self.small()
        self.old(con, "1.db.gz", 1)
        self.old(con, "2.db.gz", 40)
        self.old(con, "3.db.gz", 41, label="keep")
        self.old(con, "4.db.gz", 42, type="schema")
        shutil.copy("app.db", "b/5.db")
        with open("b/6.db.gz", "wb") as file:
            file.write(open("b/1.db.gz", "rb").read()[:-5])
        before = self.names()
        report = call(con, "zdb_prune", "b", '{"daily": 1}',
                      {"dry_run": True})
        self.assertEqual(self.names(), before)
        said = {f["file"]: (f["action"], f["why"]) for f in report["files"]}
        self.assertIn("is damaged", said.pop("6.db.gz")[1])
        self.assertEqual(said, {
            "1.db.gz": ("keep", "daily, newest"),
            "2.db.gz": ("remove", "no rule keeps it"),
            "3.db.gz": ("keep", "label"),
            "4.db.gz": ("keep", "daily, newest"),
            "5.db": ("leave", "not a backup of ours")})
        self.assertEqual(report["keep"], {"daily": 1})
        call(con, "zdb_prune", "b", '{"daily": 1}')
        before.remove("2.db.gz")
        self.assertEqual(self.names(), before)

    def test_newest_verified(self):
        con = self.small()
        self.old(con, "old.db", 50, verify=False)
        self.old(con, "proven.db", 40, verify=False)
        self.old(con, "new.db", 35, verify=False)
        call(con, "zdb_verify", "b/proven.db", {"level": "restore"})
        call(con, "zdb_prune", "b", 1)
        self.assertEqual(self.names(), ["new.db", "proven.db"])
        # damage takes the proof away, and a damaged file is not ours to judge
        with open("b/new.db", "r+b") as file:
            file.write(b"x")
        self.assertTrue(os.path.exists("b/new.db.zdbi"))

    def test_keep_with_a_backup(self):
        con = self.small()
        self.old(con, "1.db.gz", 1)
        self.old(con, "2.db.gz", 2)
        self.old(con, "archive.db.gz", 400, label="monthly")
        self.old(con, "s.sql.gz", 400, type="schema")
        report = call(con, "zdb_backup_to", "b/now.db.gz", None,
                      {"keep": {"last": 1}})
        self.assertEqual(report["pruned"]["removed"], 2)
        self.assertEqual(self.names(),
                         ["archive.db.gz", "now.db.gz", "s.sql.gz"])
        # another label is another series: here its only one
        call(con, "zdb_backup_to", "b/m.db.gz", None,
             {"keep": 30, "label": "monthly"})
        self.assertEqual(self.names(), ["m.db.gz", "now.db.gz", "s.sql.gz"])
        self.fails(con, "zdb_backup_to", "b/x.db.gz", None, {"keep": 0},
                   text="from 1 to 100000")
        self.assertFalse(os.path.exists("b/x.db.gz"))

    def test_a_failed_backup_removes_nothing(self):
        con = self.small()
        self.old(con, "1.db.gz", 100)
        self.old(con, "2.db.gz", 200)
        self.fails(con, "zdb_backup_to", "b/1.db.gz", None, {"keep": 1},
                   text="already exists")
        self.assertEqual(self.names(), ["1.db.gz", "2.db.gz"])

    def test_days_that_are_empty_go(self):
        con = self.small()
        for name in ("20250101/a.db", "20250102/b.db", "mine/c.db"):
            self.old(con, name, 100)
        self.old(con, "d.db", 1)
        with open("b/20250102/note", "w") as file:
            file.write("\0")
        call(con, "zdb_prune", "b", 7)
        self.assertEqual(sorted(os.listdir("b")), [
            "20250102", "d.db", "d.db.sha256", "d.db.zdbi", "mine",
            "zdbackup_history.jsonl"])
        self.assertEqual(zdbtest.backups("b/mine"), [])
        self.assertEqual(os.listdir("b/20250102"), ["note"])

    def test_some_tables_do_not_count_as_all(self):
        con = self.open()
        con.executescript("CREATE TABLE t(a); CREATE TABLE u(a)")
        whole = call(con, "zdb_backup_to", "r/")["path"]
        for number in range(3):
            done = call(con, "zdb_backup_to", f"r/some{number}.db.gz", None,
                        {"tables": ["t"], "keep": {"last": 1}})
        self.assertEqual(done["pruned"]["removed"], 1)
        self.assertTrue(os.path.exists(whole))
        self.assertEqual(call(con, "zdb_prune", "r/", {"last": 1})["removed"],
                         0)

    def test_several_databases(self):
        one, other = self.small("one.db"), self.small("other.db")
        for con, name in ((one, "one"), (other, "other")):
            for days in (1, 2, 3):
                self.old(con, f"{name}{days}.db.gz", days)
        call(one, "zdb_prune", "b", '{"last": 2}')
        self.assertEqual(self.names(), ["one1.db.gz", "one2.db.gz",
                                        "other1.db.gz", "other2.db.gz"])
        call(other, "zdb_backup_to", "b/other0.db.gz", None,
             {"keep": {"last": 1}})
        self.assertEqual(self.names(),
                         ["one1.db.gz", "one2.db.gz", "other0.db.gz"])

    def test_a_restores_own_backups(self):
        con = self.small()
        self.old(con, "1.db.gz", 1)
        call(con, "zdb_restore_from", "b/1.db.gz",
             {"prebackup": "b/pre.db.gz"})
        zdbtest.redate("b/pre.db.gz", ago(0))
        call(con, "zdb_prune", "b", '{"last": 1}')
        self.assertEqual(self.names(), ["1.db.gz", "pre.db.gz"])

    def test_leftovers(self):
        con = self.small()
        self.old(con, "1.db.gz", 1)
        for name, hours in (("a.db.gz.zdbtmp-0123abcd", 25),
                            ("b.db.gz.zdbtmp-0123abcd", 23),
                            ("c.zdbtmp-notes", 50)):
            with open("b/" + name, "wb") as file:
                file.write(b"\0\1")
            then = time.time() - hours * 3600
            os.utime("b/" + name, (then, then))
        report = call(con, "zdb_prune", "b", 7)
        self.assertEqual(report["leftovers"], 1)
        self.assertEqual(self.names(), ["1.db.gz", "b.db.gz.zdbtmp-0123abcd",
                                        "c.zdbtmp-notes"])

    def test_what_cannot_be_removed(self):
        con = self.small()
        for name in ("20250101/a.db.gz", "20250102/b.db.gz"):
            self.old(con, name, 100)
        self.old(con, "d.db.gz", 1)
        if os.getuid() == 0:
            done = os.system("chattr +i b/20250101/a.db.gz 2>/dev/null")
            if done:
                self.skipTest("the file system has no immutable files")
            self.addCleanup(os.system, f"chattr -i {self.dir}/b/2*/* 2>/dev/null")
        else:
            os.chmod("b/20250101", 0o500)
        report = call(con, "zdb_prune", "b", 7)
        os.system("chattr -i b/20250101/a.db.gz 2>/dev/null")
        os.chmod("b/20250101", 0o700)
        self.assertEqual((report["removed"], report["failed"]), (1, 1))
        self.assertIn("could not remove", [
            f["why"] for f in report["files"] if f["action"] == "failed"][0])
        self.assertEqual(self.names(), ["20250101/a.db.gz", "d.db.gz"])
        self.assertTrue(os.path.exists("b/20250101/a.db.gz.sha256"))

    def test_clock_that_was_wrong(self):
        con = self.small()
        self.old(con, "future.db.gz", -1000)
        for days in (1, 2):
            self.old(con, f"{days}.db.gz", days)
        call(con, "zdb_prune", "b", '{"last": 1}')
        self.assertEqual(self.names(), ["1.db.gz", "future.db.gz"])

    def test_thousands(self):
        con = self.small()
        call(con, "zdb_backup_to", "b/0.db.gz", None, {"type": "data"})
        for hour in range(2000):
            shutil.copy("b/0.db.gz", f"b/{hour:04}.db.gz")
            zdbtest.redate(f"b/{hour:04}.db.gz", ago(0, hour + 1))
        report = call(con, "zdb_prune", "b",
                      '{"last": 24, "daily": 7, "weekly": 4, "monthly": 6}')
        self.assertEqual(report["kept"] + report["removed"], 2001)
        self.assertEqual(len(self.names()), report["kept"])
        self.assertLess(report["kept"], 24 + 7 + 4 + 6 + 2)
        self.assertGreaterEqual(report["kept"], 24 + 5)

    def test_bad_calls(self):
        con = self.small()
        for keep, text in ((0, "from 1 to"), ("7d", "number of days or rules"),
                           ('{"hourly": 1}', 'unknown rule "hourly"'),
                           (None, "must be a text"),
                           (7.5, "must be a text")):
            self.fails(con, "zdb_prune", ".", keep, text=text)
        self.fails(con, "zdb_prune", "none", 7, text="No such file")
        self.fails(con, "zdb_prune", ".", 7, {"keep": 7},
                   text='unknown option "keep"')


zdbtest.main()
