"""zdb_diff: every case of test/merge/diffs.py in SQLite, and SQLite's own"""
import json
import os
import sqlite3
import subprocess
import sys
import threading

import zdbtest
from zdbtest import call

sys.path.insert(0, os.path.join(zdbtest.ROOT, "test", "merge"))
import diffs  # noqa: E402

STORY = """CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE,
        plan TEXT);
    CREATE TABLE notes(id INTEGER PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users, body TEXT);
    INSERT INTO users SELECT value, 'u' || value || '@x', 'paid'
        FROM generate_series(1, 1000);
    INSERT INTO notes SELECT value, value, 'n' FROM generate_series(1, 1000)"""


class Diff(zdbtest.Case):

    def pair(self, schema, load, live=None, live_schema=None):
        for name in ("backup.db", "live.db", "b.db.gz"):
            if os.path.exists(name):
                os.unlink(name)
        source = self.open("backup.db")
        source.executescript(diffs.in_engine("sqlite", schema) + ";" + load)
        call(source, "zdb_backup_to", "b.db.gz", "gzip")
        con = self.open("live.db")
        con.executescript(diffs.in_engine("sqlite", live_schema or schema)
                          + ";" + (load if live is None else live))
        return con

    def diff(self, con, options=None, path="b.db.gz"):
        rows = zdbtest.rows(con, "zdb_diff", path,
                            *([] if options is None else
                              [json.dumps(options)]))
        for row in rows:
            for name in ("key", "columns", "live", "backup"):
                if row[name] is not None:
                    row[name] = json.loads(row[name])
        return rows

    def fails(self, con, *args, text="", code=sqlite3.Error):
        with self.assertRaises(code) as caught:
            zdbtest.rows(con, "zdb_diff", *args)
        self.assertIn(text, str(caught.exception))
        return str(caught.exception)

    def test_by_name(self):
        for one in diffs.CASES:
            if "sqlite" not in one["engines"]:
                continue
            with self.subTest(one["name"]):
                con = self.pair(one["schema"], one["load"], one["live"],
                                one["live_schema"])
                con.executescript(one["change"])
                before = zdbtest.contents(con)
                rows = self.diff(con, one["options"])
                diffs.check(self, one, rows)
                self.assertEqual(diffs.summed(self.diff(
                    con, {**(one["options"] or {}), "summary": True})),
                    diffs.counts(rows))
                self.assertEqual(zdbtest.contents(con), before)
        self.no_temporary_files()

    def test_errors(self):
        con = self.pair("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)",
                        "INSERT INTO t VALUES (1, 'x'), (2, 'x')")
        for options, text in diffs.ERRORS + [
                ({"schema": "nope"}, 'no such database: "nope"'),
                ({"schema": 1}, 'option "schema" must be a text')]:
            with self.subTest(str(options)):
                self.fails(con, "b.db.gz", json.dumps(options), text=text)
        self.fails(con, "b.db.gz", "{", text="the options are not JSON")
        self.fails(con, "b.db.gz", 5, text="options must be a text")
        self.fails(con, "nope.db", text='"nope.db"',
                   code=sqlite3.OperationalError)
        self.fails(con, text="zdb_diff needs the path")
        call(con, "zdb_backup_to", "s.sql.gz", None, {"type": "schema"})
        self.fails(con, "s.sql.gz", text="holds a schema without rows")
        self.assertEqual(self.diff(con), [])

    def test_a_bad_update_on_thursday(self):
        """Found, and only what it did brought back; then all is equal."""
        source = self.open("app.db")
        source.executescript(STORY.replace(
            "generate_series(1, 1000)", "(WITH RECURSIVE s(value) AS (SELECT 1"
            " UNION ALL SELECT value + 1 FROM s WHERE value < 1000) SELECT *"
            " FROM s)"))
        call(source, "zdb_backup_to", "b.db.gz")
        source.executescript(
            "UPDATE users SET plan = 'free' WHERE id % 100 = 7;"
            "DELETE FROM notes WHERE id = 5; DELETE FROM users WHERE id = 5;"
            "INSERT INTO users VALUES (2000, 'new@x', 'paid')")
        found = self.diff(source)
        self.assertEqual(diffs.counts(found), {
            ("users", "changed"): 10, ("users", "only_backup"): 1,
            ("users", "only_live"): 1, ("notes", "only_backup"): 1})
        policy = source.execute(
            "SELECT json_object('tables', json_object('users', json_object("
            "'on_match', 'overwrite', 'rows', json_group_array(json(key))),"
            " '*', json('false'))) FROM zdb_diff('b.db.gz') WHERE kind ="
            " 'changed' AND \"table\" = 'users'").fetchone()[0]
        report = call(source, "zdb_merge_from", "b.db.gz", policy)
        self.assertEqual(report["policy"]["tables"]["users"]["rows"], 10)
        table, = report["tables"]
        self.assertEqual((table["updated"], table["inserted"],
                          table["left_out"]), (10, 0, 1))
        self.assertEqual([r["kind"] for r in self.diff(source)],
                         ["only_backup", "only_live", "only_backup"])
        self.assertEqual(source.execute("SELECT count(*) FROM users WHERE"
                                        " plan = 'free'").fetchone(), (0,))
        self.assertEqual(self.diff(source, {"tables": {"*": True}})[0]["key"],
                         {"id": 5})

    def test_values(self):
        """What is equal for SQLite is equal, and what is shown is exact."""
        con = self.pair(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
            "INSERT INTO t VALUES (1, 0.1), (2, x'00ff'), (3, 1), (4, '1'),"
            " (5, -0.0), (6, 1e999), (7, 9223372036854775807), (8, x''),"
            " (9, 0.1), (10, 2), (11, 1e308), (12, -1e999), (13, x'61')")
        con.executescript(
            "UPDATE t SET v = 0.1 + 0.2 WHERE id = 1;"
            "UPDATE t SET v = x'00fe' WHERE id = 2;"
            "UPDATE t SET v = '1' WHERE id = 3; UPDATE t SET v = 1.5"
            " WHERE id = 4; UPDATE t SET v = 0 WHERE id = 5;"
            "UPDATE t SET v = -1e999 WHERE id = 6;"
            "UPDATE t SET v = 9223372036854775806 WHERE id = 7;"
            "UPDATE t SET v = '' WHERE id = 8; UPDATE t SET v = 2.0 WHERE"
            " id = 10; UPDATE t SET v = 'a' WHERE id = 13")
        found = {r["key"]["id"]: (r["live"]["v"], r["backup"]["v"])
                 for r in self.diff(con)}
        self.assertEqual(found, {
            1: (0.30000000000000004, 0.1), 2: ("X'00FE'", "X'00FF'"),
            3: ("1", 1), 4: (1.5, "1"), 6: ("-Inf", "Inf"),
            7: (9223372036854775806, 9223372036854775807), 8: ("", "X''"),
            13: ("a", "X'61'")})

    def test_other_types(self):
        """A value is what it would be in the live column."""
        con = self.pair(
            "CREATE TABLE t(k TEXT PRIMARY KEY, v TEXT, w, x INTEGER)",
            "INSERT INTO t VALUES ('05', '1', '1', 1), ('6', 'a', 2, 2)",
            "INSERT INTO t VALUES (5, 1, '1', '1'), (6, 'a', '2', '3')",
            "CREATE TABLE t(k INTEGER PRIMARY KEY, v REAL, w TEXT, x TEXT)")
        found, = self.diff(con)
        self.assertEqual((found["key"], found["live"], found["backup"]),
                         ({"k": 6}, {"x": "3"}, {"x": "2"}))

    def test_keys_of_any_type(self):
        """They select in a merge what the comparison meant."""
        con = self.pair(
            "CREATE TABLE t(k PRIMARY KEY, v) WITHOUT ROWID",
            "INSERT INTO t VALUES (1, 0), (2.5, 0), (x'00ff', 0), ('X''00FF"
            "''', 0), ('1', 0), ('q\"''\\', 0)")
        con.execute("UPDATE t SET v = 1 WHERE k <> 1")
        keys = [r["key"] for r in self.diff(con)]
        self.assertEqual([k["k"] for k in keys],
                         [2.5, "1", "X'00FF'", "q\"'\\", "X'00FF'"])
        report = call(con, "zdb_merge_from", "b.db.gz", {
            "tables": {"t": {"on_match": "overwrite", "rows": keys}}})
        self.assertEqual(report["tables"][0]["updated"], 5)
        self.assertEqual(self.diff(con), [])

    def test_keys_that_are_real(self):
        """With all their digits, and infinite ones."""
        con = self.pair(
            "CREATE TABLE t(k REAL PRIMARY KEY, v)",
            "INSERT INTO t VALUES (0.3, 0), (0.1 + 0.2, 0), (9e999, 0),"
            " (-9e999, 0), (2460000.123456789, 0)")
        con.execute("UPDATE t SET v = 1 WHERE k <> 0.3")
        keys = [r["key"] for r in self.diff(con)]
        self.assertEqual(sorted(k["k"] for k in keys if
                                isinstance(k["k"], float)),
                         [0.1 + 0.2, 2460000.123456789])
        report = call(con, "zdb_merge_from", "b.db.gz", {
            "tables": {"t": {"on_match": "overwrite", "rows": keys}}})
        self.assertEqual(report["tables"][0]["updated"], 4)
        self.assertEqual(self.diff(con), [])

    def test_wherever_one_may_read(self):
        """Read-only, in a transaction, in memory, attached, UTF-16."""
        con = self.pair("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)",
                        "INSERT INTO t VALUES (1, 'é')")
        con.executescript("PRAGMA query_only = 1")
        self.assertEqual(self.diff(con), [])
        con.executescript("PRAGMA query_only = 0; BEGIN; UPDATE t SET a = 'b'")
        self.assertEqual(self.diff(con)[0]["live"], {"a": "b"})
        con.execute("ROLLBACK")
        self.assertEqual(self.diff(con), [])
        os.chmod("live.db", 0o444)
        read = self.open("file:live.db?mode=ro", uri=True)
        self.assertEqual(self.diff(read), [])
        memory = self.open(":memory:")
        memory.executescript("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT);"
                             "ATTACH 'live.db' AS other")
        self.assertEqual(self.diff(memory)[0]["backup"], {"id": 1, "a": "é"})
        self.assertEqual(self.diff(memory, {"schema": "other"}), [])
        wide = self.open("wide.db")
        wide.executescript("PRAGMA encoding = 'UTF-16'; CREATE TABLE t(id"
                           " INTEGER PRIMARY KEY, a TEXT); INSERT INTO t"
                           " VALUES (1, 'é')")
        call(wide, "zdb_backup_to", "wide.db.zst", "zstd")
        self.assertEqual(self.diff(wide), [])
        self.assertEqual(self.diff(con, path="wide.db.zst"), [])
        self.assertEqual(self.diff(con, path="wide.db"), [])
        self.no_temporary_files()

    def test_nothing_is_left(self):
        """No lock, no temporary table; also when not all rows are read."""
        con = self.pair("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)", "")
        con.executescript("INSERT INTO t SELECT value, 'x' FROM json_each('"
                          + json.dumps(list(range(5000))) + "')")
        cursor = con.execute("SELECT * FROM zdb_diff('b.db.gz')")
        cursor.fetchone()
        other = self.open("live.db")
        con.execute("CREATE TEMP TABLE mine(a)")
        self.assertEqual(con.execute("SELECT count(*) FROM temp.sqlite_schema"
                                     ).fetchone(), (1,))
        cursor.close()
        other.execute("DELETE FROM t WHERE id > 2")
        joined = con.execute(
            "SELECT d.rows, t.a FROM t JOIN zdb_diff('b.db.gz') d"
            " ON d.key->>'id' = t.id").fetchall()
        self.assertEqual(joined, [(1, "x")] * 3)
        self.no_temporary_files()
        descriptors = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            con.execute("SELECT * FROM zdb_diff('b.db.gz')").fetchone()
        self.assertLess(len(os.listdir("/proc/self/fd")), descriptors + 5)

    def test_an_application_s_own(self):
        """Collations are asked; functions are not there."""
        con = self.open("own.db")
        con.create_collation("mine", lambda a, b: (a.lower() > b.lower()) -
                             (a.lower() < b.lower()))
        con.create_function("mine", 1, str.lower, deterministic=True)
        con.executescript("CREATE TABLE t(id INTEGER PRIMARY KEY, email TEXT"
                          " COLLATE mine UNIQUE, a TEXT COLLATE mine);"
                          " INSERT INTO t VALUES (1, 'É', 'y'), (2, 'ž', 'y');"
                          "CREATE TABLE u(id INTEGER PRIMARY KEY, email TEXT);"
                          "CREATE UNIQUE INDEX i ON u(mine(email))")
        call(con, "zdb_backup_to", "b.db.gz")
        con.executescript("UPDATE t SET email = 'é', id = 7 WHERE id = 1;"
                          "UPDATE t SET a = 'Y' WHERE id = 2")
        self.fails(con, "b.db.gz", text="no such function: mine")
        rows = self.diff(con, {"tables": ["t"]})
        self.assertEqual([(r["key"], r["live"]) for r in rows],
                         [({"email": "É"}, {"email": "é"}),
                          ({"email": "ž"}, {"a": "Y"})])
        other = self.open("own.db")
        with self.assertRaisesRegex(sqlite3.Error, "no such collation"):
            self.diff(other)

    def test_not_from_a_schema(self):
        con = self.pair("CREATE TABLE t(id INTEGER PRIMARY KEY)", "")
        con.execute("CREATE VIEW v AS SELECT * FROM zdb_diff('b.db.gz')")
        with self.assertRaisesRegex(sqlite3.Error, "unsafe use"):
            con.execute("SELECT * FROM v").fetchall()

    def big(self, name, rows):
        con = self.open(name)
        con.executescript(
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE,"
            " name TEXT); CREATE TABLE notes(id INTEGER PRIMARY KEY, user_id"
            " INTEGER REFERENCES users, body TEXT);"
            f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s"
            f" WHERE n < {rows}) INSERT INTO users SELECT n, 'user' || n ||"
            " '@example.org', 'name of ' || n FROM s;"
            "INSERT INTO notes SELECT id, id, 'a note of ' || name FROM users")
        return con

    def test_memory_is_flat(self):
        """1,000,000 rows, of which many differ."""
        con = self.big("app.db", 500000)
        call(con, "zdb_backup_to", "b.db.gz")
        con.executescript("UPDATE notes SET body = '' WHERE id % 3 = 0;"
                          "DELETE FROM notes WHERE id % 7 = 0")
        con.close()
        program = (
            "import resource, sys; sys.path.insert(0, sys.argv[1])\n"
            "import zdbtest\n"
            "con = zdbtest.connect('app.db')\n"
            "con.execute('SELECT count(*) FROM notes').fetchone()\n"
            "peak = lambda: resource.getrusage("
            "resource.RUSAGE_SELF).ru_maxrss\n"
            "before = peak()\n"
            "n = sum(1 for row in con.execute("
            "\"SELECT * FROM zdb_diff('b.db.gz')\"))\n"
            "print(n, peak() - before)\n")
        rows, grown = map(int, subprocess.check_output(
            ["/usr/bin/python3", "-c", program,
             os.path.join(zdbtest.ROOT, "test", "sqlite")]).split())
        self.assertEqual(rows, 71428 + 166666 - 23809)
        self.assertLess(grown, 64 << 10)
        self.no_temporary_files()

    def test_interrupted(self):
        con = self.big("app.db", 60000)
        call(con, "zdb_backup_to", "b.db.gz")
        before, stopped = zdbtest.contents(con), 0
        for delay in (0.02, 0.1, 0.2, 0.3, 0.5):
            timer = threading.Timer(delay, con.interrupt)
            timer.start()
            try:
                con.execute("SELECT * FROM zdb_diff('b.db.gz')").fetchall()
            except sqlite3.OperationalError as error:
                self.assertIn("interrupted", str(error))
                stopped += 1
            timer.join()
        self.assertGreater(stopped, 1)
        self.assertEqual(zdbtest.contents(con), before)
        self.assertEqual(self.diff(con), [])
        self.no_temporary_files()

    def test_damage(self):
        con = self.big("app.db", 20000)
        call(con, "zdb_backup_to", "b.db.gz")
        zdbtest.damage("b.db.gz", os.path.getsize("b.db.gz") // 3)
        self.assertRegex(self.fails(con, "b.db.gz",
                                    code=sqlite3.DatabaseError),
                         r'"b.db.gz" is damaged: chunk \d+')
        with open("cut.db.gz", "wb") as cut, open("b.db.gz", "rb") as whole:
            cut.write(whole.read()[:30000])
        self.fails(con, "cut.db.gz", text="cut.db.gz")
        self.no_temporary_files()

    def test_from_a_repository(self):
        con = self.pair("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)",
                        "INSERT INTO t VALUES (1, 'x')")
        call(con, "zdb_backup_to", "backups/one.db.gz")
        zdbtest.redate("backups/one.db.gz", "2025-09-03 12:00")
        con.execute("UPDATE t SET a = 'y'")
        call(con, "zdb_backup_to", "backups/two.db.gz")
        self.assertEqual(self.diff(con, path="backups/"), [])
        self.assertEqual(self.diff(con, {"at": "2025-09-04"}, "backups/")[0]
                         ["backup"], {"a": "x"})

    def test_an_encrypted_backup(self):
        con = self.pair("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)",
                        "INSERT INTO t VALUES (1, 'x')")
        with open("word", "w") as file:
            file.write("a long passphrase\n")
        os.chmod("word", 0o600)
        call(con, "zdb_backup_to", "b.db.gz.age", "gzip",
             {"passphrase_file": "word"})
        con.execute("UPDATE t SET a = 'y'")
        self.fails(con, "b.db.gz.age", text="encrypted")
        os.environ["ZDBACKUP_PASSPHRASE_FILE"] = os.path.abspath("word")
        try:
            self.assertEqual(self.diff(con, path="b.db.gz.age")[0]["backup"],
                             {"a": "x"})
        finally:
            del os.environ["ZDBACKUP_PASSPHRASE_FILE"]

    def test_from_postgres(self):
        """A script's values, as they would be merged."""
        con = self.open("notes.db")
        con.executescript(
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE,"
            " name TEXT); CREATE TABLE notes(id INTEGER PRIMARY KEY, user_id"
            " INTEGER NOT NULL REFERENCES users, body TEXT)")
        script = "notes.sql"
        with open(script, "w") as file:
            file.write(zdbtest.script("notes_postgres.sql"))
        self.assertEqual({r["kind"] for r in self.diff(con, path=script)},
                         {"only_backup"})
        call(con, "zdb_merge_from", script)
        self.assertEqual(self.diff(con, path=script), [])
        con.execute("UPDATE notes SET body = 'other'")
        found = self.diff(con, path=script)
        self.assertEqual({r["kind"] for r in found}, {"changed"})
        self.assertEqual(found[0]["live"], {"body": "other"})


zdbtest.main()
