"""zdb_rows: the rows of a table in a backup, without restoring it."""
import json
import os
import sqlite3
import unittest

import pgtest
import zdbtest

TABLES = """
CREATE SCHEMA crm;
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE, gone text,
    feels mood, at timestamptz, nap interval, tags text[], raw bytea,
    len int GENERATED ALWAYS AS (length(email)) STORED);
INSERT INTO users SELECT i, 'u' || i || '@example.com', E'a\\tb\\\\', 'glad',
    timestamptz '2025-09-01 04:13:20+02' + i * interval '1 s',
    interval '1 day -02:03', ARRAY['x', NULL, 'NULL', 'a,"b'], '\\x00ff'
    FROM generate_series(1, 3) i;
INSERT INTO users (id) VALUES (4);
CREATE TABLE crm."Od""d t" ("the Key" int, "größe" text);
INSERT INTO crm."Od""d t" VALUES (1, 'ß'), (2, NULL);
CREATE TABLE big AS SELECT i, repeat(md5(i::text), 10) AS t
    FROM generate_series(1, 100000) i;
CREATE TABLE empty (a int);
CREATE TABLE events (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events
    FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE events_2 PARTITION OF events
    FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');
INSERT INTO events VALUES (1, '2025-01-05'), (2, '2025-02-05');
"""


class Rows(pgtest.Case):

    def setUp(self):
        super().setUp()
        self.database("shop")
        self.psql("shop", TABLES)
        self.file = self.path("shop.sql.gz")
        self.call("shop", "zdb_backup_to", self.file)

    def rows(self, row_type, path=None, options=None, what="*", rest="",
             **more):
        options = f", '{options}'" if options else ""
        return self.psql("shop", f"SELECT {what} FROM zdb_rows("
                         f"NULL::{row_type}, '{path or self.file}'{options})"
                         f" AS r {rest}", **more)

    def test_rows_are_those_of_then(self):
        tables = (("users", "id, email, gone, feels, at, nap,"
                               " tags, raw"), ('crm."Od""d t"', "*"),
                              ("big", "*"), ("events", "*"),
                              ("events_2", "*"), ("empty", "*"))
        before = [self.psql("shop", f"SELECT {columns} FROM {name} ORDER BY"
                            " 1") for name, columns in tables]
        for name, _ in tables:
            self.psql("shop", f"DELETE FROM {name}")
        for (name, columns), then in zip(tables, before):
            self.assertEqual(self.rows(name, what=columns,
                                       rest="ORDER BY 1"), then, name)

    def test_a_condition_a_join_a_limit(self):
        self.assertEqual(self.rows("public.users", what="id",
                                   rest="WHERE email = 'u2@example.com'"), "2")
        self.psql("shop", "DELETE FROM users WHERE id = 2")
        self.assertEqual(self.rows(
            "users", what="r.id", rest="LEFT JOIN users u USING (id)"
            " WHERE u.id IS NULL"), "2")
        self.assertEqual(self.psql(
            "shop", f"SELECT (zdb_rows(NULL::big, '{self.file}')).i LIMIT 1"),
            "1")

    def test_columns_go_by_name(self):
        self.psql("shop", "ALTER TABLE users DROP gone",
                  "ALTER TABLE users ADD new text DEFAULT 'x'",
                  "ALTER TABLE users ALTER id TYPE text")
        self.assertEqual(self.rows("users", what="id, new, feels",
                                   rest="WHERE id = '3'"), "3||glad")
        self.psql("shop", "CREATE TYPE short AS (email varchar(40), id int8)")
        self.assertEqual(self.rows("short", options='{"table": '
                                   '"public.users"}', rest="LIMIT 1"),
                         "u1@example.com|1")
        self.assertEqual(self.rows(
            'crm."Od""d t"', what='r."größe"', rest="LIMIT 1"), "ß")
        self.psql("shop", 'CREATE TYPE odd AS ("größe" text)')
        self.assertEqual(self.rows(
            "odd", options='{"table": "crm.\\"Od\\"\\"d t\\""}',
            rest="LIMIT 1"), "ß")

    def test_generated_columns_are_null(self):
        self.assertEqual(self.rows("users", what="count(len)"), "0")

    def test_the_callers_settings_change_nothing(self):
        before = self.psql("shop", "SELECT nap::text, tags::text FROM users"
                           " WHERE id = 1")
        self.psql("shop", "SET intervalstyle = sql_standard",
                  "SET array_nulls = off", f"CREATE TABLE got AS SELECT nap,"
                  f" tags FROM zdb_rows(NULL::users, '{self.file}')"
                  " WHERE id = 1")
        self.assertEqual(self.psql("shop", "SELECT nap::text, tags::text FROM"
                                   " got"), before)

    def damage(self, tables):
        """Break all chunks of these tables; returns how many."""
        self.call("shop", "zdb_backup_to", self.path("plain.sql"))
        data = bytearray(open(self.path("plain.sql"), "rb").read())
        count = 0
        for table in tables:
            start = 0
            while (at := data.find(f"COPY public.{table} ".encode(),
                                   start)) >= 0:
                data[at + 5] ^= 1
                start = at + 6
                count += 1
        with open(self.path("plain.sql"), "wb") as file:
            file.write(data)
        return count

    def test_only_its_chunks_are_read(self):
        self.assertGreater(self.damage(["big", "events_1", "events_2"]), 3)
        self.assertEqual(self.rows("users", self.path("plain.sql"),
                                   what="count(*)"), "4")
        text = self.fails(
            "shop", "SELECT count(*) FROM zdb_rows(NULL::big,"
            f" '{self.path('plain.sql')}')", text="plain.sql", code="XX001")
        self.assertIn("chunk", text)

    def test_files_of_pg_dump(self):
        path = self.path("foreign.sql")
        with open(path, "wb") as file:
            file.write(self.cluster.dump("shop"))
        for name in ("users", "events", "events_1", "big"):
            self.assertEqual(self.rows(name, path, what="count(*)"),
                             self.psql("shop", f"SELECT count(*) FROM {name}"),
                             name)
        self.assertEqual(self.rows("empty", path, what="count(*)"), "0")
        with open(path, "wb") as file:
            file.write(self.cluster.dump("shop", "--encoding=LATIN1"))
        self.assertEqual(self.rows('crm."Od""d t"', path,
                                   what='r."größe"', rest="LIMIT 1"), "ß")
        with open(path, "wb") as file:
            file.write(self.cluster.dump("shop", "--inserts"))
        self.fails("shop", f"SELECT zdb_rows(NULL::users, '{path}')",
                   text="INSERT statements", code="0A000")
        with open(path, "wb") as file:
            file.write(self.cluster.dump("shop",
                                         "--load-via-partition-root"))
        self.assertEqual(self.rows("events", path, what="count(*)"), "2")
        self.fails("shop", f"SELECT zdb_rows(NULL::events_1, '{path}')",
                   text='with those of "events"', code="0A000")

    def test_sqlite(self):
        path = self.path("app.db")
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE Users (Id INTEGER PRIMARY KEY, email,"
                       " at, feels, extra, len AS (length(email)))")
            db.execute("INSERT INTO Users VALUES (1, 'a@b', 1756700000,"
                       " 'sad', 5), (2, NULL, '2025-09-01', NULL, NULL)")
            db.execute("CREATE TABLE big (i, t)")
            db.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT"
                       " i + 1 FROM n WHERE i < 100000) INSERT INTO big SELECT"
                       " i, hex(randomblob(100)) FROM n")
        backup = self.path("app.db.gz")
        zdbtest.connect(path).execute("SELECT zdb_backup_to(?)", [backup])
        for file in (backup, path):
            os.chmod(file, 0o644)
        for file in (backup, path):
            self.assertEqual(
                self.rows("users", file, what="id, email, feels, len, gone,"
                          " at AT TIME ZONE 'UTC'", rest="ORDER BY 1"),
                "1|a@b|sad|3||2025-09-01 04:13:20\n2||||"
                "|2025-09-01 00:00:00")
            self.assertEqual(self.rows("big", file, what="count(*), max(i)"),
                             "100000|100000")
        session = self.session("shop")  # it would show a warning
        self.assertEqual(session("SELECT count(*) FROM zdb_rows(NULL::users,"
                                 f" '{backup}')"), "2")
        self.assertEqual(self.open_files(session), 0)
        self.fails("shop", f"SELECT zdb_rows(NULL::events, '{backup}')",
                   text='"events" is not in', code="42P01")
        with sqlite3.connect(path) as db:
            db.execute('CREATE TABLE "My Users" (id)')
            db.execute('INSERT INTO "My Users" VALUES (7)')
        for name in ("My Users", "main.My Users", '"My Users"'):
            self.assertEqual(self.rows("users", path,
                                       json.dumps({"table": name}),
                                       what="id"), "7")
        self.fails("shop", f"SELECT zdb_rows(NULL::users, '{path}',"
                   """ '{"table": "\\"ab"}')""", text="is not a name",
                   code="42602")
        with sqlite3.connect(path) as db:
            db.execute("UPDATE Users SET feels = 'angry' WHERE id = 2")
        text = self.fails("shop", f"SELECT zdb_rows(NULL::users, '{path}')",
                          text="invalid input value for enum", code="22P02")
        self.assertIn('row 2 (rowid 2), column "feels"', text)

    def test_repositories_and_moments(self):
        self.call("shop", "zdb_backup_to", self.dir + "/")
        self.assertEqual(self.rows("users", self.dir, what="count(*)"), "4")
        self.fails("shop", f"SELECT zdb_rows(NULL::users, '{self.dir}',"
                   " '{\"at\": \"2001-01-01\"}')", text="2001-01-01")

    def test_errors_name_the_thing(self):
        self.fails("shop", "SELECT * FROM zdb_rows(NULL::users, '/nowhere')",
                   text="/nowhere", code="58P01")
        self.fails("shop", f"SELECT zdb_rows(NULL::int, '{self.file}')",
                   text="row type", code="42804")
        self.fails("shop", "SELECT zdb_rows(NULL::users, NULL)",
                   text="path is null", code="22004")
        self.fails("shop", f"SELECT zdb_rows(NULL::users, '{self.file}',"
                   " '{\"tables\": \"x\"}')", text="The options are: at, "
                   "table, passphrase_file", code="22023")
        self.fails("shop", f"SELECT zdb_rows(NULL::users, '{self.file}',"
                   " '{\"table\": \"nobody\"}')",
                   text='"public"."nobody" is not in', code="42P01")
        self.psql("shop", "CREATE TYPE strict AS (id int, email int)")
        text = self.fails("shop", "SELECT zdb_rows(NULL::strict,"
                          f" '{self.file}', '{{\"table\": \"users\"}}')",
                          text="invalid input syntax for type integer",
                          code="22P02")
        self.assertIn('table "public"."users", row 1, column "email" of',
                      text)

    def test_rights(self):
        self.psql("shop", "DROP ROLE IF EXISTS ann", "CREATE ROLE ann LOGIN",
                  "GRANT USAGE ON SCHEMA public TO ann")
        query = f"SELECT count(*) FROM zdb_rows(NULL::users, '{self.file}')"
        self.fails("shop", query, text="permission denied for function",
                   user="ann")
        self.psql("shop", "GRANT EXECUTE ON FUNCTION zdb_rows(anyelement,"
                  " text, jsonb) TO ann")
        self.fails("shop", query, text="permission denied to read a file",
                   user="ann")
        self.psql("shop", "GRANT pg_read_server_files TO ann")
        self.assertEqual(self.psql("shop", query, user="ann"), "4")
        self.psql("shop", "DROP OWNED BY ann", "DROP ROLE ann")

    def open_files(self, session):
        count = 0
        for fd in os.listdir(f"/proc/{session.pid}/fd"):
            try:
                name = os.readlink(f"/proc/{session.pid}/fd/{fd}")
            except OSError:
                continue
            count += self.dir in name or "pgsql_tmp" in name
        return count

    def test_nothing_stays_open(self):
        session = self.session("shop")
        one = f"zdb_rows(NULL::big, '{self.file}')"
        self.assertEqual(session(f"SELECT ({one}).i LIMIT 1"), "1")
        self.assertIn("division by zero", session(
            f"SELECT 1 / (i - 50000) FROM (SELECT ({one}).i) s"))
        session("SET statement_timeout = 30")
        self.assertIn("statement timeout", session(
            f"SELECT count(*) FROM {one} a, {one} b"))
        session("SET statement_timeout = 0")
        session("BEGIN")
        session(f"DECLARE c CURSOR FOR SELECT ({one}).i")
        self.assertEqual(session("FETCH 2 FROM c"), "1\n2")
        self.assertEqual(self.open_files(session), 1)
        session("CLOSE c")
        self.assertEqual(self.open_files(session), 0)
        session("ROLLBACK")
        self.nothing_left()

    @unittest.skipIf("SANITIZED" in os.environ, "they want memory, too")
    def test_memory_is_flat(self):
        session = self.session("shop")
        session(f"SELECT count(*) FROM zdb_rows(NULL::users, '{self.file}')")
        before = self.peak(session)
        session("SELECT count((r).i) FROM (SELECT zdb_rows(NULL::big,"
                f" '{self.file}') AS r OFFSET 0) s")
        self.assertLess(self.peak(session) - before, 32 * 1024)

    def peak(self, session):
        with open(f"/proc/{session.pid}/status") as status:
            return int(status.read().split("VmHWM:")[1].split()[0])


pgtest.main()
