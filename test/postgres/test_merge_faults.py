"""A merge that fails has not happened; merges and writers wait for one another"""
import glob
import os
import random
import re
import signal
import sqlite3
import subprocess
import time

import pgtest

ROWS = 20000

# triggers in each of their states; a check; references
SCHEMA = """
    CREATE TABLE users(id int PRIMARY KEY, email text UNIQUE, name text,
        CHECK (name <> 'refused'));
    CREATE TABLE notes(id serial PRIMARY KEY, "user" int NOT NULL REFERENCES
        users, body text);
    CREATE TABLE seen(id serial PRIMARY KEY, t text);
    CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
        INSERT INTO seen(t) VALUES (TG_NAME); RETURN NEW; END$$;
    CREATE TRIGGER one BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION
        say();
    CREATE TRIGGER two AFTER INSERT ON notes FOR EACH ROW EXECUTE FUNCTION
        say();
    CREATE TRIGGER three AFTER INSERT ON users EXECUTE FUNCTION say();
    CREATE TRIGGER four AFTER INSERT ON users EXECUTE FUNCTION say();
    ALTER TABLE notes DISABLE TRIGGER two;
    ALTER TABLE users ENABLE ALWAYS TRIGGER three;
    ALTER TABLE users ENABLE REPLICA TRIGGER four"""

# everybody has another id here than in the backup
LIVE = """INSERT INTO users SELECT g, 'u' || (g + 500), 'live' FROM
        generate_series(1, 1000) g;
    INSERT INTO notes("user", body) SELECT g % 1000 + 1, 'live' FROM
        generate_series(1, 1000) g;
    DELETE FROM seen"""

LITE = f"""
    CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT);
    CREATE TABLE notes(id INTEGER PRIMARY KEY, user INT NOT NULL REFERENCES
        users, body TEXT, made DATETIME);
    CREATE INDEX by_user ON notes(user);
    WITH RECURSIVE g(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM g WHERE
        i < 1000) INSERT INTO users SELECT i, 'u' || i, 'backup' FROM g;
    WITH RECURSIVE g(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM g WHERE
        i < {ROWS}) INSERT INTO notes SELECT i, i % 1000 + 1, 'note ' || i ||
        hex(randomblob(20)), 1756700000000 + i FROM g;"""


class MergeFaults(pgtest.Case):
    settings = ("max_worker_processes = 20", "log_min_messages = panic",
                "deadlock_timeout = 100ms")

    def live(self, *more):
        self.database("live")
        self.psql("live", SCHEMA, LIVE, *more)

    def backup(self):
        """A backup that was taken in PostgreSQL, another one in SQLite."""
        path = os.path.join(self.cluster.dir, "notes.sql.gz")
        if os.path.exists(path):
            return path
        self.database("source")
        self.psql("source", SCHEMA, """INSERT INTO users SELECT g, 'u' || g,
                'backup' FROM generate_series(1, 1000) g""",
                  f"""INSERT INTO notes SELECT g, g % 1000 + 1, 'note ' ||
                md5(g::text) FROM generate_series(1, {ROWS}) g""",
                  "DELETE FROM seen")
        self.call("source", "zdb_backup_to", path)
        lite = os.path.join(self.cluster.dir, "notes.db")
        con = sqlite3.connect(lite)
        con.executescript(LITE)
        con.commit()
        con.close()
        os.chmod(lite, 0o644)
        return path

    def lite(self):
        self.backup()
        return os.path.join(self.cluster.dir, "notes.db")

    def merge(self, path, **policy):
        return (f"SELECT 'merged' FROM zdb_merge_from('{path}', "
                + pgtest.sql_text(pgtest.json.dumps(policy)) + "::jsonb)")

    def temp_files(self):
        data = os.path.join(self.cluster.dir, "data")
        return glob.glob(os.path.join(data, "base/pgsql_tmp/*"))

    def dump(self):
        """Rows may move, and sequences never go back."""
        return sorted(line for line in self.cluster.dump("live").split(b"\n")
                      if b"pg_catalog.setval(" not in line)

    def nothing_happened(self, before):
        """The database, triggers included, is as it was; nothing lies
        about."""
        self.assertEqual(self.dump(), before)
        self.assertEqual(self.psql("live", "SELECT oid::regclass FROM"
                                   " pg_class WHERE relname LIKE 'zdb:%'"),
                         "")
        self.nothing_left()
        self.assertEqual(self.temp_files(), [])

    def all_ways(self):
        yield "from PostgreSQL", self.merge(self.backup())
        yield "from SQLite", self.merge(self.lite())

    def test_damage(self):
        with open(self.backup(), "rb") as file:
            whole = file.read()
        with open(self.lite(), "rb") as file:
            lite = file.read()
        self.live()
        before = self.dump()
        random.seed(5)
        for content, name in ((whole, "bad.sql.gz"), (lite, "bad.db")):
            for _ in range(6):
                bad = bytearray(content)
                at = random.randrange(len(bad) // 10, len(bad) * 9 // 10)
                bad[at:at + 300] = bytes(random.randrange(256)
                                         for _ in range(300))
                with open(self.path(name), "wb") as file:
                    file.write(bad)
                if name == "bad.db" and self.unharmed(self.path(name)):
                    continue
                with self.subTest(name=name, at=at):
                    said = self.fails("live", self.merge(self.path(name)),
                                      text="")
                    self.assertNotIn("cannot merge", said)
        self.nothing_happened(before)

    def unharmed(self, path):
        """A plain SQLite file has no checksums: is it whole all the same?"""
        try:
            con = sqlite3.connect(path)
            con.text_factory = bytes
            rows = con.execute("PRAGMA integrity_check").fetchall()
            return rows == [(b"ok",)]
        except sqlite3.Error:
            return False

    def test_cancelled_at_any_moment(self):
        self.live()
        before = self.dump()
        random.seed(6)
        for name, statement in self.all_ways():
            session = self.session("live")
            session("SET client_min_messages = error")
            session("BEGIN")
            begun = time.time()
            self.assertEqual(session(statement), "merged")
            whole = int(1000 * (time.time() - begun))
            session("ROLLBACK")
            cancelled = 0
            for _ in range(12):
                session("BEGIN")
                session("SET LOCAL statement_timeout ="
                        f" {random.randint(1, whole)}")
                said = session(statement)
                cancelled += "statement timeout" in said
                self.assertTrue("statement timeout" in said
                                or said == "merged", said)
                session("ROLLBACK")
                self.assertEqual(self.temp_files(), [])
            with self.subTest(name):
                self.assertGreater(cancelled, 3)
                self.nothing_happened(before)
                session("BEGIN")
                self.assertEqual(session(statement), "merged")
                session("ROLLBACK")

    def test_a_cancelled_way_up(self):
        self.database("live")
        before = self.dump()
        session = self.session("live")
        session("SET client_min_messages = error")
        random.seed(7)
        cancelled = 0
        for _ in range(12):
            session("BEGIN")
            session(f"SET LOCAL statement_timeout = {random.randint(1, 800)}")
            said = session(self.merge(self.lite(), create_missing=True))
            cancelled += "statement timeout" in said
            session("ROLLBACK")
        self.assertGreater(cancelled, 3)
        self.nothing_happened(before)

    def test_cancel_and_terminate(self):
        self.live()
        before = self.dump()
        other = self.session("postgres")
        session = self.session("live")
        session("SET client_min_messages = error")
        for _ in range(20): # it may be faster
            session("BEGIN")
            session.send(self.merge(self.backup()))
            time.sleep(0.05)
            other(f"SELECT pg_cancel_backend({session.pid})")
            said = session.result()
            session("ROLLBACK")
            if said != "merged":
                break
        self.assertIn("canceling statement", said)
        self.nothing_happened(before)
        session("BEGIN")
        session.send(self.merge(self.backup()))
        time.sleep(0.05)
        other(f"SELECT pg_terminate_backend({session.pid})")
        session.result()
        self.wait_for_end(session.pid)
        self.nothing_happened(before)

    def wait_for_end(self, pid):
        for _ in range(100):
            if not os.path.exists(f"/proc/{pid}"):
                return
            time.sleep(0.05)

    def test_a_crash(self):
        """kill -9: the server starts again."""
        self.live()
        before = self.dump()
        for name, statement in self.all_ways():
            session = self.session("live")
            session("BEGIN") # however fast it was
            session.send(statement)
            time.sleep(0.1)
            os.kill(session.pid, signal.SIGKILL)
            session.result()
            for _ in range(200):
                try:
                    self.psql("live", "SELECT 1")
                    break
                except AssertionError:
                    time.sleep(0.1)
            with self.subTest(name):
                self.nothing_happened(before)

    def test_a_full_disk(self):
        small = os.path.join(self.cluster.dir, "small")
        os.mkdir(small)
        if os.getuid() != 0 or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "none",
                 small], capture_output=True).returncode:
            self.skipTest("needs to mount a file system")
        try:
            space = os.path.join(small, "space")
            os.mkdir(space)
            pgtest.shutil.chown(space, "postgres")
            self.live()
            before = self.dump()
            self.psql("live", f"CREATE TABLESPACE small LOCATION '{space}'")
            for name, statement in self.all_ways():
                with self.subTest(name):
                    self.fails("live", "SET temp_tablespaces = small",
                               statement, text="No space left", code="53100")
            self.nothing_happened(before)
            left = [file for _, _, files in os.walk(space) for file in files
                    if file != "PG_VERSION"]
            self.assertEqual(left, [])
            self.psql("live", "DROP TABLESPACE small")
        finally:
            subprocess.run(["umount", small], check=True)

    def test_what_the_database_refuses(self):
        refuse = """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
            AS $$BEGIN RAISE 'refused: %', NEW.id; END$$"""
        body = "FOR EACH ROW WHEN (NEW.id = 15000) EXECUTE FUNCTION refuse()"
        for name, code, more, policy in (
                ("a trigger", "P0001", (refuse, "CREATE TRIGGER bad AFTER"
                 " INSERT ON notes " + body), {"triggers": True}),
                ("a deferred trigger", "P0001", (refuse, "CREATE CONSTRAINT"
                 " TRIGGER bad AFTER INSERT ON notes DEFERRABLE INITIALLY"
                 " DEFERRED " + body), {"triggers": True}),
                ("a check", "23514", ("ALTER TABLE notes ADD CHECK (id <>"
                                      " 15000)",), {}),
                ("an exclusion", "23P01", (
                    "ALTER TABLE notes ADD EXCLUDE USING btree (body WITH =)"
                    " WHERE (id > 1000 AND id < 1002 OR id = 2000)",
                    "INSERT INTO notes SELECT 1001, 1, 'note ' ||"
                    " md5('2000')"), {"tables": {"notes": {"key": ["id"]}}})):
            self.live(*more)
            before = self.dump()
            with self.subTest(name):
                self.fails("live", self.merge(self.backup(), **policy),
                           text="", code=code)
                self.nothing_happened(before)

    def test_a_value_that_does_not_fit(self):
        """The error names table and value; a line only of a whole script."""
        self.live("DELETE FROM notes", "ALTER TABLE notes ALTER body TYPE int"
                  " USING 0")
        ours, whole = self.backup(), self.path("whole.sql")
        with open(whole, "wb") as file:
            file.write(self.cluster.dump("source"))
        for path in (ours, whole):
            message = self.fails("live", self.merge(path), text="note ",
                                 code="22P02")
            self.assertIn('rows of table "public"."notes"', message)
            line = re.search(r'line (\d+) of "(.*)"', message)
            self.assertEqual(line is not None, path == whole, message)
        with open(whole) as file:
            self.assertIn("COPY public.notes ",
                          file.read().split("\n")[int(line[1]) - 1])

    def test_a_failure_that_is_caught(self):
        """In a block with an exception handler, the session goes on."""
        self.live("ALTER TABLE notes ADD CONSTRAINT odd CHECK (id <> 15000)")
        before = self.dump()
        session = self.session("live")
        session("SET client_min_messages = error")
        session("DO $$BEGIN END$$")  # libraries bring settings
        session("SELECT zdb_version() IS NULL")
        settings = session("SHOW ALL")
        session("BEGIN")
        for path, dry in ((self.backup(), False), (self.lite(), True)):
            self.assertEqual(session(f"""DO $$BEGIN PERFORM
                zdb_merge_from('{path}', '{{"dry_run": {str(dry).lower()}}}');
                EXCEPTION WHEN check_violation THEN NULL; END$$"""), "")
            self.assertEqual(session("SELECT count(*) FROM notes"), "1000")
        self.assertEqual(session("SHOW ALL"), settings)
        session("COMMIT")
        self.assertEqual(session("SELECT pg_current_xact_id_if_assigned() IS"
                                 " NULL"), "t")
        self.nothing_happened(before)
        self.psql("live", "ALTER TABLE notes DROP CONSTRAINT odd")
        self.assertEqual(session(self.merge(self.backup())), "merged")

    def test_two_in_one_transaction(self):
        self.live()
        session = self.session("live")
        session("SET client_min_messages = error")
        session("BEGIN")
        for path in (self.backup(), self.lite(), self.backup()):
            self.assertEqual(session(self.merge(path)), "merged")
        session("COMMIT")
        self.assertEqual(session("SELECT count(*) FROM users"), "1500")

    def test_writers_wait_and_readers_go_on(self):
        self.live()
        merging, writing, reading = (self.session("live") for _ in range(3))
        merging("SET client_min_messages = error")
        merging("BEGIN")
        self.assertEqual(merging(self.merge(self.backup(),
                                            on_match="overwrite")), "merged")
        reading("SET lock_timeout = '1s'")
        self.assertEqual(reading("SELECT count(*) FROM notes"), "1000")
        self.assertEqual(reading("SELECT name FROM users WHERE id = 500"),
                         "live")
        writing.send("UPDATE users SET name = name || '+' WHERE id = 500")
        self.assertIn("lock timeout", reading(
            "INSERT INTO notes(\"user\") VALUES (1)"))
        self.assertEqual(self.psql("postgres", "SELECT wait_event_type FROM"
                                   " pg_stat_activity WHERE pid ="
                                   f" {writing.pid}"), "Lock")
        merging("COMMIT")
        writing.result()
        self.assertEqual(reading("SELECT name FROM users WHERE id = 500"),
                         "backup+")

    def test_a_merge_waits_for_writers(self):
        """What they wrote is seen, not overwritten or made twice."""
        self.live()
        writing, merging = self.session("live"), self.session("live")
        merging("SET client_min_messages = error")
        writing("BEGIN")
        writing("INSERT INTO users VALUES (-1, 'u7', 'writer')")
        writing("UPDATE users SET name = 'writer' WHERE email = 'u501'")
        merging.send(self.merge(self.backup()))
        self.wait_for_lock(merging)
        writing("COMMIT")
        self.assertEqual(merging.result(), "merged")
        self.assertEqual(self.psql("live", "SELECT id, name FROM users WHERE"
                                   " email IN ('u7', 'u501') ORDER BY id"),
                         "-1|writer\n1|writer")
        self.assertEqual(self.psql("live", "SELECT count(*) FROM notes WHERE"
                                   ' "user" = -1'), str(ROWS // 1000 - 1))

    def wait_for_lock(self, session):
        for _ in range(200):
            if self.psql("postgres", "SELECT wait_event_type FROM"
                         f" pg_stat_activity WHERE pid = {session.pid}"
                         ) == "Lock":
                return
            time.sleep(0.05)
        self.fail("it does not wait")

    def test_two_at_once(self):
        self.live()
        path = self.backup()
        one, other = self.session("live"), self.session("live")
        for session in (one, other):
            session("SET client_min_messages = error")
        one("BEGIN")
        self.assertEqual(one(self.merge(path)), "merged")
        other.send(f"SELECT zdb_merge_from('{path}')->>'inserted'")
        self.wait_for_lock(other)
        one("COMMIT")
        self.assertEqual(other.result(), "0")

    def test_many_at_once(self):
        """Merges from both engines, and writers: nobody is a victim."""
        self.live()
        merging = [self.session("live") for _ in range(3)]
        writing = self.session("live")
        statements = [statement for _, statement in self.all_ways()]
        for session in merging:
            session("SET client_min_messages = error")
        for round in range(4):
            for number, session in enumerate(merging):
                session.send(statements[(round + number) % 2])
            for _ in range(5):
                self.assertEqual(writing(
                    "INSERT INTO notes(\"user\", body) VALUES (1, 'w');"
                    "UPDATE users SET name = name || '+' WHERE id = 1"), "")
            for session in merging:
                self.assertEqual(session.result(), "merged")
        self.assertEqual(self.psql("live", "SELECT count(*) FROM notes WHERE"
                                   " body = 'w'"), "20")
        self.assertEqual(self.psql("live", "SELECT length(name) FROM users"
                                   " WHERE id = 1"), "24")
        self.assertEqual(self.psql("live", "SELECT count(*), count(DISTINCT"
                                   " email) FROM users"), "1500|1500")


pgtest.main()
