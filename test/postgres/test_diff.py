"""zdb_diff: every case of test/merge/diffs.py in PostgreSQL, and its own"""
import json
import os
import re
import sqlite3
import sys
import threading
import time
import unittest

import pgtest
import zdbtest
from zdbtest import sql_text

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "merge"))
import diffs  # noqa: E402


def call_of(path, options=None):
    text = "" if options is None else ", " + sql_text(
        options if isinstance(options, str) else json.dumps(options))
    return f"zdb_diff({sql_text(path)}{text})"


class Diff(pgtest.Case):

    def diff(self, database, path, options=None, user="postgres", before=()):
        output = self.psql(database, *before,
                           "SELECT row_to_json(d) FROM "
                           f"{call_of(path, options)} d", user=user)
        return [json.loads(line) for line in output.split("\n") if line]

    def pair(self, schema, load, live=None, live_schema=None):
        path = self.path("b.sql.gz")
        self.database("source")
        self.psql("source", diffs.in_engine("postgres", schema), load or "")
        self.call("source", "zdb_backup_to", path, None, {"overwrite": True})
        self.database("live")
        self.psql("live", diffs.in_engine("postgres", live_schema or schema),
                  (load if live is None else live) or "")
        return path

    def test_by_name(self):
        for one in diffs.CASES:
            if "postgres" not in one["engines"]:
                continue
            with self.subTest(one["name"]):
                path = self.pair(one["schema"], one["load"], one["live"],
                                 one["live_schema"])
                self.psql("live", one["change"])
                before = self.cluster.dump("live")
                rows = self.diff("live", path, one["options"])
                diffs.check(self, one, rows)
                self.assertEqual(diffs.summed(self.diff(
                    "live", path, {**(one["options"] or {}),
                                   "summary": True})), diffs.counts(rows))
                self.assertEqual(self.cluster.dump("live"), before)
        self.nothing_left()

    def test_errors(self):
        path = self.pair("CREATE TABLE t(id int PRIMARY KEY, a text)",
                         "INSERT INTO t VALUES (1, 'x'), (2, 'x')")
        for options, text in diffs.ERRORS + [
                ({"schema": "x"}, 'unknown key "schema" in the options')]:
            with self.subTest(str(options)):
                self.fails("live", "SELECT * FROM " + call_of(
                    path, json.dumps(options)), text=text)
        self.fails("live", f"SELECT * FROM {call_of(path + '.no')}",
                   text="b.sql.gz.no", code="58P01")
        schema = self.path("schema.sql.gz")
        self.call("live", "zdb_backup_to", schema, None, {"type": "schema"})
        for function in (f"zdb_diff('{schema}')",
                         f"zdb_rows(NULL::t, '{schema}')"):
            self.fails("live", f"SELECT * FROM {function}", code="22023",
                       text="holds a schema without rows")
        self.fails("live", "SELECT * FROM zdb_diff(NULL)",
                   text="the path is null", code="22004")
        self.fails("live", "BEGIN READ ONLY",
                   f"SELECT * FROM {call_of(path)}", code="25006",
                   text="zdb_diff() in a read-only transaction")
        self.assertEqual(self.diff("live", path), [])

    def test_a_bad_update_on_thursday(self):
        """Found, and only what it did brought back, in one statement."""
        self.cluster.create("shop", "shop.sql")
        self.psql("shop", "CREATE EXTENSION IF NOT EXISTS zdbackup")
        path = self.path("b.sql.gz")
        self.call("shop", "zdb_backup_to", path)
        self.assertEqual(self.diff("shop", path), [])
        self.psql("shop", "UPDATE users SET name = 'oops' WHERE id LIKE '%7'",
                  "INSERT INTO users(id, email, created_at)"
                  " VALUES ('new', 'new@x', now())")
        found = diffs.counts(self.diff("shop", path))
        self.assertEqual(found.pop(("users", "only_live")), 1)
        (key, count), = found.items()
        self.assertEqual(key, ("users", "changed"))
        self.assertGreater(count, 5)
        table, = json.loads(self.psql("shop", f"""
            SELECT zdb_merge_from('{path}', jsonb_build_object('tables',
                jsonb_build_object('users', jsonb_build_object('on_match',
                'overwrite', 'rows', jsonb_agg(key)), '*', false))) ->
                'tables' FROM {call_of(path)} WHERE kind = 'changed'"""))
        self.assertEqual((table["updated"], table["inserted"]), (count, 0))
        self.assertEqual([r["kind"] for r in self.diff("shop", path)],
                         ["only_live"])

    TYPES = """CREATE TYPE mood AS ENUM ('sad', 'ok');
        CREATE TYPE pair AS (a int, b text);
        CREATE TABLE t(id int PRIMARY KEY, f float8, n numeric, b bytea,
            j json, jb jsonb, ts timestamptz, a int[], m mood, p pair,
            u uuid, x xml, c char(4), bits bit(3), i interval)"""

    def test_types(self):
        """Equal is what the type calls so; json has its text."""
        self.cluster.create("live")
        path = self.pair(self.TYPES, """INSERT INTO t VALUES
            (1, 'NaN', 'NaN', '\\x00ff', '{"a":1}', '{"a":1}',
             '2025-09-01 12:00Z', '{1,NULL}', 'sad', '(1,x)', NULL, '<a/>',
             'ab', '101', '1 day'),
            (2, -0.0, 1.0, '', '{"u":"\\u0000"}', '{"b":[]}', 'infinity',
             '{}', NULL, NULL, '00000000-0000-0000-0000-000000000001', NULL,
             '', NULL, NULL)""")
        self.psql("live", "UPDATE t SET f = 0.0, n = 1.00, jb = '{ \"b\": []}'"
                  " WHERE id = 2")
        self.assertEqual(self.diff("live", path), [])
        self.psql("live", """UPDATE t SET f = 'Infinity', n = 0.1,
            b = '\\x00fe', j = '{"a": 1}', jb = '{"a":2}',
            ts = '2025-09-01 13:00Z', a = '{1,2}', m = 'ok', p = '(1,)',
            u = '00000000-0000-0000-0000-000000000002', x = '<b/>',
            c = 'abc', bits = '100', i = '25 hours' WHERE id = 1;
            UPDATE t SET j = '{"v":"\\u0000"}' WHERE id = 2""")
        one, two = self.diff("live", path, before=["SET timezone = 'UTC'"])
        self.assertEqual(one["columns"], "f n b j jb ts a m p u x c bits i"
                         .split())
        self.assertEqual(
            (one["live"]["f"], one["backup"]["f"], one["backup"]["n"],
             one["live"]["n"], one["backup"]["b"], one["backup"]["j"],
             one["live"]["a"], one["live"]["p"], one["backup"]["u"]),
            ("Infinity", "NaN", "NaN", 0.1, "\\x00ff", {"a": 1}, [1, 2],
             {"a": 1, "b": None}, None))
        self.assertEqual((two["columns"], two["live"]),
                         (["j"], {"j": {"v": "\0"}}))

    def test_types_without_an_equality_that_is_found(self):
        """Those of extensions have it in another schema; or there is none"""
        schema = """CREATE EXTENSION IF NOT EXISTS hstore;
            CREATE EXTENSION IF NOT EXISTS ltree;
            CREATE TYPE doc AS (j json);
            CREATE DOMAIN note AS json; CREATE DOMAIN amount AS numeric;
            CREATE TABLE t(id int PRIMARY KEY, h hstore, hs hstore[],
                l ltree, js json[], p point[], d doc[], n note[],
                a amount[])"""
        self.cluster.create("live")
        path = self.pair(schema, """INSERT INTO t VALUES (1, 'a=>1',
            '{a=>1}', 'a.b', ARRAY['{}'::json], '{"(1,2)"}',
            ARRAY[ROW('{}')]::doc[], ARRAY['[]'::json], '{1.0}')""")
        self.psql("live", "UPDATE t SET a = '{1.00}'")
        self.assertEqual(self.diff("live", path), [])
        self.psql("live", """UPDATE t SET h = 'a=>2', hs = '{a=>2}',
            l = 'a.c', js = ARRAY['1'::json], p = '{"(1,3)"}',
            d = ARRAY[ROW('1')]::doc[], n = ARRAY['2'::json], a = '{2}'""")
        one, = self.diff("live", path)
        self.assertEqual(one["columns"], "h hs l js p d n a".split())
        self.call("live", "zdb_merge_from", path, {"on_match": "overwrite"})
        self.assertEqual(self.diff("live", path), [])

    def test_keys_are_equal_as_an_extension_says(self):
        """In its schema, which no search path has"""
        schema = """CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext;
            CREATE EXTENSION ltree SCHEMA ext;
            CREATE DOMAIN address AS ext.citext;
            CREATE TABLE people(id int PRIMARY KEY, email address, n int,
                UNIQUE (email));
            CREATE TABLE words(w ext.citext PRIMARY KEY, n int);
            CREATE TABLE uses(id int PRIMARY KEY,
                w ext.citext REFERENCES words);
            CREATE TABLE tree(path ext.ltree PRIMARY KEY, n int,
                up ext.ltree REFERENCES tree)"""
        self.cluster.create("live")
        path = self.pair(schema, """INSERT INTO people VALUES (1, 'Ann', 1),
            (2, 'Bob', 2); INSERT INTO words VALUES ('One', 1), ('Two', 2);
            INSERT INTO uses VALUES (1, 'ONE'), (2, 'two');
            INSERT INTO tree VALUES ('a', 1, NULL), ('a.b', 2, 'a'),
            ('a.c', 3, 'a')""")
        self.psql("live", """UPDATE people SET id = 7, email = 'ANN', n = 5
            WHERE id = 1; UPDATE words SET n = 5 WHERE n = 1;
            DELETE FROM uses; DELETE FROM words WHERE n = 2;
            UPDATE words SET w = 'oNE';
            DELETE FROM tree WHERE n = 3; UPDATE tree SET n = 5 WHERE n = 2""")
        rows = self.diff("live", path, {"tables": {
            "*": True, "people": {"key": ["email"]}}})
        self.assertEqual(sorted((r["table"], r["kind"], r["columns"])
                                for r in rows), sorted([
            ("people", "changed", ["email", "n"]), ("words", "changed", ["n"]),
            ("words", "only_backup", None), ("uses", "only_backup", None),
            ("uses", "only_backup", None), ("tree", "changed", ["n"]),
            ("tree", "only_backup", None)]))
        self.call("live", "zdb_merge_from", path, {
            "on_match": "overwrite", "tables": {"people": {"key": ["email"]}}})
        self.assertEqual(self.psql(
            "live", "TABLE people ORDER BY n", "TABLE words ORDER BY n",
            "SELECT id, lower(w::text) FROM uses ORDER BY id",
            "TABLE tree ORDER BY n"),
            "7|Ann|1\n2|Bob|2\noNE|1\nTwo|2\n1|one\n2|two\n"
            "a|1|\na.b|2|a\na.c|3|a")

    def test_keys_of_any_type(self):
        """They select in a merge what the comparison meant."""
        path = self.pair(
            "CREATE TABLE t(a timestamptz, b numeric, c bytea, v int,"
            " PRIMARY KEY (a, b, c))",
            "INSERT INTO t VALUES ('2025-09-01 12:00:00.25Z', 1.50, '\\x27', 0),"
            " ('-infinity', 'NaN', '', 0), ('now', 1e30, '\\xff', 0)")
        self.psql("live", "DELETE FROM t", "INSERT INTO t VALUES"
                  " ('2025-09-01 12:00:00.25Z', 1.50, '\\x27', 1),"
                  " ('-infinity', 'NaN', '', 1)")
        keys = [r["key"] for r in self.diff("live", path)
                if r["kind"] == "changed"]
        self.assertEqual(len(keys), 2)
        table, = self.call("live", "zdb_merge_from", path, {
            "tables": {"t": {"on_match": "overwrite", "rows": keys}}})["tables"]
        self.assertEqual((table["updated"], table["left_out"]), (2, 1))
        self.assertEqual([r["kind"] for r in self.diff("live", path)],
                         ["only_backup"])

    def test_operators_of_others_are_not_called(self):
        """Whoever may create one could have a superuser call it."""
        path = self.pair(
            "CREATE TABLE t(k varchar(9) PRIMARY KEY, m text, d date)",
            "INSERT INTO t VALUES ('a', 'x', 'now'), ('b', 'x', 'now')")
        self.psql("live", "UPDATE t SET m = 'y' WHERE k = 'b'",
                  "CREATE SCHEMA others",
                  *("CREATE FUNCTION %s.never(%s, %s) RETURNS bool"
                    " LANGUAGE plpgsql AS 'BEGIN RAISE ''called''; END';"
                    " CREATE OPERATOR %s.= (FUNCTION = %s.never,"
                    " LEFTARG = %s, RIGHTARG = %s)" % (
                        schema, name, name, schema, schema, name, name)
                    for schema in ("others", "public")
                    for name in ("varchar", "text", "date")))
        found, = self.diff("live", path)
        self.assertEqual(found["key"], {"k": "b"})
        report = self.call("live", "zdb_merge_from", path, "overwrite")
        self.assertEqual((report["updated"], report["identical"]), (1, 1))

    def test_numbers_in_keys(self):
        """They come back digit by digit."""
        path = self.pair(
            "CREATE TABLE t(n numeric, f float8, v int, PRIMARY KEY (n, f))",
            "INSERT INTO t VALUES (10.55, 0.1, 0), (1e-20, 1e300, 0),"
            " (-123456789012345678901234567890.123, 123456789.12345679, 0),"
            " (18446744073709551615, 'NaN', 0)")
        policy = ("(SELECT jsonb_build_object('tables', jsonb_build_object("
                  "'t', jsonb_build_object('on_match', 'overwrite', 'rows',"
                  f" jsonb_agg(key)))) FROM zdb_diff('{path}'))")
        options = ("jsonb_build_object('strategy', 'merge', 'policy', "
                   f"{policy})")
        for call in (f"zdb_merge_from('{path}', {policy})",
                     f"zdb_restore_from('{path}', {options})"):
            self.psql("live", "UPDATE t SET v = 1")
            report = json.loads(self.psql("live", f"SELECT {call}"))
            self.assertEqual((report["updated"], report["left_out"]), (4, 0))

    def test_schemas_and_partitions(self):
        path = self.pair(
            "CREATE SCHEMA s; CREATE TABLE s.t(id int PRIMARY KEY, a text);"
            " CREATE TABLE t(id int PRIMARY KEY, a text);"
            " CREATE TABLE p(id int PRIMARY KEY, a text) PARTITION BY RANGE"
            " (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9);"
            " CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (9) TO (99)",
            "INSERT INTO s.t VALUES (1, 'x'); INSERT INTO t VALUES (1, 'x');"
            " INSERT INTO p VALUES (1, 'x'), (50, 'x')")
        self.psql("live", "UPDATE s.t SET a = 'y'", "UPDATE p SET a = 'y'"
                  " WHERE id = 50")
        self.assertEqual([(r["table"], r["key"])
                          for r in self.diff("live", path)],
                         [("p", {"id": 50}), ("s.t", {"id": 1})])
        for name in ("s.t", "p"):
            found, = self.diff("live", path, {"tables": [name]})
            self.assertEqual(found["table"], name)

    def test_tables_of_one_name(self):
        """What is said of one is not done to the other."""
        path = self.pair(
            "CREATE SCHEMA s; CREATE TABLE s.t(id int PRIMARY KEY, a text);"
            " CREATE TABLE t(id int PRIMARY KEY, a text)",
            "INSERT INTO s.t VALUES (1, 'x'); INSERT INTO t VALUES (1, 'x')")
        self.psql("live", "UPDATE s.t SET a = 'y'", "UPDATE t SET a = 'y'")
        rule = {"on_match": "overwrite", "rows": [{"id": 1}]}
        self.fails("live", "SELECT zdb_merge_from('%s', '%s')" % (
            path, json.dumps({"tables": {"*": False, "t": rule}})),
            text='could be those of several tables: write "public.t"')
        for only in ({"public.t": rule, "*": False},
                     {"public.t": rule, "t": False},
                     {"t": rule, "s.t": False}):
            self.psql("live", "UPDATE t SET a = 'y'")
            self.call("live", "zdb_merge_from", path, {"tables": only})
            found, = self.diff("live", path)
            self.assertEqual(found["table"], "s.t")
        self.assertEqual(self.diff("live", path,
                                   {"tables": {"s.t": False, "t": True}}), [])

    def test_who_may(self):
        path = self.pair("CREATE TABLE t(id serial PRIMARY KEY, a text);"
                         " CREATE TABLE other(id int PRIMARY KEY)",
                         "INSERT INTO t(a) VALUES ('x')")
        self.psql("live", "DROP ROLE IF EXISTS reader", "CREATE ROLE reader"
                  " LOGIN", "UPDATE t SET a = 'y'")
        sql = f"SELECT * FROM {call_of(path, {'tables': ['t']})}"
        self.fails("live", sql, user="reader", code="42501",
                   text="permission denied for function")
        self.psql("live", "GRANT EXECUTE ON FUNCTION zdb_diff TO reader")
        self.fails("live", sql, user="reader", code="42501",
                   text="permission denied to read a file of the server")
        self.psql("live", "GRANT pg_read_server_files TO reader")
        self.fails("live", sql, user="reader",
                   text='table "t": you may not select its rows')
        self.psql("live", "GRANT SELECT ON t TO reader")
        found, = self.diff("live", path, {"tables": ["t"]}, user="reader")
        self.assertEqual(found["live"], {"a": "y"})
        self.fails("live", f"SELECT * FROM {call_of(path)}", user="reader",
                   text='table "other": you may not select its rows')
        self.psql("live", "ALTER TABLE t ENABLE ROW LEVEL SECURITY")
        self.fails("live", sql, user="reader",
                   text="row-level security hides rows from you")
        self.psql("live", "DROP OWNED BY reader", "DROP ROLE reader")

    def test_nobody_waits(self):
        """It takes no lock that writers hold, and sees one moment."""
        path = self.pair("CREATE TABLE t(id int PRIMARY KEY, a text)",
                         "INSERT INTO t VALUES (1, 'x')")
        writer, reader = self.session("live"), self.session("live")
        writer("BEGIN")
        writer("UPDATE t SET a = 'y'")
        writer("LOCK TABLE t IN EXCLUSIVE MODE")
        summary = call_of(path, {"summary": True})
        self.assertEqual(reader(f"SELECT kind, rows FROM {summary}"), "same|1")
        reader("BEGIN ISOLATION LEVEL REPEATABLE READ")
        reader("SELECT * FROM t")
        writer("COMMIT")
        self.assertEqual(reader(f"SELECT kind, rows FROM {summary}"), "same|1")
        self.assertEqual(reader("SELECT count(*) FROM pg_locks WHERE pid ="
                                " pg_backend_pid() AND relation = 't'::regclass"
                                " AND mode <> 'AccessShareLock'"), "0")
        reader("COMMIT")
        self.assertEqual(reader(f"SELECT kind FROM {summary}"),
                         "same\nchanged")

    def test_nothing_is_left(self):
        """In one transaction with other work, also after an error."""
        path = self.pair("CREATE TABLE t(id int PRIMARY KEY, a text)",
                         "INSERT INTO t VALUES (1, 'x')")
        session = self.session("live")
        session("SELECT zdb_version()")
        session("BEGIN")
        session("UPDATE t SET a = 'mine'")
        settings = "SELECT name, setting FROM pg_settings ORDER BY 1"
        before = session(settings)
        self.assertIn("mine", session(f"SELECT * FROM {call_of(path)}"))
        session("SAVEPOINT s")
        self.assertIn("unknown key", session(
            f"SELECT * FROM {call_of(path, {'x': 1})}"))
        session("ROLLBACK TO s")
        self.assertEqual(session("SELECT count(*) FROM pg_class WHERE relname"
                                 " LIKE 'zdb:%'"), "0")
        self.assertEqual(session(settings), before)
        self.assertIn("mine", session(
            f"SELECT * FROM {call_of(path)} a, {call_of(path)} b"))
        session("COMMIT")
        self.assertEqual(self.psql("live", "SELECT a FROM t"), "mine")
        self.nothing_left()

    def big(self, rows):
        self.database("big")
        self.psql("big", f"""
            CREATE TABLE users(id int PRIMARY KEY, email text UNIQUE,
                name text);
            CREATE TABLE notes(id int PRIMARY KEY,
                user_id int REFERENCES users, body text);
            INSERT INTO users SELECT n, 'user' || n || '@example.org',
                'name of ' || n FROM generate_series(1, {rows}) n;
            INSERT INTO notes SELECT id, id, 'a note of ' || name FROM
                users""")
        path = self.path("big.sql.gz")
        self.call("big", "zdb_backup_to", path)
        return path

    @unittest.skipIf("SANITIZED" in os.environ, "they want memory, too")
    def test_memory_is_flat(self):
        """1,000,000 rows, of which many differ."""
        path = self.big(500000)
        self.psql("big", "UPDATE notes SET body = '' WHERE id % 3 = 0",
                  "DELETE FROM notes WHERE id % 7 = 0", "VACUUM ANALYZE")
        session = self.session("big")

        def private():
            with open(f"/proc/{session.pid}/status") as file:
                return int(re.search(r"RssAnon:\s+(\d+)", file.read()).group(1))

        session("SET max_parallel_workers_per_gather = 0")
        session("SELECT count(*) FROM notes")
        before, peak = private(), [0]
        session.send("SELECT count(*), count(live) FROM " + call_of(path))
        reading = threading.Thread(target=lambda: peak.append(
            session.result()))
        reading.start()
        while reading.is_alive():
            peak[0] = max(peak[0], private())
            time.sleep(0.01)
        self.assertEqual(peak[1], f"{71428 + 166666 - 23809}|"
                         f"{166666 - 23809}")
        self.assertLess(peak[0] - before, 64 << 10)

    def test_cancelled(self):
        path = self.big(30000)
        cancelled = 0
        for ms in (20, 60, 120, 200, 300, 400):
            session = self.session("big")
            session(f"SET statement_timeout = {ms}")
            said = session(f"SELECT count(*) FROM {call_of(path)}")
            cancelled += "statement timeout" in said
            session("SET statement_timeout = 0")
            self.assertEqual(session("SELECT count(*) FROM pg_class WHERE"
                                     " relname LIKE 'zdb:%'"), "0")
        self.assertGreater(cancelled, 2)
        self.assertEqual(self.diff("big", path), [])
        self.nothing_left()

    def test_damage(self):
        path = self.big(20000)
        zdbtest.damage(path, os.path.getsize(path) // 2)
        self.fails("big", f"SELECT * FROM {call_of(path)}",
                   text="is damaged: chunk", code="XX001")
        with open(path, "rb") as whole, open(path + ".cut", "wb") as cut:
            cut.write(whole.read()[:50000])
        self.fails("big", f"SELECT * FROM {call_of(path + '.cut')}",
                   text="big.sql.gz.cut")
        self.nothing_left()

    def test_an_encrypted_backup(self):
        path = self.pair("CREATE TABLE t(id int PRIMARY KEY, a text)",
                         "INSERT INTO t VALUES (1, 'x')")
        word = self.path("word")
        with open(word, "w") as file:
            file.write("a long passphrase\n")
        os.chmod(word, 0o600)
        os.chown(word, os.stat(self.cluster.dir + "/data").st_uid, -1)
        self.call("source", "zdb_backup_to", path + ".age", None,
                  {"passphrase_file": word})
        self.psql("live", "UPDATE t SET a = 'y'")
        self.fails("live", f"SELECT * FROM {call_of(path + '.age')}",
                   text="encrypted")
        found, = self.diff("live", path + ".age", before=[
            f"SET zdbackup.passphrase_file = '{word}'"])
        self.assertEqual(found["backup"], {"a": "x"})

    def test_from_sqlite(self):
        """A file's values, as they would be merged."""
        path = self.path("app.db")
        con = zdbtest.connect(path)
        con.executescript("""
            CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE,
                ok BOOLEAN, made DATETIME);
            CREATE TABLE "notes"(id INTEGER PRIMARY KEY, user_id INTEGER
                REFERENCES users, price REAL);
            INSERT INTO users VALUES (1, 'a', 1, 1756000000000),
                (2, 'b', 0, NULL);
            INSERT INTO notes VALUES (1, 1, 3.82), (2, 2, 1)""")
        con.close()
        self.database("live")
        self.psql("live", """
            CREATE TABLE users(id serial PRIMARY KEY, email text UNIQUE,
                ok boolean, made timestamptz);
            CREATE TABLE notes(id int PRIMARY KEY, user_id int REFERENCES
                users, price numeric);
            INSERT INTO users VALUES (7, 'a', true,
                '2025-08-24 01:46:40Z'), (8, 'b', false, NULL);
            INSERT INTO notes VALUES (1, 7, 3.82), (2, 8, 1)""")
        self.assertEqual(self.diff("live", path), [])
        self.psql("live", "UPDATE users SET ok = true, made = now()"
                  " WHERE id = 8", "UPDATE notes SET user_id = 7")
        notes, users = self.diff("live", path)
        self.assertEqual((notes["key"], notes["live"], notes["backup"]),
                         ({"id": 2}, {"user_id": 7}, {"user_id": 8}))
        self.assertEqual((users["key"], users["columns"], users["backup"]),
                         ({"email": "b"}, ["ok", "made"],
                          {"ok": False, "made": None}))
        with sqlite3.connect(path) as con:
            con.execute("CREATE TABLE more(id)")
        self.assertEqual(self.diff("live", path)[0]["kind"],
                         "table_only_backup")


pgtest.main()
