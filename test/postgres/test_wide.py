"""Every type and every object class, there and back"""
import re

import pgtest


class Wide(pgtest.Case):
    settings = ("max_worker_processes = 20", "wal_level = logical")

    def setUp(self):
        super().setUp()
        if not self.psql("postgres", "SELECT 1 FROM pg_database"
                         " WHERE datname = 'wide'"):
            self.cluster.create("wide", "wide.sql")
            self.psql("wide", "CREATE EXTENSION zdbackup")
        self.call("wide", "zdb_backup_to", self.path("w.sql.gz"))
        self.before = self.lines(self.cluster.dump("wide"))

    @staticmethod
    def lines(script):
        """Without what differs from one dump to the next: comments, and how
        rows are cut into blocks."""
        return sorted(line for line in
                      pgtest.without_restrict(script).split(b"\n")
                      if line and line != b"\\."
                      and not line.startswith((b"--", b"COPY ")))

    def test_by_psql(self):
        self.restore_by_psql("w.sql.gz", "wide_again")
        self.same_database("wide", "wide_again")

    def test_text_is_that_of_pg_dump(self):
        self.call("wide", "zdb_backup_to", self.path("s.sql"), before=(
            "SET DateStyle = 'German, DMY'",
            "SET IntervalStyle = 'sql_standard'",
            "SET TimeZone = 'America/St_Johns'",
            "SET bytea_output = 'escape'", "SET extra_float_digits = -15",
            "SET xmlbinary = 'hex'", "SET array_nulls = off",
            "SET quote_all_identifiers = on"))
        self.assertEqual(self.lines(self.plain("s.sql")), self.before)

    def test_verify_by_restoring(self):
        report = self.call("wide", "zdb_verify", self.path("w.sql.gz"),
                           {"level": "restore"})
        self.assertTrue(report["ok"])
        self.nothing_left()

    def test_replace(self):
        report = self.call("wide", "zdb_restore_from", self.path("w.sql.gz"),
                           {"prebackup": False})
        self.assertGreater(report["rows"], 1000)
        self.assertEqual(self.lines(self.cluster.dump("wide")), self.before)

    def test_new_database(self):
        self.call("wide", "zdb_restore_from", self.path("w.sql.gz"),
                  {"target": "wide_new", "overwrite": True, "jobs": 4})
        self.assertEqual(self.lines(self.cluster.dump("wide_new")),
                         self.before)

    def test_foreign_data_on_demand(self):
        if not re.search(rb"EXTENSION.* file_fdw ", self.plain("w.sql.gz")):
            self.skipTest("there is no file_fdw")
        self.cluster.create("fdw")
        with open(self.path("rows.csv"), "w") as file:
            file.write("1,one\n2,two\n")
        self.psql("fdw", "CREATE EXTENSION zdbackup",
                  "CREATE EXTENSION file_fdw",
                  "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
                  "CREATE FOREIGN TABLE f(id int, t text) SERVER files"
                  f" OPTIONS (filename '{self.path('rows.csv')}',"
                  " format 'csv')")
        report = self.call("fdw", "zdb_backup_to", self.path("f.sql"))
        self.assertEqual(report["tables"], [])
        report = self.call("fdw", "zdb_backup_to", self.path("g.sql"), None,
                           {"include_foreign_data": True})
        self.assertEqual(report["rows"], 2)
        self.assertIn(b"\n1\tone\n2\ttwo\n\\.\n", self.plain("g.sql"))

    def test_configuration_tables_of_extensions(self):
        """With their filter, in an order that foreign keys allow."""
        self.cluster.create("conf")
        self.psql("conf", "CREATE EXTENSION zdbackup",
                  "CREATE TABLE c(id int PRIMARY KEY, up int REFERENCES c,"
                  " builtin bool)",
                  "ALTER EXTENSION zdbackup ADD TABLE c",
                  "UPDATE pg_extension SET extconfig = ARRAY['c'::regclass],"
                  " extcondition = ARRAY['WHERE NOT builtin']"
                  " WHERE extname = 'zdbackup'",
                  "INSERT INTO c VALUES (1, NULL, true), (2, 3, false),"
                  " (3, NULL, false)")
        report = self.call("conf", "zdb_backup_to", self.path("c.sql"))
        self.assertEqual(report["rows"], 2)
        self.assertRegex(self.plain("c.sql"), rb"COPY public\.c \(id, up, "
                         rb"builtin\) FROM stdin;\n2\t3\tf\n3\t\\N\tf\n\\\.\n")


pgtest.main()
