"""A backup queried without restoring it: the VFS "zdb" """
import gzip
import glob
import os
import shutil
import sqlite3
import subprocess
import threading

import zdbtest
from zdbtest import call


class Query(zdbtest.Case):

    def over(self, path, **options):
        con = sqlite3.connect(f"file:{path}" + "?vfs=zdb" * ("?" not in path),
                              uri=True,
                              isolation_level=None, **options)
        con.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
        self.connections.append(con)
        return con

    def kinds(self, con):
        for path, compress in (("q.gz", "gzip"), ("q.zst", "zstd"),
                               ("q.db", "none")):
            call(con, "zdb_backup_to", path, compress)
            yield path
        shutil.copy("q.db", "plain.db")
        yield "plain.db"
        with open("plain.db", "rb") as file, gzip.open("f.gz", "wb") as to:
            shutil.copyfileobj(file, to)
        yield "f.gz"

    def test_any_query(self):
        con = self.zoo()
        for path in self.kinds(con):
            with self.subTest(path):
                old = self.over(path)
                self.same_contents(old, con)
                self.assertEqual(old.execute("PRAGMA integrity_check")
                                 .fetchall(), [("ok",)])
                self.assertEqual(old.execute(
                    "SELECT rowid FROM search WHERE search MATCH 'world'")
                    .fetchall(), [(1,)])
        self.assertEqual(glob.glob("/proc/self/cwd/*zdbtmp*"), [])

    def test_attached_without_uris(self):
        """zdb_attach() in a connection that takes no URI"""
        con = self.zoo()
        for number, path in enumerate(self.kinds(con)):
            if path == "plain.db":
                self.fails(con, "zdb_attach", path, "old",
                           text="is a database itself")
                continue
            name = f"it's {number}"
            report = call(con, "zdb_attach", path, name)
            self.assertEqual(report["path"], os.path.abspath(path)
                             if os.path.isabs(report["path"]) else path)
            tables = con.execute("SELECT name FROM main.sqlite_schema WHERE"
                                 " type = 'table' AND rootpage > 0").fetchall()
            for (table,) in tables:
                mine, old = (con.execute(
                    f"SELECT * FROM {zdbtest.sql_name(schema)}."
                    f"{zdbtest.sql_name(table)}").fetchall()
                    for schema in ("main", name))
                self.assertEqual(mine, old)
            with self.assertRaises(sqlite3.OperationalError) as caught:
                con.execute(f"CREATE TABLE {zdbtest.sql_name(name)}.t(a)")
            self.assertIn("readonly", str(caught.exception))
            con.execute(f"DETACH {zdbtest.sql_name(name)}")
        # nothing stays of it: the default VFS is the real one again
        with self.assertRaises(sqlite3.Error):
            con.execute("ATTACH 'q.gz' AS old")
            con.execute("SELECT * FROM old.sqlite_schema")

    def test_attached_in_a_transaction_and_by_moment(self):
        con = self.sample()
        call(con, "zdb_backup_to", "backups/")
        con.execute("DELETE FROM messages WHERE id > 10")
        con.execute("BEGIN")
        call(con, "zdb_attach", "backups", "old")
        con.execute("INSERT INTO messages SELECT * FROM old.messages WHERE id"
                    " = 11")
        con.execute("COMMIT")
        con.execute("DETACH old")
        self.assertEqual(con.execute("SELECT count(*) FROM messages")
                         .fetchone(), (11,))
        self.fails(con, "zdb_attach", "backups", "old",
                   {"at": "2001-01-01"}, text="2001-01-01")
        self.fails(con, "zdb_attach", "nowhere.gz", "old", text="nowhere.gz")
        call(con, "zdb_backup_to", "d.sql", "none", {"type": "data"})
        self.fails(con, "zdb_attach", "d.sql", "old", text="is a script")
        self.fails(con, "zdb_attach", "backups", "main", text="main")
        self.fails(con, "zdb_attach", "backups", None, text="name must be")

    def test_attached_by_many_threads(self):
        """Other databases are opened meanwhile, as ever."""
        self.sample().close()
        con = self.open()
        call(con, "zdb_backup_to", "b.gz")
        errors = []

        def attach():
            try:
                mine = zdbtest.connect(":memory:")
                for _ in range(30):
                    call(mine, "zdb_attach", "b.gz", "old")
                    assert mine.execute("SELECT count(*) FROM old.messages"
                                        ).fetchone() == (5000,)
                    mine.execute("DETACH old")
                mine.close()
            except Exception as error:
                errors.append(error)

        def write(number):
            try:
                for _ in range(60):
                    mine = sqlite3.connect(f"w{number}.db")
                    mine.execute("PRAGMA journal_mode=WAL")
                    mine.execute("CREATE TABLE IF NOT EXISTS t(a)")
                    mine.execute("INSERT INTO t VALUES (1)")
                    mine.commit()
                    mine.close()
            except Exception as error:
                errors.append(error)
        threads = [threading.Thread(target=attach) for _ in range(3)]
        threads += [threading.Thread(target=write, args=(number,))
                    for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(sqlite3.connect("w0.db").execute(
            "SELECT count(*) FROM t").fetchone(), (60,))

    def test_attached(self):
        """What was there, beside what is there."""
        self.sample().close()
        con = self.open("file:app.db", uri=True)
        call(con, "zdb_backup_to", "b.gz", True)
        con.execute("DELETE FROM messages WHERE id % 10 = 0")
        con.execute("ATTACH 'file:b.gz?vfs=zdb' AS old")
        gone = con.execute("SELECT count(*), min(id) FROM old.messages WHERE"
                           " id NOT IN (SELECT id FROM main.messages)")
        self.assertEqual(gone.fetchone(), (500, 10))
        con.execute("INSERT INTO main.messages SELECT * FROM old.messages"
                    " WHERE id = 10")
        con.execute("DETACH old")
        self.assertEqual(con.execute("SELECT count(*) FROM messages")
                         .fetchone(), (4501,))

    def test_read_only(self):
        con = self.sample()
        con.execute("PRAGMA journal_mode = wal")
        call(con, "zdb_backup_to", "b.gz", True)
        with open("b.gz", "rb") as file:
            before = file.read()
        files = sorted(glob.glob("*"))
        old = self.over("b.gz")
        for statement in ("DELETE FROM messages", "CREATE TABLE x(a)",
                          "PRAGMA user_version = 5"):
            with self.assertRaisesRegex(sqlite3.OperationalError,
                                        "readonly"):
                old.execute(statement)
        old.execute("CREATE TEMP TABLE mine AS SELECT * FROM messages")
        self.assertEqual(old.execute("SELECT count(*) FROM mine").fetchone(),
                         (5000,))
        old.execute("PRAGMA journal_mode = delete")
        with open("b.gz", "rb") as file:
            self.assertEqual(file.read(), before)
        self.assertEqual(sorted(glob.glob("*")), files)

    def test_sorts_spill(self):
        con = self.open("s.db")
        con.execute("CREATE TABLE t(v)")
        con.execute("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1"
                    " FROM s WHERE n < 20000) INSERT INTO t SELECT"
                    " hex(randomblob(200)) FROM s")
        call(con, "zdb_backup_to", "b.gz", True)
        old = self.over("b.gz")
        old.execute("PRAGMA cache_size = 10")
        old.execute("PRAGMA temp_store = file")
        rows = old.execute("SELECT v FROM t ORDER BY v DESC").fetchall()
        self.assertEqual(rows, con.execute("SELECT v FROM t ORDER BY v DESC")
                         .fetchall())
        old.execute("CREATE TEMP TABLE u AS SELECT DISTINCT v FROM t")
        self.assertEqual(old.execute("SELECT count(*) FROM u").fetchone(),
                         (20000,))

    def test_damage(self):
        con = self.open("s.db")
        con.executescript("""CREATE TABLE one(v); CREATE TABLE two(v);
            WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s
                WHERE n < 3000) INSERT INTO one SELECT randomblob(500) FROM s;
            INSERT INTO two VALUES (1)""")
        call(con, "zdb_backup_to", "b.gz", True)
        with open("b.gz", "r+b") as file:
            file.seek(os.path.getsize("b.gz") // 2)
            file.write(bytes(100))
        old = self.over("b.gz")
        with self.assertRaisesRegex(sqlite3.DatabaseError, "malformed"):
            old.execute("SELECT sum(length(v)), max(v) FROM one").fetchone()
        self.assertEqual(old.execute("SELECT * FROM two").fetchall(), [(1,)])
        done = subprocess.run(
            ["sqlite3", "-batch", "-cmd", f".load {zdbtest.MODULE}", ":memory:",
             ".log stderr", ".open 'file:b.gz?vfs=zdb'",
             "SELECT max(v) FROM one"], capture_output=True, text=True)
        self.assertIn('"', done.stderr)
        self.assertRegex(done.stderr, r"b.gz\" is damaged: chunk \d+ \(pages ")

    def test_extensions(self):
        """A connection to a backup can load them: ours, too."""
        con = self.sample()
        call(con, "zdb_backup_to", "b.gz", True)
        old = self.open("file:b.gz?vfs=zdb", uri=True)
        self.assertEqual(call(old, "zdb_version")["zdbackup"],
                         call(con, "zdb_version")["zdbackup"])
        with self.assertRaisesRegex(sqlite3.OperationalError, "none.so"):
            old.load_extension("./none.so")

    def test_refused(self):
        con = self.sample()
        call(con, "zdb_backup_to", "s.sql.gz", True, {"type": "schema"})
        with open("cut.gz", "wb") as file, gzip.open("f.gz", "wb") as other:
            file.write(b"\x1f\x8b")
            other.write(b"neither this nor that")
        for path in ("s.sql.gz", "cut.gz", "f.gz", "none.gz"):
            with self.subTest(path):
                with self.assertRaisesRegex(sqlite3.OperationalError,
                                            "unable to open"):
                    self.over(path + "?mode=ro&vfs=zdb").execute(
                        "SELECT * FROM sqlite_schema")

    def test_ordinary_databases(self):
        """They are read and written as ever, with their locks."""
        con = self.sample()
        call(con, "zdb_backup_to", "b.gz", True)
        con.execute("PRAGMA journal_mode = wal")
        con.execute("DELETE FROM messages WHERE id > 100")
        old = self.over("b.gz")
        old.execute("VACUUM INTO 'again.db'")
        old.execute("ATTACH 'file:app.db' AS live")
        self.assertEqual(old.execute(
            "SELECT (SELECT count(*) FROM live.messages),"
            " (SELECT count(*) FROM main.messages)").fetchone(), (100, 5000))
        old.execute("INSERT INTO live.messages SELECT * FROM main.messages"
                    " WHERE id = 4000")
        self.assertEqual(con.execute("SELECT max(id) FROM messages")
                         .fetchone(), (4000,))
        again = self.open("again.db")
        self.assertEqual(again.execute("SELECT count(*) FROM messages")
                         .fetchone(), (5000,))
        old.execute("DETACH live")
        # locks that this process has stay, whoever looks
        con.execute("PRAGMA journal_mode = delete")
        con.execute("BEGIN IMMEDIATE")
        self.over("app.db").execute("SELECT 1 FROM messages").fetchone()
        done = subprocess.run(["sqlite3", "app.db", "DELETE FROM messages"],
                              capture_output=True, text=True)
        self.assertIn("locked", done.stderr)
        con.execute("ROLLBACK")

    def test_threads(self):
        """Every connection has its own; closed ones leave nothing open."""
        con = self.sample()
        call(con, "zdb_backup_to", "b.gz", True)
        self.over("b.gz").execute("SELECT 1").fetchone()
        before = len(os.listdir("/proc/self/fd"))
        sums = []

        def read():
            old = sqlite3.connect("file:b.gz?vfs=zdb", uri=True)
            for _ in range(5):
                sums.append(old.execute("SELECT sum(id), max(length(content))"
                                        " FROM messages").fetchone())
            old.close()
        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(sums), 40)
        self.assertEqual(len(set(sums)), 1)
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_outlives_its_loader(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b.gz", True)
        program = f"""
import sqlite3
con = sqlite3.connect(':memory:')
con.enable_load_extension(True)
con.load_extension('{zdbtest.MODULE}')
con.close()
old = sqlite3.connect('file:b.gz?vfs=zdb', uri=True)
print(old.execute('SELECT count(*) FROM messages').fetchone()[0])
con = sqlite3.connect(':memory:')
con.enable_load_extension(True)
con.load_extension('{zdbtest.MODULE}')
print(old.execute('SELECT max(id) FROM messages').fetchone()[0])
"""
        self.assertEqual(subprocess.check_output(
            ["/usr/bin/python3", "-c", program], text=True), "5000\n5000\n")


zdbtest.main()
