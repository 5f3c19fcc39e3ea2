"""zdb_backup_to: what is written, in every shape of database"""
import glob
import gzip
import os
import pty
import sqlite3
import stat
import subprocess
import threading
import time

import zdbtest
from zdbtest import call

UNPACK = {"gzip": "gunzip -c", "zstd": "zstd -dc", "none": "cat"}


class Backup(zdbtest.Case):

    def unpacked(self, path, compress):
        subprocess.run(f"{UNPACK[compress]} '{path}' > unpacked.db",
                       shell=True, check=True)
        return self.open("unpacked.db")

    def round_trip(self, con, compress="gzip", options=None):
        """Back up, unpack with the plain tool, compare everything."""
        report = call(con, "zdb_backup_to", "b." + compress, compress,
                      dict({"overwrite": True}, **(options or {})))
        other = self.unpacked("b." + compress, compress)
        self.same_contents(con, other)
        self.assertEqual(other.execute("PRAGMA integrity_check").fetchall(),
                         [("ok",)])
        self.assertEqual(report["pages"], other.execute(
            "PRAGMA page_count").fetchone()[0])
        call(con, "zdb_verify", "b." + compress, {"level": "restore"})
        other.close()
        return report

    def test_report(self):
        con = self.sample()
        report = call(con, "zdb_backup_to", "b.db.gz", True,
                      {"label": "first"})
        for key, value in {
                "path": "b.db.gz", "type": "full", "engine": "sqlite",
                "database": "app", "verified": "data", "label": "first",
                "rows": 6200, "warnings": []}.items():
            self.assertEqual(report[key], value, key)
        self.assertEqual(report["stored_bytes"], os.path.getsize("b.db.gz"))
        digest = subprocess.check_output(["sha256sum", "b.db.gz"], text=True)
        self.assertEqual(report["sha256"], digest.split()[0])
        self.assertEqual({t["table"]: t["rows"] for t in report["tables"]},
                         {"users": 200, "conversations": 600,
                          "messages": 5000, "merchants": 100,
                          "favourites": 300})
        self.assertGreater(report["ratio"], 1.5)
        self.assertGreater(report["duration_s"], 0)
        self.assertEqual(stat.S_IMODE(os.stat("b.db.gz").st_mode), 0o600)

    def test_sums_beside_every_file(self):
        con = self.sample()
        for number, suffix in enumerate((".db.gz", ".db.zst", ".db")):
            for verify in (True, "index", False):
                report = call(con, "zdb_backup_to",
                              f"{number}_{verify}{suffix}", None,
                              {"verify": verify})
                self.assertEqual(len(report["sha256"]), 64)
        report = call(con, "zdb_backup_to", "data.sql.gz", None,
                      {"type": "data", "verify": False})
        sums = glob.glob("*.sha256")
        self.assertEqual(len(sums), 10)
        subprocess.run(["sha256sum", "-c", "--strict", "--status", *sums],
                       check=True)
        self.assertEqual({os.stat(s).st_mode & 0o777 for s in sums}, {0o600})

    def test_sums_go_with_their_file(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b.db.gz")
        con.execute("DELETE FROM messages")
        call(con, "zdb_backup_to", "b.db.gz", None, {"overwrite": True})
        subprocess.run(["sha256sum", "-c", "--status", "b.db.gz.sha256"],
                       check=True)
        os.remove("b.db.gz")
        os.symlink("/dev/null", "b.db.gz")
        self.fails(con, "zdb_backup_to", "b.db.gz", None, {"overwrite": True},
                   text="not an ordinary file")
        self.assertTrue(os.path.exists("b.db.gz.sha256"))

    def test_every_codec_and_feature(self):
        con = self.zoo()
        for compress in ("gzip", "zstd", "none"):
            self.round_trip(con, compress)
        self.no_temporary_files()

    def test_page_sizes(self):
        for size in (512, 1024, 8192, 32768, 65536):
            for mode in ("wal", "delete"):
                con = self.open(f"{size}{mode}.db")
                con.execute(f"PRAGMA page_size = {size}")
                con.execute(f"PRAGMA journal_mode = {mode}")
                con.executescript(zdbtest.script("sample.sql"))
                self.round_trip(con, "zstd" if size % 3 else "gzip")

    def test_auto_vacuum_and_encodings(self):
        for number, before in enumerate((
                "PRAGMA auto_vacuum = FULL", "PRAGMA auto_vacuum=INCREMENTAL",
                "PRAGMA encoding = 'UTF-16le'",
                "PRAGMA encoding = 'UTF-16be'")):
            self.round_trip(self.zoo(f"{number}.db", before))

    def test_empty_and_memory(self):
        for path in ("empty.db", ":memory:"):
            con = self.open(path)
            report = call(con, "zdb_backup_to", "e.gz", True,
                          {"overwrite": True})
            self.assertEqual(report["pages"], 1)
            self.assertEqual(gzip.open("e.gz").read()[:15],
                             b"SQLite format 3")
        con.executescript(zdbtest.script("sample.sql"))
        self.assertEqual(self.round_trip(con)["database"], "memory")

    def test_attached(self):
        con = self.open("main.db")
        con.execute("ATTACH 'other.db' AS \"other one\"")
        con.execute('CREATE TABLE "other one".t(a)')
        con.execute('INSERT INTO "other one".t VALUES (1), (2)')
        report = call(con, "zdb_backup_to", "o.gz", True,
                      {"schema": "other one"})
        self.assertEqual((report["database"], report["rows"]), ("other", 2))
        self.fails(con, "zdb_backup_to", "x.gz", True, {"schema": "none"},
                   text='no such database: "none"')

    def test_wal_content_is_in(self):
        con = self.open()
        con.execute("PRAGMA journal_mode = WAL")
        con.execute("PRAGMA wal_autocheckpoint = 0")
        con.executescript(zdbtest.script("sample.sql"))
        self.assertGreater(os.path.getsize("app.db-wal"), 100000)
        self.round_trip(con)

    def test_names(self):
        con = self.sample("my app.db")
        path = call(con, "zdb_backup_to", "repo/")["path"]
        self.assertRegex(path, r"^repo/\d{8}/my app_full_\d{8}_\d{6}"
                               r"(_\d)?\.db\.gz$")
        self.assertEqual(stat.S_IMODE(os.stat("repo").st_mode), 0o700)
        again = call(con, "zdb_backup_to", "repo", "zstd")["path"]
        self.assertTrue(again.endswith(".db.zst"))
        self.assertNotEqual(call(con, "zdb_backup_to", "repo/")["path"],
                            call(con, "zdb_backup_to", "repo/")["path"])
        report = call(con, "zdb_backup_to", "{db}-{type}-{date}-{time}.gz")
        self.assertRegex(report["path"], r"^my app-full-\d{8}-\d{6}\.gz$")
        report = call(con, "zdb_backup_to", "plain.db", True)
        self.assertIn("does not end in .gz", report["warnings"][0])

    def test_tables(self):
        con = self.zoo()
        call(con, "zdb_backup_to", "some.gz", True,
             {"tables": ["EMPTY", "search", "values"]})
        some = self.unpacked("some.gz", "gzip")
        names = {row[0] for row in some.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main'"
            " AND type <> 'shadow' AND name NOT LIKE 'sqlite_s%'")}
        self.assertEqual(names, {"empty", "search", "values"})
        self.assertEqual(some.execute("SELECT * FROM search('hello')")
                         .fetchall(), [("hello world",)])
        some.close()
        call(con, "zdb_backup_to", "rest.gz", True, {"exclude": ["values"]})
        rest = self.unpacked("rest.gz", "gzip")
        self.assertEqual(rest.execute("SELECT count(*) FROM sqlite_schema"
                                      " WHERE name = 'values'").fetchone(),
                         (0,))
        self.fails(con, "zdb_backup_to", "x.gz", True, {"tables": ["nope"]},
                   text='no such table: "nope"')
        self.no_temporary_files()

    def test_busy_wal_writer(self):
        """A backup is of one moment, ends, and does not hold up writers."""
        con = self.open()
        con.execute("PRAGMA journal_mode = WAL")
        con.executescript("CREATE TABLE a(n, pad); CREATE TABLE b(n, pad);")
        con.execute("WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1"
                    " FROM i WHERE n < 40000) INSERT INTO a SELECT n,"
                    " hex(randomblob(200)) FROM i")
        stop, waits, rounds = threading.Event(), [], []

        def write():
            writer = sqlite3.connect("app.db", isolation_level=None)
            number = 0
            while not stop.is_set():
                start = time.monotonic()
                writer.executescript(
                    f"BEGIN; INSERT INTO a VALUES ({number}, 'x');"
                    f"INSERT INTO b VALUES ({number}, 'x'); COMMIT;")
                waits.append(time.monotonic() - start)
                number += 1
            rounds.append(number)
            writer.close()

        thread = threading.Thread(target=write)
        thread.start()
        try:
            for number in range(3):
                call(con, "zdb_backup_to", f"busy{number}.gz", True)
        finally:
            stop.set()
            thread.join()
        for number in range(3):
            copy = self.unpacked(f"busy{number}.gz", "gzip")
            self.assertEqual(*copy.execute(
                "SELECT (SELECT count(*) - 40000 FROM a),"
                " (SELECT count(*) FROM b)").fetchone())
            copy.close()
        self.assertGreater(rounds[0], 3)

    def test_rollback_mode_with_writer(self):
        con = self.sample()
        con.execute("PRAGMA journal_mode = DELETE")
        writer = sqlite3.connect("app.db", isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM messages")
        report = call(con, "zdb_backup_to", "r.gz", True)
        writer.execute("ROLLBACK")
        writer.close()
        self.assertEqual(report["rows"], 6200)
        self.round_trip(con)

    def test_lock_page(self):
        """Around 1 GiB there is a page that SQLite never writes."""
        con = self.open("big.db")
        con.execute("PRAGMA page_size = 65536")
        con.execute("PRAGMA journal_mode = OFF")
        con.execute("CREATE TABLE t(a)")
        con.execute("WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1"
                    " FROM i WHERE n < 1040) INSERT INTO t SELECT"
                    " zeroblob(1040000) FROM i")
        self.assertGreater(os.path.getsize("big.db"), 1 << 30)
        report = call(con, "zdb_backup_to", "big.gz", True)
        self.assertEqual(report["bytes"], os.path.getsize("big.db"))
        call(con, "zdb_restore_from", "big.gz", {"target": "again.db"})

    def test_progress(self):
        """A bar on a terminal, nothing elsewhere."""
        con = self.sample()
        con.execute("CREATE TABLE big(a)")
        con.execute("WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1"
                    " FROM i WHERE n < 40000) INSERT INTO big SELECT"
                    " hex(randomblob(500)) FROM i")
        statement = ("SELECT zdb_backup_to('p.gz', 'gzip:9',"
                     " '{\"progress\": true, \"overwrite\": true}')")
        command = ["sqlite3", "-cmd", f".load {zdbtest.MODULE}", "app.db",
                   statement]
        leader, follower = pty.openpty()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=follower,
                       check=True)
        os.close(follower)
        drawn = os.read(leader, 100000).decode()
        os.close(leader)
        self.assertRegex(drawn, r"backup +\[#+\.*\] +\d+%  \d+ MB/s  \d+ s left")
        done = subprocess.run(command, capture_output=True, check=True)
        self.assertEqual(done.stderr, b"")

    def test_bad_calls(self):
        con = self.sample()
        self.fails(con, "zdb_backup_to", None, text="path must be a text")
        self.fails(con, "zdb_backup_to", "", text="the path is empty")
        self.fails(con, "zdb_backup_to", "x", "lz4",
                   text='unknown compression "lz4"')
        self.fails(con, "zdb_backup_to", "x", 2, text="compress must be")
        self.fails(con, "zdb_backup_to", "x", True, "{", text="JSON object")
        self.fails(con, "zdb_backup_to", "x", True, {"tpye": "full"},
                   text="The options are: type")
        self.fails(con, "zdb_backup_to", "x", True, {"compress": "gzip"},
                   text="given twice")
        self.fails(con, "zdb_backup_to", "s3://b/k",
                   text="needs ZDBACKUP_S3_ACCESS_KEY")
        self.fails(con, "zdb_backup_to", "ftp://b/k", text="ftp://")
        self.fails(con, "zdb_backup_to", "/proc/none/x.gz",
                   text="/proc/none")
        call(con, "zdb_backup_to", "there.gz")
        before = open("there.gz", "rb").read()
        self.fails(con, "zdb_backup_to", "there.gz", text="already exists")
        self.assertEqual(open("there.gz", "rb").read(), before)
        self.fails(con, "zdb_backup_to", "app.db", False,
                   {"overwrite": True}, text="live database itself")
        self.fails(con, "zdb_restore_from", "app.db",
                   text="live database itself")
        con.execute("BEGIN")
        con.execute("DELETE FROM messages")
        self.fails(con, "zdb_backup_to", "x", text="Commit first")
        con.execute("ROLLBACK")
        with self.assertRaises(sqlite3.OperationalError):
            con.execute("CREATE VIEW v AS SELECT zdb_backup_to('v.gz')")
            con.execute("SELECT * FROM v")
        self.assertEqual(glob.glob("x*") + glob.glob("v*"), [])
        self.no_temporary_files()


zdbtest.main()
