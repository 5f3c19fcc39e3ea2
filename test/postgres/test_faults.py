"""What goes wrong leaves nothing behind and changes nothing"""
import glob
import os
import random
import signal
import subprocess
import time

import unittest

import pgtest


class Faults(pgtest.Case):
    settings = ("max_worker_processes = 20", "log_min_messages = panic")

    def setUp(self):
        super().setUp()
        if not self.psql("postgres", "SELECT 1 FROM pg_database"
                         " WHERE datname = 'shop'"):
            self.database("shop", "shop.sql")
            self.psql("shop", "CREATE TABLE big AS SELECT g AS id,"
                      " md5(g::text) AS a, repeat(md5((g*7)::text), 5) AS b"
                      " FROM generate_series(1, 150000) g")

    def fds(self, pid):
        """Pipes, sockets and temporary files that a process holds"""
        held = [os.readlink(f) for f in glob.glob(f"/proc/{pid}/fd/*")]
        return sorted(f for f in held
                      if "pipe:" in f or "socket:" in f or "pgsql_tmp" in f)

    def test_timeouts_at_any_moment(self):
        session = self.session("shop")
        path = self.path("t.sql.gz")
        statement = f"SELECT zdb_backup_to('{path}', NULL, " \
                    "'{\"overwrite\": true}')"
        session(statement)
        held = self.fds(session.pid)
        random.seed(4)
        cancelled = 0
        for _ in range(60):
            session(f"SET statement_timeout = {random.randint(1, 700)}")
            said = session(statement)
            cancelled += "statement timeout" in said
            self.assertTrue("statement timeout" in said or "rows" in said,
                            said)
        session("SET statement_timeout = 0")
        self.assertGreater(cancelled, 10)
        self.assertEqual(held, self.fds(session.pid))
        self.nothing_left()
        self.assertEqual(session("SELECT count(*) FROM users"), "200")
        self.assertIn('"verified": "data"', session(statement))

    def test_terminated_and_killed_backends(self):
        for way in ("terminate", "cancel", "terminate"):
            for delay in (0.05, 0.2, 0.4):
                session = self.session("shop")
                session.send("SELECT zdb_backup_to('" + self.path("k.sql.gz")
                             + "', 'gzip:12', '{\"overwrite\": true}')")
                time.sleep(delay)
                self.psql("postgres",
                          f"SELECT pg_{way}_backend({session.pid})")
                session.result()
        time.sleep(0.3)
        self.nothing_left()
        if self.backups():  # one was done before it was ended
            self.assertTrue(self.call("shop", "zdb_verify",
                                      self.path("k.sql.gz"))["ok"])

    def children(self, pid, name):
        found = []
        for status in glob.glob("/proc/[0-9]*/status"):
            try:
                with open(status) as file:
                    text = file.read()
            except OSError:
                continue
            if f"PPid:\t{pid}\n" in text and f"Name:\t{name}" in text:
                found.append(int(status.split("/")[2]))
        return found

    def test_a_killed_pg_dump(self):
        killed = 0
        for number in range(20):
            session = self.session("shop")
            session.send(f"SELECT zdb_backup_to('{self.path(str(number))}')")
            end = time.time() + 2
            while time.time() < end:
                children = self.children(session.pid, "pg_dump")
                if children:
                    time.sleep(random.random() * 0.03)
                    try:
                        os.kill(children[0], signal.SIGKILL)
                    except OSError:
                        pass
                    break
            said = session.result()
            if "pg_dump did not complete" in said:
                killed += 1
                self.assertFalse(os.path.exists(self.path(str(number))))
        self.assertGreater(killed, 0)
        self.nothing_left()

    def test_a_crash_is_swept(self):
        """kill -9: the server restarts; nothing wrong is visible."""
        session = self.session("shop")
        session.send(f"SELECT zdb_backup_to('{self.path('c.sql')}', 'gzip:9')")
        time.sleep(0.3)
        os.kill(session.pid, signal.SIGKILL)
        session.result()
        for _ in range(100):
            try:
                self.psql("postgres", "SELECT 1")
                break
            except AssertionError:
                time.sleep(0.1)
        self.assertFalse(os.path.exists(self.path("c.sql")))
        data = os.path.join(self.cluster.dir, "data")
        self.assertEqual(glob.glob(data + "/base/pgsql_tmp/*zdb*"), [])
        for temporary in glob.glob(self.dir + "/*zdbtmp*"):
            os.unlink(temporary)

    def test_cancelled_restores_change_nothing(self):
        path = self.path("a.sql.gz")
        self.call("shop", "zdb_backup_to", path)
        before = sorted(self.cluster.dump("shop").split(b"\n"))
        session = self.session("shop")
        for timeout in (5, 50, 200, 400, 600):
            session(f"SET statement_timeout = {timeout}")
            session(f"SELECT zdb_restore_from('{path}',"
                    " '{\"prebackup\": false}') IS NOT NULL")
        session("SET statement_timeout = 0")
        self.assertEqual(sorted(self.cluster.dump("shop").split(b"\n")),
                         before)
        self.nothing_left()

    def test_cancelled_verification_drops_the_scratch(self):
        path = self.path("a.sql.gz")
        self.call("shop", "zdb_backup_to", path)
        session = self.session("shop")
        for timeout in (60, 150, 300, 500):
            session(f"SET statement_timeout = {timeout}")
            session(f"SELECT zdb_verify('{path}', '{{\"level\":"
                    " \"restore\"}')")
        other = self.session("shop")
        other.send(f"SELECT zdb_verify('{path}', '{{\"level\":"
                   " \"restore\"}')")
        time.sleep(0.4)
        self.psql("postgres", f"SELECT pg_terminate_backend({other.pid})")
        other.result()
        self.eventually_nothing_left()

    def test_damage_is_found(self):
        path = self.path("d.sql.gz")
        self.call("shop", "zdb_backup_to", path)
        with open(path, "rb") as file:
            whole = file.read()
        random.seed(7)
        session = self.session("shop")
        for _ in range(40):
            at = random.randrange(len(whole))
            bad = bytearray(whole)
            bad[at] ^= 1 << random.randrange(8)
            self.write("bad.sql.gz", bad)
            said = session("SELECT zdb_verify('" + self.path("bad.sql.gz")
                           + "')")
            self.assertIn("ERROR", said, at)
        for cut in [0, 1, 100, len(whole) - 1] + [
                random.randrange(len(whole)) for _ in range(10)]:
            self.write("bad.sql.gz", whole[:cut])
            said = session("SELECT zdb_verify('" + self.path("bad.sql.gz")
                           + "')")
            self.assertIn("ERROR", said, cut)
        report = self.call("shop", "zdb_verify", self.path("bad.sql.gz"),
                           {"raise": False})
        self.assertFalse(report["ok"])
        said = session("SELECT zdb_restore_from('" + self.path("bad.sql.gz")
                       + "')")
        self.assertIn("ERROR", said)
        self.assertEqual(session("SELECT count(*) FROM users"), "200")

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)

    def test_full_disk(self):
        small = self.path("small")
        os.mkdir(small)
        if os.getuid() != 0 or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "none",
                 small], capture_output=True).returncode:
            self.skipTest("needs to mount a file system")
        try:
            self.fails("shop", f"SELECT zdb_backup_to('{small}/x.sql')",
                       code="53100", text="No space left")
            self.assertEqual(self.backups(small), [])
        finally:
            subprocess.run(["umount", small], check=True)

    @unittest.skipIf("SANITIZED" in os.environ, "they want memory, too")
    def test_memory_stays_flat(self):
        session = self.session("shop")
        session(f"SELECT zdb_backup_to('{self.path('1.sql.gz')}')")

        def peak():
            with open(f"/proc/{session.pid}/status") as file:
                return {l.split(":")[0]: l.split()[1] for l in file}

        session("SELECT count(*) FROM big")
        self.assertIn("rows", session("SELECT zdb_backup_to('"
                                      + self.path("2.sql.zst") + "')"))
        self.assertIn("rows", session("SELECT zdb_restore_from('"
                                      + self.path("2.sql.zst") + "')"))
        self.assertLess(int(peak()["RssAnon"]), 64 * 1024)


pgtest.main()
