"""zdbtest - what the tests of the SQLite module share

Each test file is a program that prints TAP. Run it from the project's root
after `make sqlite`, with the Python that has Debian's SQLite.
"""
import datetime
import glob
import gzip
import hashlib
import json
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
MODULE = os.environ.get("ZDB_MODULE", os.path.join(ROOT, "build", "zdbackup"))
DATA = os.path.join(ROOT, "test", "data")


def connect(path, **options):
    con = sqlite3.connect(path, isolation_level=None, **options)
    con.enable_load_extension(True)
    con.load_extension(MODULE)
    con.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
    return con


def call(con, function, *args):
    """Call a SQL function and return its JSON; dicts become JSON text."""
    args = [json.dumps(a) if isinstance(a, dict) else a for a in args]
    marks = ", ".join("?" * len(args))
    value = con.execute(f"SELECT {function}({marks})", args).fetchone()[0]
    return json.loads(value)


def rows(con, function, *args):
    """The rows of a function as dicts."""
    cursor = con.execute(
        f"SELECT * FROM {function}({', '.join('?' * len(args))})", args)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor]


def shell(path, *commands, check=True):
    """Run the sqlite3 shell on a file."""
    done = subprocess.run(["sqlite3", "-batch", path, *commands],
                          capture_output=True, text=True)
    if check and (done.returncode or done.stderr):
        raise AssertionError(done.stderr)
    return done.stdout


def contents(con):
    """Everything a database holds, comparable: schema, rows with types."""
    result = {"schema": con.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema"
        " WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1, 2").fetchall()}
    tables = con.execute(
        "SELECT name, wr OR name = 'sqlite_sequence' FROM pragma_table_list WHERE schema = 'main'"
        " AND type IN ('table', 'shadow')"
        " AND name NOT LIKE 'sqlite_stat%'"
        " AND name NOT LIKE 'sqlite_schema'").fetchall()
    for name, without_rowid in tables:
        columns = [row[1] for row in con.execute(
            f"SELECT * FROM pragma_table_xinfo({sql_text(name)})")
            if row[6] != 1]
        parts = ["'' AS r" if without_rowid else "rowid AS r"]
        for column in columns:
            quoted = sql_name(column)
            parts += [f"typeof({quoted})", f"hex(CAST({quoted} AS BLOB))"]
        result[name] = sorted(con.execute(
            f"SELECT {', '.join(parts)} FROM {sql_name(name)}").fetchall())
    return result


def sql_name(name):
    return '"' + name.replace('"', '""') + '"'


def sql_text(text):
    return "'" + text.replace("'", "''") + "'"


def redate(path, when):
    """Make a backup (gzip, or plain with its index) say that it is of another
    moment, such as "2025-09-03 12:00" in UTC; see docs/format.md."""
    plain = not path.endswith(".gz")
    before, after = (8, 0) if plain else (16, 10)  # of a block's payload
    tail = path + ".zdbi" if plain else path
    us = int(datetime.datetime.fromisoformat(when + "+00:00").timestamp()
             * 1000000)
    with open(tail, "rb") as file:
        data = bytearray(file.read())
    footer = len(data) - after - 144
    offset, = struct.unpack_from("<Q", data, footer + 16)
    length, directory = struct.unpack_from("<II", data, footer + 56)
    sums, = struct.unpack_from("<Q", data, footer + 96)
    sums += -(-sums // 65000) * (before + after)
    first, last = offset + before, footer - before - sums - after
    text = re.sub(rb'"created_us":\d{16}', b'"created_us":%016d' % us,
                  data[first:first + length])
    assert len(text) == length < 65000
    data[first:first + length] = text
    data[footer + 64:footer + 96] = hashlib.sha256(
        text + data[last - directory:last]).digest()
    data[footer + 112:footer + 144] = hashlib.sha256(
        data[footer:footer + 112]).digest()
    with open(tail, "wb") as file:
        file.write(data)
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    with open(path + ".sha256", "w") as file:
        file.write(f"{digest}  {os.path.basename(path)}\n")


def backups(directory="."):
    """The files there, without what stands beside backups."""
    return sorted(name for name in os.listdir(directory)
                  if not name.endswith((".sha256", ".jsonl")))


def damage(path, offset, flip=1):
    """Change bits of one byte of a file."""
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ flip]))


def script(name):
    with open(os.path.join(DATA, name), encoding="utf-8") as file:
        return file.read()


def mutated(image, rng, page_size=4096):
    """A database with some bytes changed: those of headers of pages, and of
    cells at their ends, mean most."""
    bad = bytearray(image)
    for _ in range(rng.choice((1, 5, 40))):
        page = rng.randrange(len(image) // page_size) * page_size
        at = page + rng.choice((rng.randrange(100),
                                page_size - 1 - rng.randrange(300),
                                rng.randrange(page_size)))
        if at > 16:
            bad[at] = rng.randrange(256)
    return bytes(bad)


class Case(unittest.TestCase):
    """A test with a directory of its own as the working directory."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="zdbackup-test-")
        self.before = os.getcwd()
        os.chdir(self.dir)
        self.connections = []

    def tearDown(self):
        for con in self.connections:
            con.close()
        os.chdir(self.before)
        shutil.rmtree(self.dir, ignore_errors=True)

    def open(self, path="app.db", **options):
        con = connect(path, **options)
        self.connections.append(con)
        return con

    def sample(self, path="app.db"):
        """The mission's sample database, loaded and opened."""
        con = self.open(path)
        con.executescript(script("sample.sql"))
        return con

    def zoo(self, path="zoo.db", before=""):
        """Every feature of SQLite that a backup must carry."""
        con = self.open(path)
        if before:
            con.executescript(before)
        con.executescript(script("zoo.sql"))
        return con

    def fails(self, con, function, *args, code=None, text=""):
        """The call must fail with this text (and Python error class)."""
        with self.assertRaises(code or sqlite3.Error) as caught:
            call(con, function, *args)
        self.assertIn(text, str(caught.exception))
        return str(caught.exception)

    def no_temporary_files(self):
        self.assertEqual(glob.glob("**/*zdbtmp*", recursive=True), [])

    def same_contents(self, one, other):
        self.assertEqual(contents(one), contents(other))


def main():
    """Run the module's tests and print TAP."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(
        sys.modules["__main__"])
    tests = [test for group in suite for test in group]
    failed = 0
    for number, test in enumerate(tests, 1):
        result = unittest.TestResult()
        test.run(result)
        name = test.id().replace("__main__.", "")
        if result.skipped:
            print(f"ok {number} - {name} # SKIP {result.skipped[0][1]}")
        elif result.wasSuccessful():
            print(f"ok {number} - {name}")
        else:
            failed += 1
            print(f"not ok {number} - {name}")
            for _, trace in result.failures + result.errors:
                print("\n".join("# " + line for line in trace.splitlines()))
        sys.stdout.flush()
    print(f"1..{len(tests)}")
    sys.exit(1 if failed else 0)
