"""PostgreSQL makes the tables of a SQLite database: the way up

What is made is compared with the file value by value, and what cannot be is
to stand in the report.
"""
import datetime
import json
import os
import re
import sqlite3

import pgtest

SHARED = os.path.join(pgtest.ROOT, "..", "shared", "data")
CREATE = {"create_missing": True}
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def moment(value):
    """What a value of SQLite means as a time."""
    if isinstance(value, str):
        value = value.replace("Z", "+00:00")
        found = datetime.datetime.fromisoformat(value)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    if isinstance(value, float) and value < 1e7:
        return EPOCH + datetime.timedelta(
            milliseconds=round((value - 2440587.5) * 86400000))
    unit = 1000 if abs(value) >= 10**11 else 1000000
    return EPOCH + datetime.timedelta(microseconds=round(value * unit))


def as_bytes(value):
    if isinstance(value, bytes):
        return value
    return (f"{value:.17g}" if isinstance(value, float)
            else str(value)).encode()


def same(value, kind, text):
    """Is the text of a PostgreSQL type that value of SQLite?"""
    if value is None or text is None:
        return value is None and text is None
    if kind == "boolean":
        return text == (value.lower() if isinstance(value, str)
                        else str(bool(value)).lower())
    if kind in ("double precision", "numeric") and isinstance(value, float):
        return float(text) == value
    if kind == "double precision":
        return float(text) == value
    if kind == "bytea":
        return bytes.fromhex(text[2:]) == as_bytes(value)
    if kind.startswith("timestamp") or kind == "date":
        return moment(text.replace("+00", "+00:00")) == moment(value)
    if kind.startswith("time"):
        return (datetime.time.fromisoformat(text)
                == datetime.time.fromisoformat(value.ljust(10, "0")
                                               if "." in value else value))
    if kind == "jsonb":
        return json.loads(text) == (json.loads(value) if
                                    isinstance(value, str) else value)
    if isinstance(value, bytes):
        return text == value.decode()
    if isinstance(value, float):
        return float(text) == value
    return text == str(value)


class WayUp(pgtest.Case):

    def sqlite(self, name, script):
        path = self.path(name)
        if os.path.exists(path):
            os.unlink(path)
        con = sqlite3.connect(path)
        con.executescript(script)
        con.commit()
        con.close()
        os.chmod(path, 0o644)
        return path

    def restore(self, path, options=CREATE):
        return self.call("live", "zdb_restore_from", path, options)

    def refused(self, script, text, code=None, options=CREATE):
        """A file that is refused changes nothing."""
        self.database("live")
        path = self.sqlite("bad.db", script)
        before = self.cluster.dump("live")
        error = self.fails("live", f"SELECT zdb_restore_from('{path}', "
                           + pgtest.sql_text(json.dumps(options)) + ")",
                           text=text, code=code)
        self.assertEqual(self.cluster.dump("live"), before)
        return error

    def columns(self, table):
        """Names and types, in their order."""
        name = pgtest.sql_text('"%s"' % table.replace('"', '""'))
        return json.loads(self.psql("live", f"""SELECT json_agg(
            json_build_array(attname, format_type(atttypid, -1)) ORDER BY
            attnum) FROM pg_attribute WHERE attrelid = {name}::regclass AND
            attnum > 0"""))

    def texts(self, table, columns):
        list = ", ".join('"%s"::text' % name.replace('"', '""')
                         for name, _ in columns)
        name = table.replace('"', '""')
        return json.loads(self.psql("live", "SET timezone = 'UTC'",
                                    f"""SELECT coalesce(json_agg(
            json_build_array({list})), '[]') FROM "{name}" """))

    def compare_table(self, con, table, left_out):
        here = table.encode()[:63].decode(errors="ignore")
        columns = self.columns(here)
        quoted = table.replace('"', '""')
        order = " ORDER BY 1" if len(columns) > 1 else ""
        rows = [row for row in con.execute(f'SELECT * FROM "{quoted}"{order}')
                if (table, row[0]) not in left_out]
        texts = self.texts(here, columns)
        self.assertEqual(len(rows), len(texts), table)
        for row in rows:
            match = [one for one in texts
                     if all(same(value, kind, text) for value, (_, kind), text
                            in zip(row, columns, one))]
            self.assertTrue(match, f"{table}: {row} is not in {texts[:5]}")
            texts.remove(match[0])

    def compare(self, path, left_out=()):
        """Every value of every table is here."""
        con = sqlite3.connect(path)
        names = [name for name, in con.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND"
            " type = 'table' AND name NOT LIKE 'sqlite_%'")]
        for name in names:
            with self.subTest(table=name):
                self.compare_table(con, name, left_out)
        con.close()
        return len(names)

    def test_prisma(self):
        self.database("live")
        with open(os.path.join(pgtest.ROOT, "test/merge/prisma_sqlite.sql")
                  ) as file:
            path = self.sqlite("app.db", file.read())
        report = self.restore(path)
        self.assertEqual((report["untranslated"], report["widened"],
                          report["orphaned"], report["warnings"]),
                         ([], [], 0, []))
        self.assertEqual(self.compare(path), 5)
        self.assertEqual(dict(self.columns("Merchant")), {
            "id": "bigint", "uid": "text", "name": "text", "category": "text",
            "rating": "numeric", "verified": "boolean",
            "createdAt": "timestamp without time zone", "profile": "jsonb"})
        self.psql("live", """INSERT INTO "Merchant"(uid, name, category)
            VALUES ('new', 'new', 'new')""")
        self.assertEqual(self.psql("live", """SELECT id, verified,
            "createdAt" > '2025-01-01' FROM "Merchant" WHERE uid = 'new'"""),
            "51|f|t")
        self.fails("live", """INSERT INTO "Merchant"(uid, name, category)
            VALUES ('new', 'new', 'new')""", text="Merchant_uid_key")
        self.psql("live", 'DELETE FROM "User"')
        self.assertEqual(self.psql("live", 'SELECT count(*) FROM "Message"'),
                         "0")

    def test_the_other_data(self):
        found = 0
        for name in ("chinook/chinook.db", "zhidian/zhidian_sqlite.sql"):
            source = os.path.join(SHARED, name)
            if not os.path.exists(source):
                print(f"# SKIP {name} is not here")
                continue
            found += 1
            if name.endswith(".db"):
                con = sqlite3.connect(f"file:{source}?immutable=1", uri=True)
                script = "\n".join(con.iterdump())
            else:
                with open(source) as file:
                    script = file.read()
            self.database("live")
            path = self.sqlite("other.db", script)
            report = self.restore(path)
            self.assertEqual((report["untranslated"], report["orphaned"],
                              report["conflicts_total"]), ([], 0, 0))
            self.compare(path)
            again = self.restore(path)
            self.assertEqual((again["inserted"], again["created_tables"]),
                             (0, []))
        if not found:
            self.skipTest("no other data is here")

    def hostile(self, options=CREATE):
        self.database("live")
        with open(os.path.join(pgtest.DATA, "hostile_sqlite.sql")) as file:
            path = self.sqlite("hostile.db", file.read())
        return path, self.restore(path, options)

    def test_hostile_values(self):
        path, report = self.hostile()
        orphans = {("tree", 4), ("of_pair", 3), ("of_pair", 4),
                   ("of_tree", 1)}
        self.assertEqual({(one["table"], one["key"]["id"])
                          for one in report["conflicts"]}, orphans)
        self.assertEqual(report["orphaned"], 4)
        self.assertEqual(report["read"],
                         report["inserted"] + report["orphaned"])
        self.assertGreater(self.compare(path, orphans), 20)

    def test_hostile_types(self):
        _, report = self.hostile()
        types = dict(self.columns("kinds"))
        self.assertEqual({one["column"]: one["type"] for one in
                          report["widened"] if one["table"] == "kinds"}, {
            "untyped_mix": "text", "i_text": "text",
            "i_real": "double precision", "i_big_real": "numeric",
            "truth2": "bigint", "v_long": "text", "s": "text",
            "d_time": "timestamp without time zone",
            "dt_zone": "timestamp with time zone", "dt_odd": "text",
            "dt_mix": "bigint", "num_wide": "numeric",
            "num_inf": "double precision", "jb_twice": "json",
            "j_bad": "text", "bl_text": "text", "bl_mix": "bytea",
            "t_blob": "text", "t_bytes": "bytea", "everything": "bytea"})
        for column, kind in (("truth", "boolean"), ("d", "date"),
                             ("t", "time without time zone"),
                             ("dt_ms", "timestamp without time zone"),
                             ("num", "numeric"), ("j", "json"),
                             ("jb", "jsonb"), ("bl", "bytea"),
                             ("v", "character varying"), ("none",
                              "timestamp without time zone"),
                             ("num_text", "numeric")):
            self.assertEqual(types[column], kind, column)
        said = [one["values"] for one in report["widened"]
                if one["column"] == "truth2"]
        self.assertEqual(said, ["2 integers from 0 to 2"])
        pair = dict(self.columns("of_pair")), dict(self.columns("pair"))
        self.assertEqual(pair[0]["y"], pair[1]["y"])

    def test_hostile_rules(self):
        _, report = self.hostile()
        self.assertEqual({(one["table"], one["kind"], one["name"])
                          for one in report["untranslated"]}, {
            ("computed", "generated column", "whole"),
            ("computed", "generated column", "cents"),
            ("fold", "collation", "name"), ("rules", "collation", "email"),
            ("rules", "on conflict", "email"),
            (None, "view", "seen"), ("tree", "trigger", "changed"),
            (None, "virtual table", "words"),
            ("mixed_key", "primary key", None),
            ("no_rowid_alias", "primary key", None),
            ("of_fold", "foreign key", None),
            ("of_nowhere", "foreign key", None),
            ("rules", "check", None), ("rules", "index", "rules_odd"),
            ("rules", "unique", "rules_moment"),
            ("rules", "default", "token"), ("rules", "default", "bad")})
        for one in report["untranslated"]:
            self.assertTrue(one["reason"], one)
        dump = self.cluster.dump("live", "-s").decode()
        for text in (
                'CONSTRAINT "a to b" FOREIGN KEY (b_id) REFERENCES'
                " public.b(id) DEFERRABLE INITIALLY DEFERRED",
                "FOREIGN KEY (parent) REFERENCES public.tree(id) ON UPDATE"
                " SET NULL ON DELETE CASCADE",
                "CONSTRAINT pair FOREIGN KEY (x, y) REFERENCES"
                " public.pair(x, y) ON DELETE SET DEFAULT",
                "FOREIGN KEY (z) REFERENCES public.pair(z)",
                "PRIMARY KEY (y, x)", 'UNIQUE ("User")',
                "GENERATED ALWAYS AS ((price * (amount)::double precision))",
                "CREATE UNIQUE INDEX rules_lower ON public.rules USING btree"
                " (lower(status), n DESC) WHERE ((flag = true) AND (n > 0))",
                "USING btree (lower(email))", "rules_n ON public.rules",
                'CONSTRAINT "n is small" CHECK',
                "email text", "DEFAULT false NOT NULL",
                "DEFAULT 'draft'::text",
                "DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'::text)"):
            self.assertIn(text, dump)
        self.assertEqual(len([w for w in report["warnings"]
                              if "is called" in w]), 2)
        self.assertEqual(len(report["warnings"]), 3)
        for row in ("(DEFAULT, 'x')", "(50, 'x')"):
            self.psql("live", f"INSERT INTO one_row VALUES {row}")
        self.assertEqual(self.psql("live", "SELECT min(id) FROM one_row WHERE"
                                   " v = 'x' AND id > 1"), "2")
        self.psql("live", "INSERT INTO counted(v) VALUES ('x')",
                  'INSERT INTO "order"("User") VALUES (NULL)',
                  "BEGIN; INSERT INTO a(b_id) VALUES (99); INSERT INTO b"
                  " VALUES (99, 3); COMMIT")
        self.assertEqual(self.psql("live", "SELECT max(id) FROM counted"),
                         "41")
        for bad in ("rules(flag, status) VALUES (true, 'other')",
                    "rules(n) VALUES (17)", "tree(parent) VALUES (99)",
                    "rules(email) VALUES ('ANN@x.org')"):
            self.fails("live", f"INSERT INTO {bad}", text="violates")

    def test_orphans(self):
        for orphan, left in (("skip", "2"), ("null", "4")):
            _, report = self.hostile({**CREATE, "policy": {"tables": {
                "of_pair": {"on_orphan": orphan}}}})
            self.assertEqual(self.psql("live", "SELECT count(*) FROM"
                                       " of_pair"), left)
        with open(os.path.join(pgtest.DATA, "hostile_sqlite.sql")) as file:
            self.refused(file.read(), 'refers to none: {"id": 3}', options={
                **CREATE, "policy": {"on_orphan": "fail"}})

    def test_again_and_in_part(self):
        """Tables that are here are merged into, the others are made."""
        path = self.sqlite("part.db", """
            CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE);
            CREATE TABLE notes(id INTEGER PRIMARY KEY, user INT NOT NULL
                REFERENCES users, body TEXT);
            CREATE TABLE logs(id INTEGER PRIMARY KEY, t TEXT);
            INSERT INTO users VALUES (1, 'ann'), (2, 'bob');
            INSERT INTO notes VALUES (1, 1, 'by Ann'), (2, 2, 'by Bob');
            INSERT INTO logs VALUES (1, 'x');""")
        self.database("live")
        self.psql("live", "CREATE SCHEMA app", "CREATE TABLE app.users(id"
                  " serial PRIMARY KEY, email varchar(20) UNIQUE)",
                  "INSERT INTO app.users VALUES (7, 'ann'), (1, 'eve')")
        report = self.call(
            "live", "public.zdb_merge_from", path, {
                **CREATE, "tables": {"logs": False}},
            before=("SET search_path = app",))
        self.assertEqual(report["created_tables"], ["app.notes"])
        self.assertEqual(self.psql("live", """SELECT string_agg(email || ' '
            || body, ',' ORDER BY n.id) FROM app.users u JOIN app.notes n ON
            n."user" = u.id"""), "ann by Ann,bob by Bob")
        self.fails("live", "INSERT INTO app.notes VALUES (9, 99, '')",
                   text="notes_user_fkey")
        again = self.call("live", "public.zdb_merge_from", path, {
            **CREATE, "tables": {"logs": False}},
            before=("SET search_path = app",))
        self.assertEqual((again["inserted"], again["updated"],
                          again["created_tables"]), (0, 0, []))

    def test_parent_of_another_type(self):
        """A table that is here decides about the types of references."""
        path = self.sqlite("uuid.db", """
            CREATE TABLE u(id CHAR(36) PRIMARY KEY);
            CREATE TABLE n(id INTEGER PRIMARY KEY, u CHAR(36) REFERENCES u);
            INSERT INTO u VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
            INSERT INTO n VALUES (1, 'A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11'),
                (2, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');""")
        self.database("live")
        self.psql("live", "CREATE TABLE u(id uuid PRIMARY KEY)")
        report = self.restore(path)
        self.assertEqual(report["untranslated"], [])
        self.assertEqual(dict(self.columns("n"))["u"], "uuid")
        self.assertEqual(self.psql("live", "SELECT count(*) FROM n JOIN u ON"
                                   " n.u = u.id"), "2")

    def test_dry_run(self):
        self.database("live")
        before = self.cluster.dump("live")
        with open(os.path.join(pgtest.DATA, "hostile_sqlite.sql")) as file:
            path = self.sqlite("hostile.db", file.read())
        dry = self.restore(path, {**CREATE, "dry_run": True})
        self.assertEqual(self.cluster.dump("live"), before)
        real = self.restore(path)
        for key in ("tables", "untranslated", "widened", "created_tables",
                    "conflicts"):
            self.assertEqual(dry[key], real[key])

    def test_refused(self):
        self.assertIn(
            '{"create_missing": true}',
            self.refused("CREATE TABLE t(a)", "cannot replace this one",
                         "42809", {}))
        long = "x" * 63
        self.refused(f"CREATE TABLE {long}1(a); CREATE TABLE {long}2(a)",
                     "would have one name here", "42710")
        self.refused(f"CREATE TABLE t({long}1, {long}2)",
                     "would have one name here", "42710")
        self.refused("CREATE TABLE t(ctid)", "keeps for itself", "42701")
        self.refused('CREATE TABLE t("")', "has no name", "42602")
        self.refused('CREATE TABLE ""(a)', "has no name", "42602")
        error = self.refused(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);"
            "INSERT INTO t VALUES (1, 'a'), (7, 'a' || char(0) || 'b')",
            "has a zero byte", "22021")
        self.assertIn('table "t", row 2 (rowid 7), column "v"', error)
        self.refused("CREATE TABLE t(v TEXT); INSERT INTO t VALUES"
                     " (CAST(x'ff' AS TEXT))", "invalid byte sequence",
                     "22021")
        self.assertIn('table "wide" of the SQLite database', self.refused(
            "CREATE TABLE wide(" + ", ".join(f"c{i}" for i in range(1601))
            + ")", "1600 columns", "54011"))
        self.refused("CREATE TABLE t(a)", "do not go with", "22023",
                     {**CREATE, "target": "test"})
        self.refused("CREATE TABLE t(a)", "do not go with", "22023",
                     {**CREATE, "tables": ["t"]})

    def test_a_module_that_is_missing(self):
        """Its table is listed, the others are made."""
        self.database("live")
        path = self.sqlite("module.db", """CREATE TABLE t(a INTEGER PRIMARY
            KEY); INSERT INTO t VALUES (1); PRAGMA writable_schema = ON;
            INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0,
                'CREATE VIRTUAL TABLE v USING nobodys(a)')""")
        report = self.restore(path)
        self.assertEqual([one["name"] for one in report["untranslated"]],
                         ["v"])
        self.assertEqual(self.psql("live", "TABLE t"), "1")

    def test_functions_of_the_program(self):
        """Which only the program has that made the file."""
        self.database("live")
        con = sqlite3.connect(self.path("own.db"))
        con.create_function("own", 1, lambda value: value, deterministic=True)
        con.executescript("""CREATE TABLE t(id INTEGER PRIMARY KEY, a INT
                CHECK (own(a) > 0), v INT AS (own(a)), s INT AS (own(a))
                STORED);
            CREATE INDEX i ON t(own(a)); CREATE INDEX i2 ON t(v);
            INSERT INTO t(id, a) VALUES (1, 7);
            CREATE TABLE u(n INT); INSERT INTO u VALUES (-1 << 63);
            ALTER TABLE u ADD COLUMN j AS (abs(n));""")
        con.close()
        os.chmod(self.path("own.db"), 0o644)
        report = self.restore(self.path("own.db"))
        self.assertEqual(sorted((one["kind"], one["name"] or "") for one in
                                report["untranslated"]),
                         [("check", ""), ("generated column", "j"),
                          ("generated column", "s"),
                          ("generated column", "v"), ("index", "i"),
                          ("index", "i2")])
        self.assertEqual(self.psql("live", "SELECT t.*, u.* FROM t, u"), f"1|7|7|{-1 << 63}")

    def test_an_ordinary_role(self):
        self.database("live")
        path = self.sqlite("t.db", "CREATE TABLE t(a INTEGER PRIMARY KEY,"
                           " b INT REFERENCES t); INSERT INTO t VALUES (1,"
                           " NULL), (2, 1);")
        self.psql("live", "DROP ROLE IF EXISTS low", "CREATE ROLE low LOGIN",
                  "GRANT pg_read_server_files TO low", "GRANT EXECUTE ON"
                  " FUNCTION zdb_restore_from(text, jsonb) TO low",
                  "REVOKE CREATE ON SCHEMA public FROM public",
                  "CREATE SCHEMA low AUTHORIZATION low")
        statement = (f"SELECT zdb_restore_from('{path}',"
                     " '{\"create_missing\": true}')")
        self.psql("live", statement, user="low")
        self.assertEqual(self.psql("live", "TABLE low.t"), "1|\n2|1")
        self.fails("live", "SET search_path = public", "DROP TABLE low.t",
                   statement, user="low", code="42501",
                   text="permission denied for schema public")
        self.psql("live", "DROP OWNED BY low", "DROP ROLE low")

    def test_another_encoding(self):
        self.database("live", options="ENCODING 'LATIN1' TEMPLATE template0"
                      " LOCALE 'C'")
        path = self.sqlite("t.db", """CREATE TABLE "Käse"(id INTEGER PRIMARY
            KEY, "Größe" TEXT CHECK ("größe" <> 'ü'), k TEXT AS ('ß' ||
            "Größe")); INSERT INTO "Käse" VALUES (1, 'groß');""")
        report = self.restore(path)
        self.assertEqual(report["created_tables"], ["public.Käse"])
        self.assertEqual(self.psql("live", 'SELECT "Größe", k FROM "Käse"'),
                         "groß|ßgroß")
        path = self.sqlite("t.db", "CREATE TABLE t(v TEXT); INSERT INTO t"
                           " VALUES ('测试')")
        self.fails("live", f"SELECT zdb_restore_from('{path}',"
                   " '{\"create_missing\": true}')", code="22P05",
                   text='table "t", row 1 (rowid 1), column "v"')

    def evil(self, old, new):
        """A file whose schema was written to."""
        path = self.sqlite("evil.db", """
            CREATE TABLE t(id INTEGER PRIMARY KEY, a INT DEFAULT 1
                CHECK (a > 0), b INT AS (a + 1));
            INSERT INTO t VALUES (1, 1);
            CREATE INDEX i ON t(abs(a)) WHERE a < 9;
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = replace(sql, %s, %s);"""
                           % (pgtest.sql_text(old), pgtest.sql_text(new)))
        self.psql("live", "DROP TABLE IF EXISTS t")
        return path

    def test_nothing_runs(self):
        """What a file's schema says is written down, never run."""
        self.database("live")
        self.psql("live", "CREATE TABLE victim AS SELECT 1",
                  "CREATE FUNCTION public.lower(bigint) RETURNS int LANGUAGE"
                  " plpgsql AS 'BEGIN DROP TABLE victim; RETURN 1; END'")
        made = 0
        for evil in ("pg_sleep(1000)", "1) , (SELECT 1", "lower(a)",
                     "1); DROP TABLE victim; --", "1 /*", "(SELECT 1)",
                     "a OPERATOR(pg_catalog.>) 0", "$$x$$ = 'x'", "a > $1",
                     "E'\\' || a", "a::regclass", "1 FROM victim",
                     "nextval('victim')", "1) DEFAULT (pg_sleep(1000)"):
            for old in ("a > 0", "abs(a)", "a < 9", "DEFAULT 1", "a + 1"):
                new = ("DEFAULT (" + evil + ")" if old == "DEFAULT 1"
                       else evil)
                path = self.evil(old, new)
                try:
                    self.restore(path)
                    made += 1
                    self.assertEqual(self.psql("live", "SELECT id, a FROM t"),
                                     "1|1")
                except AssertionError as error:
                    self.assertIn("could not read the SQLite database",
                                  str(error))
        self.assertGreater(made, 10)
        self.assertEqual(self.psql("live", "SELECT count(*) FROM victim"),
                         "1")


pgtest.main()
