"""Masked restores: personal values do not come along."""
import json
import os
import re
import sqlite3

import zdbtest

TABLES = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL
    UNIQUE CHECK (email LIKE '%@%'), name TEXT, phone, note, bio TEXT, town,
    size INT UNIQUE, loud AS (upper(bio)) STORED, uuid BLOB, cell INTEGER);
CREATE INDEX by_name ON users(name COLLATE NOCASE, lower(bio));
CREATE TABLE logins (email REFERENCES users(email), user_id REFERENCES users,
    ip TEXT);
CREATE TABLE "the.keys" ("a ""b" TEXT, n, PRIMARY KEY ("a ""b", n)) WITHOUT ROWID;
CREATE TABLE loose (v, w ANY);
CREATE TABLE tight (a ANY, b TEXT) STRICT;
CREATE VIRTUAL TABLE words USING fts5(bio, phone, content='users',
    content_rowid='id');
CREATE VIRTUAL TABLE letters USING fts5(body);
CREATE TRIGGER noisy BEFORE INSERT ON users BEGIN
    SELECT raise(ABORT, 'triggers fire') WHERE new.id > 0 AND
    (SELECT count(*) FROM logins) > 0; END;
INSERT INTO users WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
    WHERE i < 2000) SELECT i, 'secret-mail-' || i || '@real.org',
    CASE WHEN i % 10 THEN 'Secret-Name-' || i END,
    printf('+49 171 555%04d', i), 'secret-note-' || i, 'secretbio' || i,
    'secret-town', i, CAST('secret-uuid-' || printf('%04d', i) AS BLOB),
    5550000 + i FROM n;
INSERT INTO logins SELECT email, id, '10.1.2.3' FROM users;
INSERT INTO "the.keys" SELECT 'secret-key-' || id, 1 FROM users LIMIT 50;
INSERT INTO loose(rowid, v, w) VALUES (7, '00123', 1.5), (9, x'00', 'secret-w');
INSERT INTO tight VALUES ('00123', 'secret-b');
INSERT INTO words(words) VALUES ('rebuild');
INSERT INTO letters SELECT 'secretletter' || id FROM users LIMIT 20;
DELETE FROM users WHERE id > 1990;
DELETE FROM logins WHERE user_id > 1990;
ANALYZE;
"""

MASK = {"users.email": "email", "users.name": "name", "users.phone": "phone",
        "users.id": "hash", "users.note": "null",
        "users.bio": {"sql": "'long: ' || length(bio) || ', ' || size"},
        "users.town": {"value": "it's\n'a' town"}, "users.size": "hash",
        "users.uuid": "hash", "users.cell": "phone",
        "\"the.keys\".\"a \"\"b\"": "hash", "loose.w": {"sql": "typeof(w)"},
        "tight.b": "hash", "letters.body": "hash"}


class Mask(zdbtest.Case):

    def setUp(self):
        super().setUp()
        self.con = self.open()
        self.con.executescript(TABLES)
        zdbtest.call(self.con, "zdb_backup_to", "a.db.gz")

    def restore(self, mask=MASK, path="a.db.gz", **options):
        options = {"target": "test", "mask": mask, "overwrite": True,
                   **options}
        return zdbtest.call(self.con, "zdb_restore_from", path,
                            json.dumps(options))

    def test_nothing_unmasked_is_left(self):
        with open("app.db", "rb") as file:
            self.assertIn(b"secret-mail-7@", file.read())
        report = self.restore()
        with open("app.test.db", "rb") as file:
            data = file.read()
        for text in (b"secret", b"Secret", b"SECRET", b"+49 171 5550007"):
            self.assertEqual(data.count(text), 0, text)
        self.no_temporary_files()
        masked = {(m["table"], m["column"]): (m["rule"], m["rows"])
                  for m in report["masked"]}
        self.assertEqual(len(masked), len(MASK) + 2)
        self.assertEqual(masked["logins", "email"], ("email", 1990))
        self.assertEqual(masked["logins", "user_id"], ("hash", 1990))
        self.assertEqual(report["unmasked_suspects"],
                         [{"table": "logins", "column": "ip"}])
        self.assertEqual(report["mask_key"], "random")

    def test_values(self):
        live = self.con.execute("SELECT count(*), count(DISTINCT id),"
                                " count(DISTINCT email), count(name),"
                                " count(DISTINCT phone), 0, count(DISTINCT"
                                " size) FROM users").fetchone()
        self.restore()
        con = sqlite3.connect("app.test.db")
        one = lambda sql: con.execute(sql).fetchone()  # noqa: E731
        self.assertEqual(one("PRAGMA integrity_check"), ("ok",))
        self.assertEqual(one("PRAGMA foreign_key_check"), None)
        self.assertEqual(one("SELECT count(*), count(DISTINCT id),"
                             " count(DISTINCT email), count(name),"
                             " count(DISTINCT phone), count(note),"
                             " count(DISTINCT size) FROM users"), live)
        self.assertEqual(one("SELECT count(*) FROM users JOIN logins ON"
                             " user_id = id AND logins.email = users.email"),
                         (1990,))
        for phone, cell, uuid, town, loud in con.execute(
                "SELECT phone, cell, uuid, town, loud FROM users"):
            self.assertTrue(re.fullmatch(r"\+4\d \d{3} \d{7}", phone))
            self.assertTrue(5000000 <= cell < 6000000)
            self.assertEqual((type(uuid), len(uuid)), (bytes, 16))
            self.assertEqual(town, "it's\n'a' town")
            self.assertTrue(loud.startswith("LONG: 1"))
        self.assertEqual(con.execute("SELECT rowid, v, w FROM loose")
                         .fetchall(), [(7, "00123", "real"),
                                       (9, b"\0", "text")])
        self.assertEqual(one("SELECT a FROM tight"), ("00123",))
        self.assertEqual(one("SELECT count(*) FROM words WHERE words MATCH"
                             " 'long'"), (1990,))
        self.assertEqual(one("SELECT count(*) FROM words WHERE words MATCH"
                             " 'secretbio7'"), (0,))
        self.assertEqual(one("SELECT seq FROM sqlite_sequence WHERE name ="
                             " 'users'")[0] >= 2000, True)
        self.assertEqual(one("SELECT count(*) FROM sqlite_schema WHERE type ="
                             " 'trigger'"), (1,))

    def test_a_key_makes_it_the_same_each_time(self):
        os.environ["ZDBACKUP_MASK_KEY"] = "a secret"
        try:
            self.assertEqual(self.restore()["mask_key"], "setting")
            first = zdbtest.contents(sqlite3.connect("app.test.db"))
            self.restore()
            self.assertEqual(zdbtest.contents(sqlite3.connect(
                "app.test.db")), first)
        finally:
            del os.environ["ZDBACKUP_MASK_KEY"]
        self.restore()
        self.assertNotEqual(zdbtest.contents(sqlite3.connect("app.test.db")),
                            first)

    def test_other_sources(self):
        """A plain file, scripts, a database in WAL mode."""
        self.con.execute("PRAGMA journal_mode=WAL")
        zdbtest.call(self.con, "zdb_backup_to", "b.db")
        with open("b.db", "rb") as file:
            before = file.read()
        self.restore(path="b.db", dry_run=True)
        self.restore(path="b.db")
        with open("b.db", "rb") as file:
            self.assertEqual(file.read(), before)
        con = sqlite3.connect("app.test.db")
        self.assertEqual(con.execute("PRAGMA journal_mode").fetchone(),
                         ("wal",))
        con.close()
        mask = {"users.email": "email"}
        with open("s.sql", "w") as file:
            file.write("CREATE TABLE users (email);\n"
                       "INSERT INTO users VALUES ('secret');\n")
        self.restore(mask, path="s.sql")
        with open("app.test.db", "rb") as file:
            self.assertNotIn(b"secret", file.read())
        self.no_temporary_files()

    def refused(self, mask, text):
        with self.assertRaises(sqlite3.Error) as caught:
            self.restore(mask)
        self.assertIn(text, str(caught.exception))
        self.assertNotIn("secret", str(caught.exception))
        self.assertFalse(os.path.exists("app.test.db"))
        self.no_temporary_files()

    def test_errors_name_the_rule(self):
        for mask, text in (
                ({"users.mail": "email"}, 'no column "users.mail"'),
                ({"users.email": "emial"}, '"users.email" has no such rule'),
                ({"users.email": None}, '"users.email" is NOT NULL'),
                ({"users.email": {"value": "a@b"}}, "is unique"),
                ({"users.loud": "hash"}, "is generated"),
                ({"users.bio": {"sql": "1), (2"}}, "single expression"),
                ({"users.bio": {"sql": "1; DROP TABLE users"}},
                 "single expression"),
                ({"users.bio": {"sql": "1 -- )"}}, None),
                ({"users.bio": {"sql": "1 +"}},
                 'mask of "users.bio": near ")": syntax error'),
                ({"users.bio": {"sql": "nobody"}}, "no such column"),
                ({"users.bio": {"sql": '"nobody"'}}, "no such column"),
                ({"loose.w": {"sql": "max(w)"}},
                 'mask of "loose.w": misuse of aggregate'),
                ({"loose.w": {"sql": "row_number() OVER ()"}},
                 'mask of "loose.w": misuse of window function'),
                ({"words.bio": "hash"}, '"words.bio" is generated'),
                ({"users.bio": {"sql": "abs(-9223372036854775808)"}},
                 'could not mask table "users" (bio: sql)'),
                ({"users.email": "hash"}, "CHECK constraint failed"),
                ({"users.size": {"sql": "1"}}, "UNIQUE constraint failed"),
                ({"users.id": {"sql": "id + 1"}, "logins.user_id": None},
                 None),
                ({"users.id": {"sql": "id + 1"}}, "refers to"),
                ({"users.id": {"sql": "id + 1"}, "logins.user_id":
                  {"sql": "user_id"}}, "has broken"),
                ({"loose.w": "hash"}, "numbers with a fraction")):
            if text:
                self.refused(mask, text)
            else:
                self.restore(mask)
                os.remove("app.test.db")
        with self.assertRaises(sqlite3.Error) as caught:
            self.restore(target="db")
        self.assertIn("goes with another target", str(caught.exception))

    def masked(self, tables, mask):
        """Another database, masked; it says what the live one says"""
        con = self.open("other.db")
        con.executescript(tables)
        zdbtest.call(con, "zdb_backup_to", "other.db.gz")
        os.environ["ZDBACKUP_MASK_KEY"] = "a secret"
        try:
            zdbtest.call(con, "zdb_restore_from", "other.db.gz",
                         {"target": "out.db", "mask": mask})
        finally:
            del os.environ["ZDBACKUP_MASK_KEY"]
        out = self.open("out.db")
        self.assertEqual(out.execute("PRAGMA foreign_key_check").fetchall(),
                         [])
        return con, out

    def says_the_same(self, out, con, queries):
        for query in queries:
            self.assertEqual(out.execute(query).fetchone(),
                             con.execute(query).fetchone(), query)

    def forget(self, out, con):
        out.close()
        con.close()
        for name in ("out.db", "other.db", "other.db.gz"):
            os.remove(name)

    def test_values_that_a_collation_takes_for_equal(self):
        """References survive where case or trailing spaces do not count."""
        for rule in ("hash", "email", "name", "phone"):
            con, out = self.masked("""
                CREATE TABLE users (name TEXT COLLATE NOCASE PRIMARY KEY);
                CREATE TABLE pets (id INTEGER PRIMARY KEY, owner TEXT
                    REFERENCES users UNIQUE);
                CREATE TABLE toys (of REFERENCES pets(owner));
                CREATE TABLE codes (code COLLATE RTRIM UNIQUE, exact UNIQUE);
                CREATE TABLE uses (code REFERENCES codes(code), exact COLLATE
                    NOCASE REFERENCES codes(exact));
                INSERT INTO users VALUES ('Anna'), ('ÄNNE'), ('änne'), ('bob');
                INSERT INTO pets VALUES (1, 'anna'), (2, 'ÄNNE'), (3, 'BOB');
                INSERT INTO toys VALUES ('anna'), ('BOB'), (NULL);
                INSERT INTO codes VALUES ('x', 'Q'), ('X', 'q'), (' x', 'r');
                INSERT INTO uses VALUES ('x  ', 'Q'), ('X ', 'q');
                """, {"users.name": rule, "codes.code": rule,
                      "codes.exact": rule})
            self.says_the_same(out, con, (
                "SELECT count(*) FROM users JOIN pets ON name = owner",
                "SELECT count(*) FROM pets JOIN toys ON of = owner",
                "SELECT count(DISTINCT name) FROM users",
                "SELECT count(*) FROM codes c JOIN uses USING (code)",
                "SELECT count(*) FROM codes c JOIN uses u ON c.exact ="
                " u.exact"))
            self.assertEqual(out.execute(
                "SELECT count(*) FROM users WHERE name IN ('Anna', 'bob')")
                .fetchone(), (0,))
            self.forget(out, con)

    def test_zero_bytes_in_a_text(self):
        """What follows one counts, too."""
        for rule in ("hash", "email", "name", "phone"):
            con, out = self.masked("""
                CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT COLLATE NOCASE
                    UNIQUE, c TEXT);
                CREATE TABLE u (a REFERENCES t, b REFERENCES t(b));
                INSERT INTO t VALUES
                    (CAST(x'4100' AS TEXT), CAST(x'410042' AS TEXT), 'kept'),
                    (CAST(x'410042' AS TEXT), CAST(x'41004243' AS TEXT),
                     CAST(x'7800' || 'secret' AS TEXT)),
                    (CAST(x'410043' AS TEXT), 'A', NULL), ('A', '', 'x'),
                    (CAST(x'313233343500' AS TEXT), 'B', '');
                INSERT INTO u SELECT a, b FROM t;
                UPDATE u SET b = CAST(x'610043' AS TEXT) WHERE hex(b) =
                    '410042';
                """, {"t.a": rule, "t.b": rule})
            self.says_the_same(out, con, (
                "SELECT count(DISTINCT a), count(DISTINCT hex(b))"
                " FROM t",
                "SELECT count(*) FROM t JOIN u USING (a)",
                "SELECT count(*) FROM t JOIN u USING (b)",
                "SELECT group_concat(hex(c)) FROM t"))
            self.assertEqual(out.execute(
                "SELECT count(*) FROM t WHERE instr(CAST(a AS BLOB), x'00')")
                .fetchone(), (0,))
            self.forget(out, con)

    def test_interrupted(self):
        def stop():
            self.con.interrupt()
        import threading
        timer = threading.Timer(0.02, stop)
        timer.start()
        try:
            self.restore()
        except sqlite3.OperationalError as error:
            self.assertIn("interrupted", str(error))
            self.assertFalse(os.path.exists("app.test.db"))
        timer.join()
        self.no_temporary_files()


zdbtest.main()
