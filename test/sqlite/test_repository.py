"""A repository: what it holds, and the newest of it"""
import glob
import json
import os
import shutil
import sqlite3

import zdbtest
from zdbtest import call, rows


class Repository(zdbtest.Case):

    def filled(self):
        """Backups of two moments, and things beside them."""
        con = self.sample()
        call(con, "zdb_backup_to", "b/{date}/first.db.gz", None,
             {"label": "keep"})
        con.execute("DELETE FROM messages")
        call(con, "zdb_backup_to", "b/", None)
        return con

    def test_list(self):
        con = self.filled()
        call(con, "zdb_backup_to", "b/plain.db")
        call(con, "zdb_backup_to", "b/s.sql.zst", None, {"type": "schema"})
        shutil.copy("app.db", "b/copy.db")
        with open("b/plain.db", "rb") as file:
            whole = file.read()
        open("b/half.db.gz", "wb").write(
            open(glob.glob("b/2*/app*.gz")[0], "rb").read()[:-10])
        found = {row["file"].split("/")[-1]: row
                 for row in rows(con, "zdb_list", "b")}
        self.assertEqual(len(found), 6)
        first = found["first.db.gz"]
        self.assertEqual(
            (first["type"], first["engine"], first["database"],
             first["compress"], first["rows"], first["label"],
             first["indexed"], first["error"]),
            ("full", "sqlite", "app", "gzip", 6200, "keep", 1, None))
        self.assertEqual(first["stored_bytes"], os.path.getsize(first["path"]))
        self.assertEqual(len(first["sha256"]), 64)
        self.assertEqual(found["plain.db"]["bytes"], len(whole))
        self.assertEqual(found["s.sql.zst"]["type"], "schema")
        copy = found["copy.db"]
        self.assertEqual((copy["engine"], copy["type"], copy["created"],
                          copy["indexed"]), ("sqlite", None, None, 0))
        self.assertIn("is damaged", found["half.db.gz"]["error"])

    def test_list_says_what_is_wrong(self):
        con = self.open()
        for sql, text in (("zdb_list('none')", "could not read directory"),
                          ("zdb_list('app.db')", "Not a directory"),
                          ("zdb_list", "needs the repository"),
                          ("zdb_list('.', '{\"x\":1}')", "unknown option")):
            with self.assertRaisesRegex(sqlite3.Error, text):
                con.execute(f"SELECT * FROM {sql}").fetchall()
        con.execute("CREATE VIEW v AS SELECT * FROM zdb_list('.')")
        with self.assertRaisesRegex(sqlite3.Error, "unsafe use"):
            con.execute("SELECT * FROM v")

    def test_list_joins(self):
        con = self.filled()
        self.assertEqual(con.execute(
            "SELECT count(*) FROM (SELECT 'b' AS where_, 1 AS n) r"
            " JOIN zdb_list(r.where_) l JOIN zdb_entries(l.path) e"
            " WHERE e.\"table\" = 'users'").fetchone()[0], 2)

    def test_newest_and_at(self):
        con = self.filled()
        newest = rows(con, "zdb_list", "b")[0]
        for function in ("zdb_verify", "zdb_info"):
            self.assertEqual(call(con, function, "b")["path"],
                             newest["path"])
        self.assertEqual(
            {row["table"]: row["rows"] for row in rows(
                con, "zdb_entries", "b", json.dumps(
                    {"at": newest["created"]}))}["messages"], 0)
        con.execute("DELETE FROM users")
        self.assertEqual(call(con, "zdb_restore_from", "b")["path"],
                         newest["path"])
        self.assertEqual(con.execute(
            "SELECT count(*) FROM users").fetchone()[0], 200)
        for function in ("zdb_verify", "zdb_info", "zdb_restore_from",
                         "zdb_merge_from"):
            self.fails(con, function, "b", {"at": "2020-01-01"},
                       text="of 2020-01-01 or before\nThe oldest is")
            self.fails(con, function, "b", {"at": "last night"},
                       text="not a moment")
            self.fails(con, function, newest["path"], {"at": "2030-01-01"},
                       text="chooses from a directory")

    def test_one_from_the_future_is_not_the_newest(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/old.db.gz")
        zdbtest.redate("b/old.db.gz", "2099-01-01 00:00")
        report = call(con, "zdb_verify", "b")
        self.assertEqual(report["path"], "b/old.db.gz")
        self.assertIn("there is no other", report["warnings"][0])
        call(con, "zdb_backup_to", "b/new.db.gz")
        for function in ("zdb_verify", "zdb_restore_from", "zdb_merge_from"):
            report = call(con, function, "b")
            self.assertEqual(report["path"], "b/new.db.gz")
            self.assertIn("old.db.gz\" is from the future",
                          report["warnings"][0])
        report = call(con, "zdb_verify", "b", {"at": "2099-01-01"})
        self.assertEqual(report["path"], "b/old.db.gz")

    def test_what_a_restore_chooses(self):
        con = self.filled()
        newest = rows(con, "zdb_list", "b")[0]
        call(con, "zdb_backup_to", "b/later.sql", None, {"type": "schema"})
        call(con, "zdb_backup_to", "b/later2.sql", None, {"type": "data"})
        con.execute("DELETE FROM users")
        # a restore's own backup of what was wrong is not the next choice
        done = call(con, "zdb_restore_from", "b", {"prebackup": "b/pre.db.gz"})
        self.assertEqual(done["path"], newest["path"])
        again = call(con, "zdb_restore_from", "b", {"dry_run": True})
        self.assertEqual(again["path"], newest["path"])
        self.assertEqual(call(con, "zdb_merge_from", "b")["path"],
                         "b/later2.sql")

    def test_some_tables_are_not_the_database(self):
        con = self.filled()
        whole = rows(con, "zdb_list", "b")[0]["path"]
        some = call(con, "zdb_backup_to", "b/some.db.gz", None,
                    {"tables": ["users"]})
        self.assertTrue(some["partial"])
        self.assertTrue(call(con, "zdb_info", some["path"])["partial"])
        for function in ("zdb_restore_from", "zdb_merge_from"):
            self.assertEqual(call(con, function, "b", {"dry_run": True})
                             ["path"], whole)
        call(con, "zdb_backup_to", "some/", None, {"tables": ["users"]})
        self.assertIn("some/", call(con, "zdb_restore_from", "some/",
                                    {"dry_run": True})["path"])

    def test_several_databases(self):
        con = self.filled()
        other = self.open("other.db")
        self.fails(other, "zdb_restore_from", "none/",
                   text="No such file")
        call(other, "zdb_restore_from", "b")  # all of one database
        third = self.open("third.db")
        call(other, "zdb_backup_to", "b/")
        self.assertEqual(call(con, "zdb_restore_from", "b",
                              {"dry_run": True})["database"], "app")
        self.assertEqual(call(other, "zdb_restore_from", "b",
                              {"dry_run": True})["database"], "other")
        said = self.fails(third, "zdb_restore_from", "b",
                          text='several databases, and none of "third"')
        self.assertIn("other, app", said)

    def test_verify_compares_the_sums(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b.db.gz")
        self.assertTrue(call(con, "zdb_verify", "b.db.gz")["sha256_file"])
        self.assertFalse(call(con, "zdb_verify", "b.db.gz",
                              {"level": "index"})["sha256_file"])
        call(con, "zdb_backup_to", "c.db.gz", None, {"type": "schema"})
        shutil.copy("c.db.gz", "b.db.gz")
        said = self.fails(con, "zdb_verify", "b.db.gz", text='"b.db.gz" has')
        self.assertIn('but "b.db.gz.sha256" says', said)
        report = call(con, "zdb_verify", "b.db.gz", {"raise": False})
        self.assertFalse(report["ok"])
        with open("b.db.gz.sha256", "w") as file:
            file.write("who knows\n")
        report = call(con, "zdb_verify", "b.db.gz")
        self.assertIn("does not hold the SHA-256", report["warnings"][0])
        os.remove("b.db.gz.sha256")
        report = call(con, "zdb_verify", "b.db.gz")
        self.assertEqual((report["sha256_file"], report["warnings"]),
                         (False, []))


zdbtest.main()
