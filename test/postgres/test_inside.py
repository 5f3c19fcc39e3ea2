"""Inside the session: its transaction, its snapshot, its privileges"""
import json
import os
import subprocess
import time

import pgtest


class Inside(pgtest.Case):
    settings = ("shared_preload_libraries = 'pg_cron'",
                "cron.database_name = 'cron'",
                "cron.use_background_workers = on",
                "wal_level = replica", "max_wal_senders = 4")

    def backup(self, name="a.sql"):
        return f"SELECT zdb_backup_to('{self.path(name)}', NULL, " \
               "'{\"overwrite\": true}')"

    def setUp(self):
        super().setUp()
        if not self.psql("postgres", "SELECT 1 FROM pg_database"
                         " WHERE datname = 'shop'"):
            self.database("shop", "shop.sql")

    def test_the_module_uses_no_foreign_threads_or_names(self):
        library = os.path.join(os.path.dirname(pgtest.__file__), "..", "..",
                               "build", "pg", "zdbackup.so")
        wanted = subprocess.run(["nm", "-D", "--undefined-only", library],
                                capture_output=True, text=True, check=True)
        names = {line.split()[1].split("@")[0]
                 for line in wanted.stdout.splitlines()}
        # a function of the server and of jansson; threads are not for servers
        self.assertFalse(names & {"json_object", "pthread_create"})

    def test_operators_of_others_are_not_called(self):
        self.database("evil", "shop.sql")
        self.psql("evil", "CREATE FUNCTION public.evil(name, name) RETURNS"
                  " bool LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION"
                  " ''evil''; END'",
                  "CREATE OPERATOR public.= (LEFTARG = name,"
                  " RIGHTARG = name, FUNCTION = public.evil)",
                  "CREATE FUNCTION public.evil(text, text) RETURNS text"
                  " LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''evil'';"
                  " END'",
                  "CREATE OPERATOR public.|| (LEFTARG = text,"
                  " RIGHTARG = text, FUNCTION = public.evil)",
                  "ALTER DATABASE evil SET search_path = public, pg_catalog")
        path = self.path("a.sql.gz")
        self.call("evil", "zdb_backup_to", path, True,
                  {"verify": "restore"})
        self.call("evil", "zdb_restore_from", path, {"target": "test"})
        self.call("evil", "zdb_restore_from", path, {"prebackup": False})
        self.call("evil", "zdb_restore_from", path,
                  {"tables": ["messages"], "prebackup": False})
        self.psql("postgres", "DROP DATABASE evil_test")

    def test_own_uncommitted_changes(self):
        self.psql("shop", "BEGIN", "CREATE TABLE fresh(a int)",
                  "INSERT INTO fresh VALUES (42)",
                  "DELETE FROM favourites",
                  "ALTER TABLE users ADD COLUMN later int DEFAULT 7",
                  self.backup(), "ROLLBACK")
        plain = self.plain("a.sql")
        self.assertIn(b"COPY public.fresh (a) FROM stdin;\n42\n\\.\n", plain)
        self.assertRegex(plain, rb"COPY public\.favourites \([^)]*\) FROM "
                         rb"stdin;\n\\\.\n")
        self.assertRegex(plain, rb"COPY public\.users \([^)]*, later\) ")

    def test_own_access_exclusive_lock(self):
        self.psql("shop", "BEGIN", "LOCK TABLE messages", self.backup(),
                  "ROLLBACK")

    def test_large_table_of_this_transaction(self):
        """Workers see rows that nobody else does."""
        report = self.psql(
            "shop", "BEGIN", "CREATE TABLE fresh AS SELECT g AS a,"
            " repeat(md5(g::text), 10) AS t FROM generate_series(1, 50000) g",
            "UPDATE fresh SET a = -a WHERE a % 2 = 0",
            self.backup(), "ROLLBACK")
        self.assertIn('"rows": 55000', report)

    def test_in_an_exception_block(self):
        self.psql("shop", "DO $$ BEGIN BEGIN PERFORM zdb_backup_to("
                  f"'{self.path('x.sql')}'); EXCEPTION WHEN division_by_zero"
                  " THEN NULL; END; END $$")
        self.psql("shop", "DO $$ BEGIN BEGIN PERFORM zdb_backup_to('/no/x');"
                  " EXCEPTION WHEN OTHERS THEN NULL; END;"
                  f" PERFORM zdb_backup_to('{self.path('y.sql')}'); END $$")
        self.assertEqual(self.plain("x.sql").count(b"\n"),
                         self.plain("y.sql").count(b"\n"))
        self.nothing_left()

    def test_isolation_levels(self):
        for level in ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE",
                      "READ COMMITTED READ ONLY",
                      "SERIALIZABLE READ ONLY DEFERRABLE"):
            self.psql("shop", f"BEGIN ISOLATION LEVEL {level}", self.backup(),
                      "COMMIT")

    def test_snapshot_of_repeatable_read(self):
        one = self.session("shop")
        one("BEGIN ISOLATION LEVEL REPEATABLE READ")
        before = one("SELECT count(*) FROM favourites")
        self.psql("shop", "CREATE TEMP TABLE kept AS SELECT * FROM favourites",
                  "DELETE FROM favourites")
        report = one(self.backup() + "->'tables'->1")
        one("ROLLBACK")
        self.assertIn(f'"rows": {before}, ', report)
        self.psql("shop", f"SELECT zdb_restore_from('{self.path('a.sql')}',"
                  " '{\"tables\": [\"favourites\"], \"prebackup\": false}')")

    def test_schema_changed_by_another(self):
        one = self.session("shop")
        one("BEGIN ISOLATION LEVEL REPEATABLE READ")
        one("SELECT count(*) FROM favourites")
        self.psql("shop", "CREATE FUNCTION later() RETURNS int LANGUAGE sql"
                  " AS 'SELECT 1'")
        said = one(self.backup())
        one("ROLLBACK")
        self.psql("shop", "DROP FUNCTION later()")
        self.assertIn("schema changed during backup", said)
        self.nothing_left()

    def test_temporary_tables_of_others_do_not_matter(self):
        one = self.session("shop")
        one("BEGIN ISOLATION LEVEL REPEATABLE READ")
        one("SELECT count(*) FROM favourites")
        two = self.session("shop")
        two("CREATE TEMP TABLE x(a int PRIMARY KEY, b text DEFAULT 'x')")
        self.assertIn('"rows": 5000', one(self.backup()))
        one("ROLLBACK")

    def test_privileges(self):
        self.psql("shop", "DO $$ BEGIN CREATE ROLE low LOGIN; EXCEPTION WHEN"
                  " duplicate_object THEN NULL; END $$")
        self.fails("shop", self.backup(), user="low", code="42501",
                   text="permission denied for function zdb_backup_to")
        self.psql("shop", "GRANT EXECUTE ON FUNCTION"
                  " zdb_backup_to(text, text, jsonb),"
                  " zdb_backup_to(text, boolean, jsonb) TO low")
        self.fails("shop", self.backup(), user="low", code="42501",
                   text="permission denied to write a file of the server")
        self.psql("shop", "GRANT pg_write_server_files, pg_read_server_files"
                  " TO low")
        self.fails("shop", self.backup(), user="low", code="42501",
                   text="permission denied for table")
        self.assertEqual(self.backups(), [])
        self.psql("shop", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO low",
                  "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO low")
        self.psql("shop", self.backup(), user="low")
        self.psql("shop", "ALTER TABLE users ENABLE ROW LEVEL SECURITY")
        self.fails("shop", self.backup(), user="low", code="42501",
                   text="row-level security policy")
        self.psql("shop", "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
                  "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM low",
                  "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM low")
        self.nothing_left()

    def test_a_program_that_is_not_pg_dump(self):
        for program, text in (("/bin/true", "pg_dump did not complete"),
                              ("/bin/false", "pg_dump did not complete"),
                              ("/bin/nothing", "could not find pg_dump")):
            self.fails("shop", f"SET zdbackup.pg_dump = '{program}'",
                       self.backup(), text=text)
        self.assertEqual(self.backups(), [])
        self.nothing_left()

    def test_a_signal_for_all_processes_of_a_session(self):
        """pg_dump may end first"""
        program = self.path("pg_dump")
        with open(program, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nkill -INT 0\n")
        os.chmod(program, 0o755)
        session = self.session("shop")
        session(f"SET zdbackup.pg_dump = '{program}'")
        for _ in range(20):
            self.assertIn("canceling statement", session(self.backup()))

    def test_settings_for_superusers(self):
        self.psql("shop", "DO $$ BEGIN CREATE ROLE low LOGIN; EXCEPTION WHEN"
                  " duplicate_object THEN NULL; END $$")
        self.fails("shop", "SELECT zdb_version()",
                   "SET zdbackup.pg_dump = '/x'",
                   user="low", text="permission denied to set parameter")

    def test_from_pg_cron(self):
        self.cluster.create("cron")
        self.psql("cron", "CREATE EXTENSION pg_cron")
        path = self.path("cron.sql.gz")
        self.psql("cron", "SELECT cron.schedule_in_database('nightly',"
                  f" '* * * * *', $$SELECT zdb_backup_to('{path}', true,"
                  " '{\"overwrite\": true}')$$, 'shop')")
        for _ in range(75):
            status = self.psql("cron", "SELECT status, return_message FROM"
                               " cron.job_run_details WHERE status IN"
                               " ('succeeded', 'failed') LIMIT 1")
            if status:
                break
            time.sleep(1)
        self.psql("cron", "SELECT cron.unschedule('nightly')")
        self.assertIn("succeeded", status)
        self.assertTrue(self.call("shop", "zdb_verify", path)["ok"])

    def test_on_a_hot_standby(self):
        standby = os.path.join(self.cluster.dir, "standby")
        port = "5433"
        script = (
            f"{pgtest.BIN}/pg_basebackup -h {self.cluster.socket} -U postgres"
            f" -D {standby} -R -X stream -c fast && "
            f"{pgtest.BIN}/pg_ctl -D {standby} -l {standby}.log -w"
            f" -o '-p {port}' start")
        as_server = ["su", "postgres", "-s", "/bin/sh", "-c"] \
            if os.getuid() == 0 else ["sh", "-c"]
        subprocess.run(as_server + [script], check=True, cwd="/",
                       stdout=subprocess.DEVNULL)
        try:
            query = self.backup("standby.sql.gz")
            done = subprocess.run(
                self.cluster.command("psql", "-XAtq", "-p", port, "-d",
                                     "shop", "-c", query),
                capture_output=True, text=True)
            self.assertEqual(done.stderr, "")
            self.assertIn('"rows": 5000', done.stdout)
            done = subprocess.run(
                self.cluster.command(
                    "psql", "-XAtq", "-p", port, "-d", "shop", "-c",
                    f"SELECT zdb_verify('{self.path('standby.sql.gz')}',"
                    " '{\"level\": \"restore\"}')"),
                capture_output=True, text=True)
            self.assertIn("a standby cannot make", done.stderr)
        finally:
            subprocess.run(as_server + [
                f"{pgtest.BIN}/pg_ctl -D {standby} -m immediate stop"],
                stdout=subprocess.DEVNULL, cwd="/")
        with open(self.path("zdbackup_history.jsonl")) as file:
            ended = [(r["operation"], r["outcome"])
                     for r in map(json.loads, file)]
        self.assertEqual(ended, [("backup", "success"),
                                 ("verify", "failure")])
        self.restore_by_psql("standby.sql.gz", "from_standby")
        self.same_database("shop", "from_standby")

    def test_progress_is_seen_by_others(self):
        self.cluster.create("large")
        self.psql("large", "CREATE EXTENSION zdbackup",
                  "CREATE TABLE t AS SELECT g, md5(g::text) AS m,"
                  " md5((g * 3)::text) AS n FROM"
                  " generate_series(1, 700000) g")
        one = self.session("large")
        one.send(self.backup("p.sql.gz").replace("NULL", "'gzip:12'"))
        seen = ""
        for _ in range(400):
            seen = self.psql("large", 'SELECT phase, "table", bytes > 0,'
                             " share BETWEEN 0 AND 1, bytes_per_s > 0"
                             " FROM zdb_progress WHERE \"table\" <> ''")
            if seen:
                break
            time.sleep(0.01)
        said = one.result()
        self.assertEqual(seen, "backup|public.t|t|t|t", said)
        self.assertEqual(self.psql("large", "SELECT * FROM zdb_progress"), "")


pgtest.main()
