"""Chains of backups: where a base is found, what reads them, consolidation"""
import os
import shutil

import links
import pgtest


class Chain(links.Case):
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


pgtest.main()
