"""A restore gives back what the backup holds, or changes nothing"""
import os
import subprocess

import pgtest


class Restore(pgtest.Case):
    settings = ("max_worker_processes = 20",)

    def setUp(self):
        super().setUp()
        self.database("shop", "shop.sql")
        self.call("shop", "zdb_backup_to", self.path("a.sql.gz"))
        self.before = self.cluster.dump("shop")

    def restore(self, name="a.sql.gz", **options):
        return self.call("shop", "zdb_restore_from", self.path(name), options)

    def unchanged(self):
        self.assertEqual(sorted(self.cluster.dump("shop").split(b"\n")),
                         sorted(self.before.split(b"\n")))

    def test_replace(self):
        self.psql("shop", "DELETE FROM messages", "DROP VIEW active_users",
                  "ALTER TABLE users ADD COLUMN more int",
                  "CREATE TABLE kept AS SELECT 1 AS a",
                  "ALTER TABLE users ADD UNIQUE (id, more)",
                  "CREATE INDEX ON merchants (id, id)")
        report = self.restore()
        self.assertEqual(report["rows"], 5000)
        table = {t["table"]: t for t in report["tables"]}["messages"]
        self.assertEqual((table["rows_before"], table["rows_after"]),
                         (0, 3000))
        self.assertEqual(self.psql("shop", "SELECT a FROM kept"), "1")
        self.psql("shop", "DROP TABLE kept")
        self.unchanged()
        self.assertTrue(os.path.exists(report["prebackup"]))
        self.assertEqual(self.psql("shop", "SELECT extname FROM pg_extension"
                                   " WHERE extname = 'zdbackup'"), "zdbackup")

    def test_the_prebackup_takes_it_back(self):
        self.psql("shop", "DELETE FROM favourites")
        changed = self.cluster.dump("shop")
        report = self.restore()
        self.unchanged()
        self.call("shop", "zdb_restore_from", report["prebackup"])
        self.assertEqual(sorted(self.cluster.dump("shop").split(b"\n")),
                         sorted(changed.split(b"\n")))

    def test_dry_run_changes_nothing(self):
        self.psql("shop", "DELETE FROM favourites")
        self.before = self.cluster.dump("shop")
        report = self.restore(dry_run=True)
        self.assertTrue(report["dry_run"])
        self.assertEqual(report["rows"], 5000)
        self.unchanged()
        self.assertEqual(self.backups(), ["a.sql.gz"])

    def test_what_depends_from_outside_is_named(self):
        self.psql("shop", "CREATE VIEW outside AS SELECT id FROM users")
        self.before = self.cluster.dump("shop")
        self.fails("shop", f"SELECT zdb_restore_from('{self.path('a.sql.gz')}')",
                   text="outside depends on", code="2BP01")
        self.unchanged()

    def test_missing_roles_are_named_first(self):
        self.psql("shop", "CREATE ROLE gone_one", "CREATE ROLE gone_two",
                  "GRANT SELECT ON users TO gone_one",
                  "ALTER TABLE merchants OWNER TO gone_two")
        self.call("shop", "zdb_backup_to", self.path("r.sql.gz"))
        self.psql("shop", "ALTER TABLE merchants OWNER TO postgres",
                  "DROP OWNED BY gone_one, gone_two",
                  "DROP ROLE gone_one, gone_two")
        self.before = self.cluster.dump("shop")
        said = self.fails(
            "shop", f"SELECT zdb_restore_from('{self.path('r.sql.gz')}')",
            text="roles that do not exist", code="42704")
        self.assertIn('"gone_one"', said)
        self.assertIn('"gone_two"', said)
        self.unchanged()
        self.assertEqual(self.backups(),
                         ["a.sql.gz", "r.sql.gz"])

    def test_tables(self):
        self.psql("shop", "DELETE FROM messages WHERE id % 2 = 0",
                  "UPDATE users SET name = 'x'")
        report = self.restore(tables=["messages"], prebackup=False)
        self.assertEqual(report["tables"], [
            {"schema": "public", "table": "messages", "rows_before": 1500,
             "rows_after": 3000}])
        self.assertEqual(self.psql("shop", "SELECT count(*) FROM users"
                                   " WHERE name = 'x'"), "200")
        self.restore(tables=["users"], prebackup=False)
        self.unchanged()

    def test_tables_check_foreign_keys(self):
        self.psql("shop", "DELETE FROM messages", "DELETE FROM favourites",
                  "DELETE FROM conversations")
        self.before = self.cluster.dump("shop")
        self.fails("shop", "SELECT zdb_restore_from('"
                   + self.path("a.sql.gz") + "', '{\"tables\": [\"messages\"],"
                   " \"prebackup\": false}')", code="23503",
                   text="would violate foreign key")
        self.unchanged()
        self.fails("shop", "SELECT zdb_restore_from('"
                   + self.path("a.sql.gz") + "', '{\"tables\": [\"nobody\"]}')",
                   text='no table "nobody"', code="42P01")

    def test_tables_do_not_fire_triggers_and_move_sequences(self):
        self.psql("shop", "TRUNCATE messages RESTART IDENTITY CASCADE",
                  "CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS"
                  " 'BEGIN RAISE EXCEPTION ''boom''; END'",
                  "CREATE TRIGGER t BEFORE INSERT OR DELETE ON messages"
                  " FOR EACH ROW EXECUTE FUNCTION boom()")
        self.restore(tables=["messages"], prebackup=False)
        self.psql("shop", "DROP TRIGGER t ON messages",
                  "CREATE TEMP TABLE one AS SELECT * FROM messages LIMIT 1",
                  "ALTER TABLE one DROP COLUMN id")
        self.assertEqual(self.psql(
            "shop", "SELECT nextval(pg_get_serial_sequence('messages', 'id'))"
            " > (SELECT max(id) FROM messages)"), "t")

    def test_tables_and_triggers_that_always_fire(self):
        self.psql("shop", "CREATE FUNCTION skip() RETURNS trigger LANGUAGE"
                  " plpgsql AS 'BEGIN RETURN NULL; END'",
                  "CREATE TRIGGER a BEFORE INSERT OR DELETE ON messages"
                  " FOR EACH ROW EXECUTE FUNCTION skip()",
                  "ALTER TABLE messages ENABLE ALWAYS TRIGGER a",
                  "CREATE TRIGGER r BEFORE INSERT OR DELETE ON messages"
                  " FOR EACH ROW EXECUTE FUNCTION skip()",
                  "ALTER TABLE messages ENABLE REPLICA TRIGGER r",
                  "CREATE RULE d AS ON DELETE TO messages DO INSTEAD NOTHING",
                  "ALTER TABLE messages ENABLE ALWAYS RULE d")
        self.before = self.cluster.dump("shop")
        self.restore(tables=["messages"], prebackup=False)
        self.unchanged()

    def test_system_catalogs_are_not_tables(self):
        self.fails("shop", "SELECT zdb_backup_to('" + self.path("c.sql.gz")
                   + "', true, '{\"tables\": [\"pg_class\"]}')",
                   text="belongs to the system", code="42809")

    def test_default_privileges_do_not_change_rights(self):
        self.psql("shop", "DROP ROLE IF EXISTS reader", "CREATE ROLE reader",
                  "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader",
                  "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS"
                  " FROM PUBLIC")
        self.call("shop", "zdb_backup_to", self.path("p.sql.gz"))
        self.psql("shop", "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
                  " GRANT UPDATE ON TABLES TO reader")
        self.before = self.cluster.dump("shop")
        self.restore("p.sql.gz", prebackup=False)
        self.unchanged()
        self.psql("shop", "DROP OWNED BY reader", "DROP ROLE reader")

    def test_an_owner_who_is_no_superuser(self):
        self.database("owned")
        self.psql("owned", "DROP ROLE IF EXISTS own",
                  "CREATE ROLE own LOGIN CREATEDB",
                  "GRANT pg_read_server_files, pg_write_server_files TO own",
                  "ALTER DATABASE owned OWNER TO own",
                  "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO own",
                  "SET ROLE own", "CREATE TABLE t AS SELECT 1 AS a")
        path = self.path("o.sql.gz")
        self.call("owned", "zdb_backup_to", path, user="own")
        self.call("owned", "zdb_restore_from", path, {"prebackup": False},
                  user="own")
        self.call("owned", "zdb_restore_from", path, {"target": "test"},
                  user="own")
        self.assertTrue(self.call("owned", "zdb_verify", path,
                                  {"level": "restore"}, user="own")["ok"])
        self.assertEqual(self.psql("owned_test", "SELECT a FROM t"), "1")
        self.psql("postgres", "DROP DATABASE owned_test",
                  "DROP DATABASE owned", "DROP ROLE own")

    def test_read_only(self):
        self.fails("shop", "SET default_transaction_read_only = on",
                   f"SELECT zdb_restore_from('{self.path('a.sql.gz')}')",
                   text="cannot execute zdb_restore_from() in a read-only",
                   code="25006")

    def test_sequences_and_publications_from_outside(self):
        self.psql("shop", "CREATE SEQUENCE mine OWNED BY users.id")
        self.fails("shop", f"SELECT zdb_restore_from('{self.path('a.sql.gz')}')",
                   text="sequence public.mine is not in the backup",
                   code="2BP01")
        self.psql("shop", "ALTER SEQUENCE mine OWNED BY NONE",
                  "CREATE PUBLICATION pub FOR TABLE users")
        self.assertEqual(self.restore(prebackup=False)["warnings"],
                         ['publication "pub" is not in the backup, and has'
                          ' lost table public.users: add it again'])
        self.psql("shop", "SELECT nextval('mine')")

    def test_a_partitioned_table(self):
        self.psql("shop", "CREATE TABLE p(id int, t text) PARTITION BY"
                  " RANGE (id)", "CREATE TABLE p1 PARTITION OF p FOR VALUES"
                  " FROM (0) TO (10)", "CREATE TABLE p2 PARTITION OF p"
                  " DEFAULT", "INSERT INTO p SELECT g, 'x' FROM"
                  " generate_series(1, 100) g")
        report = self.call("shop", "zdb_backup_to", self.path("p.sql"), None,
                           {"tables": ["p"]})
        self.assertEqual([(t["table"], t["rows"]) for t in report["tables"]],
                         [("p1", 9), ("p2", 91)])
        self.psql("shop", "DELETE FROM p WHERE id < 50")
        self.restore("p.sql", tables=["p"], prebackup=False)
        self.assertEqual(self.psql("shop", "SELECT count(*) FROM p"), "100")

    def test_a_table_named_twice(self):
        self.psql("shop", "CREATE TABLE p(a int) PARTITION BY LIST (a)",
                  "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
                  "INSERT INTO p VALUES (1)", "CREATE TABLE b(a int)",
                  "INSERT INTO b VALUES (1)")
        self.call("shop", "zdb_backup_to", self.path("t.sql.gz"))
        self.restore("t.sql.gz", prebackup=False,
                     tables=["b", "public.b", "p1", "p"])
        self.assertEqual(self.psql("shop", "SELECT (SELECT count(*) FROM b),"
                                   " (SELECT count(*) FROM p)"), "1|1")

    def test_data_backup(self):
        self.call("shop", "zdb_backup_to", self.path("d.sql.gz"), None,
                  {"type": "data"})
        self.psql("shop", "DELETE FROM messages", "DELETE FROM favourites",
                  "UPDATE users SET name = 'x'")
        self.assertEqual(self.restore("d.sql.gz", prebackup=False)["rows"],
                         5000)
        self.unchanged()

    def test_schema_backup_never_empties_tables(self):
        self.call("shop", "zdb_backup_to", self.path("s.sql.gz"), None,
                  {"type": "schema"})
        self.fails("shop", "SELECT zdb_restore_from('"
                   + self.path("s.sql.gz") + "')", text="already has")
        self.unchanged()
        self.database("bare")
        self.call("bare", "zdb_restore_from", self.path("s.sql.gz"))
        self.assertEqual(self.cluster.dump("shop", "-s"),
                         self.cluster.dump("bare", "-s"))

    def test_new_database(self):
        report = self.restore(target="test")
        self.assertEqual(report["target"], "shop_test")
        self.same_database("shop", "shop_test")
        said = self.fails("shop", "SELECT zdb_restore_from('"
                          + self.path("a.sql.gz")
                          + "', '{\"target\": \"test\"}')",
                          text="exists", code="42P04")
        self.assertIn("overwrite", said)
        self.psql("shop_test", "DROP TABLE messages")
        self.restore(target="test", overwrite=True)
        self.same_database("shop", "shop_test")
        self.restore(target='My "new" db')
        self.same_database("shop", 'My "new" db')
        self.psql("shop", 'DROP DATABASE shop_test',
                  'DROP DATABASE "My ""new"" db"')
        self.nothing_left()

    def test_new_database_that_fails_leaves_the_old(self):
        self.psql("shop", "CREATE DATABASE other")
        self.psql("other", "CREATE TABLE kept(a int)")
        plain = self.path("bad.sql")
        with open(plain, "wb") as file:
            file.write(self.plain("a.sql.gz") + b"SELECT 1/0;\n")
        self.fails("shop", f"SELECT zdb_restore_from('{plain}', "
                   "'{\"target\": \"other\", \"overwrite\": true}')",
                   text="division by zero", code="22012")
        self.assertEqual(self.psql("other", "SELECT count(*) FROM kept"), "0")
        self.psql("shop", "DROP DATABASE other")
        self.eventually_nothing_left()

    def test_an_error_in_the_middle_rolls_back(self):
        plain = self.path("bad.sql")
        with open(plain, "wb") as file:
            file.write(self.plain("a.sql.gz") + b"SELECT 1/0;\n")
        said = self.fails("shop", f"SELECT zdb_restore_from('{plain}')",
                          text="division by zero", code="22012")
        self.assertIn('of "' + plain, said)
        self.unchanged()

    def test_inside_a_larger_transaction(self):
        self.psql("shop", "BEGIN", "DELETE FROM messages",
                  f"SELECT zdb_restore_from('{self.path('a.sql.gz')}')",
                  "SELECT 1 / (count(*) - 2999) FROM messages", "ROLLBACK")
        self.unchanged()

    def test_sqlite_backups_are_named(self):
        path = self.path("x.db")
        subprocess.run(["sqlite3", path, "CREATE TABLE t(a)"], check=True)
        os.chmod(path, 0o644)
        self.fails("shop", f"SELECT zdb_restore_from('{path}')",
                   text="SQLite", code="42809")


class ThroughTheRoot(pgtest.Case):
    """Rows hashed by an enum may belong to other partitions elsewhere, so
    pg_dump loads them through the partitioned table"""
    settings = ("max_worker_processes = 20",)

    def setUp(self):
        super().setUp()
        self.database("enums")
        self.psql("enums", "CREATE TYPE e AS ENUM ('a', 'b', 'c', 'd')",
                  "CREATE TABLE p (e e, v int) PARTITION BY HASH (e)",
                  "CREATE TABLE p0 PARTITION OF p FOR VALUES WITH"
                  " (MODULUS 2, REMAINDER 0)",
                  "CREATE TABLE p1 PARTITION OF p FOR VALUES WITH"
                  " (MODULUS 2, REMAINDER 1)",
                  "INSERT INTO p SELECT ('{a,b,c,d}'::e[])[1 + g % 4], g"
                  " FROM generate_series(1, 100) g")
        self.call("enums", "zdb_backup_to", self.path("e.sql.gz"), True)

    def restore(self, **options):
        return self.call("enums", "zdb_restore_from", self.path("e.sql.gz"),
                         {"prebackup": False, **options})

    def counts(self):
        return self.psql("enums", "SELECT (SELECT count(*) FROM p0),"
                         " (SELECT count(*) FROM p1)")

    def test_here(self):
        self.psql("enums", "DELETE FROM p WHERE v > 50")
        report = self.restore()
        self.assertEqual(self.psql("enums", "SELECT count(*) FROM p"), "100")
        self.assertEqual("|".join(str(t["rows_after"])
                                  for t in report["tables"]), self.counts())
        self.assertEqual(report["rows"], 100)

    def test_its_rows(self):
        before = self.counts()
        self.psql("enums", "DELETE FROM p WHERE v > 50")
        report = self.restore(tables=["p"])
        self.assertEqual(report["rows"], 100)
        self.assertEqual(self.counts(), before)

    def test_one_partition_alone(self):
        before = self.counts()
        self.fails("enums", "SELECT zdb_restore_from('"
                   + self.path("e.sql.gz") + "', '{\"tables\": [\"p0\"],"
                   " \"prebackup\": false}')", code="0A000",
                   text='"p1" is not among the tables')
        self.assertEqual(self.counts(), before)

    def test_new_database(self):
        # other enum values have other numbers there
        for i in range(4):
            self.restore(target="test", overwrite=True)
            self.assertEqual(self.psql("enums_test",
                                       "SELECT count(*) FROM p"), "100")
        self.assertTrue(self.call("enums", "zdb_verify",
                                  self.path("e.sql.gz"),
                                  {"level": "restore"})["ok"])

    def test_a_check_that_reads_another_table(self):
        self.psql("enums", "CREATE TABLE a(id int)",
                  "INSERT INTO a SELECT generate_series(1, 300000)",
                  "CREATE FUNCTION has(int) RETURNS bool LANGUAGE sql AS"
                  " 'SELECT EXISTS (SELECT FROM public.a)'",
                  "CREATE TABLE c(id int CHECK (has(id)))",
                  "INSERT INTO c VALUES (1)")
        self.call("enums", "zdb_backup_to", self.path("e.sql.gz"), True,
                  {"overwrite": True, "verify": "restore"})


class Foreign(pgtest.Case):
    """Scripts that pg_dump wrote"""

    def setUp(self):
        super().setUp()
        self.database("shop", "shop.sql")

    def dumped(self, name, *args):
        script = subprocess.run(
            self.cluster.command("pg_dump", *args, "shop"),
            capture_output=True, check=True).stdout
        tool = {".gz": ["gzip", "-c"], ".zst": ["zstd", "-cq"]}.get(
            os.path.splitext(name)[1], ["cat"])
        with open(self.path(name), "wb") as file:
            subprocess.run(tool, input=script, stdout=file, check=True)
        return self.path(name)

    def test_verify_and_restore(self):
        before = self.cluster.dump("shop")
        for name, args in (("p.sql", ()), ("p.sql.gz", ("--inserts",)),
                           ("p.sql.zst", ("--column-inserts",))):
            path = self.dumped(name, *args)
            report = self.call("shop", "zdb_verify", path,
                               {"level": "restore"})
            self.assertTrue(report["ok"])
            self.assertFalse(report["indexed"])
            self.psql("shop", "DELETE FROM messages")
            report = self.call("shop", "zdb_restore_from", path,
                               {"prebackup": False})
            self.assertEqual(sorted(self.cluster.dump("shop").split(b"\n")),
                             sorted(before.split(b"\n")))
            report = self.call("shop", "zdb_restore_from", path,
                               {"target": "test", "overwrite": True})
            self.same_database("shop", "shop_test")

    def test_what_psql_alone_can_run(self):
        path = self.dumped("c.sql", "-C")
        said = self.fails("shop", f"SELECT zdb_restore_from('{path}')",
                          text="is for psql", code="0A000")
        self.assertIn("\\connect", said)
        path = self.path("shell.sql")
        with open(path, "w") as file:
            file.write("SELECT 1;\n\\! touch /var/tmp/zdb-hacked\n")
        self.fails("shop", f"SELECT zdb_restore_from('{path}')",
                   text="is for psql")
        self.assertFalse(os.path.exists("/var/tmp/zdb-hacked"))

    def test_scripts_that_stop_early(self):
        with open(self.dumped("p.sql"), "rb") as file:
            script = file.read()
        before = self.cluster.dump("shop")
        at = script.index(b"COPY public.messages")
        for cut, text in ((at + 20000, "ends inside the rows"),
                          (at + 20, "ends inside a statement")):
            with open(self.path("cut.sql"), "wb") as file:
                file.write(script[:cut])
            for function in ("zdb_restore_from", "zdb_verify"):
                option = "" if "rest" in function else \
                    ", '{\"level\": \"restore\"}'"
                self.fails("shop", f"SELECT {function}("
                           f"'{self.path('cut.sql')}'{option})", text=text)
        self.assertEqual(self.cluster.dump("shop"), before)

    def script(self, text):
        path = self.path("own.sql")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def refused(self, text, said, code):
        path = self.script("CREATE TABLE first(a int);\n" + text)
        message = self.fails("shop", f"SELECT zdb_restore_from('{path}')",
                             text=said, code=code)
        # what is wrong stands in the script, not in the caller's statement
        self.assertNotIn("LINE 1: SELECT zdb_restore_from", message)
        self.assertEqual(self.psql("shop", "SELECT to_regclass('first')"), "")

    def test_what_needs_a_client(self):
        self.refused("COPY (SELECT 1) TO STDOUT;\n", "to its client",
                     "0A000")
        self.refused("COPY first FROM stdin WHERE a > 1;\n1\n\\.\n",
                     "WHERE", "0A000")
        for text in ("ROLLBACK", "SAVEPOINT a", "PREPARE TRANSACTION 'a'"):
            self.refused(text + ";\n", "takes back or prepares", "0A000")

    def test_statements_that_are_wrong(self):
        self.refused("CREATE TABEL second(a int);\n", 'near "TABEL"',
                     "42601")
        self.refused("INSERT INTO first VALUES (nobody);\n", '"nobody"',
                     "42703")

    def test_definitions_that_are_nonsense(self):
        for argument in ("5", "'int'", "NONE", "true"):
            self.refused("CREATE OPERATOR public.## (LEFTARG = " + argument
                         + ", RIGHTARG = 7, FUNCTION = int4pl);\n", "", "42")

    def test_what_psql_does_with_encodings(self):
        self.call("shop", "zdb_restore_from", self.script(
            "\ufeffBEGIN;\nCREATE TABLE latin(c text);\n"
            "SET client_encoding = DEFAULT;\nRESET client_encoding;\n"
            "COPY latin FROM stdin WITH (ENCODING 'LATIN1', FREEZE);\n"
            "\u00e9\n\\.\nCOMMIT;\n"), {"prebackup": False})
        self.assertEqual(self.psql("shop", "SELECT c FROM latin"),
                         "\u00c3\u00a9")

    def test_another_encoding(self):
        with open(self.path("l.sql"), "wb") as file:
            file.write("SET client_encoding = 'LATIN1';\n"
                       "CREATE TABLE latin(c text);\n"
                       "COMMENT ON TABLE latin IS 'é';\n"
                       "COPY latin (c) FROM stdin;\né\\tü\n\\.\n"
                       .encode("latin1"))
        self.call("shop", "zdb_restore_from", self.path("l.sql"),
                  {"prebackup": False})
        self.assertEqual(self.psql("shop", "SELECT c FROM latin"), "é\tü")
        self.assertEqual(self.psql("shop", "SELECT obj_description("
                                   "'latin'::regclass)"), "é")
        self.assertEqual(self.psql("shop", "SHOW client_encoding"), "UTF8")


pgtest.main()
