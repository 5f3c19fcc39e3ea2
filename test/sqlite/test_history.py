"""What ran is on record, however it ended"""
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading

import zdbtest
from zdbtest import call, rows

HISTORY = "b/zdbackup_history.jsonl"

class History(zdbtest.Case):

    def last(self, con, where="b"):
        return rows(con, "zdb_history", where)[-1]

    def test_every_operation(self):
        con = self.sample()
        done = call(con, "zdb_backup_to", "b/", True, {"job": "nightly"})
        last = self.last(con)
        self.assertEqual(
            (last["operation"], last["job"], last["outcome"], last["type"],
             last["rows"], last["verified"], last["engine"],
             last["database"], last["pid"], last["code"], last["error"]),
            ("backup", "nightly", "success", "full", 6200, "data", "sqlite",
             "app", os.getpid(), None, None))
        for key in ("stored_bytes", "bytes", "sha256"):
            self.assertEqual(last[key], done[key])
        self.assertEqual("b/" + last["file"], done["path"])
        self.assertGreaterEqual(last["ended"], last["started"])
        call(con, "zdb_verify", done["path"], {"level": "restore"})
        self.assertEqual(self.last(con)["verified"], "restore")
        call(con, "zdb_restore_from", "b", {"job": "drill"})
        self.assertEqual(self.last(con)["job"], "drill")
        call(con, "zdb_merge_from", "b", {"job": "mix"})
        self.assertEqual([(row["operation"], row["outcome"], row["job"])
                          for row in rows(con, "zdb_history", "b")],
                         [("backup", "success", "nightly"),
                          ("verify", "success", None),
                          ("restore", "success", "drill"),
                          ("merge", "success", "mix")])
        self.assertEqual(stat.S_IMODE(os.stat(HISTORY).st_mode), 0o600)

    def test_failures(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz")
        for args, code, text in (
                (("zdb_backup_to", "b/a.db.gz"), "exists", "already exists"),
                (("zdb_backup_to", "b/x.db", None, {"tpye": 1}), "usage",
                 'unknown option "tpye"'),
                (("zdb_verify", "b/none"), "not_found", "No such file"),
                (("zdb_merge_from", "b", {"on_match": "x"}), "usage",
                 "not known")):
            self.fails(con, *args, text=text)
            last = self.last(con)
            self.assertEqual((last["outcome"], last["code"],
                              last["operation"]),
                             ("failure", code, args[0].split("_")[1]))
            self.assertIn(text, last["error"])
        with open("b/a.db.gz", "r+b") as file:
            file.seek(1000)
            file.write(b"????")
        report = call(con, "zdb_verify", "b/a.db.gz", {"raise": False})
        last = self.last(con)
        self.assertEqual((last["outcome"], last["error"]),
                         ("failure", report["error"]))

    def test_cancelled(self):
        con = self.sample()
        con.executescript("CREATE TABLE big(x); WITH RECURSIVE n(i) AS (SELECT"
                          " 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000)"
                          " INSERT INTO big SELECT randomblob(4000) FROM n")
        os.mkdir("b")
        timer = threading.Timer(0.2, con.interrupt)
        timer.start()
        self.fails(con, "zdb_backup_to", "b/a.db.gz", "gzip:12",
                   code=sqlite3.OperationalError, text="interrupt")
        timer.join()
        last = self.last(con)
        self.assertEqual((last["outcome"], last["code"], last["type"]),
                         ("cancelled", "cancelled", "full"))

    def test_what_has_no_effect_is_no_run(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz")
        call(con, "zdb_info", "b/a.db.gz")
        for sql in ("zdb_entries('b')", "zdb_list('b')", "zdb_history('b')"):
            con.execute("SELECT * FROM " + sql).fetchall()
        self.assertEqual(len(rows(con, "zdb_history", "b")), 1)

    def test_which_repository(self):
        con = self.sample()
        os.makedirs("c/20250904")
        for path, where, file in (
                ("c/20250904/x.db.gz", "c", "20250904/x.db.gz"),
                ("d/{db}_{date}.db.gz", "d", None),
                ("e/{date}/{db}.db.gz", "e", None),
                ("f/", "f", None), ("plain.db", ".", "plain.db")):
            done = call(con, "zdb_backup_to", path)
            last = self.last(con, where)
            self.assertEqual(os.path.normpath(
                os.path.join(where, last["file"])), done["path"])
            if file:
                self.assertEqual(last["file"], file)
        self.fails(con, "zdb_verify", "none/such/x.db", text="No such file")
        self.assertFalse(os.path.exists("none"))

    def test_another_file(self):
        os.environ["ZDBACKUP_HISTORY"] = os.path.join(self.dir, "log.jsonl")
        self.addCleanup(os.environ.pop, "ZDBACKUP_HISTORY")
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz")
        call(con, "zdb_backup_to", "c/a.db.gz", None, {"verify": "restore"})
        self.assertFalse(os.path.exists(HISTORY))
        # two repositories, one file: each sees its own
        self.assertEqual(self.last(con, "b")["verified"], "data")
        self.assertEqual(self.last(con, "c")["verified"], "restore")
        self.assertEqual(rows(con, "zdb_list", "b")[0]["verified"], "data")

    def test_it_cannot_be_written(self):
        con = self.sample()
        os.mkdir("b")
        os.symlink("/dev/null", HISTORY)
        done = call(con, "zdb_backup_to", "b/a.db.gz")
        self.assertIn("symbolic link", done["warnings"][0])
        self.assertTrue(os.path.exists("b/a.db.gz"))
        os.remove(HISTORY)
        os.mkdir(HISTORY)
        self.assertIn("history was not written",
                      call(con, "zdb_verify", "b/a.db.gz")["warnings"][0])

    def test_a_torn_line(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz")
        with open(HISTORY, "a") as file:
            file.write('{"operation":"backup","out')
        call(con, "zdb_verify", "b/a.db.gz")
        found = rows(con, "zdb_history", "b")
        self.assertEqual([row["operation"] for row in found],
                         ["backup", None, "verify"])
        self.assertEqual(found[1]["line"], 2)
        self.assertIn("cannot be read", found[1]["error"])

    def test_killed_in_the_middle(self):
        """Whenever a process dies, the file stays readable."""
        con = self.sample()
        os.mkdir("b")
        program = ("import sys; sys.path.insert(0, sys.argv[1]); import zdbtest\n"
                   "con = zdbtest.connect('app.db')\n"
                   "print('ready', flush=True)\n"
                   "while True: zdbtest.call(con, 'zdb_verify', 'b/none',"
                   " {'raise': False})")
        for _ in range(5):
            process = subprocess.Popen(
                [sys.executable, "-c", program,
                 os.path.join(zdbtest.ROOT, "test/sqlite")],
                stdout=subprocess.PIPE)
            process.stdout.readline()
            while len(rows(con, "zdb_history", "b")) == 0:
                pass
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
        call(con, "zdb_backup_to", "b/a.db.gz")
        self.assertEqual(self.last(con)["operation"], "backup")

    def test_eight_at_once(self):
        self.sample()
        os.mkdir("b")
        program = ("import sys; sys.path.insert(0, sys.argv[1]); import zdbtest\n"
                   "con = zdbtest.connect('app.db')\n"
                   "for i in range(10): zdbtest.call(con, 'zdb_backup_to',"
                   " f'b/{sys.argv[2]}_{i}.db.gz')")
        processes = [subprocess.Popen(
            [sys.executable, "-c", program,
             os.path.join(zdbtest.ROOT, "test/sqlite"), str(i)])
            for i in range(8)]
        self.assertEqual([p.wait() for p in processes], [0] * 8)
        with open(HISTORY) as file:
            records = [json.loads(line) for line in file]
        self.assertEqual(len(records), 80)
        self.assertEqual({r["outcome"] for r in records}, {"success"})

    def test_what_was_verified(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz", None, {"verify": False})

        def verified():
            return rows(con, "zdb_list", "b")[0]["verified"]

        self.assertIsNone(verified())
        call(con, "zdb_verify", "b", {"level": "restore"})
        self.assertEqual(verified(), "restore")
        call(con, "zdb_verify", "b")  # less deep: takes nothing back
        self.assertEqual(verified(), "restore")
        call(con, "zdb_backup_to", "b/a.db.gz", None,
             {"verify": "index", "overwrite": True})
        self.assertEqual(verified(), "index")
        call(con, "zdb_verify", "b")
        with open("b/a.db.gz", "r+b") as file:
            file.seek(1000)
            file.write(b"????")
        self.fails(con, "zdb_verify", "b/a.db.gz", text="is damaged")
        self.assertIsNone(verified())

zdbtest.main()
