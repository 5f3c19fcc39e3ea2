"""Faults of a merge in SQLite: complete or as before, every time

Each from a backup of SQLite and from a script of PostgreSQL.
"""
import contextlib
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

TABLES = """
    CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, age INT
        CHECK (age < 900));
    CREATE TABLE notes(id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL
        REFERENCES users, body TEXT);
    CREATE TABLE fired(what TEXT);"""
TRIGGER = """
    CREATE TRIGGER fire AFTER INSERT ON notes BEGIN
        INSERT INTO fired VALUES (new.id); END;"""
LIVE = """
    INSERT INTO users VALUES (1, 'u2@x.org', 1), (2, 'here@x.org', 2);
    INSERT INTO notes VALUES (1, 1, 'a live note');"""
SOURCES = ("b.db.gz", "b.db.zst", "b.sql", "b.sql.gz")


class MergeFaults(zdbtest.Case):

    def sources(self, users=200, notes=2000, pad=200, age=1):
        """A backup, and pg_dump's script, of the same rows."""
        con = self.open("source.db")
        con.executescript(TABLES.replace("CHECK (age < 900)", "") +
                          "DROP TABLE fired;")
        con.execute("BEGIN")
        con.executemany("INSERT INTO users VALUES (?, ?, ?)", (
            (i, f"u{i}@x.org", age) for i in range(1, users + 1)))
        con.executemany("INSERT INTO notes VALUES (?, ?, ?)", (
            (i, 1 + i % users, os.urandom(pad // 2).hex())
            for i in range(1, notes + 1)))
        con.execute("COMMIT")
        for name, compress in (("b.db.gz", "gzip"), ("b.db.zst", "zstd")):
            call(con, "zdb_backup_to", name, compress)
        with open("b.sql", "w") as file:
            file.write("-- PostgreSQL database dump\n"
                       "CREATE TABLE public.users (id bigint, email text,"
                       " age integer);\nCREATE TABLE public.notes (id bigint,"
                       " user_id bigint, body text);\n")
            for table in ("users", "notes"):
                file.write(f"COPY public.{table} FROM stdin;\n")
                for row in con.execute(f"SELECT * FROM {table}"):
                    file.write("\t".join(map(str, row)) + "\n")
                file.write("\\.\n")
            for table in ("users", "notes"):
                file.write(f"ALTER TABLE {table} ADD PRIMARY KEY (id);\n")
            file.write("-- PostgreSQL database dump complete\n")
        subprocess.run(["gzip", "-k", "b.sql"], check=True)
        con.close()
        os.unlink("source.db")

    def live(self, path="live.db", mode="delete", keys=1, **options):
        for old in glob.glob(path + "*"):
            os.unlink(old)
        con = self.open(path, **options)
        con.execute(f"PRAGMA journal_mode = {mode}")
        con.executescript(TABLES + LIVE + TRIGGER)
        con.execute(f"PRAGMA foreign_keys = {keys}")
        return con

    @contextlib.contextmanager
    def unchanged(self, con):
        """The database, the connection, and the directory are as before."""
        def state():
            return (zdbtest.contents(con),
                    con.execute("PRAGMA foreign_keys").fetchone(),
                    con.execute("PRAGMA defer_foreign_keys").fetchone(),
                    con.execute("PRAGMA journal_mode").fetchone(),
                    con.execute("SELECT name FROM sqlite_temp_schema")
                    .fetchall())
        before = state()
        yield
        self.assertFalse(con.in_transaction)
        self.assertTrue(state() == before)
        self.assertEqual(con.execute("PRAGMA integrity_check").fetchone(),
                         ("ok",))
        self.no_temporary_files()
        # triggers fire as they did
        con.execute("BEGIN")
        con.execute("INSERT INTO notes VALUES (-1, 1, 'x')")
        self.assertEqual(con.execute("SELECT what FROM fired").fetchall(),
                         [("-1",)])
        con.execute("ROLLBACK")

    def merges_after_all(self, con, source):
        """Nothing stands in the way of the next merge."""
        report = call(con, "zdb_merge_from", source)
        self.assertEqual([row[1] for row in con.execute(
            "PRAGMA database_list") if row[1] != "temp"], ["main"])
        self.assertGreater(report["inserted"], 1000)
        self.assertEqual(report["inserted"] + report["identical"] +
                         report["kept"], report["read"])

    def test_damage(self):
        self.sources()
        for source in SOURCES:
            with open(source, "rb") as file:
                data = file.read()
            for share in (0.1, 0.5, 0.9):
                with self.subTest(source=source, share=share):
                    at = int(len(data) * share)
                    with open("broken", "wb") as file:
                        file.write(data[:at] + b"\xfe\t\xff\n" * 20 +
                                   data[at + 80:])
                    con = self.live(keys=int(share * 10) % 2)
                    with self.unchanged(con):
                        self.fails(con, "zdb_merge_from", "broken")
                    self.merges_after_all(con, source)
                    con.close()

    def test_interrupted(self):
        self.sources(notes=20000)
        for source in SOURCES:
            con = self.live(mode="wal", check_same_thread=False)
            stopped, delay, early = 0, 0.005, False
            while not early:
                early, interrupted = self.interrupt(con, source, delay)
                stopped += interrupted
                delay *= 1.4
            self.assertGreater(stopped, 2, source)
            self.merges_after_all(con, source)
            con.close()

    def interrupt(self, con, source, delay):
        """Interrupt a merge after delay. Was the merge faster, did it stop?
        (Neither: it was committing, or had not begun.)"""
        timer = threading.Timer(delay, con.interrupt)
        early = False
        with self.unchanged(con):
            timer.start()
            try:
                call(con, "zdb_merge_from", source)
                early = timer.is_alive()
            except sqlite3.OperationalError as error:
                self.assertIn("interrupted", str(error))
            timer.join()
            done = con.execute("SELECT count(*) FROM notes").fetchone()[0]
            if done == 20000: # SQLite may say so of a statement that is done
                con.execute("DELETE FROM notes WHERE id > 1")
                con.execute("DELETE FROM users WHERE id > 2")
        return early, done != 20000

    def test_stopped_by_a_progress_handler(self):
        self.sources(notes=20000)
        for source in SOURCES:
            con = self.live()
            left = 3

            def stop():
                nonlocal left
                left -= 1
                return left < 0

            con.set_progress_handler(stop, 100000)
            with self.assertRaises(sqlite3.OperationalError) as caught:
                call(con, "zdb_merge_from", source)
            con.set_progress_handler(None, 0)
            self.assertIn("interrupted", str(caught.exception))
            with self.unchanged(con):
                pass
            self.assertEqual(con.execute("SELECT count(*) FROM notes")
                             .fetchone(), (1,))
            self.merges_after_all(con, source)
            con.close()

    def test_killed(self):
        """Old or new, in both journal modes."""
        self.sources(notes=30000, pad=500)
        for mode in ("delete", "wal"):
            for source in ("b.db.gz", "b.sql"):
                killed, delay, seen = 0, 0.02, set()
                while 2 not in seen and delay < 10:
                    con = self.live(mode=mode)
                    con.close()
                    child = subprocess.Popen(
                        ["sqlite3", "-cmd", f".load {zdbtest.MODULE}",
                         "live.db", f"SELECT zdb_merge_from('{source}')"],
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    time.sleep(delay)
                    child.kill()
                    killed += child.wait() == -signal.SIGKILL
                    seen.add(self.after_kill(source))
                    delay *= 1.6
                self.assertGreater(killed, 2)
                self.assertEqual(seen, {1, 2})

    def after_kill(self, source):
        """1: as before, 2: all is there."""
        con = self.open("live.db")
        self.assertEqual(con.execute("PRAGMA integrity_check").fetchone(),
                         ("ok",))
        notes, users = con.execute("SELECT (SELECT count(*) FROM notes),"
                                   " (SELECT count(*) FROM users)").fetchone()
        self.assertIn((notes, users), ((1, 2), (30000, 201)))
        for path in glob.glob("*zdbtmp*"):
            self.assertIn(".zdbtmp-", path)
            os.unlink(path)
        if notes == 1:
            self.merges_after_all(con, source)
        con.close()
        return 1 if notes == 1 else 2

    @unittest.skipUnless(os.geteuid() == 0, "needs root to mount a tmpfs")
    def test_full_disk(self):
        self.sources(notes=30000, pad=500)
        os.mkdir("small")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "none",
                           "small"]).returncode:
            self.skipTest("cannot mount a tmpfs")
        try:
            failed = 0
            for source in SOURCES:
                for room in (2, 10, 18, 22, 26):
                    with self.subTest(source=source, room=room):
                        failed += self.merge_in(source, room)
            self.assertGreater(failed, 8)
        finally:
            for con in self.connections:
                con.close()
            subprocess.run(["umount", "-l", "small"], check=True)

    def merge_in(self, source, room_mb):
        """Merge where so much room is left; did it fail?"""
        with contextlib.suppress(FileNotFoundError):
            os.unlink("small/filler")
        con = self.live("small/live.db")
        with open("small/filler", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, (40 - room_mb) << 20)
        try:
            with self.unchanged(con):
                error = self.fails(con, "zdb_merge_from", source)
                self.assertRegex(error, "full|No space left|I/O error")
            return True
        except AssertionError:
            if con.execute("SELECT count(*) FROM notes").fetchone()[0] < 1000:
                raise
            return False
        finally:
            con.close()

    def test_failing_rows(self):
        """A trigger, a CHECK: the error is theirs, nothing else happens."""
        self.sources(age=900)
        for source in SOURCES:
            for keys in (0, 1):
                con = self.live(keys=keys)
                with self.unchanged(con):
                    self.fails(con, "zdb_merge_from", source,
                               code=sqlite3.IntegrityError,
                               text="CHECK constraint failed")
                con.executescript(
                    "PRAGMA ignore_check_constraints = 1;"
                    "CREATE TRIGGER no BEFORE INSERT ON users WHEN new.id ="
                    " 150 BEGIN SELECT RAISE(ABORT, 'not this one'); END")
                with self.unchanged(con):
                    self.fails(con, "zdb_merge_from", source,
                               {"triggers": True, "tables": {"notes": False}},
                               text="not this one")
                con.close()

    def test_locked_by_another(self):
        self.sources()
        for mode in ("delete", "wal"):
            for source in SOURCES:
                con = self.live(mode=mode, timeout=0.1)
                other = self.open("live.db")
                other.execute("BEGIN IMMEDIATE")
                with self.unchanged_but_locked(con):
                    self.fails(con, "zdb_merge_from", source,
                               text="database is locked")
                other.execute("INSERT INTO users VALUES (99, 'o@x.org', 1)")
                other.execute("COMMIT")
                self.merges_after_all(con, source)
                self.assertEqual(con.execute(
                    "SELECT count(*) FROM users WHERE email = 'o@x.org'")
                    .fetchone(), (1,))
                other.close()
                con.close()

    @contextlib.contextmanager
    def unchanged_but_locked(self, con):
        before = zdbtest.contents(con)
        yield
        self.assertFalse(con.in_transaction)
        self.assertTrue(zdbtest.contents(con) == before)
        self.assertEqual(con.execute("PRAGMA foreign_keys").fetchone(), (1,))
        self.no_temporary_files()

    def test_writers_lose_nothing(self):
        """They wait, or are told; what they committed is there."""
        self.sources(notes=20000)
        for mode in ("delete", "wal"):
            for source in ("b.db.gz", "b.sql.gz"):
                con = self.live(mode=mode, timeout=30)
                written, stop = [], threading.Event()
                thread = threading.Thread(target=self.write,
                                          args=(written, stop))
                thread.start()
                while len(written) < 3:
                    time.sleep(0.01)
                try:
                    self.merges_after_all(con, source)
                finally:
                    time.sleep(0.05)
                    stop.set()
                    thread.join()
                rows = con.execute("SELECT id, body FROM notes WHERE body"
                                   " LIKE 'writer %' ORDER BY id").fetchall()
                self.assertEqual([body for _, body in rows], written)
                self.assertEqual(con.execute("SELECT count(*) FROM notes")
                                 .fetchone(), (20000 + len(written),))
                con.close()

    def write(self, written, stop):
        con = sqlite3.connect("live.db", timeout=30, isolation_level=None)
        while not stop.is_set():
            body = f"writer {len(written)}"
            try:
                con.execute("INSERT INTO notes VALUES (?, 1, ?)",
                            (10**9 + len(written), body))
                written.append(body)
            except sqlite3.OperationalError as error:
                self.assertIn("locked", str(error))
            time.sleep(0.001)
        con.close()

    def test_no_descriptor_left(self):
        self.sources()
        con = self.live()
        with open("cut.sql", "w") as file, open("b.sql") as whole:
            file.write(whole.read()[:-1000])
        call(con, "zdb_merge_from", "b.sql", {"dry_run": True})
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            for source in SOURCES:
                call(con, "zdb_merge_from", source, {"dry_run": True})
            self.fails(con, "zdb_merge_from", "cut.sql")
            self.fails(con, "zdb_merge_from", "none")
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)
        self.no_temporary_files()


zdbtest.main()
