"""An incremental backup holds what its snapshot saw, and little else"""
import json
import re

import links
import pgtest
from links import SANITIZED
from links import TABLES


class Incremental(links.Case):
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


pgtest.main()
