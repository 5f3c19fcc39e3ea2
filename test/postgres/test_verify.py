"""A backup is proved, at three depths; what it is can be asked"""
import json
import os
import subprocess

import pgtest


class Verify(pgtest.Case):
    settings = ("max_worker_processes = 20",)

    def setUp(self):
        """A database and its backups, made once; with sanitizers a smaller
        one, of several chunks still"""
        super().setUp()
        kept = os.path.join(self.cluster.dir, "kept")
        if not os.path.exists(kept):
            rows = 250000 if os.environ.get("SANITIZED") else 1000000
            self.database("shop", "shop.sql")
            self.psql("shop", "CREATE TABLE big AS SELECT g AS id,"
                      f" md5(g::text) AS a FROM generate_series(1, {rows}) g")
            for name in ("a.sql.gz", "a.sql.zst", "a.sql"):
                self.call("shop", "zdb_backup_to", self.path(name), None,
                          {"verify": False})
            subprocess.run(["cp", "-a", self.dir, kept], check=True)
        subprocess.run(["cp", "-a", kept + "/.", self.dir], check=True)
        self.rows = 5000 + int(self.psql("shop", "SELECT count(*) FROM big"))

    def test_levels(self):
        for name in ("a.sql.gz", "a.sql.zst", "a.sql"):
            for level in ("index", "data", "restore"):
                report = self.call("shop", "zdb_verify", self.path(name),
                                   {"level": level})
                self.assertTrue(report["ok"])
                self.assertEqual(report["verified"], level)
                self.assertEqual(report["warnings"], [])
        self.nothing_left()

    def test_one_and_many_processes_agree(self):
        reports = [self.call("shop", "zdb_verify", self.path("a.sql.gz"),
                             {"jobs": jobs}) for jobs in (1, 2, 6)]
        self.assertEqual(len({r["sha256"] for r in reports}), 1)
        self.assertEqual({r["ok"] for r in reports}, {True})

    def test_a_sequence_behind_its_rows(self):
        sequence = "ALTER SEQUENCE messages_id_seq RESTART WITH"
        last = self.psql("shop", "SELECT last_value FROM messages_id_seq")
        self.psql("shop", f"{sequence} 5")
        self.addCleanup(self.psql, "shop", f"{sequence} {int(last) + 1}")
        self.call("shop", "zdb_backup_to", self.path("s.sql.gz"))
        report = self.call("shop", "zdb_verify", self.path("s.sql.gz"),
                           {"level": "restore"})
        self.assertIn("messages_id_seq is behind", report["warnings"][0])

    def test_constraints_are_checked_by_restoring(self):
        with open(self.path("bad.sql"), "wb") as file:
            file.write(self.plain("a.sql.gz").replace(
                b"ALTER TABLE ONLY public.big", b"").replace(
                b"\nALTER TABLE ONLY public.users\n    ADD CONSTRAINT "
                b"users_pkey", b"\nDELETE FROM public.users;\nALTER TABLE "
                b"ONLY public.users\n    ADD CONSTRAINT users_pkey"))
        said = self.fails("shop", "SELECT zdb_verify('"
                          + self.path("bad.sql")
                          + "', '{\"level\": \"restore\"}')",
                          text="does not restore")
        self.assertIn("foreign key", said)
        report = self.call("shop", "zdb_verify", self.path("bad.sql"),
                           {"level": "restore", "raise": False})
        self.assertFalse(report["ok"])
        self.assertIn("does not restore", report["error"])
        self.nothing_left()

    def test_verified_backup_by_restoring(self):
        report = self.call("shop", "zdb_backup_to", self.path("v.sql.gz"),
                           None, {"verify": "restore"})
        self.assertEqual(report["verified"], "restore")

    def test_info_and_entries(self):
        info = self.call("shop", "zdb_info", self.path("a.sql.gz"))
        self.assertEqual((info["engine"], info["type"], info["content"],
                          info["database"], info["encoding"]),
                         ("postgresql", "full", "script", "shop", "UTF8"))
        self.assertEqual(info["rows"], self.rows)
        rows = self.psql("shop", 'SELECT schema, "table", rows, chunks > 0,'
                         " length(sha256) FROM zdb_entries('"
                         + self.path("a.sql.gz") + "')").split("\n")
        self.assertIn("public|users|200|t|64", rows)
        self.assertEqual(len(rows), 7)

    def test_version(self):
        version = json.loads(self.psql("shop", "SELECT zdb_version()"))
        self.assertEqual(version["engine"], "postgresql")

    def test_a_missing_file(self):
        self.fails("shop", "SELECT zdb_verify('/nowhere/x.gz')", code="58P01",
                   text="could not open")


pgtest.main()
