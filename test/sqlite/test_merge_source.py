"""What a merge reads: every kind of file, value, damage and malice"""
import gzip
import os
import random
import shutil
import sqlite3
import subprocess

import zdbtest
from zdbtest import call

# "big" does not compress: it has many chunks
BIG = """
CREATE TABLE small(id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO small VALUES (1, 'a'), (2, 'b');
CREATE TABLE empty(id INTEGER PRIMARY KEY AUTOINCREMENT, v);
CREATE TABLE big(id INTEGER PRIMARY KEY, v BLOB);
WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows})
INSERT INTO big SELECT n, randomblob(2000) FROM s;
CREATE INDEX big_v ON big(v, id);
CREATE TABLE late(id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT UNIQUE);
INSERT INTO late VALUES (41, 'x');
DELETE FROM late;
INSERT INTO late(v) VALUES ('y'), ('z');
"""


def typed(con, table):
    """Rows with their storage classes, as a list that compares."""
    columns = [row[1] for row in con.execute(
        f"PRAGMA table_xinfo({zdbtest.sql_name(table)})")]
    parts = []
    for column in columns:
        quoted = zdbtest.sql_name(column)
        parts += [f"typeof({quoted})", f"hex(CAST({quoted} AS BLOB))"]
    return sorted(con.execute(
        f"SELECT {', '.join(parts)} FROM {zdbtest.sql_name(table)}"))


class MergeSource(zdbtest.Case):

    def big(self, rows=2000):
        con = self.open("big.db")
        con.executescript(BIG.format(rows=rows))
        return con

    def live(self, *statements):
        for name in ("live.db", "live.db-journal"):
            if os.path.exists(name):
                os.unlink(name)
        con = self.open("live.db")
        for statement in statements:
            con.execute(statement)
        return con

    def schema(self, con):
        return [row[0] for row in con.execute(
            "SELECT sql FROM sqlite_schema WHERE sql LIKE 'CREATE%' AND name"
            " NOT LIKE 'sqlite%'")]

    def same_rows(self, live, source):
        """And ids go on where they were; a table that never had one may have
        0 noted, or nothing."""
        one, other = zdbtest.contents(live), zdbtest.contents(source)
        one.pop("sqlite_sequence"), other.pop("sqlite_sequence")
        self.assertEqual(one, other)
        for con in (live, source):
            self.assertEqual(con.execute("SELECT name, seq FROM"
                                         " sqlite_sequence WHERE seq > 0")
                             .fetchall(), [("late", 43)])

    def merge(self, con, path, **policy):
        return call(con, "zdb_merge_from", path, policy)

    def test_chunks(self):
        source = self.big(8000)
        for path, compress, few in (("b.gz", "gzip", 4), ("b.zst", "zstd", 3),
                                    ("b.db", "none", 4)):
            with self.subTest(path):
                call(source, "zdb_backup_to", path, compress)
                live = self.live(*self.schema(source))
                some = self.merge(live, path, tables={"big": False})
                self.assertLessEqual(some["chunks_read"], few)
                self.assertGreater(some["chunks"], 3 * few)
                self.assertEqual((some["read"], some["inserted"]), (4, 4))
                everything = self.merge(live, path)
                self.assertEqual(everything["read"], 8004)
                self.assertEqual(everything["inserted"], 8000)
                self.assertGreater(everything["chunks_read"],
                                   everything["chunks"] // 4)
                self.assertLessEqual(everything["chunks_read"],
                                     everything["chunks"])
                # the index of big is not read
                self.assertLess(everything["temp_bytes"],
                                os.path.getsize("big.db") * 2)
                self.same_rows(live, source)
                live.close()
                self.no_temporary_files()

    def kinds(self, source):
        """Files that hold the database, ours and others'."""
        for path, compress in (("k.gz", "gzip"), ("k.zst", "zstd"),
                               ("k.db", "none")):
            call(source, "zdb_backup_to", path, compress)
            yield path, True
        shutil.copy("k.db", "plain.db")
        yield "plain.db", False
        with open("plain.db", "rb") as file, gzip.open("f.gz", "wb") as to:
            shutil.copyfileobj(file, to)
        yield "f.gz", False
        subprocess.run(["zstd", "-q", "plain.db", "-o", "f.zst"], check=True)
        yield "f.zst", False
        call(source, "zdb_backup_to", "d.sql.gz", "gzip", {"type": "data"})
        yield "d.sql.gz", True
        # somebody's live database; half of it is in its -wal file
        shutil.copy("plain.db", "wal.db")
        other = self.open("wal.db")
        other.execute("PRAGMA journal_mode = wal")
        other.execute("DELETE FROM small")
        other.execute("INSERT INTO small VALUES (1, 'a'), (2, 'b')")
        yield "wal.db", False

    def test_kinds(self):
        source = self.big(300)
        schema = self.schema(source)
        for path, indexed in self.kinds(source):
            with self.subTest(path):
                live = self.live(*schema)
                report = self.merge(live, path)
                self.assertEqual(report["inserted"], 304)
                self.assertEqual(report["chunks_read"] is not None, indexed)
                self.same_rows(live, source)
                again = self.merge(live, path)
                self.assertEqual((again["read"], again["identical"]),
                                 (304, 304))
                live.close()
                self.no_temporary_files()

    def test_generated_from_json(self):
        schema = ("CREATE TABLE t(id INTEGER PRIMARY KEY, j TEXT, a TEXT"
                  " GENERATED ALWAYS AS (json_extract(j, '$.a')) STORED)",
                  "CREATE INDEX tj ON t(json_extract(j, '$.b'))")
        source = self.live(*schema)
        source.execute("INSERT INTO t(id, j) VALUES (1, '{\"a\": 5}')")
        for path in ("b.db.gz", "b.db"):
            call(source, "zdb_backup_to", path)
            live = self.live(*schema)
            self.assertEqual(self.merge(live, path)["inserted"], 1)
            self.assertEqual(live.execute("SELECT a FROM t").fetchall(),
                             [("5",)])

    def test_values(self):
        source = self.zoo()
        source.execute("CREATE TABLE wide(id INTEGER PRIMARY KEY, " + ", ".join(
            f"c{n}" for n in range(100)) + ")")
        source.execute("INSERT INTO wide VALUES (1, " + ", ".join(
            f"{n} || 'x'" for n in range(100)) + ")")
        source.execute("CREATE TABLE types(id INTEGER PRIMARY KEY, a INT,"
                       " b TEXT COLLATE NOCASE, c REAL, d NUMERIC, e BLOB,"
                       " f \"an odd ) type\", g ANY, h, i VARCHAR(5))")
        values = [1, "1", 1.0, 1.5, "1.5e3", "x", b"1", b"", "", None,
                  float("inf"), 2**63 - 1, "a\0b", "\udce4\udcb8"]
        for value in values:
            if isinstance(value, str):
                value = value.encode("utf-8", "surrogateescape")
                cast = "CAST(? AS TEXT)"
            else:
                cast = "?"
            source.execute("INSERT INTO types VALUES (NULL" +
                           f", {cast}" * 9 + ")", [value] * 9)
        call(source, "zdb_backup_to", "z.gz", True)
        live = self.live()
        self.merge(live, "z.gz", create_missing=True, no_key="whole_row")
        for table in ("values", "without_rowid", "strict_table", "types",
                      "wide", "rowid_taken", 'we ird "名" t', "empty",
                      "documents"):
            with self.subTest(table):
                self.assertEqual(typed(live, table), typed(source, table))
                self.assertEqual(
                    live.execute("SELECT count(*) FROM " +
                                 zdbtest.sql_name(table)).fetchone(),
                    source.execute("SELECT count(*) FROM " +
                                   zdbtest.sql_name(table)).fetchone())
        again = self.merge(live, "z.gz", no_key="whole_row")
        self.assertEqual((again["inserted"], again["updated"]), (0, 0))

    def test_collations_and_types(self):
        """Rows match as they would between tables of one database."""
        source = self.open("s.db")
        source.executescript("""CREATE TABLE t(code TEXT COLLATE NOCASE
            PRIMARY KEY, n VARCHAR); INSERT INTO t VALUES ('Ab', 5);""")
        call(source, "zdb_backup_to", "s.gz", True)
        live = self.live("CREATE TABLE t(code TEXT COLLATE NOCASE PRIMARY KEY,"
                         " n INTEGER)", "INSERT INTO t VALUES ('AB', 5)")
        report = self.merge(live, "s.gz")
        self.assertEqual((report["inserted"], report["conflicts_total"]),
                         (0, 0))

    def test_unknown_collation(self):
        source = self.open("s.db")
        source.create_collation("mine", lambda a, b: (a > b) - (a < b))
        source.executescript("CREATE TABLE t(id INTEGER PRIMARY KEY,"
                             " v TEXT COLLATE mine);"
                             " INSERT INTO t VALUES (1, 'x')")
        call(source, "zdb_backup_to", "s.gz", True)
        live = self.live("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)")
        self.assertEqual(self.merge(live, "s.gz")["inserted"], 1)

    def test_text_encodings(self):
        for here, there in (("UTF-8", "UTF-16le"), ("UTF-16be", "UTF-8"),
                            ("UTF-16le", "UTF-16be")):
            with self.subTest(here=here, there=there):
                for name in ("s.db", "s.gz"):
                    if os.path.exists(name):
                        os.unlink(name)
                source = self.open("s.db")
                source.execute(f"PRAGMA encoding = '{there}'")
                source.execute("CREATE TABLE t(id INTEGER PRIMARY KEY,"
                               " v TEXT UNIQUE, b BLOB)")
                source.execute("INSERT INTO t VALUES (1, 'm\u00fc\u4e2d"
                               "\U0001f600', x'00ff'), (2, '', NULL)")
                call(source, "zdb_backup_to", "s.gz", True)
                source.close()
                live = self.live(
                    f"PRAGMA encoding = '{here}'",
                    "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT UNIQUE,"
                    " b BLOB)")
                self.merge(live, "s.gz")
                self.assertEqual(
                    live.execute("SELECT * FROM t").fetchall(),
                    [(1, "m\u00fc\u4e2d\U0001f600", b"\0\xff"),
                     (2, "", None)])
                self.assertEqual(self.merge(live, "s.gz")["identical"], 2)

    def test_damage(self):
        source = self.big()
        call(source, "zdb_backup_to", "b.gz", True)
        with open("b.gz", "r+b") as file:
            file.seek(os.path.getsize("b.gz") // 4)
            file.write(bytes(100))
        live = self.live(*self.schema(source))
        before = zdbtest.contents(live)
        error = self.fails(live, "zdb_merge_from", "b.gz",
                           code=sqlite3.DatabaseError, text="wrong CRC-32")
        self.assertRegex(error, r'^"b.gz" is damaged: chunk \d+ \(pages '
                         r"\d+-\d+; bytes \d+-\d+ of the file\)")
        self.assertEqual(zdbtest.contents(live), before)
        self.no_temporary_files()
        # what is not asked for is not looked at
        report = self.merge(live, "b.gz", tables={"big": False})
        self.assertEqual(report["inserted"], 4)

    def test_damaged_foreign(self):
        source = self.big()
        call(source, "zdb_backup_to", "b.db", "none")
        os.unlink("b.db.zdbi")
        with open("b.db", "r+b") as file:
            file.seek(os.path.getsize("b.db") // 4)
            file.write(b"\xff" * 50000)
        live = self.live()
        self.fails(live, "zdb_merge_from", "b.db", {"create_missing": True},
                   code=sqlite3.DatabaseError,
                   text='could not read table "big" of "b.db"')
        with open("b.db", "r+b") as file:
            file.truncate(os.path.getsize("b.db") // 2)
        self.fails(live, "zdb_merge_from", "b.db", {"create_missing": True},
                   code=sqlite3.DatabaseError)
        self.assertEqual(live.execute("SELECT * FROM sqlite_schema"
                                      " WHERE name = 'big'").fetchall(), [])

    def test_hostile(self):
        """Any bytes may be wrong: errors, never more."""
        source = self.zoo()
        call(source, "zdb_backup_to", "h.db", "none")
        os.unlink("h.db.zdbi")
        with open("h.db", "rb") as file:
            good = file.read()
        rng = random.Random(4)
        outcomes = set()
        for number in range(150):
            path = f"h{number % 2}.db" + (".gz" if number % 3 == 0 else "")
            with (gzip.open if path.endswith("gz") else open)(path, "wb") as \
                    file:
                file.write(zdbtest.mutated(good, rng))
            live = self.live()
            try:
                self.merge(live, path, create_missing=True,
                           no_key="whole_row")
                outcomes.add("merged")
            except sqlite3.Error:
                outcomes.add("refused")
            self.assertEqual(live.execute("PRAGMA integrity_check")
                             .fetchone(), ("ok",))
            live.close()
        self.assertEqual(outcomes, {"merged", "refused"})
        self.no_temporary_files()

    def test_hostile_schema(self):
        """What stands in the backup's schema is not run."""
        source = self.open("s.db")
        source.executescript("""
            CREATE TABLE t(id INTEGER PRIMARY KEY, v);
            INSERT INTO t VALUES (1, 'x');
            CREATE VIEW v AS SELECT zdb_backup_to('owned.db');
            CREATE TRIGGER tr AFTER INSERT ON t BEGIN
                SELECT zdb_backup_to('owned.db'); END;
            PRAGMA writable_schema = ON;
            INSERT INTO sqlite_schema VALUES ('table', 'g', 'g', 0,
                'CREATE TABLE g(id INTEGER PRIMARY KEY, v AS (load_extension(id)))');
            INSERT INTO sqlite_schema VALUES ('table', 'vt', 'vt', 0,
                'CREATE VIRTUAL TABLE vt USING zdb_entries(x)');
            """)
        source.close()
        live = self.live("CREATE TABLE t(id INTEGER PRIMARY KEY, v)")
        for policy in ({}, {"create_missing": True}):
            try:
                call(live, "zdb_merge_from", "s.db", policy)
            except sqlite3.Error:
                pass
        self.assertFalse(os.path.exists("owned.db"))

    def test_cancelled(self):
        source = self.big(3000)
        call(source, "zdb_backup_to", "b.gz", True)
        live = self.live("CREATE TABLE small(id INTEGER PRIMARY KEY, v TEXT)",
                         "CREATE TABLE kept(id)", "PRAGMA foreign_keys = OFF")
        before = zdbtest.contents(live)
        for after in (500, 5000, 10000, 20000, 30000, 50000):
            for way in (lambda: 1, live.interrupt):
                live.set_progress_handler(way, after)
                self.fails(live, "zdb_merge_from", "b.gz",
                           {"create_missing": True},
                           code=sqlite3.OperationalError, text="interrupted")
                live.set_progress_handler(None, 0)
                self.assertFalse(live.in_transaction)
                self.assertEqual(zdbtest.contents(live), before)
                self.assertEqual(live.execute("PRAGMA foreign_keys")
                                 .fetchone(), (0,))
        self.no_temporary_files()

    def test_nothing_stays(self):
        source = self.big(10)
        call(source, "zdb_backup_to", "b.gz", True)
        live = self.live()
        self.merge(live, "b.gz", create_missing=True)
        with self.assertRaisesRegex(sqlite3.OperationalError,
                                    "no such table"):
            live.execute('SELECT * FROM temp."zdb:from:small"')
        self.assertEqual(live.execute("SELECT * FROM temp.sqlite_schema")
                         .fetchall(), [])
        self.assertEqual([row[1] for row in
                          live.execute("PRAGMA database_list")],
                         ["main", "temp"])

    def test_name_in_the_way(self):
        source = self.big(10)
        call(source, "zdb_backup_to", "b.gz", True)
        live = self.live('CREATE TABLE "zdb:from:small"(id, v)')
        self.merge(live, "b.gz", create_missing=True)
        live.execute('CREATE TEMP TABLE "zdb:from:small"(id, v)')
        self.fails(live, "zdb_merge_from", "b.gz",
                   text='temporary table "zdb:from:small" is in the way')

    def test_foreign_is_left_alone(self):
        """A database that others use is read in one transaction of its."""
        other = self.big(10)
        other.execute("PRAGMA journal_mode = wal")
        other.execute("INSERT INTO small VALUES (3, 'c')")
        live = self.live()
        self.assertEqual(self.merge(live, "big.db", create_missing=True)
                         ["read"], 15)
        other.execute("INSERT INTO small VALUES (4, 'd')")
        self.assertEqual(self.merge(live, "big.db")["inserted"], 1)
        self.assertEqual(other.execute("PRAGMA integrity_check").fetchone(),
                         ("ok",))
        self.fails(other, "zdb_merge_from", "big.db",
                   text="is the live database itself")


zdbtest.main()
