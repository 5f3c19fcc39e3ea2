"""A backup is a psql script that gives the database back"""
import glob
import os
import re
import subprocess

import pgtest


class Backup(pgtest.Case):
    settings = ("max_parallel_workers=8",)

    def round_trip(self, database, name, *args, before=()):
        report = self.call(database, "zdb_backup_to", self.path(name), *args,
                           before=before)
        self.restore_by_psql(name, database + "_again")
        self.same_database(database, database + "_again")
        return report

    def test_shop_in_every_format(self):
        self.database("shop", "shop.sql")
        for name in ("a.sql.gz", "a.sql.zst", "a.sql"):
            report = self.round_trip("shop", name)
            self.assertEqual(report["rows"], 5000)
            self.assertEqual(report["verified"], "data")
            self.assertEqual(os.stat(self.path(name)).st_mode & 0o777, 0o600)
        self.nothing_left()

    def test_sha256_is_the_files(self):
        self.database("shop", "shop.sql")
        report = self.call("shop", "zdb_backup_to", self.path("a.sql.gz"))
        said = subprocess.run(["sha256sum", self.path("a.sql.gz")],
                              capture_output=True, text=True).stdout
        self.assertEqual(report["sha256"], said.split()[0])
        self.assertEqual(len(self.plain("a.sql.gz")), report["bytes"])

    def test_sums_beside_every_file(self):
        self.database("shop", "shop.sql")
        for number, suffix in enumerate((".sql.gz", ".sql.zst", ".sql")):
            for verify in (True, "index", False):
                report = self.call(
                    "shop", "zdb_backup_to",
                    self.path(f"{number}_{verify}{suffix}"), None,
                    {"verify": verify})
                self.assertEqual(len(report["sha256"]), 64)
        sums = glob.glob(self.path("*.sha256"))
        self.assertEqual(len(sums), 9)
        subprocess.run(["sha256sum", "-c", "--strict", "--status", *sums],
                       cwd=self.dir, check=True)
        self.assertEqual({os.stat(s).st_mode & 0o777 for s in sums}, {0o600})

    def test_foreign_data_where_there_is_none(self):
        self.database("none")
        report = self.call("none", "zdb_backup_to", self.path("f.sql"), False,
                           {"include_foreign_data": True})
        self.assertEqual(report["tables"], [])

    def test_empty_database(self):
        self.cluster.create("empty")
        self.psql("empty", "CREATE EXTENSION zdbackup")
        self.round_trip("empty", "e.sql.gz")

    def test_text_is_that_of_pg_dump(self):
        """Whatever the session's settings are; but a table may have several
        blocks."""
        self.database("shop", "shop.sql")
        self.call("shop", "zdb_backup_to", self.path("a.sql"), before=(
            "SET DateStyle = 'SQL, DMY'", "SET IntervalStyle = 'iso_8601'",
            "SET TimeZone = 'Asia/Tokyo'", "SET bytea_output = 'escape'",
            "SET extra_float_digits = -3", "SET client_encoding = 'LATIN1'",
            "SET search_path = ''; SET search_path = public",
            "SET standard_conforming_strings = off",
            "SET lc_monetary = 'C'"))

        def lines(script):
            found = [line for line in script.split(b"\n")
                     if line and not line.startswith(b"--")
                     and line != b"\\."]
            blocks = {line for line in found if line.startswith(b"COPY ")}
            return sorted(line for line in found if line not in blocks) + \
                sorted(blocks)

        self.assertEqual(
            lines(pgtest.without_restrict(self.plain("a.sql"))),
            lines(self.cluster.dump("shop")))

    def test_settings_are_as_before(self):
        self.database("shop", "shop.sql")
        self.assertEqual(self.psql(
            "shop", "SET DateStyle = 'SQL, DMY'", "SET search_path = public",
            f"DO $$ BEGIN PERFORM zdb_backup_to('{self.path('a.sql')}'); END $$",
            "SHOW DateStyle", "SHOW search_path", "SHOW transaction_read_only",
            "SHOW row_security"), "SQL, DMY\npublic\noff\non")

    def test_chunks_are_whole_copy_blocks(self):
        self.database("shop", "shop.sql")
        self.psql("shop", "CREATE TABLE big AS SELECT g AS id, md5(g::text)"
                  " || repeat(md5((g * 7)::text), 8) AS t"
                  " FROM generate_series(1, 60000) g")
        report = self.round_trip("shop", "a.sql.gz")
        blocks = re.findall(rb"^COPY public\.big \(id, t\) FROM stdin;\n"
                            rb"(.*?)^\\\.\n", self.plain("a.sql.gz"),
                            re.M | re.S)
        self.assertGreater(len(blocks), 3)
        self.assertEqual(sum(b.count(b"\n") for b in blocks), 60000)
        self.assertGreater(report["jobs"], 1)
        # each member of the file by itself is a block
        entries = self.psql("shop", 'SELECT "table", rows, chunks FROM '
                            f"zdb_entries('{self.path('a.sql.gz')}')"
                            " WHERE \"table\" = 'big'")
        self.assertEqual(entries, f"big|60000|{len(blocks)}")

    def test_the_document_explains_it(self):
        """The reader in docs/format.md checks every chunk"""
        self.database("shop", "shop.sql")
        self.call("shop", "zdb_backup_to", self.path("shop.sql.gz"))
        with open(os.path.join(pgtest.ROOT, "docs", "format.md")) as file:
            program = re.search(r"```python\n(.*?)```", file.read(), re.S)[1]
        listed = subprocess.run(["/usr/bin/python3", "-c", program,
                                 self.path("shop.sql.gz")], check=True,
                                capture_output=True, text=True).stdout
        self.assertGreater(len(listed.splitlines()), 5)

    def test_rows_of_100_mb(self):
        self.cluster.create("huge")
        self.psql("huge", "CREATE EXTENSION zdbackup",
                  "CREATE TABLE t(id int, b bytea, s text)",
                  "INSERT INTO t SELECT 1, decode(repeat('00ff5c0a', "
                  "25 * 1000 * 1000 / 2), 'hex'), repeat(E'a\\t\\\\', 9000000)",
                  "INSERT INTO t VALUES (2, NULL, '')")
        report = self.call("huge", "zdb_backup_to", self.path("h.sql.zst"))
        self.assertEqual(report["rows"], 2)
        self.restore_by_psql("h.sql.zst", "huge_again")
        query = "SELECT id, md5(b), md5(s), length(b), length(s) FROM t"
        self.assertEqual(self.psql("huge", query),
                         self.psql("huge_again", query))
        self.assertEqual(self.call("huge", "zdb_restore_from",
                                   self.path("h.sql.zst"),
                                   {"prebackup": False})["rows"], 2)
        self.assertEqual(self.psql("huge", query),
                         self.psql("huge_again", query))

    def test_a_row_no_copy_can_carry(self):
        self.cluster.create("toobig")
        self.psql("toobig", "CREATE EXTENSION zdbackup",
                  "CREATE TABLE t(a text, b text)",
                  "INSERT INTO t SELECT repeat('x', 600000000)",
                  "UPDATE t SET b = repeat('y', 600000000)")
        said = self.fails("toobig", "SELECT zdb_backup_to("
                          f"'{self.path('t.sql.gz')}')", code="54000",
                          text='a row of table "t" is too long for COPY')
        self.assertIn("ctid (0,2)", said)
        self.assertEqual(self.backups(), [])

    def test_large_objects(self):
        self.cluster.create("lo")
        self.psql("lo", "CREATE EXTENSION zdbackup",
                  "SELECT lo_from_bytea(1000, decode(repeat('00ff5c27', 30000), 'hex'))",
                  "SELECT lo_create(1001)",
                  "SELECT lo_from_bytea(1002, 'x')",
                  "COMMENT ON LARGE OBJECT 1000 IS 'it''s one'")
        self.round_trip("lo", "lo.sql.gz")
        self.assertEqual(self.psql("lo_again", "SELECT loid, md5(lo_get(oid))"
                                   " FROM pg_largeobject_metadata m, LATERAL"
                                   " (SELECT m.oid AS loid) x ORDER BY 1"),
                         self.psql("lo", "SELECT loid, md5(lo_get(oid))"
                                   " FROM pg_largeobject_metadata m, LATERAL"
                                   " (SELECT m.oid AS loid) x ORDER BY 1"))

    def test_types_schema_and_data(self):
        self.database("shop", "shop.sql")
        self.call("shop", "zdb_backup_to", self.path("s.sql.gz"), None,
                  {"type": "schema"})
        self.restore_by_psql("s.sql.gz", "schema_only")
        self.assertEqual(self.cluster.dump("shop", "--schema-only"),
                         self.cluster.dump("schema_only", "--schema-only"))
        self.assertEqual(self.psql("schema_only",
                                   "SELECT count(*) FROM messages"), "0")
        report = self.call("shop", "zdb_backup_to", self.path("d.sql.gz"),
                           None, {"type": "data"})
        self.assertEqual(report["rows"], 5000)
        self.cluster.load("schema_only", self.plain_file("d.sql.gz"))
        self.psql("schema_only", "REFRESH MATERIALIZED VIEW turnover")
        self.same_database("shop", "schema_only")

    def plain_file(self, name):
        path = self.path("plain.sql")
        with open(path, "wb") as file:
            file.write(self.plain(name))
        return path

    def test_data_with_self_references_and_cycles(self):
        self.cluster.create("tree")
        self.psql("tree", "CREATE EXTENSION zdbackup",
                  "CREATE TABLE z(id int PRIMARY KEY, up int REFERENCES z)",
                  "INSERT INTO z SELECT g, CASE WHEN g < 200000 THEN g + 1 END"
                  " FROM generate_series(200000, 1, -1) g",
                  "CREATE TABLE a(id int PRIMARY KEY, z int REFERENCES z)",
                  "INSERT INTO a SELECT g, g FROM generate_series(1, 9000) g")
        self.call("tree", "zdb_backup_to", self.path("d.sql.gz"), None,
                  {"type": "data"})
        self.call("tree", "zdb_backup_to", self.path("s.sql.gz"), None,
                  {"type": "schema"})
        self.restore_by_psql("s.sql.gz", "tree_again")
        self.cluster.load("tree_again", self.plain_file("d.sql.gz"))
        self.same_database("tree", "tree_again")

    def test_tables_and_exclude(self):
        self.database("shop", "shop.sql")
        report = self.call("shop", "zdb_backup_to", self.path("t.sql.gz"),
                           None, {"tables": ["users", "public.merchants"]})
        self.assertEqual([t["table"] for t in report["tables"]],
                         ["merchants", "users"])
        report = self.call("shop", "zdb_backup_to", self.path("x.sql.gz"),
                           None, {"exclude": ["messages"]})
        self.assertNotIn("messages", [t["table"] for t in report["tables"]])
        self.psql("shop", 'CREATE TABLE "My ""odd"" Täble*"(a int)',
                  'INSERT INTO "My ""odd"" Täble*" VALUES (1)')
        report = self.call("shop", "zdb_backup_to", self.path("o.sql.gz"),
                           None, {"tables": ['My "odd" Täble*']})
        self.assertEqual(report["rows"], 1)
        self.fails("shop", "SELECT zdb_backup_to('" + self.path("n.sql")
                   + "', NULL, '{\"tables\": [\"nobody\"]}')",
                   text='there is no table "nobody"', code="42P01")

    def test_other_encodings(self):
        for encoding, byte in (("LATIN1", r"\xe9"), ("SQL_ASCII", r"\xe9")):
            name = "enc_" + encoding.lower()
            options = f"TEMPLATE template0 ENCODING '{encoding}'"
            self.cluster.create(name, options=options)
            self.psql(name, "CREATE EXTENSION zdbackup",
                      "DO $$ BEGIN EXECUTE format('CREATE TABLE %I (%I text)',"
                      f" convert_from('{byte}', '{encoding}') || 't', 'c'); END $$",
                      "DO $$ BEGIN EXECUTE format('INSERT INTO %I VALUES (%L)',"
                      f" convert_from('{byte}', '{encoding}') || 't',"
                      f" convert_from('{byte}', '{encoding}')); END $$")
            report = self.call(name, "zdb_backup_to", self.path(name + ".sql"))
            self.assertEqual(report["tables"][0]["table"], "ét")
            self.restore_by_psql(name + ".sql", name + "_again", options)
            self.same_database(name, name + "_again")

    def test_path_and_names(self):
        self.database("shop", "shop.sql")
        report = self.call("shop", "zdb_backup_to", self.dir + "/")
        self.assertRegex(report["path"],
                         r"/\d{8}/shop_full_\d{8}_\d{6}\.sql\.gz$")
        self.fails("shop", "SELECT zdb_backup_to('relative.sql')",
                   text="is relative", code="42602")
        self.psql("shop", f"SET zdbackup.repository = '{self.dir}'",
                  "SELECT zdb_backup_to('{db}-{type}.sql.zst')")
        self.assertTrue(os.path.exists(self.path("shop-full.sql.zst")))
        self.fails("shop", "SELECT zdb_backup_to('" +
                   self.path("shop-full.sql.zst") + "')",
                   text="exists", code="58P02")

    def test_a_database_with_an_odd_name(self):
        name = "../a \'b\' ü"
        self.database(name, "shop.sql")
        report = self.call(name, "zdb_backup_to", self.dir + "/")
        self.assertEqual(os.path.dirname(os.path.dirname(report["path"])),
                         self.dir)
        again = self.call(name, "zdb_restore_from", report["path"])
        self.assertTrue(again["prebackup"].startswith(self.dir))
        self.assertTrue(self.call(name, "zdb_verify", report["path"],
                                  {"level": "restore"})["ok"])

    def test_options_that_are_wrong(self):
        self.database("shop", "shop.sql")
        for options, text in (
                ('{"typo": 1}', 'unknown option "typo"'),
                ('{"schema": "main"}', 'unknown option "schema"'),
                ('{"type": "most"}', 'cannot be "most"'),
                ('{"jobs": 0}', "a whole number from 1 to 64"),
                ('[1]', "not a JSON object")):
            self.fails("shop", "SELECT zdb_backup_to('/tmp/x', NULL, "
                       f"'{options}')", text=text, code="22023")
        self.fails("shop", "SELECT zdb_backup_to('/tmp/x', 'lzma')",
                   text="lzma", code="22023")
        self.fails("shop", "SELECT zdb_backup_to(NULL)", text="null",
                   code="22004")

    def test_overloads(self):
        self.database("shop", "shop.sql")
        for argument, compress in (("true", "gzip"), ("false", "none"),
                                   ("'zstd:1'", "zstd")):
            report = self.psql("shop", "SELECT zdb_backup_to('"
                               f"{self.path(compress)}', {argument})"
                               "->>'compress'")
            self.assertEqual(report, compress)


pgtest.main()
