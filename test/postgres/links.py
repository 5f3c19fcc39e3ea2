"""Databases that change, and chains of their backups"""
import json
import os
import subprocess

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


class Case(pgtest.Case):
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

    def chain(self, name, length=2, **options):
        """A database, a.sql.gz and incremental ones upon it"""
        _, rows = self.base(name)
        for i in range(length):
            self.psql(name, f"UPDATE plain SET n = -{i} WHERE id = {i + 1}000")
            last, self.last = self.last, f"{i}.sql.gz"
            _, rows = self.backup(name, self.last, last, **options)
        return rows
