"""Masked restores: personal values do not come along."""
import glob
import gzip
import os
import re

import pgtest

TABLES = """
CREATE SCHEMA crm;
CREATE DOMAIN mailbox AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE users (id int PRIMARY KEY, key uuid UNIQUE, email mailbox NOT NULL
    UNIQUE, name varchar(40), phone text, note text, born date, bio text,
    born_in text, size int, at GENERATED_AT);
CREATE TABLE logins (id serial PRIMARY KEY, email text REFERENCES
    users(email) ON UPDATE CASCADE, user_id bigint REFERENCES users(id), client_ip inet);
CREATE TABLE crm.events (id int, who text, day date) PARTITION BY RANGE (day);
CREATE TABLE crm.events_1 PARTITION OF crm.events
    FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE base (secret text);
CREATE TABLE derived (more int) INHERITS (base);
CREATE TABLE crm."Od""d.t" ("the.Key" int, "größe" text);
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE ''triggers fire''; END';
INSERT INTO users SELECT i, md5(i::text)::uuid, 'secret-mail-' || i || '@real.org',
    CASE WHEN i % 10 <> 0 THEN 'Secret-Name-' || i END,
    '+49 171 555' || lpad(i::text, 4, '0'), E'secret-note-\\t\\\\' || i,
    date '1980-01-01' + i, 'secret-bio-' || i, 'secret-town-' || i, i
    FROM generate_series(1, 3000) i;
INSERT INTO logins (email, user_id, client_ip) SELECT email, id, '10.1.2.3'
    FROM users;
INSERT INTO crm.events SELECT i, 'secret-who-' || i, '2025-01-05'
    FROM generate_series(1, 100) i;
INSERT INTO derived SELECT 'secret-heir-' || i, i FROM generate_series(1, 9) i;
INSERT INTO crm."Od""d.t" VALUES (1, 'secret-size');
CREATE TRIGGER noisy AFTER INSERT OR UPDATE ON users FOR EACH ROW
    EXECUTE FUNCTION shout();
CREATE INDEX ON users (lower(name));
CREATE MATERIALIZED VIEW mailboxes AS SELECT email FROM users;
ANALYZE;
""".replace("at GENERATED_AT", "loud text GENERATED ALWAYS AS (upper(bio)) STORED")

MASK = {"users.email": "email", "users.name": "name", "users.phone": "phone",
        "users.id": "hash", "users.key": "hash", "users.note": "null",
        "users.bio": {"sql": "'long: ' || length(bio) || size"},
        "public.users.born_in": {"value": "it's \\ a\ttown"},
        "events.who": "hash", "base.secret": "hash",
        "crm.\"Od\"\"d.t\".\"größe\"": "hash"}


class Mask(pgtest.Case):

    def setUp(self):
        super().setUp()
        self.database("shop")
        self.psql("shop", TABLES)
        self.file = self.path("shop.sql.gz")
        self.call("shop", "zdb_backup_to", self.file)

    def tearDown(self):
        self.psql("postgres", "DROP DATABASE IF EXISTS shop_test")
        super().tearDown()

    def restore(self, mask=MASK, path=None, before=(), **options):
        return self.call("shop", "zdb_restore_from", path or self.file,
                         {"target": "test", "mask": mask, **options},
                         before=before)

    def one(self, query, database="shop_test"):
        return self.psql(database, query)

    def files_with(self, database, text):
        self.psql(database, "CHECKPOINT")
        oid = self.psql("postgres", "SELECT oid FROM pg_database WHERE"
                        f" datname = '{database}'")
        found = []
        for path in glob.glob(os.path.join(self.cluster.dir, "data/base",
                                           oid, "*")):
            with open(path, "rb") as file:
                if text in file.read():
                    found.append(path)
        return found

    def test_nothing_unmasked_is_left(self):
        self.assertTrue(self.files_with("shop", b"secret-mail-7@"))
        report = self.restore()
        for text in (b"secret-", b"Secret-", b"SECRET-", b"+49 171 5550007"):
            self.assertEqual(self.files_with("shop_test", text), [], text)
        self.psql("shop_test", "ANALYZE")
        self.assertEqual(self.files_with("shop_test", b"secret-"), [])
        self.assertEqual(self.one(
            "SELECT count(*) FROM mailboxes WHERE email LIKE"
            " '%@example.invalid'"), "3000")
        masked = {(m["schema"], m["table"], m["column"]): (m["rule"],
                                                          m["rows"])
                  for m in report["masked"]}
        self.assertEqual(masked["public", "users", "email"], ("email", 3000))
        self.assertEqual(masked["public", "logins", "email"], ("email", 3000))
        self.assertEqual(masked["public", "logins", "user_id"],
                         ("hash", 3000))
        self.assertEqual(masked["crm", "events_1", "who"], ("hash", 100))
        self.assertEqual(masked["public", "derived", "secret"], ("hash", 9))
        self.assertEqual(report["unmasked_suspects"], [
            {"schema": "public", "table": "logins", "column": "client_ip"},
            {"schema": "public", "table": "users", "column": "born_in"}][:1])
        self.assertEqual(report["mask_key"], "random")
        self.nothing_left()

    def test_values(self):
        self.restore()
        self.assertEqual(self.one(
            "SELECT count(*), count(DISTINCT id), count(DISTINCT key),"
            " count(DISTINCT email), count(name), count(DISTINCT phone),"
            " count(note) FROM users"), "3000|3000|3000|3000|2700|3000|0")
        self.assertEqual(self.one(
            "SELECT count(*) FROM users JOIN logins ON logins.user_id ="
            " users.id AND logins.email = users.email"), "3000")
        self.assertEqual(self.one(
            "SELECT count(*) FROM users WHERE phone ~"
            " '^\\+4\\d \\d{3} \\d{7}$'"), "3000")
        self.assertEqual(self.one("SELECT bio, loud, born_in FROM users WHERE"
                                  " size = 7"),
                         "long: 127|LONG: 127|it's \\ a\ttown")
        self.assertEqual(self.one("SELECT count(*) FROM users WHERE born ="
                                  " date '1980-01-01' + size"), "3000")
        self.assertEqual(self.one("SELECT count(*) FROM pg_trigger WHERE"
                                  " tgname = 'noisy'"), "1")

    def test_a_key_makes_it_the_same_each_time(self):
        key = self.path("key")
        with open(key, "w") as file:
            file.write("a secret\n")
        os.chmod(key, 0o644)
        query = "SELECT md5(string_agg(u::text, '' ORDER BY size)) FROM users u"
        before = [f"SET zdbackup.mask_key_file = '{key}'"]
        self.assertEqual(self.restore(before=before)["mask_key"], "setting")
        first = self.one(query)
        self.restore(before=before, overwrite=True)
        self.assertEqual(self.one(query), first)
        self.restore(overwrite=True)
        self.assertNotEqual(self.one(query), first)

    def test_values_that_their_type_takes_for_equal(self):
        """citext, and blanks at the end of char(n)"""
        self.psql("shop", "CREATE EXTENSION citext",
                  "CREATE TABLE towns (name citext PRIMARY KEY,"
                  " code char(40) UNIQUE)",
                  "CREATE TABLE streets (town citext REFERENCES towns,"
                  " code char(50) REFERENCES towns (code))",
                  "INSERT INTO towns VALUES ('Köln', 'k'), ('Bonn', 'b')",
                  "INSERT INTO streets VALUES ('köln', 'k'), ('BONN', 'b')")
        self.call("shop", "zdb_backup_to", self.path("equal.sql.gz"))
        for rule in ("hash", "name", "email"):
            self.restore({"towns.name": rule, "towns.code": rule},
                         self.path("equal.sql.gz"), overwrite=True)
            self.assertEqual(
                self.one("SELECT count(*) FROM streets JOIN towns"
                         " ON town = name AND streets.code = towns.code"), "2")
            self.assertEqual(self.one("SELECT count(*) FROM towns WHERE"
                                      " name IN ('Köln', 'Bonn')"), "0")

    def test_a_number_as_value(self):
        self.psql("shop", "CREATE TABLE prices (n numeric)",
                  "INSERT INTO prices VALUES (1)")
        self.call("shop", "zdb_backup_to", self.path("prices.sql.gz"))
        self.restore({"prices.n": {"value": 10.55}},
                     self.path("prices.sql.gz"))
        self.assertEqual(self.one("SELECT n FROM prices"), "10.55")

    def test_scripts_of_pg_dump(self):
        path = self.path("foreign.sql")
        for option in ("--encoding=UTF8", "--encoding=LATIN1",
                       "--load-via-partition-root"):
            with open(path, "wb") as file:
                file.write(self.cluster.dump("shop", option))
            report = self.restore(path=path, overwrite=True)
            self.assertIsNone(report["masked"][0]["rows"])
            self.assertEqual(self.files_with("shop_test", b"secret-"), [])
            self.assertEqual(self.one("SELECT count(*) FROM users JOIN logins"
                                      " USING (email)"), "3000")
        with open(path, "wb") as file:
            file.write(self.cluster.dump("shop", "--inserts"))
        self.psql("postgres", "DROP DATABASE shop_test")
        self.refused(MASK, "INSERT statements", "0A000", path=path)

    def refused(self, mask, text, code, path=None):
        options = pgtest.json.dumps({"target": "test", "mask": mask})
        message = self.fails(
            "shop", f"SELECT zdb_restore_from('{path or self.file}',"
            f" {pgtest.sql_text(options)})", text=text, code=code)
        self.assertEqual(self.psql("postgres", "SELECT count(*) FROM"
                                   " pg_database WHERE datname LIKE"
                                   " 'shop\\_test%'"), "0")
        self.eventually_nothing_left()
        return message

    def statement_of(self, message, path):
        """What stands in the script at the line that an error names"""
        line = re.search(r'line (\d+) of "', message)
        with (gzip.open if path.endswith(".gz") else open)(path, "rt") as file:
            return file.read().split("\n")[int(line[1]) - 1] if line else None

    def test_errors_name_the_line_or_none(self):
        """A piece of a backup does not know what line it begins with."""
        mask = {"users.bio": {"sql": "1 / (size - 7)"}}
        plain = self.path("foreign.sql")
        with open(plain, "wb") as file:
            file.write(self.cluster.dump("shop"))
        message = self.refused(mask, "division by zero", "22012", path=plain)
        self.assertRegex(self.statement_of(message, plain),
                         r"^COPY public\.users ")
        message = self.refused(mask, "division by zero", "22012")
        self.assertIn('masked columns of table "users"', message)
        self.assertIn("COPY users, line ", message)
        self.assertIsNone(self.statement_of(message, self.file))

    def test_errors_name_the_rule(self):
        for mask, text, code in (
                ({"users.mail": "email"}, 'no column "users.mail"', "58P01"),
                ({"users.email": "emial"}, '"users.email" has no such rule',
                 "22023"),
                ({"users.email": None}, '"users.email" is NOT NULL', "22023"),
                ({"users.email": {"value": "a@b"}}, '"users.email" is unique',
                 "22023"),
                ({"users.born": "hash"}, "is of another type", "22023"),
                ({"users.loud": "hash"}, "is generated", "22023"),
                ({"users.bio": {"sql": "1), (2"}}, "single expression",
                 "42601"),
                ({"users.bio": {"sql": "1) FROM pg_class; DROP TABLE users;"
                                " SELECT (1"}}, "single expression", "42601"),
                ({"users.bio": {"sql": "1 +"}}, "syntax error", "42601"),
                ({"users.bio": {"sql": "(SELECT 'x')"}}, "subquery", "0A000"),
                ({"users.bio": {"sql": "nobody"}}, "does not exist", "42703"),
                ({"users.size": {"sql": "born"}}, "is of type date", "42804"),
                ({"users.bio": {"sql": "1 / (size - 7)"}},
                 "division by zero", "22012"),
                ({"users.email": "hash"}, "violates check", "23514"),
                ({"users.born": {"value": "never"}},
                 "invalid input syntax for type date", "22007")):
            message = self.refused(mask, text, code)
            if code[:2] in ("23", "42", "22") and code != "22023":
                self.assertTrue("masked columns of table" in message
                                or "mask of" in message, message)
            self.assertNotIn("secret-", message)
            # it would point into the caller's statement
            self.assertNotIn("LINE 1: SELECT zdb_restore_from", message)
        self.fails("shop", f"SELECT zdb_restore_from('{self.file}',"
                   " '{\"mask\": {\"users.email\": \"email\"}}')",
                   text='goes with another target than "db"', code="22023")

    def test_a_dry_run(self):
        report = self.restore(dry_run=True)
        self.assertEqual(len(report["masked"]) > 8, True)
        self.nothing_left()

    def test_expressions_have_the_callers_rights(self):
        self.psql("postgres", "DROP ROLE IF EXISTS ann",
                  "CREATE ROLE ann LOGIN CREATEDB IN ROLE"
                  " pg_read_server_files")
        self.psql("shop", "GRANT EXECUTE ON FUNCTION zdb_restore_from TO ann")
        small = self.path("small.sql")
        with open(small, "w") as file:
            file.write("CREATE TABLE t (a text);\nCOPY t (a) FROM stdin;\n"
                       "x\n\\.\n")
        os.chmod(small, 0o644)
        statement = ("SELECT zdb_restore_from('%s', '{\"target\": \"anns\","
                     " \"mask\": {\"t.a\": {\"sql\": \"%s\"}}}')")
        self.fails("shop", statement % (small, "pg_read_file(''PG_VERSION'')"),
                   text="permission denied for function pg_read_file",
                   user="ann")
        self.psql("shop", statement % (small, "current_user"), user="ann")
        self.assertEqual(self.psql("anns", "SELECT a FROM t"), "ann")
        self.psql("postgres", "DROP DATABASE anns")
        self.psql("shop", "DROP OWNED BY ann", "DROP ROLE ann")


pgtest.main()
