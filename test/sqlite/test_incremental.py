"""Incremental backups: what they store, read, refuse; chains; consolidation"""
import glob
import gzip
import json
import os
import random
import shutil
import sqlite3
import subprocess
import threading

import zdbtest
from increments import INCREMENTAL, fill, incremental, page_bytes
from zdbtest import call, contents, rows

IDENTITY = "ZDBACKUP_AGE_IDENTITY"


class Work:
    """Random changes of a database."""

    def __init__(self, con, seed):
        self.con = con
        self.rng = random.Random(seed)
        fill(con, 3000, seed)

    def insert(self):
        fill(self.con, self.rng.randrange(1, 800), self.rng.random())

    def update(self):
        self.con.execute("UPDATE t SET b = ? WHERE a % ? = 0",
                         (self.rng.randbytes(80).hex(),
                          self.rng.choice((3, 100, 1000))))

    def delete(self):
        first = self.rng.randrange(4000)
        self.con.execute("DELETE FROM t WHERE a BETWEEN ? AND ?",
                         (first, first + self.rng.choice((10, 2000))))

    def vacuum(self):
        self.con.execute("VACUUM")

    def shape(self):
        name = f"n{self.rng.randrange(10**6)}"
        self.con.execute(f"CREATE TABLE {name}(x)")
        self.con.execute(f"INSERT INTO {name} SELECT b FROM t LIMIT 50")
        if self.rng.random() < .5:
            self.con.execute(f"DROP TABLE {name}")

    def nothing(self):
        pass

    def some(self):
        for _ in range(self.rng.randrange(1, 4)):
            self.rng.choice((self.insert, self.update, self.update,
                             self.delete, self.vacuum, self.shape,
                             self.nothing))()


class Incremental(zdbtest.Case):

    def made(self, rows_=4000):
        con = self.open()
        fill(con, rows_)
        return con

    def restored(self, path, **options):
        con = self.open(":memory:")
        target = f"restored{len(glob.glob('restored*'))}.db"
        call(con, "zdb_restore_from", path, dict(options, target=target))
        return target

    def copy(self, con, name):
        """The database as SQLite itself copies it."""
        to = self.open(name)
        con.backup(to)
        return name

    def workload(self, seed, steps, codec, *pragmas):
        """Each link restores to what the database was then."""
        name = f"w{seed}.db"
        con = self.open(name)
        for pragma in pragmas:
            con.execute(f"PRAGMA {pragma}")
        work = Work(con, seed)
        done = []
        for step in range(steps):
            report = incremental(con, f"r{seed}/{step}.db.{codec}")
            self.assertEqual(report["type"],
                             "incremental" if step else "full", report)
            done.append((report["path"],
                         self.copy(con, f"copy{seed}_{step}.db")))
            work.some()
        for path, copy in done:
            restored = self.restored(path)
            self.assertEqual(page_bytes(restored), page_bytes(copy), path)
            call(con, "zdb_verify", path, {"level": "data"})
        call(con, "zdb_verify", done[-1][0], {"level": "restore"})

    def test_workloads(self):
        for seed, (codec, *pragmas) in enumerate((
                ("gz", "page_size = 512"),
                ("gz", "page_size = 1024", "auto_vacuum = FULL"),
                ("gz", "journal_mode = WAL"),
                ("zst", "page_size = 8192", "journal_mode = TRUNCATE"),
                ("zst", "auto_vacuum = INCREMENTAL", "journal_mode = WAL"),
                ("gz", "page_size = 65536"))):
            self.workload(seed, 6, codec, *pragmas)

    def test_stores_little(self):
        con = self.made(20000)
        full = incremental(con, "r/")
        self.assertEqual((full["type"], full["base"]), ("full", None))
        self.assertIn("holds no backup of", full["full_because"])
        con.execute("UPDATE t SET b = 'x' WHERE a % 2000 = 1")
        done = incremental(con, "r/")
        self.assertEqual(done["type"], "incremental")
        self.assertEqual(done["base_path"], full["path"])
        self.assertRegex(done["path"], "app_incremental_.*[.]db[.]gz$")
        self.assertTrue(0 < done["pages_stored"] <= 12, done)
        self.assertFalse(done["unchanged"])
        self.assertEqual(done["rows"], 20000)
        # 16 bytes a page tell what changes later
        self.assertLess(done["stored_bytes"],
                        done["pages_stored"] * 4096 + done["pages"] * 20
                        + 5000)
        info = call(con, "zdb_info", done["path"])
        self.assertEqual(info["base"], done["base"])
        self.assertEqual(info["base"], call(con, "zdb_info",
                                            full["path"])["id"])
        self.assertEqual(info["chain_error"], None)
        self.assertEqual(done["tables"], [
            {"schema": "main", "table": "t", "rows": done["rows"],
             "bytes": None}])
        self.assertEqual([(link["file"], link["sha256"], link["bytes"])
                          for link in info["chain"]],
                         [(os.path.basename(full["path"]), full["sha256"],
                           full["stored_bytes"])])

    def test_ways_to_read(self):
        """In rollback mode, with an empty log and with a full one; also when
        most pages are new"""
        for mode, before in (("DELETE", ""), ("PERSIST", ""), ("WAL", ""),
                             ("WAL", "PRAGMA wal_checkpoint(TRUNCATE)")):
            name = mode + str(len(before))
            con = self.open(name + ".db")
            con.execute("PRAGMA page_size = 512")
            con.execute(f"PRAGMA journal_mode = {mode}")
            fill(con, 40000)
            call(con, "zdb_backup_to", name + ".gz")
            for number, change in enumerate((
                    "UPDATE t SET c = -1 WHERE a % 5000 = 7",
                    "UPDATE t SET b = hex(randomblob(60))",
                    "DELETE FROM t WHERE a > 20000; VACUUM")):
                with self.subTest(mode=mode, before=before, change=change):
                    con.executescript(change + ";" + before)
                    path = f"{name}.{number}.gz"
                    report = incremental(con, path, base=name + ".gz")
                    self.assertEqual(report["type"], "incremental")
                    call(con, "zdb_consolidate", path, path + ".db")
                    copy = self.open(path + ".db")
                    self.assertEqual(*(list(each.execute("SELECT * FROM t"))
                                       for each in (copy, con)))
        self.no_temporary_files()

    def test_writers_beside(self):
        """What others commit, and checkpoint, meanwhile is not in it"""
        con, other = self.open("app.db"), self.open("app.db")
        other.execute("PRAGMA busy_timeout = 9000")
        con.execute("PRAGMA journal_mode = WAL")
        fill(con, 60000)
        con.execute("UPDATE t SET c = 0")
        call(con, "zdb_backup_to", "a.gz")
        stop = threading.Event()

        def write():
            mine = zdbtest.connect("app.db")
            mine.execute("PRAGMA busy_timeout = 9000")
            while not stop.is_set():
                mine.execute("UPDATE t SET c = c + 1")
                mine.execute("PRAGMA wal_checkpoint")
            mine.close()

        writer = threading.Thread(target=write)
        writer.start()
        for number in range(12):
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            incremental(con, f"{number}.gz", base="a.gz")
        stop.set()
        writer.join()
        for number in range(12):
            call(con, "zdb_consolidate", f"{number}.gz", f"{number}.db")
            copy = self.open(f"{number}.db")
            self.assertEqual(copy.execute(
                "SELECT count(DISTINCT c), (SELECT group_concat("
                "integrity_check) FROM pragma_integrity_check) FROM t"
                ).fetchall(), [(1, "ok")])

    def test_unchanged(self):
        """Nothing is read; what a log tells is in test_log."""
        con = self.made()
        incremental(con, "r/")
        done = incremental(con, "r/")
        self.assertEqual((done["unchanged"], done["pages_stored"],
                          done["rows"]), (True, 0, 4000))
        con.execute("UPDATE t SET b = 'x' WHERE a = 7")
        done = incremental(con, "r/")
        self.assertEqual((done["unchanged"], done["pages_stored"]),
                         (False, 2))
        self.assertEqual(page_bytes(self.restored("r/")),
                         page_bytes("app.db"))
        # a file of the same length, counter and time is another inode
        shutil.copy2("app.db", "copy.db")
        os.replace("copy.db", "app.db")
        other = self.open("app.db")
        self.assertFalse(incremental(other, "r/")["unchanged"])
        # who keeps the lock counts its first change only
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("UPDATE t SET b = 'y' WHERE a = 8")
        self.assertFalse(incremental(other, "r/")["unchanged"])
        self.assertFalse(incremental(other, "r/")["unchanged"])

    def test_a_subset_is_no_measure(self):
        """What holds some tables only does not pass for the database."""
        con = self.made()
        con.execute("CREATE TABLE u AS SELECT * FROM t LIMIT 100")
        call(con, "zdb_backup_to", "r/", None, {"tables": ["u"]})
        done = incremental(con, "r/")
        self.assertIn("of some tables only", done["full_because"])
        part = call(con, "zdb_backup_to", "r/", None, {"tables": ["u"]})
        self.assertEqual(incremental(con, "r/")["base_path"], done["path"])
        done = incremental(con, "named.gz", base=part["path"])
        self.assertEqual(done["base_path"], part["path"])
        self.assertEqual(page_bytes(self.restored(done["path"])),
                         page_bytes("app.db"))
        for option in ({"tables": ["u"]}, {"exclude": ["u"]}):
            self.fails(con, "zdb_backup_to", "r/", None,
                       dict(INCREMENTAL, **option), text="of all tables")

    def test_full_when_it_must(self):
        con = self.made(500)
        con.execute("PRAGMA journal_mode = DELETE")
        incremental(con, "r/")
        con.execute("PRAGMA page_size = 8192")
        con.execute("VACUUM")
        done = incremental(con, "r/")
        self.assertEqual(done["type"], "full")
        self.assertIn("its pages have 4096 bytes, those of the database 8192",
                      done["full_because"])
        self.assertEqual(incremental(con, "r/")["type"], "incremental")
        script = call(con, "zdb_backup_to", "s.sql.gz", None,
                      {"type": "data"})
        other = self.open("other.db")
        fill(other, 10)
        for base, why in ((script["path"], 'its type is "data"'),
                          (call(other, "zdb_backup_to", "o.gz")["path"],
                           'a backup of "other"')):
            done = incremental(con, "b.gz", base=base, overwrite=True)
            self.assertEqual(done["type"], "full")
            self.assertIn(why, done["full_because"])
        fill(con, 3000)
        full = call(con, "zdb_backup_to", "big.gz")
        done = incremental(con, "b.zst", base=full["path"])
        self.assertIn("its chunks have 131072", done["full_because"])
        subprocess.run(["gzip", "-k", "app.db"], check=True)
        done = incremental(con, "b2.gz", base="app.db.gz")
        self.assertIn("no index of ours", done["full_because"])

    def test_refused(self):
        con = self.made(500)
        call(con, "zdb_backup_to", "full.gz")
        self.fails(con, "zdb_backup_to", "x.db", None, INCREMENTAL,
                   text="an incremental backup is always compressed")
        self.fails(con, "zdb_backup_to", "x.gz", None, {"base": "full.gz"},
                   text='option "base" is for type "incremental"')
        self.fails(con, "zdb_backup_to", "x.gz", None,
                   dict(INCREMENTAL, base="none.gz"), text="none.gz")
        self.fails(con, "zdb_backup_to", "full.gz", None,
                   dict(INCREMENTAL, base="full.gz", overwrite=True),
                   text="cannot be replaced by a backup that stands on it")
        self.fails(con, "zdb_backup_to", "x.gz", None, {"type": "partial"},
                   text="full incremental schema data")
        self.assertEqual(zdbtest.backups(), ["app.db", "full.gz"])

    def test_places(self):
        """A base elsewhere, and a repository of days."""
        con = self.made(500)
        full = call(con, "zdb_backup_to", "a/b/full.gz")
        for path in ("a/b/i.gz", "a/c/i.gz", "elsewhere/x/i.gz"):
            done = incremental(con, path, base="a/b/full.gz")
            self.assertEqual(done["base_path"], "a/b/full.gz")
            self.restored(path)
        os.mkdir("flat")
        shutil.copy("a/b/full.gz", "flat")
        shutil.copy("a/c/i.gz", "flat")
        shutil.move("a", "away")
        self.restored("flat/i.gz")
        text = self.fails(con, "zdb_restore_from", "elsewhere/x/i.gz",
                          {"target": "no.db"}, text="cannot be used")
        self.assertIn("full.gz", text)
        self.assertIn("older backup", text)
        shutil.move("away/c", "day2")
        self.assertIn("full.gz", call(con, "zdb_info", "day2/i.gz")
                      ["chain_error"])

    def test_gunzip_explains(self):
        con = self.made(500)
        incremental(con, "r/")
        path = incremental(con, "r/")["path"]
        text = gzip.open(path).read()
        self.assertTrue(text.startswith(b"This is an incremental backup"))
        self.assertIn(b"zdb_consolidate()", text)

    def chain(self, links, **options):
        con = self.made(2000)
        paths = []
        for i in range(links + 1):
            con.execute("UPDATE t SET c = -? WHERE a % 50 = ?", (i + 1, i % 50))
            paths.append(incremental(con, f"c/{i:02}.db.gz",
                                     **options)["path"])
        return con, paths

    def test_chain_of_50(self):
        con, paths = self.chain(50)
        report = call(con, "zdb_verify", paths[-1], {"level": "restore"})
        self.assertTrue(report["ok"])
        self.assertEqual(len(report["chain"]), 50)
        self.assertEqual(page_bytes(self.restored(paths[-1])),
                         page_bytes("app.db"))
        call(con, "zdb_consolidate", paths[-1], "end.db.gz")
        self.restored("end.db.gz")

    def cannot_be_attached(self, con, path, link):
        """ATTACH has no words for the link; the log and zdb_attach() have."""
        self.fails(con, "zdb_attach", path, "old", text=link)
        done = subprocess.run(
            ["sqlite3", "-batch", "-cmd", f".load {zdbtest.MODULE}",
             ":memory:", ".log stderr", f"ATTACH 'file:{path}?vfs=zdb' AS o"],
            capture_output=True, text=True)
        self.assertIn("unable to open database: ", done.stderr)
        self.assertIn(link, done.stderr)
        with self.assertRaisesRegex(sqlite3.OperationalError,
                                    "unable to open database"):
            sqlite3.connect(f"file:{path}?vfs=zdb", uri=True).execute(
                "SELECT * FROM sqlite_schema")

    def test_the_base_goes_meanwhile(self):
        """What zdb_prune takes away nothing stands on afterwards."""
        con = self.made(500)
        base = incremental(con, "r/")["path"]

        def prune(sql):
            if "schema_version" in sql and os.path.exists(base):
                os.remove(base)

        con.execute("DELETE FROM t WHERE a < 9")
        con.set_trace_callback(prune)
        text = self.fails(con, "zdb_backup_to", "r/", None, INCREMENTAL,
                          text=f'"{base}"')
        con.set_trace_callback(None)
        self.assertIn("removed meanwhile", text)
        self.assertEqual(glob.glob("r/*/*incremental*"), [])
        self.assertEqual(incremental(con, "r/")["type"], "full")

    def test_a_list_names_the_broken_link(self):
        con, paths = self.chain(4)
        os.remove(paths[0])
        errors = [row["error"] for row in rows(con, "zdb_list", "c")]
        missing = '"01.db.gz" stands on a backup that is not here'
        self.assertEqual(errors[3], missing)
        self.assertEqual(errors[2], '"02.db.gz" stands on "01.db.gz", which '
                         f"cannot be used: {missing}")
        self.assertEqual(errors[:2], [errors[2]] * 2)
        self.assertIn(missing, incremental(con, "c/")["full_because"])

    def test_broken_chains(self):
        con, paths = self.chain(4)
        whole = open(paths[2], "rb").read()

        def broken(*texts):
            for level in ("index", "data", "restore"):
                text = self.fails(con, "zdb_verify", paths[4],
                                  {"level": level}, text=paths[2])
                for wanted in texts:
                    self.assertIn(wanted, text)
            self.fails(con, "zdb_restore_from", paths[4],
                       {"target": "no.db"}, text=paths[2])
            self.assertFalse(os.path.exists("no.db"))
            self.cannot_be_attached(con, paths[4], paths[2])
            info = call(con, "zdb_info", paths[4])
            self.assertIn(paths[2], info["chain_error"])
            self.assertEqual(info["rows"], 2000)
            found = {row["path"]: row for row in rows(con, "zdb_list", "c")}
            self.assertEqual(found[paths[4]]["type"], "incremental")
            # a new one does not stand on it
            done = incremental(con, "c/new.db.gz")
            self.assertEqual(done["base_path"], paths[1])
            os.remove("c/new.db.gz")

        os.remove(paths[2])
        broken(paths[4], "missing")
        found = {row["path"]: row["error"] for row in rows(con, "zdb_list",
                                                           "c")}
        self.assertEqual(found[paths[1]], None)
        self.assertIn("is not here", found[paths[3]])
        self.assertIn("cannot be used", found[paths[4]])
        health = call(con, "zdb_health", "c/")
        self.assertIn("damaged", [alert["name"]
                                  for alert in health["alerts"]])
        shutil.copytree("c", "half")
        os.remove(f"half/{os.path.basename(paths[0])}")
        self.assertIn("is not here", rows(con, "zdb_list", "half")[-1]
                      ["error"])
        shutil.copy(paths[3], paths[2])
        broken("another backup")
        open(paths[2], "wb").write(whole[:-100])
        broken("damaged")
        open(paths[2], "wb").write(whole)
        call(con, "zdb_verify", paths[4])
        # a byte of a page that this link alone holds
        zdbtest.damage(paths[2], len(whole) // 2 - 20)
        self.fails(con, "zdb_verify", paths[4], {"level": "data"},
                   text=paths[2])

    def test_readers_follow(self):
        con, paths = self.chain(3)
        con.execute("CREATE TABLE later(x)")
        con.execute("INSERT INTO later VALUES (1), (2)")
        path = incremental(con, "c/later.db.gz")["path"]
        entries = {row["table"]: row["rows"]
                   for row in rows(con, "zdb_entries", path)}
        self.assertEqual(entries, {"t": 2000, "later": 2})
        queried = sqlite3.connect(f"file:{path}?vfs=zdb&mode=ro", uri=True)
        self.assertEqual(queried.execute("SELECT sum(c), count(*) FROM t")
                         .fetchone(),
                         con.execute("SELECT sum(c), count(*) FROM t")
                         .fetchone())
        queried.close()
        con.execute("DELETE FROM t WHERE a > 1000")
        con.execute("DROP TABLE later")
        merged = call(con, "zdb_merge_from", path)
        self.assertEqual(con.execute("SELECT count(*) FROM t").fetchone(),
                         (2000,), merged)
        con.execute("DELETE FROM t")
        call(con, "zdb_restore_from", path)
        self.assertEqual(con.execute("SELECT count(*) FROM later")
                         .fetchone(), (2,))
        call(con, "zdb_restore_from", "c/")

    def test_encrypted(self):
        done = subprocess.run(["age-keygen", "-o", "key"], check=True,
                              capture_output=True, text=True)
        to = done.stderr.split()[-1]
        os.environ[IDENTITY] = os.path.abspath("key")
        try:
            con, paths = self.chain(3, encrypt_to=to)
            self.assertTrue(paths[-1].endswith(".age"))
            self.assertEqual(call(con, "zdb_info", paths[-1])["type"],
                             "incremental")
            call(con, "zdb_verify", paths[-1], {"level": "restore"})
            self.assertEqual(page_bytes(self.restored(paths[-1])),
                             page_bytes("app.db"))
            made = call(con, "zdb_consolidate", paths[-1], "end.gz",
                        {"encrypt_to": to})
            self.assertEqual((made["path"], made["warnings"]),
                             ("end.gz.age", []))
            made = call(con, "zdb_consolidate", paths[-1], "plain.gz")
            self.assertIn("encrypted, this full one is not",
                          made["warnings"][0])
            incremental(con, "r/", encrypt_to=to)
            del os.environ[IDENTITY]
            # it is kept although nobody can see what it stands on
            pruned = call(con, "zdb_prune", "c/", {"last": 1},
                          {"dry_run": True})
            self.assertEqual(pruned["removed"], 0)
            done = incremental(con, "r/", encrypt_to=to)
            self.assertIn("no identity is known", done["full_because"])
        finally:
            os.environ.pop(IDENTITY, None)

    def test_consolidate(self):
        con, paths = self.chain(5)
        made = call(con, "zdb_consolidate", paths[-1], "end.db.gz",
                    {"label": "whole"})
        self.assertEqual((made["type"], made["verified"], made["label"],
                          made["base"], made["source"]),
                         ("full", "data", "whole", None, paths[-1]))
        self.assertEqual(made["chunks_copied"] + made["chunks_compressed"],
                         made["chunks"])
        with open("end.db", "wb") as file:
            file.write(gzip.open("end.db.gz").read())
        self.assertEqual(page_bytes("end.db"), page_bytes("app.db"))
        self.assertEqual(self.open("end.db").execute(
            "PRAGMA integrity_check").fetchone(), ("ok",))
        subprocess.run(["sha256sum", "-c", "--quiet", "end.db.gz.sha256"],
                       check=True)
        info = call(con, "zdb_info", "end.db.gz")
        self.assertEqual((info["type"], info["base"], info["rows"]),
                         ("full", None, 2000))
        self.assertNotIn("chain", info)
        # it can be a base, of what was not changed since even unread
        self.assertTrue(incremental(con, "next.gz", base="end.db.gz")
                        ["unchanged"])
        shutil.rmtree("c")
        self.restored("end.db.gz")
        self.assertEqual([row["operation"]
                          for row in rows(con, "zdb_history", ".")][:1],
                         ["consolidate"])

    def test_consolidate_copies(self):
        """What did not change is not compressed again."""
        con = self.made(30000)
        incremental(con, "r/")
        fill(con, 200, 2)
        incremental(con, "r/")
        made = call(con, "zdb_consolidate", "r/", "r/")
        self.assertLessEqual(made["chunks_compressed"], 4)
        self.assertGreater(made["chunks_copied"], 20)
        self.assertIn("_full_", made["path"])
        # of the same moment, but on no other: it can take the chain's place
        self.assertEqual(incremental(con, "r/")["base_path"], made["path"])
        for codec in ("zst", "gz", "db"):
            made = call(con, "zdb_consolidate", "r/", f"o.{codec}")
            self.assertEqual(made["chunks_copied"] > 0, codec == "gz")
            self.restored(f"o.{codec}")

    def test_consolidate_refuses(self):
        con, paths = self.chain(2)
        for path in paths:
            self.fails(con, "zdb_consolidate", paths[-1], path,
                       {"overwrite": True}, text="cannot be replaced")
        self.fails(con, "zdb_consolidate", paths[-1], paths[0],
                   text="exists")
        self.fails(con, "zdb_consolidate", "app.db", "x.gz",
                   text="has no index")
        self.fails(con, "zdb_consolidate", "none.gz", "x.gz", text="none.gz")
        con.execute("ATTACH 'other.db' AS other")
        con.execute("CREATE TABLE other.t(a)")
        for path in ("app.db", "other.db"):
            for function, *args in (
                    ("zdb_consolidate", paths[-1], path, {"overwrite": True}),
                    ("zdb_backup_to", path, False, {"overwrite": True}),
                    ("zdb_restore_from", paths[-1],
                     {"target": path, "overwrite": True})):
                self.fails(con, function, *args, text="is the live database")
        os.remove(paths[0])
        self.fails(con, "zdb_consolidate", paths[-1], "x.gz", text=paths[0])
        self.assertFalse(os.path.exists("x.gz"))
        self.no_temporary_files()

    def test_a_base_is_not_replaced(self):
        con, paths = self.chain(2)
        over = {"overwrite": True}
        for path, upon in ((paths[0], "01.db.gz"), (paths[1], "02.db.gz")):
            for function, *source in (
                    ("zdb_backup_to", path, None, over),
                    ("zdb_consolidate", paths[2], path, over),
                    ("zdb_restore_from", paths[2], dict(over, target=path))):
                text = self.fails(con, function, *source,
                                  text=f'"{path}" cannot be replaced')
                self.assertIn(upon, text)
        text = self.fails(con, "zdb_backup_to", os.path.abspath(paths[0]),
                          None, over, text="01.db.gz")
        self.assertIn("zdb_consolidate", text)
        call(con, "zdb_consolidate", paths[2], "whole.db.gz")
        self.fails(con, "zdb_consolidate", paths[2], paths[0], over,
                   text="cannot be replaced")
        call(con, "zdb_verify", paths[2])
        # what nothing stands on can be: the end, a copy, a whole one
        shutil.copy(paths[0], "c/copy.db.gz")
        for path in (paths[2], "c/copy.db.gz", "whole.db.gz"):
            call(con, "zdb_backup_to", path, None, over)
        call(con, "zdb_verify", paths[1])
        # the other one is in the directory of another day
        first = incremental(con, "r/", base=paths[0])["path"]
        os.rename(os.path.dirname(first), "r/20250101")
        base = f"r/20250101/{os.path.basename(first)}"
        incremental(con, "r/", base=base)
        self.fails(con, "zdb_backup_to", base, None, over,
                   text="cannot be replaced")
        self.no_temporary_files()

    def test_a_sealed_base_is_not_replaced(self):
        done = subprocess.run(["age-keygen", "-o", "key"], check=True,
                              capture_output=True, text=True)
        over = {"overwrite": True, "encrypt_to": done.stderr.split()[-1]}
        os.environ[IDENTITY] = os.path.abspath("key")
        try:
            con = self.made(500)
            base = incremental(con, "r/", encrypt_to=over["encrypt_to"])
            incremental(con, "r/", encrypt_to=over["encrypt_to"])
            self.fails(con, "zdb_backup_to", base["path"], None, over,
                       text="cannot be replaced")
            del os.environ[IDENTITY]
            self.fails(con, "zdb_backup_to", base["path"], None, over,
                       text="cannot be replaced")
        finally:
            os.environ.pop(IDENTITY, None)

    def test_retention_keeps_bases_that_it_cannot_open(self):
        done = subprocess.run(["age-keygen", "-o", "key"], check=True,
                              capture_output=True, text=True)
        sealed = {"encrypt_to": done.stderr.split()[-1]}
        os.environ[IDENTITY] = os.path.abspath("key")
        try:
            con = self.made(500)
            incremental(con, "r/", **sealed)
            incremental(con, "r/", **sealed)
            plain = incremental(con, "r/")
            self.assertEqual(plain["type"], "incremental")
            del os.environ[IDENTITY]
            pruned = call(con, "zdb_prune", "r/", {"last": 1})
            self.assertEqual((pruned["kept"], pruned["removed"]), (3, 0))
            self.assertEqual({row["file"]: row["error"]
                              for row in rows(con, "zdb_list", "r")}
                             [plain["path"][2:]], None)
            os.environ[IDENTITY] = os.path.abspath("key")
            call(con, "zdb_verify", plain["path"])
        finally:
            os.environ.pop(IDENTITY, None)

    def test_retention_keeps_bases(self):
        con, paths = self.chain(3)
        pruned = call(con, "zdb_prune", "c/", {"last": 1}, {"dry_run": True})
        actions = {row["file"]: row["action"] for row in pruned["files"]}
        self.assertEqual(set(actions.values()), {"keep"}, actions)
        call(con, "zdb_backup_to", "c/full.db.gz")
        call(con, "zdb_prune", "c/", {"last": 1})
        call(con, "zdb_verify", paths[-1])

    def test_plan(self):
        con = self.made(100)
        call(con, "zdb_schedule_defaults", "plan/")
        jobs = {row["name"]: row for row in rows(con, "zdb_jobs", "plan/")}
        self.assertEqual(json.loads(jobs["incremental"]["job"])["options"]
                         ["type"], "incremental")

    def test_cancelled_and_full_disk(self):
        con = self.made(20000)
        incremental(con, "r/")
        con.execute("UPDATE t SET b = b || 'x'")
        con.set_progress_handler(lambda: 1, 1)
        self.fails(con, "zdb_backup_to", "r/", None, INCREMENTAL,
                   text="interrupted")
        con.set_progress_handler(None, 1)
        self.no_temporary_files()
        self.assertEqual(len(glob.glob("r/*/*.gz")), 1)


zdbtest.main()
