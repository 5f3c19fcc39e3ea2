"""zdb_restore_from: all or nothing, and nothing lost"""
import glob
import os
import shutil
import sqlite3
import subprocess

import zdbtest
from zdbtest import call


class Restore(zdbtest.Case):

    def backed_up(self, mode="delete", compress="gzip"):
        con = self.sample()
        con.execute(f"PRAGMA journal_mode = {mode}")
        call(con, "zdb_backup_to", "b", compress)
        self.wanted = zdbtest.contents(con)
        con.execute("DELETE FROM messages")
        con.execute("DROP TABLE favourites")
        con.execute("CREATE TABLE newer(a)")
        self.broken = zdbtest.contents(con)
        return con

    def test_replace(self):
        for mode in ("delete", "wal", "truncate", "persist", "off", "memory"):
            for compress in ("gzip", "zstd", "none"):
                con = self.backed_up(mode, compress)
                report = call(con, "zdb_restore_from", "b")
                self.assertEqual(zdbtest.contents(con), self.wanted)
                self.assertEqual(con.execute("PRAGMA journal_mode")
                                 .fetchone()[0], mode)
                self.assertEqual((report["integrity"], report["verified"]),
                                 ("ok", "restore"))
                changes = {t["table"]: (t["rows_before"], t["rows_after"])
                           for t in report["tables"]}
                self.assertEqual(changes["messages"], (0, 5000))
                self.assertEqual(changes["newer"], (0, None))
                self.assertEqual(changes["favourites"], (None, 300))
                before = self.open("before.db")
                call(before, "zdb_restore_from", report["prebackup"])
                self.assertEqual(zdbtest.contents(before), self.broken)
                con.close()
                before.close()
                for path in glob.glob("*"):
                    os.unlink(path)

    def test_odd_names(self):
        """Braces, quotes and spaces in the directory are only a name."""
        os.mkdir("o{db}'d \"dir%20?#")
        os.chdir("o{db}'d \"dir%20?#")
        con = self.backed_up()
        report = call(con, "zdb_restore_from", "b")
        self.assertTrue(os.path.exists(report["prebackup"]))
        self.assertEqual(zdbtest.contents(con), self.wanted)
        call(con, "zdb_verify", report["prebackup"], {"level": "restore"})
        call(con, "zdb_backup_to", "x?#%.db", False)
        call(con, "zdb_verify", "x?#%.db", {"level": "restore"})

    def test_violations_are_warnings(self):
        """A database that lives with broken references comes back so."""
        con = self.sample()
        con.execute("PRAGMA foreign_keys = OFF")
        con.execute("DELETE FROM users WHERE id = 'u0007'")
        wanted = zdbtest.contents(con)
        call(con, "zdb_backup_to", "b.gz", True)
        con.execute("DELETE FROM messages")
        report = call(con, "zdb_restore_from", "b.gz")
        self.assertEqual(zdbtest.contents(con), wanted)
        self.assertEqual(len(report["warnings"]), 1)
        self.assertRegex(report["warnings"][0],
                         r"\d+ rows violate a foreign key")

    def test_functions_of_the_application(self):
        con = self.open()
        con.create_function("turned", 1, lambda text: text and text[::-1],
                            deterministic=True)
        con.executescript("CREATE TABLE t(a TEXT);"
                          "CREATE INDEX i ON t(turned(a));"
                          "INSERT INTO t VALUES ('abc')")
        call(con, "zdb_backup_to", "b.gz")
        con.execute("DELETE FROM t")
        for options in ({}, {"target": "new.db"}):
            text = self.fails(con, "zdb_restore_from", "b.gz", options,
                              text="unknown function: turned()")
            self.assertIn('restore with "verify": false', text)
            call(con, "zdb_restore_from", "b.gz", {**options,
                                                   "verify": False})
        self.assertEqual(con.execute("SELECT a FROM t WHERE turned(a) = 'cba'"
                                     ).fetchall(), [("abc",)])

    def test_read_only(self):
        self.backed_up().close()
        con = self.open("file:app.db?mode=ro", uri=True)
        self.fails(con, "zdb_restore_from", "b", {"prebackup": False},
                   text="read-only")
        self.fails(con, "zdb_restore_from", "b", {"tables": ["messages"]},
                   text="readonly")
        self.assertEqual(zdbtest.contents(con), self.broken)

    def test_prebackup(self):
        con = self.backed_up()
        report = call(con, "zdb_restore_from", "b", {"prebackup": False})
        self.assertIsNone(report["prebackup"])
        report = call(con, "zdb_restore_from", "b",
                      {"prebackup": "saved/{db}.gz"})
        self.assertEqual(report["prebackup"], "saved/app.gz")
        self.fails(con, "zdb_restore_from", "b",
                   {"prebackup": "saved/{db}.gz"}, text="already exists")
        report = call(self.open("fresh.db"), "zdb_restore_from", "b")
        self.assertIsNone(report["prebackup"])

    def test_dry_run(self):
        con = self.backed_up()
        report = call(con, "zdb_restore_from", "b", {"dry_run": True})
        self.assertEqual(zdbtest.contents(con), self.broken)
        self.assertIn({"table": "messages", "rows_before": 0,
                       "rows_after": 5000}, report["tables"])
        report = call(con, "zdb_restore_from", "b",
                      {"dry_run": True, "tables": ["messages"]})
        self.assertEqual(zdbtest.contents(con), self.broken)
        call(con, "zdb_restore_from", "b", {"dry_run": True,
                                            "target": "no/new.db"})
        self.assertEqual(zdbtest.backups(), ["app.db", "b"])

    def test_targets(self):
        con = self.backed_up()
        report = call(con, "zdb_restore_from", "b", {"target": "test"})
        self.assertEqual(os.path.basename(report["target"]), "app.test.db")
        self.assertEqual(zdbtest.contents(self.open("app.test.db")),
                         self.wanted)
        self.assertEqual(zdbtest.contents(con), self.broken)
        call(con, "zdb_restore_from", "b", {"target": "x/y/new.db"})
        self.assertEqual(zdbtest.contents(self.open("x/y/new.db")),
                         self.wanted)
        self.assertEqual(os.stat("x/y/new.db").st_mode & 0o777, 0o600)
        self.fails(con, "zdb_restore_from", "b", {"target": "x/y/new.db"},
                   text="already exists")
        call(con, "zdb_restore_from", "b",
             {"target": "x/y/new.db", "overwrite": True})
        call(con, "zdb_backup_to", "plain.db", False)
        call(con, "zdb_restore_from", "b",
             {"target": "plain.db", "overwrite": True})
        call(con, "zdb_verify", "plain.db", {"level": "restore"})
        for target, text in (("app.db", "is the live database"),
                             ("b", "is the backup itself")):
            self.fails(con, "zdb_restore_from", "b",
                       {"target": target, "overwrite": True}, text=text)
        for target in ("x", "new/"):
            self.fails(con, "zdb_restore_from", "b", {"target": target},
                       text="is a directory")
        open("odd.db-wal", "w").close()
        self.fails(con, "zdb_restore_from", "b", {"target": "odd.db"},
                   text="stands beside the target")
        self.no_temporary_files()

    def test_tables(self):
        con = self.backed_up()
        con.execute("PRAGMA foreign_keys = ON")
        con.execute("UPDATE users SET name = 'changed'")
        con.execute("CREATE TABLE log(a)")
        con.execute("CREATE TRIGGER t AFTER INSERT ON users BEGIN"
                    " INSERT INTO log VALUES (1); END")
        con.execute("CREATE TRIGGER d AFTER DELETE ON users BEGIN"
                    " INSERT INTO log VALUES (1); END")
        call(con, "zdb_restore_from", "b",
             {"tables": ["USERS", "favourites", "messages"]})
        now = zdbtest.contents(con)
        for table in ("users", "favourites", "messages", "conversations",
                      "sqlite_sequence"):
            self.assertEqual(now[table], self.wanted[table], table)
        self.assertEqual(now["log"], [])  # no trigger fired
        self.assertEqual(con.execute("PRAGMA foreign_keys").fetchone(), (1,))
        con.execute("INSERT INTO users VALUES ('n', 'n', 'n', '', 1, 1)")
        self.assertEqual(len(zdbtest.contents(con)["log"]), 1)

    def test_tables_keep_foreign_keys(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b.gz", True)
        con.execute("PRAGMA foreign_keys = ON")
        con.execute("DELETE FROM users WHERE id = 'u0007'")
        before = zdbtest.contents(con)
        message = self.fails(con, "zdb_restore_from", "b.gz",
                             {"tables": ["conversations"]},
                             code=sqlite3.IntegrityError,
                             text="violate a foreign key")
        self.assertIn("conversations -> users", message)
        self.assertEqual(zdbtest.contents(con), before)
        self.fails(con, "zdb_restore_from", "b.gz", {"tables": ["nope"]},
                   text='has no table "nope"')

    def test_schema_script(self):
        con = self.zoo()
        call(con, "zdb_backup_to", "s.sql.gz", True, {"type": "schema"})
        self.fails(con, "zdb_restore_from", "s.sql.gz", text="not empty")
        new = self.open("new.db")
        call(new, "zdb_restore_from", "s.sql.gz")
        self.assertEqual(zdbtest.contents(new)["schema"],
                         zdbtest.contents(con)["schema"])
        self.assertEqual(new.execute("PRAGMA user_version").fetchone(),
                         (42,))

    def test_data_script(self):
        con = self.zoo()
        wanted = zdbtest.contents(con)
        call(con, "zdb_backup_to", "d.sql.zst", "zstd", {"type": "data"})
        con.executescript("DELETE FROM \"values\"; DELETE FROM log;"
                          "INSERT INTO hen VALUES (9, NULL);"
                          "INSERT INTO search VALUES ('more')")
        call(con, "zdb_restore_from", "d.sql.zst")
        now = zdbtest.contents(con)
        self.assertEqual(now, wanted)
        self.assertEqual(con.execute("SELECT * FROM search('hello')")
                         .fetchall(), [("hello world",)])
        con.execute("INSERT INTO search VALUES ('hello again')")
        con.execute("INSERT INTO search(search) VALUES ('integrity-check')")

    def test_foreign_files(self):
        con = self.sample()
        wanted = zdbtest.contents(con)
        shutil.copy("app.db", "copy.db")
        subprocess.run("gzip -k copy.db; sqlite3 copy.db .dump > copy.sql",
                       shell=True, check=True)
        for path in ("copy.db", "copy.db.gz", "copy.sql"):
            con.execute("DELETE FROM messages")
            call(con, "zdb_restore_from", path)
            self.assertEqual(zdbtest.contents(con), wanted, path)

    def test_page_size(self):
        con = self.backed_up()
        for mode in ("delete", "wal"):
            other = self.open(f"{mode}.db")
            other.execute("PRAGMA page_size = 1024")
            other.execute(f"PRAGMA journal_mode = {mode}")
            other.execute("CREATE TABLE t(a)")
            call(other, "zdb_restore_from", "b")
            self.assertEqual(zdbtest.contents(other), self.wanted)
            self.assertEqual(other.execute("PRAGMA journal_mode").fetchone(),
                             (mode,))
        memory = self.open(":memory:")
        memory.execute("PRAGMA page_size = 1024")
        call(memory, "zdb_restore_from", "b")
        self.assertEqual(zdbtest.contents(memory), self.wanted)
        self.assertEqual(zdbtest.contents(con), self.broken)

    def test_encoding(self):
        con = self.zoo(before="PRAGMA encoding = 'UTF-16le'")
        call(con, "zdb_backup_to", "b.gz", True)
        other = self.sample()
        before = zdbtest.contents(other)
        self.fails(other, "zdb_restore_from", "b.gz", text="UTF-16le")
        self.assertEqual(zdbtest.contents(other), before)
        call(other, "zdb_restore_from", "b.gz", {"target": "new.db"})
        self.assertEqual(zdbtest.contents(self.open("new.db")),
                         zdbtest.contents(con))

    def test_attached(self):
        con = self.backed_up()
        con.execute("ATTACH 'second.db' AS \"se cond\"")
        call(con, "zdb_restore_from", "b", {"schema": "se cond"})
        self.assertEqual(con.execute('SELECT count(*) FROM "se cond".messages')
                         .fetchone(), (5000,))
        con.execute('DELETE FROM "se cond".messages')
        con.execute("PRAGMA foreign_keys = OFF")  # no implicit DELETE
        con.execute('DROP TABLE "se cond".users')
        call(con, "zdb_restore_from", "b",
             {"schema": "se cond", "tables": ["messages", "users"]})
        self.assertEqual(con.execute('SELECT count(*) FROM "se cond".users')
                         .fetchone(), (200,))

    def test_damaged_backup_changes_nothing(self):
        con = self.backed_up()
        size = os.path.getsize("b")
        with open("b", "r+b") as file:
            file.seek(size // 2)
            file.write(b"\0\0\0\0\0\0\0\0")
        for options in ({}, {"tables": ["messages"]}, {"target": "n.db"}):
            self.fails(con, "zdb_restore_from", "b", options,
                       text="is damaged")
        self.assertEqual(zdbtest.contents(con), self.broken)
        self.assertEqual(zdbtest.backups(), ["app.db", "b"])

    def test_transactions_and_readers(self):
        con = self.backed_up()
        con.execute("BEGIN")
        self.fails(con, "zdb_restore_from", "b", text="outside BEGIN")
        con.execute("ROLLBACK")
        with self.assertRaises(sqlite3.OperationalError):
            con.execute("SELECT zdb_restore_from('b') FROM users").fetchall()
        other = sqlite3.connect("app.db", isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT * FROM users").fetchone()
        con.execute("PRAGMA busy_timeout = 100")
        self.fails(con, "zdb_restore_from", "b", {"prebackup": False},
                   text="busy_timeout")
        other.execute("COMMIT")
        other.close()
        con.execute("PRAGMA query_only = 1")
        self.fails(con, "zdb_restore_from", "b", text="query_only")
        con.execute("PRAGMA query_only = 0")
        self.assertEqual(zdbtest.contents(con), self.broken)
        call(con, "zdb_restore_from", "b")

    def test_bad_calls(self):
        con = self.backed_up()
        self.fails(con, "zdb_restore_from", "none", text="No such file")
        self.fails(con, "zdb_restore_from", "b", {"strategy": "mix"},
                   text="Choose one of: replace")
        self.fails(con, "zdb_restore_from", "b", {"schema": "none"},
                   text='no such database: "none"')
        self.fails(con, "zdb_restore_from", "b",
                   {"tables": ["users"], "target": "x.db"}, text="tables")
        self.assertEqual(zdbtest.contents(con), self.broken)


zdbtest.main()
