"""SQLite merges from PostgreSQL: from scripts that pg_dump writes"""
import gzip
import os
import subprocess
import sys

import zdbtest
from zdbtest import call

UUID = "00010203-0405-0607-0809-0a0b0c0d0e0f"
STAMP = "2025-09-01 04:13:20"
MS = 1756700000000

# type in PostgreSQL, column in SQLite, as COPY has it, what it becomes
VALUES = [
    ("boolean", "BOOLEAN", ["t", "f", r"\N"], [1, 0, None]),
    ("boolean", "INTEGER", ["t"], [1]),
    ("boolean", "TEXT", ["t", "f"], ["true", "false"]),
    ("boolean", "", ["t"], [1]),
    ("bigint", "BIGINT", ["9007199254740993", "-9223372036854775808"],
     [9007199254740993, -2**63]),
    ("integer", "TEXT", ["12"], ["12"]),
    ("integer", "REAL", ["12"], [12.0]),
    ("numeric(65,30)", "DECIMAL", ["3.820000000000000000000000000000",
                                   "5.0", "1234567890123.45"],
     [3.82, 5, 1234567890123.45]),
    ("numeric", "TEXT", ["12345678901234567890.1234567890"],
     ["12345678901234567890.1234567890"]),
    ("numeric", "", ["12345678901234567890.5", "1.50", "7"],
     ["12345678901234567890.5", 1.5, 7]),
    ("numeric", "INTEGER", ["7.000", "0.5"], [7, 0.5]),
    ("double precision", "REAL", ["0.1", "1e-300", "Infinity", "5"],
     [0.1, 1e-300, float("inf"), 5.0]),
    ("double precision", "TEXT", ["NaN"], ["NaN"]),
    ("real", "NUMERIC", ["0.1"], [0.1]),
    ("text", "TEXT", [r"O'Neil\t\\.", r"a\nb\rc", "\u6d4b\U0001f600", "",
                      r"\\N", "\\101\\x42"],
     ["O'Neil\t\\.", "a\nb\rc", "\u6d4b\U0001f600", "", "\\N", "AB"]),
    ("text", "STRING", ["12", "1.5", "12a"], [12, 1.5, "12a"]),
    ("bytea", "BLOB", [r"\\x00ff", r"\\x", r"a\\000b"],
     [b"\x00\xff", b"", b"a\0b"]),
    ("bytea", "TEXT", [r"\\x00ff"], [b"\x00\xff"]),
    ("uuid", "TEXT", [UUID], [UUID]),
    ("uuid", "UUID", [UUID], [UUID]),
    ("uuid", "BLOB", [UUID], [bytes(range(16))]),
    ("jsonb", "JSONB", [r'{"a": [1, 2], "b": "x y\\" "}', "5"],
     [r'{"a":[1,2],"b":"x y\" "}', 5]),
    ("json", "TEXT", ['{"b":  1}'], ['{"b":  1}']),
    ("public.mood", "TEXT", ["happy"], ["happy"]),
    ("public.positive", "INTEGER", ["3"], [3]),
    ("inet", "TEXT", ["10.0.0.1/8"], ["10.0.0.1/8"]),
    ("int4range", "TEXT", ["[1,5)"], ["[1,5)"]),
    ("interval", "TEXT", ["1 day"], ["1 day"]),
    ("time", "TEXT", ["04:13:20.25"], ["04:13:20.25"]),
    ("text[]", "TEXT", [r'{"a,b","\\"q\\"",NULL,"NULL"}', "{}"],
     [r'["a,b","\"q\"",null,"NULL"]', "[]"]),
    ("integer[]", "JSON", ["{{1,2},{3,4}}"], ["[[1,2],[3,4]]"]),
    ("numeric(5,2)[]", "TEXT", ["{1.50,2}"], ['["1.50",2]']),
    ("boolean[]", "TEXT", ["{t,NULL}"], ["[true,null]"]),
    ("timestamp(3) without time zone", "DATETIME",
     [STAMP, STAMP + ".005"], [STAMP, STAMP + ".005"]),
    ("timestamp with time zone", "TEXT", [STAMP + ".123456+02"],
     ["2025-09-01 02:13:20.123456"]),
    ("timestamp with time zone", "INTEGER", [STAMP + "+00"], [MS]),
    ("timestamp without time zone", "REAL", ["2025-09-01 00:00:00"],
     [2460919.5]),
    ("date", "DATE", ["2025-09-01"], ["2025-09-01"]),
]

# what a column holds already, type, as COPY has it, what it becomes
STYLES = [
    ("DATETIME", [MS, MS + 1], "timestamp(3)", STAMP + ".005", MS + 5),
    ("DATETIME", [1756700000], "timestamp", STAMP, 1756700000),
    ("BIGINT", [1756700000], "timestamp", STAMP, 1756700000),
    ("REAL", [1756700000.25], "timestamp", STAMP + ".5", 1756700000.5),
    ("", [2460919.5], "timestamp", "2025-09-01 12:00:00", 2460920.0),
    ("TEXT", ["2001-01-01T00:00:00.000Z"], "timestamp", STAMP,
     "2025-09-01T04:13:20.000Z"),
    ("TEXT", ["2001-01-01T00:00:00.000+00:00"], "timestamptz",
     STAMP + ".5+02", "2025-09-01T02:13:20.500+00:00"),
    ("TEXT", ["2001-01-01 00:00:00", "junk"], "timestamp", STAMP, STAMP),
    # most of the values decide: Prisma's, not CURRENT_TIMESTAMP's
    ("DATETIME", ["2001-01-01 00:00:00", MS, MS], "timestamp", STAMP, MS),
    ("DATE", [MS], "date", "2025-09-01", 1756684800000),
    ("TEXT", ["2001-01-01T00:00:00Z"], "date", "2025-09-01",
     "2025-09-01T00:00:00Z"),
]

# type in PostgreSQL, column in SQLite, as COPY has it, what the error says
REFUSED = [
    ("boolean", "BOOLEAN", "x", '"x" is no boolean'),
    ("bigint", "REAL", "9007199254740993", "loses digits in a REAL column"),
    ("integer", "INTEGER", "x", "no integer"),
    ("numeric", "DECIMAL", "12345678901234567890.5", "loses digits"),
    ("numeric", "REAL", "0.12345678901234567", "loses digits"),
    ("numeric", "DECIMAL", "NaN", "no number that SQLite has"),
    ("double precision", "REAL", "NaN", "no number that SQLite has"),
    ("text", "INTEGER", "happy", "is no number"),
    ("text", "STRING", "0123", "another number"),
    ("text", "TEXT", r"a\000b", "zero byte"),
    ("text", "TEXT", r"\377", "not valid UTF-8"),
    ("bytea", "INTEGER", r"\\x00", "column of numbers"),
    ("bytea", "BLOB", r"\\x0", "no bytea"),
    ("uuid", "BLOB", "short", "no uuid"),
    ("timestamp", "DATETIME", "infinity", "years 1 to 9999"),
    ("date", "TEXT", "0044-03-15 BC", "years 1 to 9999"),
    ("timestamp", "DATETIME", "Mon Sep 1 2025", "ISO 8601"),
    ("text[]", "TEXT", "[0:1]={a,b}", "bounds of its own"),
    ("text[]", "TEXT", "{a", "ends inside an element"),
]

PRELUDE = """
CREATE TYPE public.mood AS ENUM ('happy');
CREATE DOMAIN public.positive AS integer CHECK ((VALUE > 0));
"""


def table(name, columns, rows, more=""):
    """What pg_dump writes of a table; columns is "name type, ..."."""
    names = ", ".join(one.split()[0] for one in columns.split(", "))
    lines = "".join("\t".join(row) + "\n" for row in rows)
    return (f"CREATE TABLE {name} (\n    {columns}\n);\n"
            f"COPY {name} ({names}) FROM stdin;\n{lines}\\.\n{more}")


class FromPostgres(zdbtest.Case):

    def script(self, text, name="s.sql"):
        with open(name, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return name

    def live(self, schema):
        for name in ("live.db", "live.db-journal"):
            if os.path.exists(name):
                os.unlink(name)
        con = self.open("live.db")
        con.executescript(schema)
        return con

    def one_column(self, kind, declared, texts, before=()):
        """A live table and a script with one column to convert."""
        con = self.live(f"CREATE TABLE one(id INTEGER PRIMARY KEY,"
                        f" v {declared})")
        con.executemany("INSERT INTO one(id, v) VALUES (?, ?)",
                        [(-1 - i, value) for i, value in enumerate(before)])
        self.script(PRELUDE + table(
            "public.one", f"id integer, v {kind}",
            [(str(i), text) for i, text in enumerate(texts)]))
        return con

    def test_values(self):
        for kind, declared, texts, values in VALUES:
            with self.subTest(kind=kind, declared=declared):
                con = self.one_column(kind, declared, texts)
                report = call(con, "zdb_merge_from", "s.sql")
                self.assertEqual(report["inserted"], len(texts))
                self.assertEqual(report["warnings"], [])
                got = [row[0] for row in con.execute(
                    "SELECT v FROM one ORDER BY id")]
                self.assertEqual(got, values)
                self.assertEqual([type(one) for one in got],
                                 [type(one) for one in values])
                again = call(con, "zdb_merge_from", "s.sql")
                self.assertEqual(again["identical"], len(texts))
                con.close()
        self.no_temporary_files()

    def test_times_as_the_column_has_them(self):
        for declared, before, kind, text, value in STYLES:
            with self.subTest(declared=declared, before=before):
                con = self.one_column(kind, declared, [text], before)
                call(con, "zdb_merge_from", "s.sql")
                self.assertEqual(con.execute(
                    "SELECT v FROM one WHERE id = 0").fetchone(), (value,))
                con.close()

    def test_times_as_other_columns_have_them(self):
        """Prisma has migrated, and its tables are empty still."""
        con = self.one_column("timestamp(3)", "DATETIME", [STAMP])
        con.execute("CREATE TABLE _prisma_migrations(id TEXT PRIMARY KEY,"
                    " started_at DATETIME NOT NULL)")
        con.execute("INSERT INTO _prisma_migrations VALUES ('m', ?)", (MS,))
        call(con, "zdb_merge_from", "s.sql")
        self.assertEqual(con.execute("SELECT v FROM one").fetchall(), [(MS,)])

    def test_microseconds_are_cut_aloud(self):
        con = self.one_column("timestamp", "INTEGER",
                              [STAMP + ".000999", STAMP])
        report = call(con, "zdb_merge_from", "s.sql")
        self.assertEqual(report["warnings"], [
            'table "one", column "v": 1 of its times were cut to whole'
            ' milliseconds'])
        self.assertEqual(con.execute("SELECT v FROM one").fetchall(),
                         [(MS,), (MS,)])

    def test_refused_values(self):
        for kind, declared, text, why in REFUSED:
            with self.subTest(kind=kind, declared=declared, text=text):
                con = self.one_column(kind, declared, [r"\N", text])
                error = self.fails(con, "zdb_merge_from", "s.sql", text=why)
                self.assertIn('"s.sql", table "public.one", row 2 (line 9),'
                              ' column "v": ', error)
                self.assertIn("Nothing was changed.", error)
                self.assertEqual(con.execute("SELECT * FROM one").fetchall(),
                                 [])
                con.close()
        self.no_temporary_files()

    def test_strict_tables(self):
        for kind, declared, text, value in (
                ("boolean", "INT", "t", 1), ("boolean", "TEXT", "t", "true"),
                ("numeric", "REAL", "5.0", 5.0), ("bytea", "BLOB", r"\\x00",
                                                  b"\0"),
                ("text", "ANY", "012", "012"), ("timestamp", "INTEGER", STAMP,
                                                MS),
                ("uuid", "BLOB", UUID, bytes(range(16))),
                ("numeric", "INT", "1.5", None), ("text", "BLOB", "a", None),
                ("bytea", "TEXT", r"\\x00", None)):
            with self.subTest(kind=kind, declared=declared):
                con = self.live(f"CREATE TABLE one(id INT PRIMARY KEY, v"
                                f" {declared}) STRICT")
                self.script(table("public.one", f"id integer, v {kind}",
                                  [("1", text)]))
                if value is None:
                    self.fails(con, "zdb_merge_from", "s.sql",
                               text='row 1 (line 5), column "v": the column'
                               ' takes')
                else:
                    call(con, "zdb_merge_from", "s.sql")
                    self.assertEqual(con.execute("SELECT v FROM one")
                                     .fetchone(), (value,))
                con.close()

    def test_ids_are_mapped(self):
        con = self.live("""
            CREATE TABLE Users(id INTEGER PRIMARY KEY, email TEXT UNIQUE);
            CREATE TABLE notes(id INTEGER PRIMARY KEY, user_id INTEGER NOT
                NULL REFERENCES Users, body TEXT);
            INSERT INTO Users VALUES (1, 'bob@x.org'), (2, 'eve@x.org')""")
        self.script(
            table("public.notes", "id integer, user_id integer, body text",
                  [("10", "2", "by Bob"), ("11", "1", "by Ann"),
                   ("12", "9", "orphan")]) +
            table("public.users", "id integer, email text, since date",
                  [("1", "ann@x.org", "2025-09-01"), ("2", "bob@x.org",
                                                      r"\N")],
                  "ALTER TABLE ONLY public.users ADD CONSTRAINT k PRIMARY KEY"
                  " (id);\nCREATE UNIQUE INDEX e ON public.users USING btree"
                  " (email);\n"))
        report = call(con, "zdb_merge_from", "s.sql")
        users, notes = report["tables"]
        self.assertEqual((users["table"], users["key"],
                          users["dropped_columns"], users["new_ids"]),
                         ("Users", ["email"], ["since"], 1))
        self.assertEqual((notes["inserted"], notes["orphaned"],
                          notes["fk_remapped"]), (2, 1, 2))
        self.assertEqual(con.execute(
            "SELECT email, body FROM notes JOIN Users ON Users.id = user_id"
            " ORDER BY notes.id").fetchall(),
            [("bob@x.org", "by Bob"), ("ann@x.org", "by Ann")])
        self.assertEqual((report["chunks"], report["chunks_read"]),
                         (None, None))
        again = call(con, "zdb_restore_from", "s.sql",
                     {"strategy": "merge", "policy": {"on_match": "fail"}})
        self.assertEqual((again["identical"], again["orphaned"]), (4, 1))

    def test_partitions_and_parents(self):
        con = self.live("CREATE TABLE log(id INTEGER PRIMARY KEY, day DATE);"
                        "CREATE TABLE child(id INTEGER PRIMARY KEY, day DATE,"
                        " more TEXT)")
        self.script(
            "CREATE TABLE public.log (id integer, day date)"
            " PARTITION BY RANGE (day);\n" +
            table("public.log_a", "day date, id integer",
                  [("2025-09-01", "1")]) +
            "CREATE TABLE public.log_b PARTITION OF public.log DEFAULT;\n"
            "ALTER TABLE ONLY public.log ATTACH PARTITION public.log_a"
            " FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');\n"
            "COPY public.log_b (id, day) FROM stdin;\n2\t2026-09-01\n\\.\n"
            "CREATE TABLE public.child (more text) INHERITS (public.log);\n"
            "COPY public.child (id, day, more) FROM stdin;\n"
            "3\t2025-09-01\tx\n\\.\n")
        report = call(con, "zdb_merge_from", "s.sql")
        self.assertEqual(report["missing_tables"], [])
        self.assertEqual(con.execute("SELECT * FROM log").fetchall(),
                         [(1, "2025-09-01"), (2, "2026-09-01")])
        self.assertEqual(con.execute("SELECT * FROM child").fetchall(),
                         [(3, "2025-09-01", "x")])

    def test_names(self):
        con = self.live("""
            CREATE TABLE "Käufe ""x"" 'y'"("Sp alte" TEXT PRIMARY KEY,
                "select" INT, g AS (1), d INT DEFAULT 9) WITHOUT ROWID;
            CREATE TABLE lower(ID INTEGER PRIMARY KEY, Name TEXT)""")
        self.script(
            'CREATE TABLE public."Käufe ""x"" \'y\'" ("Sp alte" text, "select"'
            ' integer, g integer, h integer GENERATED ALWAYS AS (1) STORED);\n'
            'COPY public."Käufe ""x"" \'y\'" ("Sp alte", "select", g) FROM'
            ' stdin;\na\t1\t2\n\\.\n' +
            table('public."LOWER"', '"id" integer, "NAME" text',
                  [("1", "x")]) +
            table("app.missing", "a integer", []) +
            "COPY public.extension_config (a) FROM stdin;\n1\n\\.\n")
        report = call(con, "zdb_merge_from", "s.sql")
        self.assertEqual(report["missing_tables"],
                         ["app.missing", "extension_config"])
        tables = {one["table"]: one for one in report["tables"]}
        self.assertEqual(tables["Käufe \"x\" 'y'"]["defaulted_columns"],
                         ["d"])
        self.assertEqual(con.execute("SELECT * FROM lower").fetchall(),
                         [(1, "x")])
        self.assertEqual(con.execute(
            "SELECT d FROM \"Käufe \"\"x\"\" 'y'\"").fetchall(), [(9,)])

    def test_two_schemas(self):
        con = self.live("CREATE TABLE t(id INTEGER PRIMARY KEY)")
        one = table("one.t", "id integer", [("1",)])
        two = table("two.t", "id integer", [("2",)])
        self.script(one + two)
        error = self.fails(con, "zdb_merge_from", "s.sql",
                           text='"one.t" and "two.t"')
        self.assertIn('{"tables": {"two.t": false}}', error)
        call(con, "zdb_merge_from", "s.sql", {"tables": {"one.t": False}})
        self.assertEqual(con.execute("SELECT * FROM t").fetchall(), [(2,)])
        self.script(one + two + table("public.t", "id integer", [("3",)]))
        report = call(con, "zdb_merge_from", "s.sql", {
            "tables": {"public.t": {"on_match": "fail"}}})
        self.assertEqual(report["missing_tables"], ["one.t", "two.t"])
        self.assertIn("one.t", report["warnings"][0])
        self.assertEqual(con.execute("SELECT * FROM t").fetchall(),
                         [(2,), (3,)])

    def test_rules_by_schema(self):
        con = self.live("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);"
                        "INSERT INTO t VALUES (1, 'here')")
        self.script(table("app.t", "id integer, v text", [("1", "there")]))
        for name in ("t", "app.t", "main.t"):
            with self.subTest(name):
                self.fails(con, "zdb_merge_from", "s.sql",
                           {"tables": {name: "fail"}}, text="and differs")

    def test_old_scripts(self):
        """Before 2018 names came without a schema, behind a search_path."""
        con = self.live("CREATE TABLE t(id INTEGER PRIMARY KEY);"
                        "CREATE TABLE u(id INTEGER PRIMARY KEY)")
        self.script("SET search_path = public, pg_catalog;\n" +
                    table("t", "id integer", [("1",)]) +
                    "SET search_path = app, pg_catalog;\n" +
                    table("u", "id integer", [("2",)]) +
                    table("t", "id integer", [("9",)]))
        report = call(con, "zdb_merge_from", "s.sql")
        self.assertEqual(report["missing_tables"], ["app.t"])
        self.assertEqual(con.execute("SELECT id, (SELECT id FROM u) FROM t")
                         .fetchall(), [(1, 2)])

    def test_compressed(self):
        text = table("public.t", "id integer", [("1",)])
        with gzip.open("s.sql.gz", "wt") as file:
            file.write(text)
        self.script(text)
        subprocess.run(["zstd", "-q", "s.sql"], check=True)
        for name in ("s.sql.gz", "s.sql.zst"):
            con = self.live("CREATE TABLE t(id INTEGER PRIMARY KEY)")
            self.assertEqual(call(con, "zdb_merge_from", name)["inserted"], 1)
            con.close()

    def test_windows_lines(self):
        con = self.live("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)")
        self.script(table("public.t", "id integer, v text", [("1", "a")])
                    .replace("\n", "\r\n"))
        call(con, "zdb_merge_from", "s.sql")
        self.assertEqual(con.execute("SELECT * FROM t").fetchall(),
                         [(1, "a")])

    def test_create_missing(self):
        con = self.live("CREATE TABLE users(id INTEGER PRIMARY KEY,"
                        " email TEXT UNIQUE);"
                        "INSERT INTO users VALUES (5, 'ann@x.org'), (1, 'b')")
        self.script(
            table("public.users", "id integer, email text",
                  [("1", "ann@x.org")]) +
            table("shop.orders", "id integer NOT NULL, user_id integer,"
                  " total numeric(10,2), huge numeric(65,30), at timestamp(3),"
                  " paid boolean, doc jsonb, tags text[], raw bytea",
                  [("1", "1", "9.50", "0." + "3" * 30, STAMP, "t", '{"a": 1}',
                    "{x}", r"\\x00")],
                  "ALTER TABLE ONLY shop.orders ADD CONSTRAINT k PRIMARY KEY"
                  " (id);\nALTER TABLE ONLY shop.orders ADD CONSTRAINT f"
                  " FOREIGN KEY (user_id) REFERENCES public.users(id) ON"
                  " DELETE CASCADE;\nALTER TABLE ONLY shop.orders ADD"
                  " CONSTRAINT u UNIQUE (user_id, at);\n") +
            "COPY app.config (a) FROM stdin;\n1\n\\.\n")
        report = call(con, "zdb_merge_from", "s.sql")
        self.assertEqual(report["missing_tables"],
                         ["app.config", "shop.orders"])
        report = call(con, "zdb_merge_from", "s.sql",
                      {"create_missing": True, "dry_run": True})
        self.assertEqual(report["created_tables"], ["orders"])
        self.assertIn("app.config", report["warnings"][0])
        self.assertEqual(zdbtest.contents(con).keys(), {"schema", "users"})
        report = call(con, "zdb_merge_from", "s.sql",
                      {"create_missing": True})
        self.assertEqual(con.execute("SELECT * FROM orders").fetchall(),
                         [(1, 5, 9.5, "0." + "3" * 30, STAMP, 1, '{"a":1}',
                           '["x"]', b"\0")])
        self.assertEqual(con.execute(
            'SELECT name, type, "notnull", pk FROM'
            " pragma_table_info('orders')").fetchall(),
            [("id", "INTEGER", 1, 1), ("user_id", "INTEGER", 0, 0),
             ("total", "DECIMAL(10,2)", 0, 0), ("huge", "TEXT", 0, 0),
             ("at", "DATETIME", 0, 0), ("paid", "BOOLEAN", 0, 0),
             ("doc", "TEXT", 0, 0), ("tags", "TEXT", 0, 0),
             ("raw", "BLOB", 0, 0)])
        self.assertEqual(con.execute(
            'SELECT "table", "from", "to", on_delete FROM'
            " pragma_foreign_key_list('orders')").fetchall(),
            [("users", "user_id", "id", "CASCADE")])
        self.assertEqual(con.execute("SELECT count(*) FROM"
                                     " pragma_index_list('orders')")
                         .fetchone(), (1,))
        again = call(con, "zdb_merge_from", "s.sql")
        self.assertEqual((again["identical"], again["inserted"]), (2, 0))

    def test_what_is_no_script_with_rows(self):
        con = self.live("CREATE TABLE t(id INTEGER PRIMARY KEY)")
        os.mkdir("dump")
        self.script("x", "dump/toc.dat")
        made = "CREATE TABLE public.t (id integer);\n"
        with open("custom.dump", "wb") as file:
            file.write(b"PGDMP\x01\x0e\x00\x04\x08")
        with open("tar.dump", "wb") as file:
            file.write(b"toc.dat\0" + bytes(600))
        for name in ("dump", "custom.dump", "tar.dump"):
            error = self.fails(con, "zdb_merge_from", name,
                               text="in pg_dump's")
            self.assertIn("pg_restore -f", error)
        for text, why in (
                ("-- PostgreSQL database dump\n" + made +
                 "INSERT INTO public.t VALUES (1);\n", "--inserts"),
                (table("public.t", "id integer", []) +
                 "\\connect other\n", "another database"),
                ("\\i other.sql\nCOPY t FROM stdin;\n\\.\n",
                 'line 1: a command of psql'),
                ("SET client_encoding = 'LATIN1';\n" +
                 table("public.t", "id integer", []), "--encoding=UTF8"),
                ("COPY public.t (id) FROM stdin;\n1\n\\.\n",
                 "not its CREATE TABLE"),
                (made + "COPY public.t (id) FROM stdin WITH (FORMAT csv);\n"
                 "1\n\\.\nCOPY x FROM stdin;\n\\.\n", "pg_dump's format"),
                (made + "COPY public.t (id, x) FROM stdin;\n1\t2\n\\.\n",
                 'column "x" is not defined'),
                (table("public.t", 'id integer, "ID" integer', []),
                 "tell them apart by case"),
                (table("public.t", "id integer", [("1", "2")]),
                 "row 1 (line 5): it has 2 values, and COPY lists 1"),
                (made + "COPY public.t (id) FROM stdin;\n1\n\\.\nCOPY"
                 " public.t (id, id) FROM stdin;\n\\.\n",
                 "lists other columns"),
                (table("public.t", "id integer", [("",)]), "no integer")):
            with self.subTest(why):
                self.script(text)
                self.fails(con, "zdb_merge_from", "s.sql", text=why)
                self.assertEqual(con.execute("SELECT * FROM t").fetchall(),
                                 [])
        self.no_temporary_files()

    def test_cut_scripts(self):
        """Cut anywhere inside, it is an error, and nothing is changed."""
        text = ("--\n-- PostgreSQL database dump\n--\n\n" +
                table("public.t", "id integer, v text", [("1", "one"),
                                                         ("2", "two")]) +
                "ALTER TABLE ONLY public.t ADD CONSTRAINT k PRIMARY KEY (id);"
                "\n--\n-- PostgreSQL database dump complete\n--\n\n")
        con = self.live("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)")
        last = text.index("complete")
        for end in range(30, last + len("complete")):
            self.script(text[:end])
            error = self.fails(con, "zdb_merge_from", "s.sql",
                               text="is damaged")
            self.assertIn("cut short", error)
        self.assertEqual(con.execute("SELECT * FROM t").fetchall(), [])
        self.script(text)
        call(con, "zdb_merge_from", "s.sql")
        with gzip.open("s.sql.gz", "wt") as file:
            file.write(text)
        with open("s.sql.gz", "r+b") as file:
            file.truncate(os.path.getsize("s.sql.gz") - 20)
        self.fails(con, "zdb_merge_from", "s.sql.gz", text="damaged")
        self.no_temporary_files()

    def test_replacing_is_refused(self):
        con = self.live("CREATE TABLE t(id INTEGER PRIMARY KEY)")
        self.script("-- PostgreSQL database dump\n" +
                    table("public.t", "id integer", []) +
                    "-- PostgreSQL database dump complete\n")
        self.fails(con, "zdb_restore_from", "s.sql",
                   text="is a script for PostgreSQL\nMerge it")

    def test_memory_is_flat(self):
        con = self.live("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)")
        con.close()
        with open("s.sql", "w") as file:
            file.write("CREATE TABLE public.t (id integer, v text);\n"
                       "COPY public.t (id, v) FROM stdin;\n")
            for number in range(200000):
                file.write(f"{number}\t{'x' * 500}{number}\n")
            file.write("\\.\nALTER TABLE public.t ADD PRIMARY KEY (id);\n")
        program = (
            "import resource, sys; sys.path.insert(0, sys.argv[1])\n"
            "import zdbtest\n"
            "con = zdbtest.connect('live.db')\n"
            "peak = lambda: resource.getrusage("
            "resource.RUSAGE_SELF).ru_maxrss\n"
            "before = peak()\n"
            "report = zdbtest.call(con, 'zdb_merge_from', 's.sql')\n"
            "assert report['inserted'] == 200000\n"
            "print(peak() - before)\n")
        grown = int(subprocess.check_output(
            [sys.executable, "-c", program,
             os.path.join(zdbtest.ROOT, "test", "sqlite")]))
        self.assertLess(grown, 40 << 10)


zdbtest.main()
