"""Scripts: the sqlite3 shell reads them, and every value comes back"""
import gzip
import os
import random
import sqlite3
import struct
import subprocess

import zdbtest
from zdbtest import call


class Script(zdbtest.Case):

    def by_shell(self, con, compress="gzip"):
        """Schema and rows, read by the sqlite3 shell into a new file."""
        call(con, "zdb_backup_to", "s.sql", False,
             {"type": "schema", "overwrite": True})
        call(con, "zdb_backup_to", "d.sql", compress,
             {"type": "data", "overwrite": True})
        unpack = {"gzip": "gunzip -c", "zstd": "zstd -dc", "none": "cat"}
        if os.path.exists("new.db"):
            os.unlink("new.db")
        subprocess.run(
            f"set -e; sqlite3 -bail new.db < s.sql;"
            f"{unpack[compress]} < d.sql | sqlite3 -bail new.db",
            shell=True, check=True)
        return self.open("new.db")

    def test_zoo_by_the_shell(self):
        for compress in ("gzip", "zstd", "none"):
            con = self.zoo(f"{compress}.db")
            new = self.by_shell(con, compress)
            self.same_contents(con, new)
            self.assertEqual(new.execute("PRAGMA integrity_check").fetchone(),
                             ("ok",))
            new.execute("INSERT INTO search(search) VALUES('integrity-check')")
            self.assertEqual(new.execute("SELECT * FROM external('second')")
                             .fetchall(), [("second",)])
            self.assertEqual(
                [new.execute(f"PRAGMA {p}").fetchone()[0]
                 for p in ("user_version", "application_id")], [42, 7])
            new.close()

    def test_utf16(self):
        for encoding in ("UTF-16le", "UTF-16be"):
            con = self.zoo(f"{encoding}.db", f"PRAGMA encoding='{encoding}'")
            con.execute("INSERT INTO empty VALUES (CAST(x'00d80041' AS TEXT)),"
                        "(char(0x1f600) || char(13)), (char(0) || 'x')")
            new = self.by_shell(con)
            self.assertEqual(new.execute("PRAGMA encoding").fetchone(),
                             (encoding,))
            self.same_contents(con, new)
            new.close()

    def test_any_double(self):
        con = self.open()
        con.execute("CREATE TABLE t(a REAL, b)")
        random.seed(1)
        values = [struct.unpack("<d", random.randbytes(8))[0]
                  for _ in range(20000)]
        values += [v * 10.0 ** random.randint(-30, 30)
                   for v in [random.random() for _ in range(20000)]]
        values = [v for v in values if v == v]
        con.executemany("INSERT INTO t VALUES (?, ?)",
                        [(v, v) for v in values])
        new = self.by_shell(con)
        self.assertEqual(new.execute("SELECT a, b FROM t").fetchall(),
                         con.execute("SELECT a, b FROM t").fetchall())

    def test_large_rows(self):
        """Rows far larger than a chunk, text and blob."""
        con = self.open()
        con.execute("CREATE TABLE t(a, b)")
        con.execute("INSERT INTO t VALUES (1, randomblob(30000000)),"
                    " (2, hex(randomblob(15000000))), (3, 'small')")
        call(con, "zdb_backup_to", "d.gz", True, {"type": "data"})
        call(con, "zdb_backup_to", "s.sql", False, {"type": "schema"})
        subprocess.run("sqlite3 new.db < s.sql;"
                       "gunzip -c d.gz | sqlite3 new.db",
                       shell=True, check=True)
        self.same_contents(con, self.open("new.db"))
        con.execute("DELETE FROM t")
        call(con, "zdb_restore_from", "d.gz", {"prebackup": False})
        self.same_contents(con, self.open("new.db"))

    def test_chunks_end_with_statements(self):
        con = self.sample()
        con.execute("INSERT INTO messages(conversation_id, role, content)"
                    " SELECT conversation_id, role, content || hex("
                    "randomblob(50)) FROM messages")
        call(con, "zdb_backup_to", "d.gz", True, {"type": "data"})
        chunks = con.execute('SELECT chunks FROM zdb_entries(\'d.gz\') WHERE'
                             ' "table" = \'messages\'').fetchone()[0]
        self.assertGreater(chunks, 5)
        data, members = open("d.gz", "rb").read(), []
        while data[12:14] == b"ZD":
            length = int.from_bytes(data[16:20], "little")
            members.append(gzip.decompress(data[:length]))
            data = data[length:]
        for text in members:
            self.assertTrue(text.endswith(b";\n"), text[-80:])

    def test_some_tables(self):
        con = self.sample()
        call(con, "zdb_backup_to", "d.sql", False,
             {"type": "data", "tables": ["Users", "merchants"]})
        text = open("d.sql").read()
        self.assertIn('INSERT INTO "users"', text)
        self.assertNotIn('"messages"', text)
        call(con, "zdb_backup_to", "s.sql", False,
             {"type": "schema", "exclude": ["messages"]})
        text = open("s.sql").read()
        self.assertIn("CREATE INDEX conversations_user", text)
        self.assertNotIn("CREATE TABLE messages", text)
        for key in ("tables", "exclude"):
            self.fails(con, "zdb_backup_to", "x.sql", False,
                       {"type": "data", key: ["nope"]},
                       text='no such table: "nope"')
        self.no_temporary_files()

    def test_triggers_do_not_fire(self):
        con = self.zoo()
        new = self.by_shell(con)
        self.assertEqual(new.execute("SELECT count(*) FROM log").fetchone(),
                         (0,))
        new.execute("INSERT INTO hen VALUES (7, NULL)")
        self.assertEqual(new.execute("SELECT * FROM log").fetchall(),
                         [("hen; 7",)])

    def test_verify_needs_the_tables(self):
        con = self.sample()
        call(con, "zdb_backup_to", "d.gz", True, {"type": "data"})
        call(con, "zdb_verify", "d.gz", {"level": "restore"})
        self.fails(self.open("empty.db"), "zdb_verify", "d.gz",
                   {"level": "restore"}, text="no such table")


zdbtest.main()
