"""Faults: killed, cancelled, full, denied; complete or absent every time"""
import glob
import os
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

import zdbtest
from zdbtest import call

GROW = ("WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i"
        " WHERE n < {rows}) INSERT INTO big SELECT n, hex(randomblob(500))"
        " FROM i")


class Faults(zdbtest.Case):

    def grown(self, rows=60000, mode="wal"):
        con = self.sample()
        con.execute(f"PRAGMA journal_mode = {mode}")
        con.execute("CREATE TABLE big(n, pad)")
        con.execute(GROW.format(rows=rows))
        return con

    def in_child(self, sql):
        """Start the statement in a process of its own."""
        return subprocess.Popen(
            ["sqlite3", "-cmd", f".load {zdbtest.MODULE}", "app.db", sql],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def test_killed_backup(self):
        self.grown().close()
        killed = 0
        for number in range(8):
            child = self.in_child("SELECT zdb_backup_to('k.gz', 'gzip:9')")
            time.sleep(0.03 + 0.02 * number)
            child.kill()
            if child.wait() == -signal.SIGKILL:
                killed += 1
                self.assertFalse(os.path.exists("k.gz"))
        self.assertGreater(killed, 2)
        for path in glob.glob("k*"):
            self.assertIn(".zdbtmp-", path)

    def test_interrupted_tables(self):
        """Rows of some tables: all or none, and again afterwards."""
        con = self.grown(3000)
        call(con, "zdb_backup_to", "b.gz", True)
        con.execute("DELETE FROM big WHERE n > 100")
        con.execute("PRAGMA foreign_keys = ON")
        before = zdbtest.contents(con)
        options = {"tables": ["big"], "prebackup": False, "verify": False}
        for after in (500, 2000, 5000, 10000, 20000):
            con.set_progress_handler(con.interrupt, after)
            self.fails(con, "zdb_restore_from", "b.gz", options,
                       code=sqlite3.OperationalError, text="interrupted")
            con.set_progress_handler(None, 0)
            self.assertFalse(con.in_transaction)
            self.assertEqual(zdbtest.contents(con), before)
            self.no_temporary_files()
        call(con, "zdb_restore_from", "b.gz", options)
        self.assertEqual(con.execute("SELECT count(*) FROM big").fetchone(),
                         (3000,))
        self.assertEqual(con.execute("PRAGMA foreign_keys").fetchone(), (1,))

    def test_interrupted(self):
        con = self.grown()
        con.close()
        con = self.open(check_same_thread=False)
        call(con, "zdb_backup_to", "b.gz", True)
        for function, args in (
                ("zdb_backup_to", ("i.gz", "gzip:12")),
                ("zdb_backup_to", ("i.sql", "gzip:12", {"type": "data"})),
                ("zdb_restore_from", ("b.gz", {"prebackup": False})),
                ("zdb_restore_from", ("b.gz", {"target": "i.db"})),
                ("zdb_verify", ("b.gz", {"level": "restore"}))):
            timer = threading.Timer(0.02, con.interrupt)
            start = time.monotonic()
            timer.start()
            self.fails(con, function, *args,
                       code=sqlite3.OperationalError, text="interrupted")
            self.assertLess(time.monotonic() - start, 2)
            timer.join()
            self.assertEqual(glob.glob("i.*"), [])
        self.no_temporary_files()
        self.assertEqual(con.execute("SELECT count(*) FROM big").fetchone(),
                         (60000,))

    def test_interrupted_tables(self):
        """Whenever it comes, no transaction is left open."""
        self.grown(30000).close()
        con = self.open(check_same_thread=False)
        con.execute("PRAGMA foreign_keys = ON")
        call(con, "zdb_backup_to", "b.gz", True)
        con.execute("UPDATE big SET n = -n")
        delay, rows, early = 0.01, (30000, -450015000), False
        while not early:
            timer = threading.Timer(delay, con.interrupt)
            timer.start()
            try:
                call(con, "zdb_restore_from", "b.gz", {
                    "tables": ["big"], "prebackup": False, "verify": False})
                early = timer.is_alive()
            except sqlite3.OperationalError as error:
                self.assertIn("interrupted", str(error))
            timer.join()
            self.assertFalse(con.in_transaction)
            self.assertEqual(con.execute("PRAGMA foreign_keys").fetchone(),
                             (1,))
            count, total = con.execute("SELECT count(*), sum(n) FROM big"
                                       ).fetchone()
            self.assertEqual((count, -abs(total)), rows)
            delay *= 1.4
        self.assertEqual(total, 450015000)
        self.no_temporary_files()

    @unittest.skipUnless(os.geteuid() == 0, "needs root to mount a tmpfs")
    def test_full_disk(self):
        con = self.grown()
        call(con, "zdb_backup_to", "b.gz", True)
        os.mkdir("small")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none",
                           "small"]).returncode:
            self.skipTest("cannot mount a tmpfs")
        try:
            for compress in ("gzip", "none"):
                self.fails(con, "zdb_backup_to", "small/b", compress,
                           text="No space left")
            self.fails(con, "zdb_restore_from", "b.gz",
                       {"target": "small/n.db"}, text="No space left")
            self.assertEqual(zdbtest.backups("small"), [])
            live = self.open("small/live.db")
            live.executescript("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
            self.fails(live, "zdb_restore_from", "b.gz",
                       {"prebackup": False}, text="No space left")
            self.assertEqual(live.execute("SELECT * FROM t").fetchall(),
                             [(1,)])
            live.close()
        finally:
            subprocess.run(["umount", "-l", "small"], check=True)

    def test_killed_restore(self):
        """Old or new, never between; in both journal modes."""
        for mode, journal in (("delete", ""), ("wal", ""),
                              ("delete", "PRAGMA journal_mode = OFF;")):
            con = self.grown(40000, mode)
            call(con, "zdb_backup_to", "b.db", False, {"overwrite": True})
            con.execute("UPDATE big SET n = -n")
            con.close()
            seen = set()
            for number in range(10):
                child = self.in_child(
                    journal +
                    "SELECT zdb_restore_from('b.db', '{\"prebackup\": false,"
                    " \"verify\": false}')")
                time.sleep(0.01 + 0.02 * number)
                child.kill()
                child.wait()
                con = sqlite3.connect("app.db")
                negative, rows, tables = con.execute(
                    "SELECT sum(n < 0), count(*), (SELECT count(*) FROM"
                    " messages) FROM big").fetchone()
                self.assertEqual((rows, tables), (40000, 5000))
                self.assertIn(negative, (0, 40000))
                self.assertEqual(con.execute("PRAGMA integrity_check")
                                 .fetchone(), ("ok",))
                seen.add(negative)
                con.execute("UPDATE big SET n = -abs(n)")
                con.commit()
                con.close()
            for path in glob.glob("app.db*") + glob.glob("b.db*"):
                os.unlink(path)

    def test_readers_see_old_or_new(self):
        con = self.grown(20000)
        call(con, "zdb_backup_to", "b.gz", True)
        con.execute("DELETE FROM big")
        con.execute("DELETE FROM messages")
        stop, seen = threading.Event(), set()

        def read():
            reader = sqlite3.connect("app.db", isolation_level=None)
            while not stop.is_set():
                seen.add(reader.execute(
                    "SELECT (SELECT count(*) FROM big), (SELECT count(*) FROM"
                    " messages)").fetchone())
            reader.close()

        thread = threading.Thread(target=read)
        thread.start()
        time.sleep(0.05)
        try:
            call(con, "zdb_restore_from", "b.gz", {"prebackup": False})
            time.sleep(0.05)
        finally:
            stop.set()
            thread.join()
        self.assertEqual(seen, {(0, 0), (20000, 5000)})

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_denied(self):
        con = self.sample()
        os.mkdir("denied", 0o500)
        self.fails(con, "zdb_backup_to", "denied/b.gz", text="denied")

    def test_no_descriptor_left(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b.gz")
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            call(con, "zdb_backup_to", "c", "zstd", {"overwrite": True})
            call(con, "zdb_verify", "b.gz", {"level": "restore"})
            call(con, "zdb_restore_from", "b.gz", {"prebackup": False})
            self.fails(con, "zdb_backup_to", "b.gz")
            self.fails(con, "zdb_verify", "none")
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)
        self.no_temporary_files()

    def test_memory_is_flat(self):
        """Below 64 MiB beyond the host, for backup, verify and restore."""
        self.grown(320000).close()
        self.assertGreater(os.path.getsize("app.db"), 300 << 20)
        program = (
            "import resource, sys; sys.path.insert(0, sys.argv[1])\n"
            "import zdbtest\n"
            "con = zdbtest.connect('app.db')\n"
            "con.execute('SELECT count(*) FROM big').fetchone()\n"
            "peak = lambda: resource.getrusage("
            "resource.RUSAGE_SELF).ru_maxrss\n"
            "before = peak()\n"
            "call = zdbtest.call\n"
            "call(con, 'zdb_backup_to', 'b', sys.argv[2],"
            " {'verify': 'restore'})\n"
            "call(con, 'zdb_restore_from', 'b', {'target': 'n.db'})\n"
            "call(con, 'zdb_restore_from', 'b', {'prebackup': False})\n"
            "print(peak() - before)\n")
        for compress in ("gzip", "zstd"):
            grown = int(subprocess.check_output(
                ["/usr/bin/python3", "-c", program,
                 os.path.join(zdbtest.ROOT, "test", "sqlite"), compress]))
            self.assertLess(grown, 64 << 10, compress)
            os.unlink("b")
            os.unlink("n.db")


zdbtest.main()
