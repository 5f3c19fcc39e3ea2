"""zdb_verify, zdb_info, zdb_entries, zdb_version: proving and describing"""
import gzip
import os
import shutil
import sqlite3
import subprocess

import zdbtest
from zdbtest import call


class Verify(zdbtest.Case):

    def test_levels(self):
        con = self.sample()
        for path, compress in (("b.gz", "gzip"), ("b.zst", "zstd"),
                               ("b.db", "none")):
            call(con, "zdb_backup_to", path, compress)
            for level in ("index", "data", "restore"):
                report = call(con, "zdb_verify", path, {"level": level})
                self.assertEqual(
                    (report["ok"], report["verified"], report["indexed"],
                     report["compress"], report["bytes"]),
                    (True, level, True, compress,
                     os.path.getsize("app.db")))

    def test_damage_is_named(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b.gz", True)
        offset = os.path.getsize("b.gz") // 2
        zdbtest.damage("b.gz", offset)
        message = self.fails(con, "zdb_verify", "b.gz",
                             code=sqlite3.DatabaseError, text='"b.gz"')
        self.assertRegex(message, r"chunk \d+ \(pages \d+-\d+; bytes \d+-\d+ "
                                  r"of the file\)")
        report = call(con, "zdb_verify", "b.gz", {"raise": False})
        self.assertEqual((report["ok"], report["verified"]), (False, False))
        self.assertIn("chunk", report["error"])
        call(con, "zdb_verify", "b.gz", {"level": "index"})

    def test_cut_at_a_member(self):
        """gzip -t is content with it; we are not."""
        con = self.sample()
        call(con, "zdb_backup_to", "b.gz", True)
        size = os.path.getsize("b.gz")
        with open("b.gz", "r+b") as file:
            file.truncate(size - 170)  # the footer's member
        subprocess.run(["gzip", "-t", "b.gz"], check=True)
        self.fails(con, "zdb_verify", "b.gz", text="footer is missing")

    def test_corrupt_source(self):
        """A backup is true to its source: only a look inside tells."""
        con = self.sample()
        root = con.execute("SELECT rootpage FROM sqlite_schema WHERE name ="
                           " 'conversations_user'").fetchone()[0]
        con.close()
        zdbtest.damage("app.db", (root - 1) * 4096, 0xff)
        con = self.open()
        call(con, "zdb_backup_to", "b.gz", True)
        self.fails(con, "zdb_verify", "b.gz", {"level": "restore"},
                   code=sqlite3.DatabaseError, text="integrity_check")

    def test_foreign_files(self):
        con = self.sample()
        shutil.copy("app.db", "copy.db")
        subprocess.run("gzip -k copy.db; zstd -q copy.db;"
                       "sqlite3 copy.db .dump > copy.sql; gzip -k copy.sql;"
                       "zstd -q copy.sql", shell=True, check=True)
        for path in ("copy.db", "copy.db.gz", "copy.db.zst", "copy.sql",
                     "copy.sql.gz", "copy.sql.zst"):
            for level in ("index", "data", "restore"):
                report = call(con, "zdb_verify", path, {"level": level})
                self.assertEqual((report["ok"], report["indexed"]),
                                 (True, False))
                self.assertIn("no index", report["warnings"][0])
            rows = dict(con.execute(
                'SELECT "table", rows FROM zdb_entries(?)', [path]))
            self.assertEqual(rows["messages"], 5000)
        zdbtest.damage("copy.db.gz", 5000)
        self.fails(con, "zdb_verify", "copy.db.gz", text='"copy.db.gz"')
        with open("copy.db", "r+b") as file:
            file.truncate(os.path.getsize("copy.db") - 4096)
        self.fails(con, "zdb_verify", "copy.db", text="its header says")

    def test_hostile_scripts(self):
        con = self.open()
        cases = {
            "ATTACH 'evil.db' AS evil;": "line 1: not authorized",
            "SELECT 1;\nSELECT load_extension('x');": "line 2",
            "PRAGMA journal_mode = WAL;": "not authorized",
            "SELECT 1;\n\nINSERT INTO nothing VALUES (1);": "line 3",
            "INSERT INTO": "inside a statement",
            "BEGIN; CREATE TABLE t(a);": "inside a transaction",
            ".quit\n": ".quit",
            "--\n-- PostgreSQL database dump\n--\nSET x = 1;":
                "script for PostgreSQL",
            "CREATE TABLE t(a); SELECT zdb_version();": "zdb_version",
            "VACUUM INTO 'evil.db';": "line 1",
        }
        for text, message in cases.items():
            with open("hostile.sql", "w") as file:
                file.write(text)
            self.fails(con, "zdb_verify", "hostile.sql",
                       {"level": "restore"}, text=message)
        self.assertFalse(os.path.exists("evil.db"))

    def test_bad_calls(self):
        con = self.open()
        open("empty", "w").close()
        with open("noise", "wb") as file:
            file.write(bytes(range(256)))
        os.mkdir("dir")
        for path, text in (("none", "No such file"), ("empty", "is empty"),
                           ("noise", "neither"), ("dir", "holds no backup"),
                           ("/dev/zero", "not a regular file")):
            self.fails(con, "zdb_verify", path, text=text)
            self.fails(con, "zdb_info", path, text=text)
        self.fails(con, "zdb_verify", "x", {"level": "deep"},
                   text="Choose one of: index data restore")
        with self.assertRaisesRegex(sqlite3.OperationalError, "needs the"):
            con.execute("SELECT * FROM zdb_entries")

    def test_info_and_entries(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b.gz", True, {"label": "x"})
        info = call(con, "zdb_info", "b.gz")
        self.assertEqual((info["engine"], info["type"], info["rows"],
                          info["label"], info["content"], info["format"]),
                         ("sqlite", "full", 6200, "x", "image", 2))
        entries = con.execute('SELECT schema, "table", rows, bytes > 0'
                              " FROM zdb_entries('b.gz') WHERE rows > 500"
                              " ORDER BY 2").fetchall()
        self.assertEqual(entries, [("main", "conversations", 600, 1),
                                   ("main", "messages", 5000, 1)])
        call(con, "zdb_backup_to", "d.gz", True, {"type": "data"})
        entries = con.execute(
            'SELECT "table", rows, bytes, chunks, length(sha256) FROM'
            " zdb_entries('d.gz') WHERE \"table\" = 'messages'").fetchone()
        self.assertEqual(entries[1], 5000)
        self.assertGreater(entries[3], 1)
        self.assertEqual(entries[4], 64)

    def test_version(self):
        version = call(self.open(), "zdb_version")
        self.assertEqual(version["engine_version"], sqlite3.sqlite_version)
        self.assertEqual(set(version["libraries"]),
                         {"isal", "libdeflate", "zstd", "openssl", "jansson"})


zdbtest.main()
