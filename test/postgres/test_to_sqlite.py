"""SQLite merges from PostgreSQL: from backups, and from pg_dump's scripts"""
import os
import re
import shutil
import struct
import subprocess
import unittest
import zlib

import pgtest
import zdbtest

MERGE = os.path.join(pgtest.ROOT, "test", "merge")
SHARED = os.environ.get("ZDB_TEST_DATA", os.path.join(
    pgtest.ROOT, "..", "shared", "data"))

# values of every kind that survive the way to SQLite and back
KINDS = """
    id integer PRIMARY KEY, b boolean, i8 bigint, n numeric, m numeric(12,2),
    f8 double precision, f4 real, t text, c varchar(9), r bytea, u uuid,
    j json, jb jsonb, d date, ts timestamp, tz timestamptz, ti time, iv
    interval, ip inet, rng int4range, mo mood, po positive, ta text[], ia
    bigint[], na numeric[], fa double precision[], ba boolean[], dd date[],
    xa xml, tsv tsvector"""
ROWS = [
    """1, true, -9223372036854775808, 12345678901234567890.123456789, 9.50,
    0.1, 0.1, E'O''Neil\\t\\n\\\\', 'x', '\\x00ff5c', '00010203-0405-0607-"""
    """0809-0a0b0c0d0e0f', '{"b":  1}', '{"b": [1, "x y"]}', '2025-09-01',
    '2025-09-01 04:13:20.000001', '2025-09-01 04:13:20.5+02', '04:13:20.25',
    '1 mon -1 day', '10.0.0.1/8', '[1,5)', 'happy', 3,
    ARRAY['a,b', '"q"', NULL, 'NULL', ''], '{{1,2},{3,9007199254740993}}',
    '{1.50,2,NULL}', '{0.1,1e300}', '{t,f}', '{2025-09-01}', '<a/>', 'a:1'""",
    "2" + ", NULL" * 29,
    """3, false, 9007199254740993, 0.00, -0.01, 1e-300, 16777216,
    '\u6d4b\U0001f600', '', '', NULL, 'null', '5', '0001-01-01',
    '9999-12-31 23:59:59.999', '1969-12-31 23:59:59+00', '00:00', '0',
    '::1', 'empty', 'happy', 1, '{}', '{}', '{}', '{NaN,Infinity}', '{}',
    '{}', '<b>1</b>', ''"""]


def snake(name):
    """AlbumId is album_id."""
    return re.sub(r"(?<=.)([A-Z])", r"_\1", name).lower()


class ToSqlite(pgtest.Case):

    def setUp(self):
        super().setUp()
        self.connections = []

    def tearDown(self):
        for con in self.connections:
            con.close()
        super().tearDown()

    def open(self, name):
        self.connections.append(zdbtest.connect(self.path(name)))
        return self.connections[-1]

    def prisma_sqlite(self, name, rows):
        """Prisma's database, with or without its rows."""
        with open(os.path.join(MERGE, "prisma_sqlite.sql")) as file:
            text = file.read()
        if not rows:
            # Prisma's own table tells how it writes times
            text = re.sub(r"^INSERT INTO(.|\n)*?;$", "", text, flags=re.M)
            text += ("CREATE TABLE _prisma_migrations(id TEXT PRIMARY KEY,"
                     " at DATETIME); INSERT INTO _prisma_migrations VALUES"
                     " ('m', 1756700000000);")
        con = self.open(name)
        con.executescript(text)
        return con

    def prisma_postgres(self):
        self.database("app")
        self.cluster.load("app", os.path.join(MERGE, "prisma_postgres.sql"))

    def rows(self, con):
        return {name: rows for name, rows in zdbtest.contents(con).items()
                if name[0].isupper()}

    def readable(self, name):
        os.chmod(self.path(name), 0o644)
        return self.path(name)

    def scripts(self):
        """A backup in every form, and pg_dump's scripts."""
        for name, compress in (("b.sql.gz", "gzip"), ("b.sql.zst", "zstd"),
                               ("b.sql", "none")):
            self.call("app", "zdb_backup_to", self.path(name), compress)
            yield name
        for name, options in (("d.sql", []), ("e.sql", ["--create"]),
                              ("f.sql", ["--clean", "--if-exists"])):
            with open(self.path(name), "wb") as file:
                subprocess.run(self.cluster.command("pg_dump", *options,
                                                    "app"),
                               stdout=file, check=True)
            yield name
        with open(self.path("d.sql"), "rb") as file:
            subprocess.run(["gzip"], stdin=file, check=True,
                           stdout=open(self.path("g.sql.gz"), "wb"))
        yield "g.sql.gz"

    def test_prisma(self):
        self.prisma_postgres()
        wanted = self.rows(self.prisma_sqlite("wanted.db", True))
        self.assertGreater(len(wanted["Merchant"]), 40)
        for name in self.scripts():
            with self.subTest(name):
                con = self.prisma_sqlite(name + ".empty.db", False)
                report = zdbtest.call(con, "zdb_merge_from", self.path(name))
                self.assertEqual(report["inserted"], report["read"])
                self.assertEqual(report["warnings"], [])
                self.assertEqual(self.rows(con), wanted)
                again = zdbtest.call(self.prisma_sqlite(name + ".db", True),
                                     "zdb_merge_from", self.path(name))
                self.assertEqual(again["identical"], again["read"])
        self.nothing_left()

    def test_prisma_and_back(self):
        """What came from PostgreSQL is the same there."""
        self.prisma_postgres()
        self.call("app", "zdb_backup_to", self.path("b.sql.gz"))
        con = self.prisma_sqlite("live.db", False)
        zdbtest.call(con, "zdb_merge_from", self.path("b.sql.gz"))
        zdbtest.call(con, "zdb_backup_to", self.path("live.db.gz"))
        self.readable("live.db.gz")
        report = self.call("app", "zdb_merge_from", self.path("live.db.gz"))
        self.assertEqual(report["identical"], report["read"])
        self.assertGreater(report["read"], 50)

    def make_kinds(self, database):
        self.database(database)
        self.psql(database, "CREATE TYPE mood AS ENUM ('happy')",
                  "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                  f"CREATE TABLE kinds ({KINDS})")

    def test_every_kind_and_back(self):
        """A table that is not here is made so that nothing is lost."""
        self.make_kinds("app")
        for row in ROWS:
            self.psql("app", f"INSERT INTO kinds VALUES ({row})")
        self.call("app", "zdb_backup_to", self.path("b.sql.gz"))
        con = self.open("live.db")
        con.execute("CREATE TABLE other(a)")
        report = zdbtest.call(con, "zdb_merge_from", self.path("b.sql.gz"),
                              {"create_missing": True})
        self.assertEqual(report["inserted"], 3)
        zdbtest.call(con, "zdb_backup_to", self.path("live.db.gz"))
        self.readable("live.db.gz")
        report = self.call("app", "zdb_merge_from", self.path("live.db.gz"))
        self.assertEqual(report["identical"], 3)
        self.make_kinds("again")
        self.call("again", "zdb_merge_from", self.path("live.db.gz"))
        self.same_database("app", "again")

    def test_only_wanted_chunks(self):
        self.database("app", "shop.sql")
        self.call("app", "zdb_backup_to", self.path("b.sql.gz"))
        con = self.open("live.db")
        con.execute("CREATE TABLE users(id TEXT PRIMARY KEY, email TEXT"
                    " UNIQUE, active BOOLEAN)")
        con.execute("CREATE TABLE merchants(id INTEGER PRIMARY KEY, uid TEXT)")
        entries = dict(con.execute("SELECT \"table\", chunks FROM"
                                   " zdb_entries(?)",
                                   (self.path("b.sql.gz"),)).fetchall())
        everything = zdbtest.call(con, "zdb_merge_from", self.path("b.sql.gz"),
                                  {"dry_run": True})
        one = zdbtest.call(con, "zdb_merge_from", self.path("b.sql.gz"),
                           {"tables": {"merchants": False}})
        self.assertEqual(
            everything["chunks_read"] - one["chunks_read"],
            entries["merchants"])
        self.assertLess(everything["chunks_read"], everything["chunks"])
        self.assertEqual(one["inserted"],
                         int(self.psql("app", "SELECT count(*) FROM users")))
        # a chunk that is not needed may be damaged, one that is may not
        self.damage("b.sql.gz", "orders")
        zdbtest.call(con, "zdb_merge_from", self.path("b.sql.gz"))
        self.damage("b.sql.gz", "users")
        before = zdbtest.contents(con)
        with self.assertRaises(Exception) as caught:
            zdbtest.call(con, "zdb_merge_from", self.path("b.sql.gz"))
        self.assertIn('table "users"', str(caught.exception))
        self.assertEqual(zdbtest.contents(con), before)
        self.nothing_left()

    def damage(self, name, table):
        """Change a byte in the middle of a table's first chunk."""
        with open(self.path(name), "r+b") as file:
            data, at = file.read(), 0
            while True:
                length = struct.unpack_from("<I", data, at + 16)[0]
                begin = at + 12 + struct.unpack_from("<H", data, at + 10)[0]
                text = zlib.decompress(data[begin:at + length - 8], -15)
                if text.startswith(f"COPY public.{table} ".encode()):
                    break
                at += length
            file.seek(at + length // 2)
            file.write(bytes([data[at + length // 2] ^ 0xff]))

    def test_other_formats(self):
        self.prisma_postgres()
        con = self.prisma_sqlite("live.db", True)
        for options, text in (
                (["-Fc"], "custom format"), (["-Ft"], "tar format"),
                (["-Fd"], "directory format"), (["--inserts"], "--inserts"),
                (["--rows-per-insert=9"], "--inserts"),
                (["--data-only"], "not its CREATE TABLE"),
                (["--encoding=EUC_CN"], "encoding EUC_CN")):
            with self.subTest(options):
                path = self.path("dump" + options[0])
                subprocess.run(self.cluster.command(
                    "pg_dump", *options, "-f", path, "app"), check=True,
                    stderr=subprocess.DEVNULL)
                with self.assertRaises(Exception) as caught:
                    zdbtest.call(con, "zdb_merge_from", path)
                self.assertIn(text, str(caught.exception))
        self.call("app", "zdb_backup_to", self.path("d.sql.gz"), None,
                  {"type": "data"})
        with self.assertRaises(Exception) as caught:
            zdbtest.call(con, "zdb_merge_from", self.path("d.sql.gz"))
        self.assertIn('type "full"', str(caught.exception))

    @unittest.skipUnless(os.path.isdir(SHARED), "without the shared data")
    def test_zhidian(self):
        here = os.path.join(SHARED, "zhidian")
        self.database("app")
        self.cluster.load("app", os.path.join(here, "zhidian_postgres.sql"))
        self.call("app", "zdb_backup_to", self.path("z.sql.gz"))
        con = self.open("z.db")
        with open(os.path.join(here, "zhidian_sqlite.sql")) as file:
            con.executescript(file.read())
        report = zdbtest.call(con, "zdb_merge_from", self.path("z.sql.gz"))
        self.assertEqual(report["identical"], report["read"])
        self.assertGreater(report["read"], 50)

    @unittest.skipUnless(os.path.isdir(SHARED), "without the shared data")
    def test_chinook(self):
        """Its scripts differ in their names: album_id, AlbumId."""
        here = os.path.join(SHARED, "chinook")
        self.cluster.load("postgres", os.path.join(here,
                                                   "chinook_postgres.sql"))
        self.psql("chinook", "CREATE EXTENSION zdbackup")
        shutil.copy(os.path.join(here, "chinook.db"), self.path("c.db"))
        os.chmod(self.path("c.db"), 0o600)
        con = self.open("c.db")
        tables = con.execute(
            "SELECT m.name, group_concat(x.name) FROM sqlite_schema m,"
            " pragma_table_xinfo(m.name) x WHERE m.type = 'table' AND"
            " m.name NOT LIKE 'sqlite%' GROUP BY m.name").fetchall()
        for table, columns in tables:
            for name in columns.split(","):
                if snake(name) != name.lower():
                    self.psql("chinook", f"ALTER TABLE {snake(table)} RENAME"
                              f" {snake(name)} TO {name}")
            if snake(table) != table.lower():
                self.psql("chinook", f"ALTER TABLE {snake(table)} RENAME TO"
                          f" {table}")
        self.call("chinook", "zdb_backup_to", self.path("c.sql.gz"))
        report = zdbtest.call(con, "zdb_merge_from", self.path("c.sql.gz"))
        self.assertEqual((report["inserted"], report["updated"],
                          report["missing_tables"]), (0, 0, []))
        # "Edinburgh " has a space at its end in the SQLite edition only
        self.assertEqual((report["identical"], report["kept"]), (15599, 8))


pgtest.main()
