"""pgtest - what the tests of the PostgreSQL extension share

Each test file is a program that prints TAP and starts a private cluster of
its own; run it from the project's root after `make install-postgres`, or
with PG_BINDIR as scripts/pgroot prints it.
"""
import atexit
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import zdbtest
from zdbtest import DATA, ROOT, main, sql_text  # noqa: F401

BIN = subprocess.run([os.path.join(ROOT, "scripts/cluster"), "pgbin"],
                     capture_output=True, text=True).stdout.strip()


class Cluster:
    """A private server; settings are lines of postgresql.conf."""

    def __init__(self, *settings):
        self.dir = tempfile.mkdtemp(prefix="zdbackup-pg-",
                                    dir=os.environ.get("PG_CLUSTERS",
                                                       "/var/tmp"))
        self.socket = os.path.join(self.dir, "socket")
        # queries of the catalog are not worth a compiler's start
        subprocess.run([os.path.join(ROOT, "scripts/cluster"), "start",
                        self.dir, "jit=off", *settings], check=True)
        atexit.register(self.stop)

    def stop(self):
        subprocess.run([os.path.join(ROOT, "scripts/cluster"), "stop",
                        self.dir], check=True)

    def command(self, program, *args, user="postgres"):
        return [os.path.join(BIN, program), "-h", self.socket, "-U", user,
                *args]

    def run(self, program, *args, **options):
        return subprocess.run(self.command(program, *args),
                              capture_output=True, text=True, **options)

    def psql(self, database, *statements, user="postgres"):
        """Run statements in one session; returns the output, or raises
        AssertionError with what psql said."""
        command = self.command("psql", "-XAtq", "-v", "ON_ERROR_STOP=1",
                               "-v", "VERBOSITY=verbose", "-d", database,
                               user=user)
        done = subprocess.run(command, input=";\n".join(statements) + ";\n",
                              capture_output=True, text=True,
                              env=dict(os.environ, PGCLIENTENCODING="UTF8",
                                       PGOPTIONS="-c client_min_messages="
                                                 "error"))
        if done.returncode:
            raise AssertionError(done.stderr)
        return done.stdout.rstrip("\n")

    def load(self, database, path):
        """Run a script file."""
        done = self.run("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d",
                        database, "-f", path, cwd=os.path.dirname(path))
        if done.returncode:
            raise AssertionError(done.stderr)

    def create(self, database, *scripts, options=""):
        self.psql("postgres", f'DROP DATABASE IF EXISTS "{database}"')
        self.psql("postgres", f'CREATE DATABASE "{database}" {options}')
        for name in scripts:
            self.load(database, os.path.join(DATA, name))

    def dump(self, database, *args):
        """pg_dump's script, without what differs each time."""
        done = subprocess.run(self.command("pg_dump", *args, database),
                              capture_output=True,
                              env=dict(os.environ, PGTZ="UTC"))
        if done.returncode:
            raise AssertionError(done.stderr.decode())
        return without_restrict(done.stdout)


class Session:
    """A psql that stays, for what one session does while another waits."""

    def __init__(self, cluster, database):
        self.process = subprocess.Popen(
            cluster.command("psql", "-XAtq", "-d", database),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.pid = int(self("SELECT pg_backend_pid()"))

    def send(self, statement):
        self.process.stdin.write(statement + ";\n\\echo ~done~\n")
        self.process.stdin.flush()

    def result(self):
        lines = []
        for line in self.process.stdout:
            if line == "~done~\n":
                break
            lines.append(line)
        return "".join(lines).rstrip("\n")

    def __call__(self, statement):
        self.send(statement)
        return self.result()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def without_restrict(script):
    return re.sub(rb"^\\(un)?restrict .*\n", b"", script, flags=re.M)


class Case(unittest.TestCase):
    """One cluster a test class; files of backups in self.dir."""
    settings = ()

    def setUp(self):
        cls = type(self)
        if "cluster" not in cls.__dict__:
            cls.cluster = Cluster(*cls.settings)
        self.dir = os.path.join(self.cluster.dir, "backups")
        shutil.rmtree(self.dir, ignore_errors=True)
        os.mkdir(self.dir)
        os.chmod(self.dir, 0o777)
        self.sessions = []

    def tearDown(self):
        for session in self.sessions:
            session.close()

    def path(self, name):
        return os.path.join(self.dir, name)

    def backups(self, directory=None):
        return zdbtest.backups(directory or self.dir)

    def database(self, name, *scripts, options=""):
        """A database with the extension."""
        self.cluster.create(name, *scripts, options=options)
        self.psql(name, "CREATE EXTENSION IF NOT EXISTS zdbackup")

    def psql(self, database, *statements, **options):
        return self.cluster.psql(database, *statements, **options)

    def session(self, database):
        self.sessions.append(Session(self.cluster, database))
        return self.sessions[-1]

    def call(self, database, function, *args, before=(), user="postgres"):
        """Call a function and return its report."""
        text = ", ".join("NULL" if a is None else str(a).lower()
                         if isinstance(a, bool) else sql_text(
                             json.dumps(a) if isinstance(a, dict) else a)
                         for a in args)
        output = self.psql(database, *before, f"SELECT {function}({text})",
                           user=user)
        return json.loads(output.split("\n")[-1])

    def fails(self, database, *statements, text, code=None, user="postgres"):
        with self.assertRaises(AssertionError) as caught:
            self.psql(database, *statements, user=user)
        self.assertIn(text, str(caught.exception))
        if code:
            self.assertIn(f"ERROR:  {code}", str(caught.exception))
        return str(caught.exception)

    def plain(self, name):
        """The bytes of a backup as gunzip or zstd gives them."""
        path = self.path(name)
        tool = {".gz": ["gzip", "-dc"], ".zst": ["zstd", "-dcq"]}.get(
            os.path.splitext(name)[1], ["cat"])
        return subprocess.run(tool + [path], capture_output=True,
                              check=True).stdout

    def restore_by_psql(self, name, database, options=""):
        """What a user without us does."""
        self.cluster.create(database, options=options)
        plain = self.path("plain.sql")
        with open(plain, "wb") as file:
            file.write(self.plain(name))
        self.cluster.load(database, plain)

    def same_database(self, one, other):
        a, b = self.cluster.dump(one), self.cluster.dump(other)
        if a != b:
            # rows may come in another order
            self.assertEqual(sorted(a.split(b"\n")), sorted(b.split(b"\n")))

    def eventually_nothing_left(self):
        """After an error a worker that nobody waits for drops a database."""
        for _ in range(100):
            if not self.psql("postgres", "SELECT datname FROM pg_database"
                             " WHERE datname LIKE 'zdbackup_scratch%'"
                             " AND pg_sleep(0.1) IS NOT NULL"):
                break
        self.nothing_left()

    def nothing_left(self):
        """No process, file or database of a call that ended."""
        data = os.path.join(self.cluster.dir, "data")
        left = glob.glob(os.path.join(data, "base/pgsql_tmp/*zdb*"))
        left += glob.glob(os.path.join(self.dir, "**/*zdbtmp*"),
                          recursive=True)
        self.assertEqual(left, [])
        self.assertEqual(self.psql(
            "postgres", "SELECT datname FROM pg_database WHERE datname"
            " LIKE 'zdbackup_scratch%'"), "")
        for status in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(status, "rb") as file:
                    words = file.read().split(b"\0")
                with open(os.path.join(os.path.dirname(status), "status")) as file:
                    parent = re.search(r"PPid:\s+(\d+)", file.read()).group(1)
                ours = os.readlink(f"/proc/{parent}/cwd") == data
            except OSError:
                continue
            self.assertFalse(words[0].endswith(b"pg_dump") and ours, words)
