"""A chain of backups holds what its last snapshot saw, row by row"""
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import threading
import time

import archive
import pgtest

# With sanitizers fewer links of what takes many.
SANITIZED = "SANITIZED" in os.environ

# enough pages that a table has several ranges, few rows
TABLES = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE plain (id int PRIMARY KEY, n int, t text)
  WITH (fillfactor = 30, autovacuum_enabled = off);
CREATE TABLE moods (id int PRIMARY KEY, m mood, list mood[])
  WITH (fillfactor = 10);
CREATE TABLE toasted (id int PRIMARY KEY, t text, n int)
  WITH (fillfactor = 10);
ALTER TABLE toasted ALTER t SET STORAGE EXTERNAL;
CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY, n int)
  WITH (fillfactor = 10);
CREATE TABLE parts (id int, n int) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (2000)
  WITH (fillfactor = 10);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (2000) TO (4000)
  WITH (fillfactor = 10);
CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int,
  twice int GENERATED ALWAYS AS (n * 2) STORED) WITH (fillfactor = 10);
CREATE TABLE empty (id int);
INSERT INTO plain SELECT g, g, repeat('x', 100) FROM generate_series(1, 6000) g;
INSERT INTO moods SELECT g, 'ok', '{sad,happy}'
  FROM generate_series(1, 3000) g;
INSERT INTO toasted SELECT g, CASE WHEN g % 50 = 0
  THEN repeat(md5(g::text), 200) ELSE 'short' END, 0
  FROM generate_series(1, 3000) g;
INSERT INTO unlogged SELECT g, g FROM generate_series(1, 3000) g;
INSERT INTO parts SELECT g, g FROM generate_series(0, 3999) g;
INSERT INTO made (n) SELECT g FROM generate_series(1, 3000) g
"""

ROWS = """
SELECT string_agg(format('SELECT %L, count(*), md5(string_agg(r::text, '';''
  ORDER BY r::text COLLATE "C")) FROM ONLY %s r', c.oid::regclass,
  c.oid::regclass), ' UNION ALL ' ORDER BY c.oid::regclass::text)
  FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


class Incremental(pgtest.Case):
    # nobody else writes; what may go without a log does
    settings = ("max_prepared_transactions=20", "autovacuum=off",
                "autovacuum_naptime=1s", "wal_writer_delay=10s",
                "wal_level=minimal", "max_wal_senders=0",
                "full_page_writes=off")

    def rows(self, database):
        """What its tables hold: a line a table"""
        return sorted(self.psql(database, self.psql(
            database, ROWS)).split("\n"))

    def backup(self, database, name, base=None, session=None, **options):
        """Back up in a transaction that has seen the rows; returns the report
        and the rows"""
        one = session or pgtest.Session(self.cluster, database)
        try:
            one("BEGIN ISOLATION LEVEL REPEATABLE READ")
            return self.inside(one, name, base, **options)
        finally:
            one("COMMIT")
            if not session:
                one.close()

    def inside(self, session, name, base=None, **options):
        """In the transaction that the session is in"""
        options["type"] = "incremental" if base else "full"
        if base:
            options["base"] = self.path(base)
        rows = sorted(session(session(ROWS)).split("\n"))
        report = session(f"SELECT zdb_backup_to('{self.path(name)}', NULL, "
                         f"'{json.dumps(options)}')")
        self.assertTrue(report.startswith("{"), report)
        return json.loads(report), rows

    def restored(self, name, rows, database="again"):
        """Restore into another database and compare"""
        self.call("postgres", "zdb_restore_from", self.path(name),
                  {"target": database, "overwrite": True})
        self.assertEqual(self.rows(database), rows)

    def written(self, name):
        """Whose rows stand in the file itself: {table: rows}"""
        return archive.rows(self.path(name))

    def alone(self, *statements, table="plain"):
        """How many rows of a table an incremental backup upon the last one
        writes after these statements"""
        self.psql(self.name, *statements)
        base, self.last = self.last, f"{len(self.backups())}.sql.gz"
        report, rows = self.backup(self.name, self.last, base)
        self.restored(self.last, rows)
        return self.written(self.last).get(table, 0)

    def setUp(self):
        super().setUp()
        self.psql("postgres", "CREATE EXTENSION IF NOT EXISTS zdbackup")

    def settle(self, database):
        """Nothing to do for a backup, or for a vacuum, any more"""
        self.psql(database, "VACUUM FREEZE", "CHECKPOINT")

    def base(self, name):
        """A database, and its full backup a.sql.gz"""
        self.name = name
        self.database(name)
        self.psql(name, TABLES)
        self.settle(name)
        self.last = "a.sql.gz"
        return self.backup(name, self.last)

    def test_what_is_referred_and_what_never_is(self):
        full, rows = self.base("still")
        report, again = self.backup("still", "b.sql.gz", "a.sql.gz")
        self.assertEqual(rows, again)
        self.restored("b.sql.gz", rows)
        # what is not logged has no position
        self.assertEqual(self.written("b.sql.gz"),
                         {"unlogged": 3000, "empty": 0})
        self.assertLess(report["stored_bytes"], full["stored_bytes"])
        self.assertEqual(report["rows"], full["rows"])

    def test_a_row_that_changed(self):
        """It is written, and no other"""
        self.base("one")
        for statement, rows in (
                ("UPDATE plain SET n = -1 WHERE id = 10", 1),
                ("UPDATE plain SET n = -n WHERE id % 100 = 0", 60),
                ("DELETE FROM plain WHERE id = 11", 0),
                ("INSERT INTO plain VALUES (0, 0, '')", 1),
                ("DELETE FROM plain WHERE id BETWEEN 100 AND 300", 0)):
            with self.subTest(statement):
                self.assertEqual(self.alone(statement), rows)
        # of a range that was not full all is written
        written = self.alone("INSERT INTO plain SELECT g, g, repeat('y', 1000)"
                             " FROM generate_series(10001, 10100) g")
        self.assertIn(written, range(100, 400))

    def test_what_vacuum_does_is_no_change(self):
        """Rows are frozen, removed and moved about in their page; others come
        to where they were"""
        self.name, self.last = "quiet", "a.sql.gz"
        self.database("quiet")
        self.psql("quiet", TABLES)
        self.backup("quiet", "a.sql.gz")
        self.psql("quiet", "DELETE FROM plain WHERE id % 3 = 0")
        self.assertEqual(self.alone("VACUUM plain"), 0)
        self.assertEqual(self.alone("VACUUM FREEZE plain"), 0)
        self.assertEqual(self.alone(
            "INSERT INTO plain SELECT g, 1, repeat('z', 90)"
            " FROM generate_series(9001, 9100) g", "VACUUM plain"), 100)
        # the end of the table goes, and comes again; where few rows are left
        # they are written
        self.assertLess(self.alone("DELETE FROM plain WHERE id > 4000",
                                   "VACUUM plain"), 400)
        self.assertLess(self.alone(
            "INSERT INTO plain SELECT g, 2, repeat('w', 100)"
            " FROM generate_series(20001, 22000) g"), 2400)

    def test_a_row_of_many_long_ones(self):
        """Chunks of a few rows are patched one by one"""
        self.name, self.last = "wide", "a.sql.gz"
        self.database("wide")
        self.psql("wide", "CREATE TABLE plain (id int, n int, t text)"
                  " WITH (fillfactor = 20)",
                  "ALTER TABLE plain ALTER t SET STORAGE EXTERNAL",
                  "INSERT INTO plain SELECT g, 0, repeat(md5(g::text), 3000)"
                  " FROM generate_series(1, 400) g", "VACUUM FREEZE")
        self.backup("wide", "a.sql.gz")
        self.assertEqual(self.alone("UPDATE plain SET n = 1 WHERE id = 200"), 1)
        self.assertEqual(self.alone("UPDATE plain SET n = 2"
                                    " WHERE id % 100 = 7"), 4)

    def test_subtransactions(self):
        self.base("sub")
        self.psql("sub", "BEGIN", "INSERT INTO plain VALUES (-1, 0, '')",
                  "SAVEPOINT a", "UPDATE plain SET n = -1 WHERE id = 5",
                  "ROLLBACK TO a", "SAVEPOINT b",
                  "DELETE FROM plain WHERE id = 3000", "RELEASE b", "COMMIT")
        self.assertGreater(self.alone(), 0)

    def test_a_transaction_that_commits_after_the_snapshot(self):
        """without touching a page again"""
        self.name = "late"
        self.database("late")
        self.psql("late", TABLES)
        self.settle("late")
        writer, other = self.session("late"), self.session("late")
        writer("BEGIN")
        writer("DELETE FROM plain WHERE id = 10")
        writer("INSERT INTO plain VALUES (-7, 0, '')")
        other("BEGIN")
        other("UPDATE plain SET n = -1 WHERE id = 20")
        other("SAVEPOINT a")
        other("UPDATE toasted SET n = -1 WHERE id = 20")
        self.psql("late", "BEGIN", "UPDATE parts SET n = -1 WHERE id = 3",
                  "DELETE FROM parts WHERE id = 3500",
                  "PREPARE TRANSACTION 'later'")
        self.psql("late", "BEGIN", "UPDATE made SET n = -1 WHERE id = 3",
                  "PREPARE TRANSACTION 'never'")
        self.psql("late", "CHECKPOINT")
        _, before = self.backup("late", "a.sql.gz")
        writer("COMMIT")
        other("ROLLBACK TO a")
        other("COMMIT")
        self.psql("late", "COMMIT PREPARED 'later'",
                  "ROLLBACK PREPARED 'never'")
        _, after = self.backup("late", "b.sql.gz", "a.sql.gz")
        self.assertNotEqual(before, after)
        self.restored("a.sql.gz", before)
        self.restored("b.sql.gz", after)
        # what was in the way is gone: now it can be referred to
        self.settle("late")
        self.backup("late", "c.sql.gz", "b.sql.gz")
        _, last = self.backup("late", "d.sql.gz", "c.sql.gz")
        self.restored("d.sql.gz", last)
        self.assertNotIn("plain", self.written("d.sql.gz"))

    def test_each_condition_alone(self):
        """Where nothing else would tell that a page has changed"""
        self.name = "alone"
        self.database("alone")
        for table in ("deleted", "inserted", "locked", "pruned", "frozen"):
            self.psql("alone", f"CREATE TABLE {table} (id int PRIMARY KEY,"
                      " n int, t text)", f"INSERT INTO {table} SELECT g, 0,"
                      " repeat('x', 100) FROM generate_series(1, 9000) g",
                      f"DELETE FROM {table} WHERE id BETWEEN 100 AND 200",
                      f"VACUUM FREEZE {table}")
        # no room in the first pages: the new version goes elsewhere
        self.psql("alone", "INSERT INTO locked SELECT g, 0, repeat('y', 100)"
                  " FROM generate_series(100, 200) g", "VACUUM FREEZE locked")
        one, two, old = (self.session("alone") for _ in range(3))
        # for it nothing is removed while pages are read
        old("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old("SELECT 1")
        one("BEGIN")
        one("DELETE FROM deleted WHERE id = 10")
        one("INSERT INTO inserted VALUES (-1, 0, 'late')")
        two("BEGIN")
        two("SELECT 1 FROM locked WHERE id = 10 FOR KEY SHARE")
        one("UPDATE locked SET n = -1 WHERE id = 10")
        _, before = self.backup("alone", "a.sql.gz")
        one("COMMIT")
        two("COMMIT")
        report, after = self.backup("alone", "b.sql.gz", "a.sql.gz")
        self.assertNotEqual(before, after)
        self.assertLess(report["chunks_stored"], report["chunks"])
        old("COMMIT")
        self.psql("alone", "DELETE FROM pruned WHERE id < 50",
                  "VACUUM pruned", "INSERT INTO frozen VALUES (-1, 0, 'new')",
                  "VACUUM FREEZE frozen")
        report, last = self.backup("alone", "c.sql.gz", "b.sql.gz")
        self.assertLess(report["chunks_stored"], report["chunks"])
        self.restored("a.sql.gz", before)
        self.restored("b.sql.gz", after)
        self.restored("c.sql.gz", last)

    def test_a_snapshot_older_than_the_base(self):
        self.name = "older"
        self.database("older")
        self.psql("older", TABLES)
        old = self.session("older")
        old("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old("SELECT 1")
        self.psql("older", "UPDATE plain SET n = -1 WHERE id < 100")
        self.backup("older", "a.sql.gz")
        report, rows = self.inside(old, "b.sql.gz", "a.sql.gz")
        self.assertIn("saw transactions that this one does not see",
                      report["full_because"])
        self.restored("b.sql.gz", rows)

    def test_a_snapshot_older_than_what_the_base_saw(self):
        """although no transaction that ran at the base has ended"""
        self.name = "blind"
        self.database("blind")
        self.psql("blind", TABLES)
        long, old = self.session("blind"), self.session("blind")
        long("BEGIN")
        long("INSERT INTO empty VALUES (1)")
        old("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old("SELECT 1")
        self.psql("blind", "DELETE FROM plain WHERE id = 10",
                  "UPDATE plain SET n = -1 WHERE id = 2000")
        self.backup("blind", "a.sql.gz")
        report, rows = self.inside(old, "b.sql.gz", "a.sql.gz")
        self.assertEqual(report["type"], "incremental")
        self.restored("b.sql.gz", rows)

    def test_a_row_that_came_back(self):
        """by force: nobody's id tells"""
        self.name = "surgery"
        self.database("surgery")
        self.psql("surgery", TABLES, "CREATE EXTENSION pg_surgery")
        self.settle("surgery")
        old = self.session("surgery") # nothing is removed for it
        old("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old("SELECT 1")
        place = self.psql("surgery", "DELETE FROM plain WHERE id = 10"
                          " RETURNING ctid")
        self.backup("surgery", "a.sql.gz")
        self.psql("surgery", "SELECT heap_force_freeze('plain',"
                  f" ARRAY['{place}']::tid[])")
        report, rows = self.backup("surgery", "b.sql.gz", "a.sql.gz")
        old("COMMIT")
        self.assertEqual(report["type"], "incremental")
        self.restored("b.sql.gz", rows)
        self.assertEqual(self.psql("again", "SELECT count(*) FROM plain"
                                   " WHERE id = 10"), "1")

    def test_locks_and_multixacts(self):
        self.base("locks")
        one, two = self.session("locks"), self.session("locks")
        for session in (one, two):
            session("BEGIN")
            session("SELECT 1 FROM plain WHERE id IN (5, 2000) FOR KEY SHARE")
        self.psql("locks", "UPDATE plain SET n = -5 WHERE id = 5")
        _, rows = self.backup("locks", "b.sql.gz", "a.sql.gz")
        one("COMMIT")
        two("COMMIT")
        self.restored("b.sql.gz", rows)
        # locks only, and they are old: nothing is in the way
        _, rows = self.backup("locks", "c.sql.gz", "b.sql.gz")
        self.restored("c.sql.gz", rows)
        third = self.session("locks")
        third("BEGIN")
        third("SELECT 1 FROM plain WHERE id = 5 FOR SHARE")
        self.psql("locks", "BEGIN",
                  "SELECT 1 FROM plain WHERE id = 3 FOR UPDATE", "COMMIT")
        _, rows = self.backup("locks", "d.sql.gz", "c.sql.gz")
        third("ROLLBACK")
        self.restored("d.sql.gz", rows)

    def test_vacuum_and_freeze(self):
        self.base("vac")
        self.psql("vac", "DELETE FROM plain WHERE id > 3000",
                  "UPDATE made SET n = 7 WHERE id = 8")
        _, rows = self.backup("vac", "b.sql.gz", "a.sql.gz")
        self.psql("vac", "VACUUM plain")
        _, same = self.backup("vac", "c.sql.gz", "b.sql.gz")
        self.assertEqual(rows, same)
        self.restored("c.sql.gz", same)
        self.psql("vac", "INSERT INTO plain SELECT g, 1, 'new'"
                  " FROM generate_series(3001, 6000) g", "VACUUM FREEZE")
        _, rows = self.backup("vac", "d.sql.gz", "c.sql.gz")
        self.restored("d.sql.gz", rows)

    def test_the_table_is_another_file(self):
        self.base("file")
        for statement in (
                "VACUUM FULL plain",
                "CLUSTER plain USING plain_pkey",
                "ALTER TABLE plain ALTER n TYPE bigint",
                "BEGIN; TRUNCATE plain; INSERT INTO plain"
                " SELECT g, 7, 'other' FROM generate_series(1, 6000) g; COMMIT",
                "DELETE FROM plain WHERE id < 3000; VACUUM FULL plain",
                "TRUNCATE plain",
                "DROP TABLE plain; CREATE TABLE plain AS SELECT 1 AS id"):
            with self.subTest(statement):
                rows = int(self.psql("file", statement,
                                     "SELECT count(*) FROM plain"))
                self.assertEqual(self.alone(), rows)

    def test_the_text_of_rows_changes_without_them(self):
        self.base("ddl")
        for statement, table in (
                ("ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'", "moods"),
                ("ALTER TYPE mood RENAME VALUE 'fine' TO 'ok'", "moods"),
                ("ALTER TABLE plain ADD COLUMN more int DEFAULT 8", "plain"),
                ("ALTER TABLE plain DROP COLUMN n", "plain"),
                ("ALTER TABLE plain RENAME TO other", "other"),
                ("ALTER TABLE other RENAME t TO m", "other"),
                ("ALTER TABLE other SET UNLOGGED", "other"),
                ("ALTER TABLE unlogged SET LOGGED", "unlogged")):
            with self.subTest(statement):
                count = int(self.psql("ddl", statement, "SELECT count(*)"
                                      f" FROM {table}"))
                self.assertEqual(self.alone(table=table), count)

    def test_types_whose_text_has_other_sources(self):
        """are followed where that can be told"""
        self.name, self.last = "types", "a.sql.gz"
        self.database("types")
        self.psql("types", "CREATE EXTENSION citext", "CREATE EXTENSION hstore",
                  "CREATE EXTENSION isn", "CREATE TYPE mood AS ENUM ('a', 'b')",
                  "CREATE TYPE pair AS (x int, m mood)",
                  "CREATE DOMAIN person AS citext CHECK (value <> '')")
        for table, types in (("plain", "person, hstore, pair, pair[]"),
                             ("classes", "regclass"), ("books", "isbn")):
            columns = ", ".join(f"c{i} {name}" for i, name
                                in enumerate(types.split(", ")))
            self.psql("types", f"CREATE TABLE {table} ({columns})"
                      " WITH (fillfactor = 10)")
        self.psql("types", "INSERT INTO plain SELECT 'Ann' || g, 'a=>1',"
                  " (g, 'a')::pair, ARRAY[(g, 'b')::pair]"
                  " FROM generate_series(1, 1000) g",
                  "INSERT INTO classes SELECT 'plain'::regclass"
                  " FROM generate_series(1, 100)",
                  "INSERT INTO books VALUES ('1-56619-909-3')")
        self.settle("types")
        self.backup("types", "a.sql.gz")
        self.assertEqual(self.alone(), 0)
        self.assertEqual(self.written(self.last),
                         {"classes": 100, "books": 1})
        self.assertEqual(self.alone("UPDATE plain SET c0 = 'Bob'"
                                    " WHERE c0 = 'ann7'"), 1)
        self.assertEqual(self.alone("ALTER TYPE mood RENAME VALUE 'a' TO 'c'"),
                         1000)
        self.assertEqual(self.alone("ALTER TYPE pair ADD ATTRIBUTE z int"),
                         1000)

    def test_another_default_for_old_rows(self):
        self.base("fast")
        self.psql("fast", "ALTER TABLE plain ADD COLUMN more int DEFAULT 8")
        _, rows = self.backup("fast", "b.sql.gz", "a.sql.gz")
        self.restored("b.sql.gz", rows)
        self.backup("fast", "c.sql.gz", "b.sql.gz")
        self.assertNotIn("plain", self.written("c.sql.gz"))
        self.psql("fast", "ALTER TABLE plain DROP COLUMN more",
                  "ALTER TABLE plain ADD COLUMN more int DEFAULT 9")
        _, rows = self.backup("fast", "d.sql.gz", "c.sql.gz")
        self.restored("d.sql.gz", rows)

    def test_toast(self):
        self.base("toast")
        written = self.alone("UPDATE toasted SET t = repeat('z', 9000)"
                             " WHERE id = 50", table="toasted")
        self.assertGreater(written, 0)
        self.assertLess(written, 3000)

    def test_long_rows_are_several_chunks_that_stay_together(self):
        self.name, self.last = "long", "a.sql.gz"
        self.database("long")
        self.psql("long", "CREATE TABLE plain (id int, b text)",
                  "ALTER TABLE plain ALTER b SET STORAGE EXTERNAL",
                  "INSERT INTO plain SELECT g, repeat(md5(g::text), 700000)"
                  " FROM generate_series(1, 3) g", "VACUUM FREEZE")
        self.backup("long", "a.sql.gz")
        self.assertEqual(self.alone(), 0)

    def test_changes_that_are_too_long_for_a_patch(self):
        """They take no more memory than rows that are written anew"""
        self.database("grown")
        self.psql("grown", "CREATE TABLE plain (id int, t text)",
                  "INSERT INTO plain SELECT g, 'x'"
                  " FROM generate_series(1, 400) g")
        self.backup("grown", "a.sql.gz")
        self.psql("grown", "UPDATE plain SET t = repeat('x', 1 << 20)"
                  " WHERE id % 4 = 0")
        full, incremental = (self.peak_of("grown", name, options)
                             for name, options in (
                                 ("b.sql.gz", {}),
                                 ("c.sql.gz", {"type": "incremental",
                                               "base": self.path("a.sql.gz")})))
        if not SANITIZED: # sanitizers keep what was freed
            self.assertLess(incremental, full + 40000)
        self.restored("c.sql.gz", self.rows("grown"))

    def peak_of(self, database, name, options):
        """KB of memory of a session that makes a backup"""
        session = self.session(database)
        self.assertIn("stored_bytes", session(
            f"SELECT zdb_backup_to('{self.path(name)}', NULL, "
            f"'{json.dumps({**options, 'jobs': 1})}')"))
        with open(f"/proc/{session.pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1))

    def test_a_patch_that_just_fits_with_its_maps(self):
        self.database("brim")
        self.psql("brim", "CREATE TABLE plain (t text)",
                  "INSERT INTO plain SELECT repeat('f', 1000)"
                  " FROM generate_series(1, 880)",
                  "DELETE FROM plain WHERE ctid < '(109,1)'", "VACUUM plain",
                  "UPDATE plain SET t = ''", "VACUUM plain")
        self.backup("brim", "a.sql.zst")
        for length in 500, 300, 100, 50:
            self.psql("brim", "UPDATE plain SET t = repeat('q', (1 << 24) - "
                      f"{length}) WHERE ctid = (SELECT max(ctid) FROM plain)")
            _, rows = self.backup("brim", "b.sql.zst", "a.sql.zst",
                                  overwrite=True)
            self.restored("b.sql.zst", rows)
            self.psql("brim", "UPDATE plain SET t = '' WHERE t <> ''",
                      "VACUUM plain")

    def test_crash_with_commits_that_were_lost(self):
        """Ids and positions come again, with other rows"""
        self.name = "crash"
        self.database("crash")
        self.psql("crash", TABLES)
        self.settle("crash")
        # what follows fits one page of the log, which stays in memory
        self.psql("crash", "UPDATE plain SET n = -9 WHERE id < 30",
                  "SELECT pg_switch_wal()")
        session = self.session("crash")
        session("SET synchronous_commit = off")
        session("UPDATE plain SET t = 'lost' WHERE id < 20")
        _, rows = self.backup("crash", "a.sql.gz", session=session)
        session("UPDATE plain SET t = 'later' WHERE id BETWEEN 4 AND 8")
        self.crash()
        self.assertEqual(self.psql("crash", "SELECT count(*) FROM plain"
                                   " WHERE t = 'later'"), "0")
        old = self.session("crash") # so that no page is pruned
        old("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old("SELECT 1")
        self.psql("crash", "UPDATE plain SET t = 'other'"
                  " WHERE id BETWEEN 3 AND 6", "INSERT INTO empty"
                  " SELECT generate_series(1, 1000)")
        report, rows = self.backup("crash", "b.sql.gz", "a.sql.gz")
        self.assertEqual(report["type"], "incremental")
        self.restored("b.sql.gz", rows)

    def crash(self):
        for session in self.sessions:
            session.process.kill()
            session.close()
        self.sessions = []
        command = (f"{pgtest.BIN}/pg_ctl -D {self.cluster.dir}/data -w -m "
                   f"immediate -l {self.cluster.dir}/log restart")
        subprocess.run(["su", "postgres", "-s", "/bin/sh", "-c", command]
                       if os.getuid() == 0 else command.split(), check=True,
                       cwd="/", stdout=subprocess.DEVNULL)

    def test_rows_of_the_transaction_itself(self):
        """A backup that holds what may be taken back is no base"""
        self.name = "mine"
        self.database("mine")
        self.psql("mine", TABLES)
        session = self.session("mine")
        session("BEGIN")
        session("UPDATE plain SET n = -1")
        session(f"SELECT zdb_backup_to('{self.path('a.sql.gz')}')")
        session("ROLLBACK")
        report, rows = self.backup("mine", "b.sql.gz", "a.sql.gz")
        self.assertIn("does not say from which state", report["full_because"])
        self.assertEqual(report["type"], "full")
        self.backup("mine", "a2.sql.gz")
        session("BEGIN")
        session("UPDATE plain SET n = -4 WHERE id = 4")
        session("SAVEPOINT a")
        session("UPDATE plain SET n = -5 WHERE id = 5")
        session("ROLLBACK TO a")
        report, rows = self.inside(session, "c.sql.gz", "a2.sql.gz")
        session("ROLLBACK")
        self.assertEqual(report["type"], "incremental")
        self.restored("c.sql.gz", rows)

    def test_the_newest_base_of_a_repository(self):
        self.base("repo")
        self.database("other")
        repository = self.path("r/")
        incremental = {"type": "incremental"}
        report = self.call("repo", "zdb_backup_to", repository, None,
                           incremental)
        self.assertEqual(report["type"], "full")
        self.assertIn("holds no backup", report["full_because"])
        self.assertIn("_full_", report["path"])
        first = report["path"]
        self.call("other", "zdb_backup_to", repository, None, incremental)
        chain = [first]
        for i in range(3):
            self.psql("repo", f"UPDATE plain SET n = -{i} WHERE id = {i}00")
            report = self.call("repo", "zdb_backup_to", repository, None,
                               incremental)
            self.assertEqual((report["type"], report["base_path"]),
                             ("incremental", chain[-1]))
            self.assertIn("_incremental_", report["path"])
            self.assertNotIn("full_because", report)
            self.assertLess(report["chunks_stored"], report["chunks"])
            chain.append(report["path"])
        info = self.call("repo", "zdb_info", chain[-1])
        self.assertEqual([link["file"] for link in info["chain"]],
                         [os.path.basename(path) for path in chain[:-1]])
        # one that is damaged is passed over
        with open(chain[-1], "r+b") as file:
            file.seek(-100, 2)
            file.write(b"\0" * 100)
        report = self.call("repo", "zdb_backup_to", repository, None,
                           incremental)
        self.assertEqual(report["base_path"], chain[-2])
        self.assertNotIn("full_because", report)
        # another way to compress is another chain
        report = self.call("repo", "zdb_backup_to", repository, "zstd",
                           incremental)
        self.assertEqual(report["type"], "full")
        self.assertIn("compressed in another way", report["full_because"])

    def chain(self, name, length=2, **options):
        """A database, a.sql.gz and incremental ones upon it"""
        _, rows = self.base(name)
        for i in range(length):
            self.psql(name, f"UPDATE plain SET n = -{i} WHERE id = {i + 1}000")
            last, self.last = self.last, f"{i}.sql.gz"
            _, rows = self.backup(name, self.last, last, **options)
        return rows

    def test_links_that_are_missing_damaged_or_swapped(self):
        rows = self.chain("links")
        restore = (f"SELECT zdb_restore_from('{self.path(self.last)}',"
                   " '{\"target\": \"again\", \"overwrite\": true}')")
        verify = f"SELECT zdb_verify('{self.path(self.last)}')"
        link, aside = self.path("0.sql.gz"), self.path("aside")
        os.rename(link, aside)
        for statement in (restore, verify):
            self.fails("links", statement, text="0.sql.gz")
        # another backup of the same database in its place
        shutil.copy(self.path("a.sql.gz"), link)
        for statement in (restore, verify):
            self.fails("links", statement, text="0.sql.gz")
        os.rename(aside, link)
        self.restored(self.last, rows)
        # one byte of a chunk that the last one refers to
        with open(self.path("a.sql.gz"), "r+b") as file:
            file.seek(os.path.getsize(self.path("a.sql.gz")) // 2)
            byte = file.read(1)
            file.seek(-1, 1)
            file.write(bytes([byte[0] ^ 1]))
        said = self.fails("links", verify, text="a.sql.gz")
        self.assertIn("damaged", said)
        self.fails("links", restore, text="a.sql.gz")

    def test_the_functions_that_read_follow_the_chain(self):
        rows = self.chain("read")
        path = self.path(self.last)
        tables = self.psql("read", 'SELECT "table", rows FROM zdb_entries('
                           f"'{path}') WHERE \"table\" = 'plain'")
        self.assertEqual(tables, "plain|6000")
        info = self.call("read", "zdb_info", path)
        self.assertEqual((info["type"], len(info["chain"])),
                         ("incremental", 2))
        for level in ("index", "data", "restore"):
            report = self.call("read", "zdb_verify", path, {"level": level})
            self.assertEqual(report["verified"], level)
        self.psql("read", "DELETE FROM plain")
        self.call("read", "zdb_merge_from", path, {"no_key": "skip"})
        self.assertEqual(self.psql("read", "SELECT count(*) FROM plain"),
                         "6000")
        self.psql("read", "DELETE FROM plain", "DELETE FROM parts")
        self.call("read", "zdb_restore_from", path, {"prebackup": False})
        self.assertEqual(self.rows("read"), rows)

    def test_psql_is_told(self):
        self.chain("guard", 1)
        self.cluster.create("guarded")
        plain = self.path("plain.sql")
        with open(plain, "wb") as file:
            file.write(self.plain(self.last))
        done = self.cluster.run("psql", "-X", "-d", "guarded", "-f", plain)
        self.assertIn("zdb_consolidate", done.stdout)
        self.assertEqual(self.psql("guarded", "SELECT count(*) FROM pg_class"
                                   " WHERE relname = 'plain'"), "0")

    def test_consolidate(self):
        rows = self.chain("whole", 3)
        report = self.call("whole", "zdb_consolidate", self.path(self.last),
                           self.path("whole.sql.gz"))
        self.assertEqual(report["type"], "full")
        self.assertGreater(report["chunks_copied"],
                           report["chunks_compressed"])
        for name in self.backups():
            if name != "whole.sql.gz":
                os.remove(self.path(name))
        self.restored("whole.sql.gz", rows)
        self.restore_by_psql("whole.sql.gz", "by_psql")
        self.assertEqual(self.rows("by_psql"), rows)
        self.assertTrue(self.call("whole", "zdb_verify",
                                  self.path("whole.sql.gz"))["ok"])
        # it can be a base, too
        _, rows = self.backup("whole", "next.sql.gz", "whole.sql.gz")
        self.restored("next.sql.gz", rows)
        self.assertNotIn("plain", self.written("next.sql.gz"))
        self.fails("whole", "SELECT zdb_consolidate("
                   f"'{self.path('next.sql.gz')}', "
                   f"'{self.path('whole.sql.gz')}')", text="exists")
        self.fails("whole", "SELECT zdb_consolidate(NULL, "
                   f"'{self.path('n.sql.gz')}')", text="the path is null")

    def test_consolidated_tables_are_as_long_as_their_text(self):
        """The rows that were left out are not counted"""
        self.base("shorter")
        self.psql("shorter", "DELETE FROM plain WHERE id % 3 = 0")
        self.backup("shorter", "b.sql.gz", "a.sql.gz")
        tables = self.call("shorter", "zdb_consolidate", self.path("b.sql.gz"),
                           self.path("c.sql.gz"))["tables"]
        full, _ = self.backup("shorter", "d.sql.gz")
        self.assertEqual({one["table"]: one["rows"] for one in tables},
                         {one["table"]: one["rows"] for one in full["tables"]})
        self.assertEqual(
            sorted((one["table"], one["bytes"]) for one in tables),
            sorted((table, int(bytes)) for table, bytes in (
                line.split("|") for line in self.psql(
                    "shorter", 'SELECT "table", bytes FROM zdb_entries('
                    f"'{self.path('c.sql.gz')}')").split("\n"))))

    def test_a_base_is_not_replaced(self):
        rows = self.chain("replace", 2)
        for name, upon in (("a.sql.gz", "0.sql.gz"),
                           ("0.sql.gz", "1.sql.gz")):
            path = self.path(name)
            for call in (f"zdb_backup_to('{path}', true,",
                         f"zdb_consolidate('{self.path(self.last)}', '{path}',"
                         ):
                said = self.fails("replace", f"SELECT {call}"
                                  " '{\"overwrite\": true}')",
                                  text=f'"{path}" cannot be replaced')
                self.assertIn(f'"{upon}" stands on it', said)
        self.restored(self.last, rows)
        self.call("replace", "zdb_backup_to", self.path(self.last), True,
                  {"overwrite": True})

    def test_encrypted(self):
        self.psql("postgres", "SELECT 1")
        phrase = self.path("phrase")
        with open(phrase, "w") as file:
            file.write("a long passphrase of words\n")
        os.chmod(phrase, 0o600)
        if os.getuid() == 0:
            shutil.chown(phrase, "postgres")
        self.base("secret")
        options = {"passphrase_file": phrase}
        self.backup("secret", "a.sql.gz.age", **options)
        self.psql("secret", "UPDATE plain SET n = -1 WHERE id = 1")
        report, rows = self.backup("secret", "b.sql.gz.age", "a.sql.gz.age",
                                   **options)
        self.assertEqual(report["type"], "incremental")
        self.assertLess(report["chunks_stored"], report["chunks"])
        self.call("postgres", "zdb_restore_from", self.path("b.sql.gz.age"),
                  {"target": "again", "overwrite": True, **options})
        self.assertEqual(self.rows("again"), rows)
        done = self.call("postgres", "zdb_consolidate", self.path(
            "b.sql.gz.age"), self.path("c.sql.gz.age"), options)
        self.assertEqual(done["warnings"], [])

    def test_some_tables_and_other_types(self):
        self.base("some")
        self.backup("some", "b.sql.gz", tables=["public.plain"])
        report, rows = self.backup("some", "c.sql.gz", "b.sql.gz")
        self.restored("c.sql.gz", rows)
        self.assertNotIn("plain", self.written("c.sql.gz"))
        self.assertEqual(self.written("c.sql.gz")["made"], 3000)
        report, _ = self.backup("some", "d.sql.gz", "c.sql.gz",
                                exclude=["public.plain"])
        self.assertNotIn("plain", [t["table"] for t in report["tables"]])
        self.call("some", "zdb_backup_to", self.path("e.sql.gz"), None,
                  {"type": "data"})
        report, _ = self.backup("some", "f.sql.gz", "e.sql.gz")
        self.assertIn('its type is "data"', report["full_because"])

    def test_some_tables_in_a_repository(self):
        """are no base for all of them."""
        self.base("part")

        def backup(**options):
            return self.call("part", "zdb_backup_to", self.path("part/"),
                             None, dict(type="incremental", **options))

        some = {"tables": ["public.plain"]}
        part = backup(**some)
        self.assertIn("of some tables only", backup()["full_because"])
        self.assertEqual(backup(**some)["type"], "incremental")
        part = backup(**some)
        self.assertLess(part["chunks_stored"], part["chunks"])
        whole = backup()
        self.assertEqual(whole["type"], "incremental")
        self.assertNotEqual(whole["base_path"], part["path"])

    def test_zstd(self):
        self.base("zstd")
        self.backup("zstd", "a.sql.zst")
        self.psql("zstd", "UPDATE plain SET n = -1 WHERE id = 1")
        report, rows = self.backup("zstd", "b.sql.zst", "a.sql.zst")
        self.assertEqual(report["type"], "incremental")
        self.restored("b.sql.zst", rows)

    def test_calls_that_make_no_sense(self):
        self.base("no")
        self.fails("no", f"SELECT zdb_backup_to('{self.path('b.sql')}', NULL,"
                   ' \'{"type": "incremental"}\')', code="22023",
                   text="always compressed")
        self.fails("no", f"SELECT zdb_backup_to('{self.path('b.sql.gz')}',"
                   ' NULL, \'{"base": "/nowhere"}\')', code="22023",
                   text='is for type "incremental"')
        self.fails("no", f"SELECT zdb_backup_to('{self.path('b.sql.gz')}',"
                   ' NULL, \'{"type": "incremental", "base": "/no.gz"}\')',
                   code="58P01", text="/no.gz")
        # it would replace what it stands on
        report, rows = self.backup("no", "a.sql.gz", "a.sql.gz",
                                   overwrite=True)
        self.assertEqual(report["type"], "full")
        self.restored("a.sql.gz", rows)

    # one writer's statements; {} is the id of a row
    WRITES = (
        "UPDATE plain SET n = n + 1 WHERE id = {}",
        "UPDATE plain SET id = id + 10000 WHERE id = {}",
        "DELETE FROM plain WHERE id BETWEEN {} AND {} + 3",
        "INSERT INTO plain SELECT {} + g, 0, 'new' FROM generate_series(1, 9) g"
        " ON CONFLICT DO NOTHING",
        "UPDATE moods SET m = enum_last(m) WHERE id = {}",
        "UPDATE toasted SET n = n + 1 WHERE id = {}",
        "UPDATE toasted SET t = repeat(md5(n::text), 100) WHERE id = {}",
        "UPDATE parts SET id = (id + 2000) % 4000 WHERE id = {}",
        "UPDATE made SET n = n + 1 WHERE id = {}",
        "INSERT INTO made (n) VALUES ({})",
        "SELECT 1 FROM plain WHERE id BETWEEN {} AND {} + 5 FOR KEY SHARE",
        "SELECT 1 FROM plain WHERE id = {} FOR UPDATE",
        "SELECT 1 FROM made WHERE id = {} FOR SHARE",
        "UPDATE unlogged SET n = -n WHERE id = {}",
    )

    # more of it, so that much stays as it is
    STILL = (
        "INSERT INTO plain SELECT g, g, 'still'"
        " FROM generate_series(10001, 30000) g",
        "INSERT INTO moods SELECT g, 'ok' FROM generate_series(10001, 15000) g",
        "INSERT INTO toasted SELECT g, repeat(md5(g::text), 100), g"
        " FROM generate_series(10001, 15000) g",
        "INSERT INTO parts_2 SELECT 2500, g FROM generate_series(1, 10000) g",
        "INSERT INTO made (n) SELECT g FROM generate_series(1, 10000) g",
    )

    def write(self, database, seed, stop):
        """Transactions of all kinds, until stop is set"""
        chance = random.Random(seed)
        session = pgtest.Session(self.cluster, database)
        session("SET lock_timeout = '300ms'")
        session("SET synchronous_commit = off")
        try:
            for number in itertools.count():
                if stop.is_set():
                    break
                self.write_once(session, f"{seed}.{number}", chance)
            session.close()
        except BrokenPipeError: # the server has crashed
            session.process.wait()

    def write_once(self, session, name, chance):
        session("BEGIN")
        for _ in range(chance.randint(1, 6)):
            if chance.random() < 0.2:
                session("SAVEPOINT a")
            session(chance.choice(self.WRITES).replace(
                "{}", str(chance.randint(1, 3000))))
            if chance.random() < 0.1:
                session("ROLLBACK TO a")
        if chance.random() < 0.1:
            session("SELECT pg_sleep(random())")
        end = chance.choice(("COMMIT", "COMMIT", "COMMIT", "ROLLBACK"))
        if chance.random() < 0.02:
            end = f"PREPARE TRANSACTION '{name}'"
        session(end)
        session("ROLLBACK")

    # between two backups; what has to wait too long is given up
    CHANGES = (
        "VACUUM plain", "VACUUM FREEZE plain", "VACUUM", "CHECKPOINT",
        "VACUUM FULL toasted", "CLUSTER plain USING plain_pkey",
        "TRUNCATE made", "ALTER TABLE made ALTER n TYPE bigint",
        "ALTER TABLE made ALTER n TYPE int",
        "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'",
        "ALTER TABLE plain ADD COLUMN more int DEFAULT 7",
        "ALTER TABLE plain DROP COLUMN more",
        "ALTER TABLE unlogged SET LOGGED", "ALTER TABLE unlogged SET UNLOGGED",
        "DELETE FROM plain WHERE id > 5000",
    )

    def end_prepared(self, chance, share):
        for name in self.psql("storm", "SELECT gid FROM pg_prepared_xacts"
                              ).split():
            if chance.random() < share:
                self.psql("storm", chance.choice(("COMMIT", "ROLLBACK"))
                          + f" PREPARED '{name}'")

    def change(self, chance):
        session = self.session("storm")
        session("SET lock_timeout = '1s'")
        for _ in range(2):
            session(chance.choice(self.CHANGES))
        self.end_prepared(chance, 0.8)

    def test_storm(self):
        """Many writers, everything that happens to tables, and a crash: each
        link of the chain holds what its snapshot saw"""
        seed = int(os.environ.get("SEED", random.randrange(10 ** 6)))
        print(f"# SEED={seed}")
        chance = random.Random(seed)
        self.database("storm")
        self.psql("storm", TABLES, *self.STILL)
        self.settle("storm")
        self.psql("storm", "ALTER SYSTEM SET autovacuum = on",
                  "SELECT pg_reload_conf()")
        self.addCleanup(self.psql, "storm", "ALTER SYSTEM RESET autovacuum",
                        "SELECT pg_reload_conf()")
        seen, last, referred = [], None, 0
        for part in range(2):
            stop = threading.Event()
            writers = [threading.Thread(target=self.write, args=(
                "storm", f"{seed}{part}{i}", stop)) for i in range(3)]
            for writer in writers:
                writer.start()
            for i in range(3 if SANITIZED else 6):
                name = f"{part}{i}.sql.gz"
                report, rows = self.backup("storm", name, last,
                                           jobs=chance.choice((1, 3)))
                referred += report["chunks"] - report.get("chunks_stored",
                                                          report["chunks"])
                seen.append((name, rows))
                last = name
                self.change(chance)
            if part == 0:
                self.crash()
            stop.set()
            for writer in writers:
                writer.join()
        self.end_prepared(chance, 1)
        self.assertGreater(referred, 0)
        for name, rows in seen:
            with self.subTest(name=name, seed=seed):
                self.restored(name, rows)

    def test_a_chain_of_50(self):
        links = 15 if SANITIZED else 50
        self.database("fifty")
        self.psql("fifty", TABLES)
        _, rows = self.backup("fifty", "0.sql.gz")
        for i in range(1, links + 1):
            self.psql("fifty", f"UPDATE plain SET n = -{i} WHERE id % 50 = "
                      f"{i % 50} AND id / 1000 = {i % 6}")
            _, rows = self.backup("fifty", f"{i}.sql.gz", f"{i - 1}.sql.gz")
        self.restored(f"{links}.sql.gz", rows)
        self.assertTrue(self.call("fifty", "zdb_verify",
                                  self.path(f"{links}.sql.gz"))["ok"])


class Standby(pgtest.Case):
    def standby(self, *args):
        command = (f"{pgtest.BIN}/pg_ctl -D {self.copy} -l {self.copy}.log -w"
                   f" -o '-p 5433' {' '.join(args)}")
        subprocess.run(["su", "postgres", "-s", "/bin/sh", "-c", command]
                       if os.getuid() == 0 else ["sh", "-c", command],
                       check=True, cwd="/", stdout=subprocess.DEVNULL)

    def at_standby(self, statement):
        done = subprocess.run(
            self.cluster.command("psql", "-XAtq", "-p", "5433", "-d", "shop",
                                 "-c", statement),
            capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.rstrip("\n")

    def catch_up(self):
        lsn = self.psql("shop", "SELECT pg_current_wal_insert_lsn()")
        while self.at_standby("SELECT pg_last_wal_replay_lsn() >= "
                              f"'{lsn}'") != "t":
            time.sleep(0.1)

    def backup(self, run, name, base=None):
        options = {"type": "incremental", "base": self.path(base)} \
            if base else {}
        return json.loads(run(f"SELECT zdb_backup_to('{self.path(name)}',"
                              f" NULL, '{json.dumps(options)}')"))

    def restored(self, name):
        self.call("postgres", "zdb_restore_from", self.path(name),
                  {"target": "again", "overwrite": True})
        self.same_database("shop", "again")

    def test_bases_of_primary_and_standby(self):
        self.psql("postgres", "CREATE EXTENSION zdbackup")
        self.database("shop")
        self.psql("shop", "CREATE TABLE t AS SELECT g AS id, 0 AS n,"
                  " repeat('x', 100) FROM generate_series(1, 20000) g",
                  "VACUUM FREEZE")
        self.copy = os.path.join(self.cluster.dir, "standby")
        command = [f"{pgtest.BIN}/pg_basebackup", "-h", self.cluster.socket,
                   "-U", "postgres", "-D", self.copy, "-R", "-c", "fast"]
        subprocess.run(["su", "postgres", "-s", "/bin/sh", "-c",
                        " ".join(command)] if os.getuid() == 0 else command,
                       check=True, cwd="/")
        self.standby("start")
        self.addCleanup(self.standby, "-m", "immediate", "stop")

        def primary(statement):
            return self.psql("shop", statement)

        self.backup(primary, "a.sql.gz")
        primary("UPDATE t SET n = 1 WHERE id = 1")
        self.catch_up()
        report = self.backup(self.at_standby, "b.sql.gz", "a.sql.gz")
        self.assertEqual(report["type"], "incremental")
        self.assertLess(report["chunks_stored"], report["chunks"])
        self.restored("b.sql.gz")
        primary("UPDATE t SET n = 2 WHERE id = 20000")
        report = self.backup(primary, "c.sql.gz", "b.sql.gz")
        self.assertEqual(report["type"], "incremental")
        self.assertLess(report["chunks_stored"], report["chunks"])
        self.restored("c.sql.gz")
        self.at_standby("SELECT pg_wal_replay_pause()")
        primary("UPDATE t SET n = 3 WHERE id = 10000")
        self.backup(primary, "d.sql.gz", "c.sql.gz")
        report = self.backup(self.at_standby, "e.sql.gz", "d.sql.gz")
        self.assertIn("has not come so far", report["full_because"])
        self.at_standby("SELECT pg_wal_replay_resume()")
        self.standby("promote")
        report = self.backup(self.at_standby, "f.sql.gz", "d.sql.gz")
        self.assertIn("another timeline", report["full_because"])


pgtest.main()
