"""PostgreSQL merges from SQLite: from backups and from any SQLite file"""
import glob
import gzip
import json
import os
import random
import shutil
import sqlite3
import time

import pgtest
import zdbtest

MERGE = os.path.join(pgtest.ROOT, "test", "merge")

# what a value of SQLite becomes, by the type of the column
VALUES = [
    ("boolean", [0, 1, "true", "f", None],
     ["false", "true", "true", "false", None]),
    ("smallint", [32767, 7.0], ["32767", "7"]),
    ("bigint", [9007199254740993, -2**63, "12"],
     ["9007199254740993", "-9223372036854775808", "12"]),
    ("numeric", ["12345678901234567890.123456789", 3.82, 2**62, 1e300],
     ["12345678901234567890.123456789", "3.82", str(2**62),
      "1" + "0" * 300]),
    ("numeric(65,30)", [3.82], ["3.820000000000000000000000000000"]),
    ("double precision", [0.1, 1e-300, float("inf"), 5],
     ["0.1", "1e-300", "Infinity", "5"]),
    ("text", ["O'Neil\t\\.", 12, 1.5, b"bytes", "\u6d4b\U0001f600", ""],
     ["O'Neil\t\\.", "12", "1.5", "bytes", "\u6d4b\U0001f600", ""]),
    ("bytea", [b"\x00\xff", "text", b""], ["\\x00ff", "\\x74657874", "\\x"]),
    ("timestamp(3)",
     [1756700000005, 1756700000, "2025-09-01 04:13:20.5",
      "2025-09-01T06:13:20.500+02:00", 2460919.5, -1, 1756700000.25],
     ["2025-09-01 04:13:20.005", "2025-09-01 04:13:20",
      "2025-09-01 04:13:20.5", "2025-09-01 04:13:20.5",
      "2025-09-01 00:00:00", "1969-12-31 23:59:59",
      "2025-09-01 04:13:20.25"]),
    ("timestamptz", [1756700000005, "2025-09-01 04:13:20+02"],
     ["2025-09-01 04:13:20.005+00", "2025-09-01 02:13:20+00"]),
    ("date", ["2025-09-01", 1756684800000, "2025-09-01T00:00:00Z"],
     ["2025-09-01"] * 3),
    ("time", ["04:13:20.25"], ["04:13:20.25"]),
    ("jsonb", ['{"b": [1, "x"], "a": null}', 5],
     ['{"a": null, "b": [1, "x"]}', "5"]),
    ("json", ['{"b":  1}'], ['{"b":  1}']),
    ("uuid", ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", bytes(range(16))],
     ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "00010203-0405-0607-0809-0a0b0c0d0e0f"]),
    ("text[]", ['["a,b", "\\"q\\"", null, "NULL"]', "{x,y}"],
     ['{"a,b","\\"q\\"",NULL,"NULL"}', "{x,y}"]),
    ("int[]", ["[[1, 2], [3, 4]]"], ["{{1,2},{3,4}}"]),
    ("mood", ["happy"], ["happy"]),
    ("positive", [3], ["3"]),
    ("varchar(3)", ["abc"], ["abc"]),
]

# type, value, what the error says, its code
REFUSED = [
    ("boolean", 2, "other than 0 and 1", "42804"),
    ("smallint", 32768, "out of range", "22003"),
    ("bigint", 1.5, "invalid input syntax", "22P02"),
    ("text", "a\0b", "zero byte", "22021"),
    ("text", b"\xff\xfe", "invalid byte sequence", "22021"),
    ("bytea", 5, "does not fit", "42804"),
    ("jsonb", "{", "invalid input syntax for type json", "22P02"),
    ("timestamp", "yesterday evening", "invalid input syntax", "22007"),
    ("timestamp", 2**62, "range of times", "42804"),
    ("date", 1756700000005, "time of day", "42804"),
    ("uuid", b"short", "invalid input syntax", "22P02"),
    ("mood", "angry", "invalid input value for enum", "22P02"),
    ("positive", -3, "violates check constraint", "23514"),
    ("varchar(3)", "abcd", "too long", "22001"),
    ("numeric[]", "[0.1]", "fraction", "42804"),
    ("text[]", '[{"a": 1}]', "object in an array", "42804"),
]


class FromSqlite(pgtest.Case):

    def sqlite(self, name, script):
        if os.path.exists(self.path(name)):
            os.unlink(self.path(name))
        con = sqlite3.connect(self.path(name))
        con.executescript(script)
        con.close()
        return self.plain_file(name)

    def plain_file(self, name):
        os.chmod(self.path(name), 0o644)
        return self.path(name)

    def backup(self, name, compress):
        """A backup by the SQLite module."""
        con = sqlite3.connect(self.path(name))
        con.enable_load_extension(True)
        con.load_extension(os.path.join(pgtest.ROOT, "build", "zdbackup"))
        path = self.path(name + ".backup")
        con.execute("SELECT zdb_backup_to(?, ?, '{\"overwrite\": true}')",
                    (path, compress))
        con.close()
        for made in glob.glob(path + "*"):
            shutil.chown(made, "postgres")
        return path

    def prisma(self):
        self.database("live")
        self.cluster.load("live", os.path.join(MERGE, "prisma_postgres.sql"))
        self.psql("live", "CREATE EXTENSION IF NOT EXISTS zdbackup")
        with open(os.path.join(MERGE, "prisma_sqlite.sql")) as file:
            self.sqlite("app.db", file.read())

    def test_prisma(self):
        for compress in ("gzip", "zstd", "none"):
            with self.subTest(compress):
                self.prisma()
                # everybody has other ids here
                self.psql("live", 'DELETE FROM "Conversation"',
                          'UPDATE "User" SET id = \'live\' || id',
                          'UPDATE "Merchant" SET id = id + 1000')
                path = self.backup("app.db", compress)
                first = self.call("live", "zdb_merge_from", path)
                tables = {one["table"]: one for one in first["tables"]}
                self.assertEqual(tables["User"]["key"], ["email"])
                self.assertEqual(tables["Merchant"]["key"], ["uid"])
                self.assertGreater(tables["Conversation"]["inserted"], 0)
                self.assertEqual(tables["Conversation"]["fk_remapped"],
                                 tables["Conversation"]["inserted"])
                self.assertEqual(first["orphaned"], 0)
                self.assertEqual(self.psql("live", '''SELECT count(*) FROM
                    "Conversation" WHERE "userId" NOT LIKE 'live%' '''), "0")
                self.assertEqual(self.psql("live", '''SELECT tokens FROM
                    "Message" WHERE tokens > 9000000000000000'''),
                    "9007199254740993")
                again = self.call("live", "zdb_merge_from", path)
                self.assertEqual((again["inserted"], again["updated"]),
                                 (0, 0))
                self.assertEqual(again["read"], first["read"])

    def test_values(self):
        for number, (kind, values, texts) in enumerate(VALUES):
            with self.subTest(kind):
                self.one_column(kind, values)
                self.call("live", "zdb_merge_from", self.path("one.db"))
                self.assertEqual(self.texts(), texts)

    def texts(self):
        text = self.psql("live", "SET timezone = 'UTC'",
                         "SELECT json_agg(v::text ORDER BY id) FROM one")
        return json.loads(text)

    def one_column(self, kind, values):
        self.database("live")
        self.psql("live", "CREATE TYPE mood AS ENUM ('happy')",
                  "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                  f"CREATE TABLE one(id int PRIMARY KEY, v {kind})")
        if os.path.exists(self.path("one.db")):
            os.unlink(self.path("one.db"))
        con = sqlite3.connect(self.path("one.db"))
        con.execute("CREATE TABLE one(id INTEGER PRIMARY KEY, v)")
        con.executemany("INSERT INTO one(v) VALUES (?)",
                        [(value,) for value in values])
        con.commit()
        con.close()
        self.plain_file("one.db")

    def test_refused_values(self):
        for kind, value, text, code in REFUSED:
            with self.subTest(kind=kind, value=value):
                self.one_column(kind, [None, value])
                error = self.fails(
                    "live", f"SELECT zdb_merge_from('{self.path('one.db')}')",
                    text=text, code=code)
                self.assertIn('table "one", row 2 (rowid 2), column "v"',
                              error)
                self.assertEqual(self.psql("live",
                                           "SELECT count(*) FROM one"), "0")

    def test_names(self):
        self.sqlite("names.db", '''
            CREATE TABLE "Käufe ""x"" 'y'"("Sp alte" TEXT PRIMARY KEY,
                "select" INT, gone INT, g AS (1)) WITHOUT ROWID;
            INSERT INTO "Käufe ""x"" 'y'" VALUES ('a', 1, 2);
            CREATE TABLE LOWER(ID INTEGER PRIMARY KEY, Name TEXT);
            INSERT INTO LOWER VALUES (1, 'x');
            CREATE TABLE missing(a); CREATE VIEW v AS SELECT 1;
            CREATE VIRTUAL TABLE fts USING fts5(a);''')
        self.database("live")
        self.psql("live", '''CREATE TABLE "Käufe ""x"" 'y'"("Sp alte" text
            PRIMARY KEY, "select" int, g int DEFAULT 9)''',
            "CREATE SCHEMA app",
            "CREATE TABLE app.lower(id int PRIMARY KEY, name text)")
        report = self.call("live", "zdb_merge_from", self.path("names.db"))
        tables = {one["table"]: one for one in report["tables"]}
        self.assertEqual(tables["Käufe \"x\" 'y'"]["dropped_columns"],
                         ["gone"])
        self.assertEqual(report["missing_tables"], ["public.missing"])
        self.assertEqual(self.psql("live", "TABLE app.lower"), "1|x")
        self.psql("live", "CREATE TABLE public.lower(LIKE app.lower"
                  " INCLUDING ALL)")
        self.call("live", "zdb_merge_from", self.path("names.db"))
        self.assertEqual(self.psql("live", "TABLE public.lower"), "1|x")
        self.fails("live", "SET search_path = nowhere", "SELECT"
                   f" public.zdb_merge_from('{self.path('names.db')}')",
                   text="could be several", code="42P09")

    def test_foreign_files(self):
        self.one_column("text", ["a", "b"])
        with open(self.path("one.db"), "rb") as file:
            image = file.read()
        with gzip.open(self.path("one.db.gz"), "wb") as file:
            file.write(image)
        self.plain_file("one.db.gz")
        report = self.call("live", "zdb_merge_from", self.path("one.db.gz"))
        self.assertEqual(report["inserted"], 2)

    def test_database_in_use(self):
        self.one_column("text", ["a"])
        con = sqlite3.connect(self.path("one.db"))
        con.execute("PRAGMA journal_mode=WAL")
        con.execute("INSERT INTO one(v) VALUES ('in the WAL')")
        con.commit()
        self.fails("live", f"SELECT zdb_merge_from('{self.path('one.db')}')",
                   text="is a database in use", code="55006")
        con.close()
        report = self.call("live", "zdb_merge_from", self.path("one.db"))
        self.assertEqual(report["inserted"], 2)

    def big(self, rows=6000):
        """A database whose table "big" has many chunks; its live twin."""
        self.database("live")
        self.psql("live", "CREATE TABLE small(id int PRIMARY KEY, v text)",
                  "CREATE TABLE big(id int PRIMARY KEY, v bytea)",
                  "CREATE TABLE empty(id int PRIMARY KEY)")
        self.sqlite("big.db", f"""
            CREATE TABLE small(id INTEGER PRIMARY KEY, v TEXT);
            INSERT INTO small VALUES (1, 'a'), (2, 'b');
            CREATE TABLE empty(id INTEGER PRIMARY KEY AUTOINCREMENT);
            CREATE TABLE big(id INTEGER PRIMARY KEY, v BLOB);
            WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s
                WHERE n < {rows})
            INSERT INTO big SELECT n, randomblob(1500) FROM s;
            CREATE INDEX big_v ON big(v);""")

    def temporary_files(self):
        return [name for name in glob.glob(os.path.join(
            self.cluster.dir, "data/base/pgsql_tmp/*"))
            if "zdb" not in os.path.basename(name)]

    def test_chunks(self):
        self.big()
        for compress, few in (("gzip", 4), ("zstd", 3), ("none", 4)):
            with self.subTest(compress):
                path = self.backup("big.db", compress)
                self.psql("live", "TRUNCATE small, big")
                some = self.call("live", "zdb_merge_from", path,
                                 {"tables": {"big": False}})
                self.assertEqual((some["read"], some["inserted"]), (2, 2))
                self.assertLessEqual(some["chunks_read"], few)
                self.assertGreater(some["chunks"], 3 * few)
                self.assertLess(some["temp_bytes"],
                                os.path.getsize(self.path("big.db")) // 2)
                full = self.call("live", "zdb_merge_from", path)
                self.assertEqual(full["inserted"], 6000)
                # those of the index are not read
                self.assertGreater(full["chunks_read"], full["chunks"] // 4)
                self.assertLess(full["chunks_read"], full["chunks"])
                self.assertGreater(full["temp_bytes"], 6000 * 1500)
        self.assertEqual(self.temporary_files(), [])
        foreign = self.call("live", "zdb_merge_from", self.path("big.db"))
        self.assertEqual((foreign["identical"], foreign["chunks"],
                          foreign["chunks_read"]), (6002, None, None))

    def test_damage(self):
        self.big(2000)
        backup = self.backup("big.db", "gzip")
        with open(backup, "r+b") as file:
            file.seek(os.path.getsize(backup) // 4)
            file.write(bytes(100))
        error = self.fails("live", f"SELECT zdb_merge_from('{backup}')",
                           text="wrong CRC-32", code="XX001")
        self.assertRegex(error, r'"[^"]*big.db.backup" is damaged: chunk \d+ '
                         r"\(pages \d+-\d+; bytes \d+-\d+ of the file\)")
        self.assertEqual(self.call("live", "zdb_merge_from", backup,
                                   {"tables": {"big": False}})["inserted"], 2)
        with open(self.path("big.db"), "r+b") as file:
            file.seek(20000)
            file.write(b"\xff" * 100000)
        self.fails("live", f"SELECT zdb_merge_from('{self.path('big.db')}')",
                   text="could not read the SQLite database", code="XX001")
        self.assertEqual(self.psql("live", "SELECT count(*) FROM big"), "0")
        self.assertEqual(self.temporary_files(), [])
        self.nothing_left()

    def test_limits(self):
        """temp_file_limit, a timeout: an error, and nothing stays."""
        self.big()
        path = self.backup("big.db", "gzip")
        self.fails("live", "SET temp_file_limit = '1MB'",
                   f"SELECT zdb_merge_from('{path}')", code="53100",
                   text="temporary file needs more than 1048576 bytes")
        self.assertEqual(self.temporary_files(), [])
        self.fails("live", "SET statement_timeout = 60",
                   f"SELECT zdb_merge_from('{path}')", code="57014",
                   text="statement timeout")
        self.assertEqual(self.temporary_files(), [])
        self.assertEqual(self.psql("live", "SELECT count(*) FROM big"), "0")
        self.nothing_left()

    def test_changed_meanwhile(self):
        self.one_column("text", ["a"] * 3)
        holder = self.session("live")
        holder("BEGIN; LOCK TABLE one")
        merge = self.session("live")
        merge.send(f"SELECT zdb_merge_from('{self.path('one.db')}')")
        self.wait_for_lock("live")
        con = sqlite3.connect(self.path("one.db"))
        con.execute("INSERT INTO one(v) VALUES ('late')")
        con.commit()
        con.close()
        holder("COMMIT")
        self.assertIn("was changed while it was read", merge.result())
        self.assertEqual(self.psql("live", "SELECT count(*) FROM one"), "0")

    def wait_for_lock(self, database):
        for _ in range(600):
            if self.psql(database, "SELECT count(*) FROM pg_stat_activity"
                         " WHERE wait_event_type = 'Lock'") != "0":
                return
            time.sleep(0.05)
        self.fail("nobody waits for a lock")

    def test_hostile(self):
        """Any byte of the database may be wrong: errors, never more."""
        self.one_column("text", ["v" * n for n in range(300)])
        with open(self.path("one.db"), "rb") as file:
            good = file.read()
        rng = random.Random(3)
        outcomes = set()
        started = self.psql("live", "SELECT pg_postmaster_start_time()")
        session = self.session("live")
        pid = session("SELECT pg_backend_pid()")
        for number in range(60):
            with open(self.path("bad.db"), "wb") as file:
                file.write(zdbtest.mutated(good, rng))
            answer = session("SELECT 'read' FROM zdb_merge_from("
                             f"'{self.path('bad.db')}',"
                             " '{\"dry_run\": true}')")
            outcomes.add("read" if answer == "read" else "refused")
        self.assertEqual(outcomes, {"read", "refused"})
        self.assertEqual(session("SELECT pg_backend_pid()"), pid)
        self.assertEqual(self.psql("live", "SELECT pg_postmaster_start_time()"),
                         started)
        self.assertEqual(self.temporary_files(), [])

pgtest.main()
