"""Incremental backups of a database whose write-ahead log is in use"""
import os
import random
import shutil
import sqlite3
import threading
import time

import zdbtest
from increments import fill, incremental, page_bytes
from zdbtest import call


def reads():
    """Calls with which this process has read, and the bytes."""
    with open("/proc/self/io") as file:
        counts = dict(line.split(": ") for line in file)
    return int(counts["syscr"]), int(counts["rchar"])


class Log(zdbtest.Case):

    def setUp(self):
        super().setUp()
        self.con = self.base("app.db")

    def base(self, name, page_size=512):
        con = self.open(name)
        con.execute(f"PRAGMA page_size = {page_size}")
        con.execute("PRAGMA journal_mode = WAL")
        con.execute("PRAGMA wal_autocheckpoint = 0")
        fill(con, 20000)
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        call(con, "zdb_backup_to", name + ".gz")
        return con

    def other(self, name="app.db"):
        con = self.open(name)
        con.execute("PRAGMA wal_autocheckpoint = 0")
        con.execute("PRAGMA busy_timeout = 9000")
        return con

    def pages(self):
        return self.con.execute("PRAGMA page_count").fetchone()[0]

    def taken(self, con, name="app.db"):
        incremental(con, "i.gz", base=name + ".gz", verify=False,
                    overwrite=True)

    def same(self, con, name="app.db"):
        """What con sees is in an incremental backup."""
        self.taken(con, name)
        call(con, "zdb_verify", "i.gz", {"level": "restore"})
        call(con, "zdb_restore_from", "i.gz", {"target": "restored.db"})
        copy = self.open("copy.db")
        con.backup(copy)
        copy.close()
        self.assertEqual(page_bytes("restored.db"), page_bytes("copy.db"))
        for each in ("restored.db", "copy.db"):
            os.unlink(each)

    def in_pieces(self, con=None):
        """Also, SQLite has all pages in its cache, but few large pieces of
        its files are read."""
        con = con or self.con
        con.execute("PRAGMA cache_size = -64000")
        self.same(con)
        before = reads()
        self.taken(con)
        calls, bytes_ = (now - then for now, then in zip(reads(), before))
        self.assertLess(calls, self.pages() / 3)
        self.assertGreater(bytes_, self.pages() * 512)

    def some(self, con=None):
        """A few hundred of the 6,000 pages."""
        (con or self.con).execute("UPDATE t SET c = c + 1"
                                  " WHERE a BETWEEN 500 AND 1500")

    def test_nothing_copied_yet(self):
        for _ in range(3):  # a page has several frames
            self.some()
            self.in_pieces()
        self.in_pieces(self.other())

    def test_some_copied(self):
        """As far as another's old transaction goes"""
        self.some()
        old = self.other()
        old.execute("BEGIN")
        old.execute("SELECT * FROM t").fetchone()
        self.some()
        self.con.execute("UPDATE t SET c = -1 WHERE a % 2000 = 0")
        _, frames, copied = self.con.execute(
            "PRAGMA wal_checkpoint").fetchone()
        self.assertTrue(0 < copied < frames)
        self.in_pieces()
        old.execute("COMMIT")

    def test_all_copied(self):
        """The next transaction begins the log anew, over the old frames."""
        self.some()
        self.con.execute("PRAGMA wal_checkpoint")
        self.in_pieces()
        self.con.execute("UPDATE t SET b = 'x' WHERE a = 7")
        self.in_pieces()
        self.assertGreater(os.path.getsize("app.db-wal"), 100 * 512)

    def test_not_committed(self):
        """Frames past the last transaction are nobody's yet."""
        self.some()
        writer = self.other()
        writer.execute("PRAGMA cache_size = 5")
        writer.execute("BEGIN")
        before = os.path.getsize("app.db-wal")
        writer.execute("UPDATE t SET b = 'not yet'")
        self.assertGreater(os.path.getsize("app.db-wal"), before)
        self.in_pieces()
        writer.execute("ROLLBACK")
        self.in_pieces()

    def test_grown(self):
        """Pages that only the log has"""
        fill(self.con, 1000)
        self.assertLess(os.path.getsize("app.db"), self.pages() * 512)
        self.in_pieces()

    def test_shrunk(self):
        self.con.execute("DELETE FROM t WHERE a > 19000")
        self.con.execute("VACUUM")
        self.assertGreater(os.path.getsize("app.db"), self.pages() * 512)
        self.same(self.con)

    def test_inside_a_transaction(self):
        """It is of what the transaction sees."""
        reader = self.other()
        reader.execute("BEGIN")
        seen = reader.execute("SELECT sum(c) FROM t").fetchall()
        self.some()
        self.same(reader)
        self.assertEqual(reader.execute("SELECT sum(c) FROM t").fetchall(),
                         seen)
        reader.execute("COMMIT")
        self.in_pieces(reader)

    def test_alone(self):
        """Whose index is in no shared memory"""
        self.con.close()
        con = sqlite3.connect("app.db", isolation_level=None)
        self.connections.append(con)
        con.execute("PRAGMA locking_mode = EXCLUSIVE")
        con.execute("PRAGMA wal_autocheckpoint = 0")
        con.enable_load_extension(True)
        con.load_extension(zdbtest.MODULE)
        self.some(con)
        self.same(con)
        self.assertFalse(os.path.exists("app.db-shm"))

    def test_alone_for_a_while(self):
        """It stays alone until its next transaction has been written."""
        self.con.execute("PRAGMA locking_mode = EXCLUSIVE")
        self.some()
        self.same(self.con)
        self.con.execute("PRAGMA locking_mode = NORMAL")
        self.in_pieces()
        self.some()
        self.in_pieces()
        self.in_pieces(self.other())

    def test_shared_cache(self):
        """Connections that share one see what the first of them began to."""
        first, second = (self.open("file:app.db?cache=shared", uri=True)
                         for _ in range(2))
        first.execute("BEGIN")
        first.execute("SELECT * FROM t").fetchone()
        self.some()
        fill(self.con, 1000)
        self.same(second)
        first.execute("COMMIT")

    def test_page_sizes(self):
        for size in (1024, 65536):
            with self.subTest(size=size):
                name = f"{size}.db"
                con = self.base(name, size)
                self.some(con)
                self.same(con, name)

    def test_unchanged(self):
        """Nothing is read while the log ends where it did, and the file is
        of a time that no later write can have."""
        def unchanged(con=self.con):
            done = incremental(con, "r/")
            self.assertEqual(con.execute("SELECT sum(c) FROM t").fetchall(),
                             self.open("app.db").execute(
                                 "SELECT sum(c) FROM t").fetchall())
            return done.get("unchanged", False)

        def age():
            os.utime("app.db", (time.time() - 60,) * 2)

        self.some()
        self.assertEqual([unchanged(), unchanged()], [False, False])
        age()
        self.assertEqual([unchanged(), unchanged()], [False, True])
        # after the next start of the machine a file's time says little
        with open("/proc/sys/kernel/random/boot_id", "rb") as boot:
            with open(incremental(self.con, "r/")["path"], "rb") as file:
                self.assertIn(boot.read().strip(), file.read())
        self.con.execute("UPDATE t SET c = c + 1 WHERE a = 5")
        self.assertEqual([unchanged(), unchanged()], [False, True])
        self.con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.con.execute("UPDATE t SET c = c WHERE a = 5")
        age()
        self.assertEqual([unchanged(), unchanged()], [False, True])
        # the log begins anew with as many frames as it had
        self.con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.con.execute("UPDATE t SET c = c WHERE a = 5")
        age()
        self.assertEqual([unchanged(), unchanged()], [False, True])
        self.con.execute("BEGIN")
        self.con.execute("SELECT * FROM t").fetchone()
        self.assertFalse(unchanged())
        self.con.execute("COMMIT")
        self.con.close()
        age()
        con = self.open("app.db")
        self.assertEqual([unchanged(con), unchanged(con)], [False, True])
        copy = page_bytes("app.db")
        call(con, "zdb_restore_from", "r/", {"target": "restored.db"})
        self.assertEqual(page_bytes("restored.db"), copy)

    def test_another_in_its_place(self):
        """The time of a file that took its place is not that of what is read.
        """
        self.con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy("app.db", "new.db")
        os.utime("new.db", (time.time() - 60,) * 2)
        os.rename("new.db", "app.db")
        incremental(self.con, "r/")
        self.con.execute("UPDATE t SET c = c + 1 WHERE a = 5")
        self.con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.assertFalse(incremental(self.con, "r/").get("unchanged", False))
        call(self.con, "zdb_restore_from", "r/", {"target": "restored.db"})
        sums = [con.execute("SELECT sum(c) FROM t").fetchone()
                for con in (self.con, self.open("restored.db"))]
        self.assertEqual(*sums)

    def test_strangers_write(self):
        """Sums stay, whatever is committed and copied meanwhile. One of them
        copies, and what it wrote itself: before 3.51.3, SQLite can damage a
        database that is copied into twice at once, or with nothing new."""
        total = self.con.execute("SELECT sum(c) FROM t").fetchone()[0]
        stop = threading.Event()

        def write(seed):
            rng = random.Random(seed)
            mine = zdbtest.connect("app.db")
            mine.execute("PRAGMA busy_timeout = 60000")
            mine.execute("PRAGMA wal_autocheckpoint = 0")
            while not stop.is_set():
                mine.execute("BEGIN IMMEDIATE")
                for sign in (1, -1):
                    mine.execute("UPDATE t SET c = c + ? WHERE a = ?",
                                 (sign, rng.randrange(1, 20001)))
                mine.execute("COMMIT")
                if seed and rng.random() < .1:
                    mine.execute("PRAGMA wal_checkpoint(" + rng.choice(
                        ("PASSIVE", "RESTART", "TRUNCATE")) + ")")
            mine.close()

        writers = [threading.Thread(target=write, args=(seed,))
                   for seed in range(2)]
        for each in writers:
            each.start()
        try:
            for number in range(20):
                incremental(self.con, f"{number}.gz", base="app.db.gz")
        finally:
            stop.set()
            for each in writers:
                each.join()
        for number in range(20):
            call(self.con, "zdb_restore_from", f"{number}.gz",
                 {"target": f"{number}.db"})
            self.assertEqual(self.open(f"{number}.db").execute(
                "SELECT sum(c), (SELECT group_concat(integrity_check)"
                " FROM pragma_integrity_check) FROM t").fetchall(),
                [(total, "ok")])


zdbtest.main()
