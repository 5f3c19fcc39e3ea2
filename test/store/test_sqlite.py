"""SQLite's functions on URLs: everything a path can do"""
import glob
import gzip
import json
import os
import re
import sqlite3
import subprocess
import threading
import time

import clouds
import storetest  # noqa: F401: finds zdbtest
import manual
import zdbtest
from proxy import Proxy, certificate
from zdbtest import call

rados = clouds.Rados()
rados.create("test")
azurite = clouds.Azurite()
azurite.create("test")


def files(top):
    return sorted(os.path.join(path, name) for path, _, names in os.walk(top)
                  for name in names)


class Case(zdbtest.Case):
    scheme = "s3"
    server = rados

    def setUp(self):
        super().setUp()
        for name in list(os.environ):
            if name.startswith(("AWS_", "AZURE_", "BACKUP_", "ZDBACKUP_")):
                del os.environ[name]
        os.environ.update(self.server.environment())
        self.root = f"{self.scheme}://test/{self.id().split('.', 1)[1]}"

    def proxied(self):
        proxy = Proxy(rados.port)
        os.environ["AWS_ENDPOINT_URL"] = proxy.endpoint
        return proxy

    def names(self):
        """What the tool lists, temporary things included."""
        done = subprocess.run([storetest.TOOL, "list", self.root],
                              capture_output=True, text=True, check=True)
        return sorted(line.split(" ", 2)[2]
                      for line in done.stdout.splitlines())

    def fetch(self, name):
        subprocess.run([storetest.TOOL, "get", f"{self.root}/{name}", "out"],
                       check=True)
        with open("out", "rb") as file:
            return file.read()

    def large(self, megabytes=40):
        """Rows that do not compress."""
        con = self.open()
        con.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x BLOB)")
        con.execute("BEGIN")
        con.executemany("INSERT INTO t(x) VALUES (randomblob(?))",
                        ((1_000_000,) for _ in range(megabytes)))
        con.execute("COMMIT")
        return con


class Everything:

    def test_round_trip(self):
        con = self.sample()
        before = zdbtest.contents(con)
        two, three = ("", ".sha256"), ("", ".sha256", ".zdbi")
        for name, beside in (("b.gz", two), ("b.zst", two), ("b.db", three)):
            path = f"{self.root}/{name}"
            for verify in ("index", "data", "restore"):
                report = call(con, "zdb_backup_to", path, None,
                              {"verify": verify, "overwrite": True})
                self.assertEqual((report["path"], report["verified"],
                                  report["rows"]), (path, verify, 6200))
                # an index alone is not worth a whole read from a cloud
                self.assertEqual(report["sha256"] is None,
                                 verify == "index")
            self.assertEqual([n for n in self.names() if n.startswith(name)],
                             [name + suffix for suffix in beside])
            for level in ("index", "data", "restore"):
                report = call(con, "zdb_verify", path, {"level": level})
                self.assertEqual((report["ok"], report["indexed"]),
                                 (True, True))
            self.assertEqual(report["sha256_file"], True)
            self.assertEqual(call(con, "zdb_info", path)["rows"], 6200)
            rows = dict(con.execute('SELECT "table", rows FROM'
                                    " zdb_entries(?)", [path]))
            self.assertEqual(rows["messages"], 5000)
            con.execute("DELETE FROM messages")
            call(con, "zdb_merge_from", path)
            self.assertEqual(zdbtest.contents(con), before)
            con.execute("DELETE FROM messages")
            call(con, "zdb_restore_from", path, {"tables": ["messages"]})
            con.execute("DELETE FROM messages")
            call(con, "zdb_restore_from", path)
            self.assertEqual(zdbtest.contents(con), before)
            call(con, "zdb_restore_from", path,
                 {"target": "test", "overwrite": True})
            self.same_contents(self.open("app.test.db"), con)
        self.assertEqual(gzip.decompress(self.fetch("b.gz"))[:15],
                         b"SQLite format 3")
        self.no_temporary_files()

    def key(self):
        """A key pair for reading here; returns its recipient."""
        done = subprocess.run(["age-keygen", "-o", "key"], check=True,
                              capture_output=True, text=True)
        os.environ["ZDBACKUP_AGE_IDENTITY"] = "key"
        return re.search("age1[a-z0-9]+", done.stderr).group()

    def test_database_that_is_no_backup(self):
        con = self.sample()
        before = zdbtest.contents(con)
        con.execute("VACUUM INTO 'copy.db'")
        path = f"{self.root}/copy.db"
        subprocess.run([storetest.TOOL, "put", path, "copy.db"], check=True)
        con.execute("DELETE FROM messages WHERE id > 3000")
        call(con, "zdb_merge_from", path)
        self.assertEqual(zdbtest.contents(con), before)

    def test_encrypted(self):
        """Nothing leaves the machine in the clear; the rest is the same."""
        con = self.sample()
        before = zdbtest.contents(con)
        recipient = self.key()
        for name in ("b.db.gz", "b.db"):
            report = call(con, "zdb_backup_to", f"{self.root}/{name}", None,
                          {"encrypt_to": recipient})
            path = f"{self.root}/{name}.age"
            self.assertEqual((report["path"], report["verified"]),
                             (path, "data"))
            for suffix in ("", ".zdbi")[:1 + (name == "b.db")]:
                data = self.fetch(f"{name}.age{suffix}")
                self.assertTrue(data.startswith(b"age-encryption.org/v1\n"))
                self.assertNotIn(b"messages", data)
            for level in ("index", "data", "restore"):
                report = call(con, "zdb_verify", path, {"level": level})
                self.assertEqual((report["ok"], report["encrypted"]),
                                 (True, True))
            self.assertEqual(report["sha256_file"], True)
            con.execute("DELETE FROM messages")
            call(con, "zdb_restore_from", path, {"prebackup": False})
            self.assertEqual(zdbtest.contents(con), before)
        del os.environ["ZDBACKUP_AGE_IDENTITY"]
        self.assertEqual(call(con, "zdb_verify", path)["verified"], "outer")

    def test_scripts(self):
        con = self.sample()
        for kind in ("schema", "data"):
            path = f"{self.root}/{kind}.sql.gz"
            call(con, "zdb_backup_to", path, None, {"type": kind})
            self.assertTrue(call(con, "zdb_verify", path)["ok"])
        con.execute("DELETE FROM messages")
        call(con, "zdb_restore_from", f"{self.root}/data.sql.gz")
        self.assertEqual(con.execute("SELECT count(*) FROM messages")
                         .fetchone()[0], 5000)
        empty = self.open("empty.db")
        call(empty, "zdb_restore_from", f"{self.root}/schema.sql.gz")

    def test_repository(self):
        con = self.sample()
        paths = [call(con, "zdb_backup_to", f"{self.root}/")["path"]
                 for _ in range(3)]
        self.assertEqual(len(set(paths)), 3)
        for path in paths:
            self.assertRegex(path, self.root + r"/\d{8}/app_full_\d{8}_"
                             r"\d{6}(_\d)?\.db\.gz$")
        rows = con.execute("SELECT path, type, rows, sha256 IS NOT NULL FROM"
                           " zdb_list(?) WHERE indexed",
                           [f"{self.root}/"]).fetchall()
        self.assertEqual(sorted(rows),
                         sorted((path, "full", 6200, 1) for path in paths))
        con.execute("DELETE FROM messages")
        report = call(con, "zdb_restore_from", f"{self.root}/")
        self.assertEqual(report["rows"], 6200)
        self.assertIn(report["path"], paths)
        self.fails(con, "zdb_restore_from", self.root,
                   text='The URL of a repository ends in "/".')

    def test_incremental(self):
        """A chain in a cloud; its links lie there, nowhere else."""
        con = self.sample()
        repo = f"{self.root}/repo/"
        made = []
        for i in range(3):
            con.execute("UPDATE messages SET content = 'x' || ? WHERE id = ?",
                        (i, i + 1))
            made.append(call(con, "zdb_backup_to", repo, None,
                             {"type": "incremental"}))
        self.assertEqual([one["type"] for one in made],
                         ["full", "incremental", "incremental"])
        self.assertEqual(made[2]["base_path"], made[1]["path"])
        before = zdbtest.contents(con)
        for level in ("index", "data", "restore"):
            call(con, "zdb_verify", made[2]["path"], {"level": level})
        con.execute("DELETE FROM messages")
        call(con, "zdb_restore_from", repo)
        self.assertEqual(zdbtest.contents(con), before)
        whole = call(con, "zdb_consolidate", repo, f"{self.root}/whole.gz")
        self.assertGreater(whole["chunks_copied"], 0)
        call(con, "zdb_verify", whole["path"], {"level": "restore"})
        for one in made[:2]:
            self.fails(con, "zdb_backup_to", one["path"], None,
                       {"overwrite": True}, text="cannot be replaced")
        call(con, "zdb_backup_to", whole["path"], None, {"overwrite": True})
        call(con, "zdb_verify", made[2]["path"])
        self.fails(con, "zdb_backup_to", "here.gz", None,
                   {"type": "incremental", "base": made[2]["path"]},
                   text="cannot stand on")
        self.fails(con, "zdb_backup_to", f"{self.root}/else.gz", None,
                   {"type": "incremental", "base": made[2]["path"]},
                   text="cannot stand on")

    def test_prune_and_health(self):
        con = self.sample()
        where = f"{self.root}/"
        for _ in range(3):
            call(con, "zdb_backup_to", where)
        report = call(con, "zdb_health", where)
        self.assertEqual((report["alerts"], report["backups"],
                          report["storage_free_bytes"]), ([], 3, None))
        report = call(con, "zdb_prune", where, '{"last": 1}',
                      {"dry_run": True})
        self.assertEqual((report["removed"], len(self.names())), (2, 6))
        report = call(con, "zdb_prune", where, '{"last": 1}')
        self.assertEqual((report["removed"], report["failed"]), (2, 0))
        self.assertEqual(len(self.names()), 2)
        report = call(con, "zdb_backup_to", where, None,
                      {"keep": {"last": 1}})
        self.assertEqual(report["pruned"]["removed"], 1)
        self.assertEqual(len(self.names()), 2)
        runs = con.execute("SELECT count(*) FROM zdb_history(?)",
                           [where]).fetchone()[0]
        self.assertEqual(runs, 6)

    def test_foreign_files(self):
        con = self.sample()
        subprocess.run("sqlite3 app.db .dump > copy.sql; gzip -k app.db",
                       shell=True, check=True)
        for name in ("app.db", "app.db.gz", "copy.sql"):
            subprocess.run([storetest.TOOL, "put", f"{self.root}/{name}",
                            name], check=True)
            report = call(con, "zdb_verify", f"{self.root}/{name}",
                          {"level": "restore"})
            self.assertEqual((report["ok"], report["indexed"]), (True, False))

    def test_encrypted(self):
        con = self.sample()
        before = zdbtest.contents(con)
        done = subprocess.run(["age-keygen", "-o", "key"], check=True,
                              capture_output=True, text=True)
        recipient = done.stderr.split()[-1]
        os.chmod("key", 0o600)
        for name in ("b.db.gz.age", "b.db.age"):
            path = f"{self.root}/{name}"
            os.environ["ZDBACKUP_AGE_IDENTITY"] = os.path.abspath("key")
            call(con, "zdb_backup_to", path, None, {"encrypt_to": recipient})
            self.assertEqual(self.fetch(name)[:14], b"age-encryption")
            self.assertTrue(call(con, "zdb_verify", path,
                                 {"level": "restore"})["ok"])
            self.assertEqual(call(con, "zdb_info", path)["rows"], 6200)
            con.execute("DELETE FROM messages")
            call(con, "zdb_restore_from", path)
            self.assertEqual(zdbtest.contents(con), before)
            del os.environ["ZDBACKUP_AGE_IDENTITY"]
            report = call(con, "zdb_verify", path)
            self.assertEqual((report["ok"], report["verified"]),
                             (None, "outer"))

    def test_existing(self):
        con = self.sample()
        path = f"{self.root}/b.gz"
        first = call(con, "zdb_backup_to", path)["sha256"]
        self.fails(con, "zdb_backup_to", path, text="already exists")
        self.assertEqual(call(con, "zdb_verify", path)["sha256"], first)
        con.execute("DELETE FROM messages")
        call(con, "zdb_backup_to", path, None, {"overwrite": True})
        self.assertTrue(call(con, "zdb_verify", path)["sha256_file"])
        self.assertEqual(call(con, "zdb_info", path)["rows"], 1200)

    def test_old_one_stays(self):
        """Until the new one is verified, which may fail for the database's
        sake."""
        con = self.sample()
        for name in ("b.gz", "b.db"):
            call(con, "zdb_backup_to", f"{self.root}/{name}")
        before = self.names()
        con.executescript(
            "CREATE TABLE c(a); INSERT INTO c VALUES (NULL);"
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET"
            " sql = 'CREATE TABLE c(a NOT NULL)' WHERE name = 'c'")
        con.close()
        con = self.open()
        again = {"overwrite": True, "verify": "restore"}
        for name in ("b.gz", "b.db"):
            path = f"{self.root}/{name}"
            self.fails(con, "zdb_backup_to", path, None, again,
                       text="NULL value in c.a")
            self.assertEqual(self.names(), before)
            self.assertTrue(call(con, "zdb_verify", path)["sha256_file"])
        con.execute("DELETE FROM c")
        for name in ("b.gz", "b.db"):
            path = f"{self.root}/{name}"
            call(con, "zdb_backup_to", path, None, again)
            self.assertEqual(self.names(), before)
            report = call(con, "zdb_verify", path)
            self.assertEqual((report["sha256_file"], report["indexed"]),
                             (True, True))
            rows = dict(con.execute('SELECT "table", rows FROM'
                                    " zdb_entries(?)", [path]))
            self.assertEqual(rows["c"], 0)

    def test_no_bucket(self):
        """A day's directory is no bucket, a typo no directory."""
        con = self.sample()
        for path, text in ((f"{self.scheme}://", "names no bucket"),
                           (f"{self.scheme}:/test/x.gz", "neither a path")):
            self.fails(con, "zdb_backup_to", path, text=text)
        self.assertEqual(glob.glob("*:*"), [])

    def test_targets_stay_here(self):
        """A live database is restored to a file, not to a cloud."""
        con = self.sample()
        call(con, "zdb_backup_to", f"{self.root}/b.gz")
        self.fails(con, "zdb_restore_from", f"{self.root}/b.gz",
                   {"target": f"{self.root}/x.db"}, text="no place for")


class S3(Everything, Case):

    def test_little_is_read(self):
        con = self.large()
        path = f"{self.root}/b.gz"
        proxy = self.proxied()
        call(con, "zdb_backup_to", path, None, {"verify": False})
        self.assertGreater(len(proxy.seen("PUT", "partNumber")), 4)
        proxy.clear()
        self.assertEqual(call(con, "zdb_info", path)["rows"], 40)
        con.execute("SELECT * FROM zdb_entries(?)", [path]).fetchall()
        self.assertLess(proxy.received(), 1 << 20)
        proxy.clear()
        call(con, "zdb_verify", path)
        self.assertLess(len(proxy.requests), 30)

    def test_query(self):
        """A backup there, attached here: only what is asked for is read."""
        self.large().close()
        con = self.open("file:app.db", uri=True)
        con.execute("CREATE TABLE small AS SELECT 7 AS a")
        con.commit()
        path = f"{self.root}/q.db.zst"
        call(con, "zdb_backup_to", path, None, {"verify": "index"})
        con.execute("DROP TABLE small")
        proxy = self.proxied()
        for attach in ("SELECT zdb_attach(?, 'old')",
                       "ATTACH 'file:' || ? || '?vfs=zdb' AS old"):
            con.execute(attach, [path]).fetchall()
            self.assertEqual(con.execute("SELECT a FROM old.small")
                             .fetchall(), [(7,)])
            self.assertEqual(con.execute(
                "SELECT length(x) FROM old.t WHERE id = 20").fetchone(),
                (1_000_000,))
            con.execute("DETACH old")
        self.assertLess(proxy.received(), 30_000_000)  # of twice 40

    def test_encrypted_is_read_once(self):
        """Hashing the file needs no second way through it."""
        con = self.large()
        path = call(con, "zdb_backup_to", f"{self.root}/b.gz", None,
                    {"encrypt_to": self.key()})["path"]
        proxy = self.proxied()
        self.assertEqual(call(con, "zdb_info", path)["rows"], 40)
        self.assertLess(proxy.received(), 1 << 20)
        proxy.clear()
        report = call(con, "zdb_verify", path)
        self.assertEqual(report["sha256_file"], True)
        self.assertLess(proxy.received(), report["stored_bytes"] * 1.1)

    def test_rollback_journal(self):
        """Pages are copied first: writers do not wait for a cloud."""
        con = self.large(20)
        proxy = self.proxied()
        for name in ("b.db", "b.gz"):
            proxy.fault("hang", "PUT", name)
            thread = threading.Thread(target=self.interrupted,
                                      args=(con, f"{self.root}/{name}"))
            thread.start()
            self.wait_for_fault(proxy)
            other = sqlite3.connect("app.db", timeout=1)
            other.execute("INSERT INTO t(x) VALUES (1)")
            other.commit()
            other.close()
            con.interrupt()
            thread.join()
        self.no_temporary_files()
        self.assertEqual(self.names(), [])

    def interrupted(self, con, path):
        with self.assertRaisesRegex(sqlite3.OperationalError, "interrupted"):
            call(con, "zdb_backup_to", path, None, {"verify": False})

    def wait_for_fault(self, proxy):
        for _ in range(600):
            if all(fault["times"] == 0 for fault in proxy.faults):
                return
            time.sleep(0.05)
        self.fail("the fault was not met")

    def open(self, path="app.db", **options):
        return super().open(path, check_same_thread=False, **options)

    def test_interrupted(self):
        con = self.large(20)
        con.execute("PRAGMA journal_mode=WAL")
        proxy = self.proxied()
        for method, match in (("HEAD", ""), ("PUT", "partNumber=2"),
                              ("POST", "uploadId="), ("GET", "b.gz")):
            proxy.clear()
            proxy.fault("hang", method, match)
            thread = threading.Thread(
                target=self.interrupted_verifying,
                args=(con, f"{self.root}/b.gz"))
            thread.start()
            self.wait_for_fault(proxy)
            con.interrupt()
            thread.join()
            self.assertEqual(self.names(), [], (method, match))

    def test_interrupted_replacing(self):
        """What was to be replaced is there as before."""
        con = self.large(20)
        con.execute("PRAGMA journal_mode=WAL")
        first = call(con, "zdb_backup_to", f"{self.root}/b.gz")["sha256"]
        con.execute("DELETE FROM t WHERE id > 15")
        before = self.names()
        proxy = self.proxied()
        for method, match in (("GET", "b.gz.zdbtmp"), ("HEAD", "b.gz.zdbtmp"),
                              ("PUT", r"b\.gz$")):
            proxy.clear()
            proxy.fault("hang", method, match)
            thread = threading.Thread(
                target=self.interrupted_verifying,
                args=(con, f"{self.root}/b.gz"), kwargs={"overwrite": True})
            thread.start()
            self.wait_for_fault(proxy)
            con.interrupt()
            thread.join()
            self.assertIn(self.names(), (before, ["b.gz"]))  # its sum first
            self.assertEqual(call(con, "zdb_verify", f"{self.root}/b.gz")
                             ["sha256"], first)

    def interrupted_verifying(self, con, path, **options):
        with self.assertRaisesRegex(sqlite3.OperationalError, "interrupted"):
            call(con, "zdb_backup_to", path, None, options)

    def test_damage_when_read_back(self):
        """What cannot be proved does not stay."""
        con = self.large(10)
        proxy = self.proxied()
        proxy.fault("damage_back", "GET", "b.gz$", header="if-match")
        self.fails(con, "zdb_backup_to", f"{self.root}/b.gz",
                   text="is damaged: chunk")
        self.assertEqual(self.names(), [])

    def test_refused(self):
        con = self.sample()
        secret = rados.secret_key
        os.environ["AWS_SECRET_ACCESS_KEY"] = "not/this/one"
        for function in ("zdb_backup_to", "zdb_verify", "zdb_info",
                         "zdb_restore_from", "zdb_merge_from"):
            message = self.fails(con, function, f"{self.root}/b.gz",
                                 text="403 SignatureDoesNotMatch")
            self.assertNotIn("not/this/one", message)
        os.environ["AWS_SECRET_ACCESS_KEY"] = secret
        self.fails(con, "zdb_backup_to", "s3://nowhere/b.gz",
                   text="NoSuchBucket")
        self.fails(con, "zdb_backup_to", "s3://UPPER_/b.gz", text="s3://UPPER")
        self.no_temporary_files()
        report = json.dumps(call(con, "zdb_backup_to", f"{self.root}/b.gz"))
        self.assertNotIn(secret, report)
        self.assertNotIn(rados.access_key, report)
        with open("zdbackup_history.jsonl") as file:
            history = file.read()
        self.assertIn("SignatureDoesNotMatch", history)
        self.assertNotIn("not/this/one", history)


class Probe(Case):

    def test_good(self):
        con = self.open()
        for where in (f"{self.root}/", "s3://test", "repository"):
            report = call(con, "zdb_probe", where)
            self.assertTrue(report["ok"])
            self.assertLess({"url", "write_s", "read_s", "list_s",
                             "remove_s"}, set(report))
        self.assertEqual(self.names(), [])
        self.assertEqual(os.listdir("repository"), [])
        os.environ.update(azurite.environment())
        self.assertTrue(call(con, "zdb_probe", "azure://test/x")["ok"])

    def test_what_is_wrong(self):
        """In words that one can act on."""
        con = self.open()
        port = clouds.free_port()
        secret = certificate()
        for setting, value, text, hint in (
                ("AWS_ENDPOINT_URL", "http://nowhere.invalid",
                 "could not find the address of nowhere.invalid",
                 "Is the name right"),
                ("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}",
                 "Connection refused", ""),
                ("AWS_ENDPOINT_URL", Proxy(rados.port, secret).endpoint,
                 "is not trusted", "ca_file"),
                ("AWS_SECRET_ACCESS_KEY", "wrong", "SignatureDoesNotMatch",
                 "The secret key is wrong. It comes from AWS_SECRET_"),
                ("AWS_ACCESS_KEY_ID", "WRONG", "InvalidAccessKeyId",
                 "The access key is not known there."),
                ("AWS_ACCESS_KEY_ID", "", "needs ZDBACKUP_S3_ACCESS_KEY",
                 "AWS_ACCESS_KEY_ID will do")):
            os.environ.update(rados.environment())
            os.environ[setting] = value
            message = self.fails(con, "zdb_probe", self.root, text=text)
            self.assertIn(hint, message)
        os.environ.update(rados.environment())
        self.assertIn("Create the bucket first.", self.fails(
            con, "zdb_probe", "s3://nowhere", text="NoSuchBucket"))

    def test_step_by_step(self):
        """Where it stops, and that nothing stays."""
        con = self.open()
        proxy = self.proxied()
        denied = ("<Error><Code>AccessDenied</Code><Message>no</Message>"
                  "</Error>")
        for method, match, verb in (("PUT", "", "write"), ("GET", "", "read"),
                                    ("GET", "list-type", "list"),
                                    ("DELETE", "", "remove")):
            proxy.clear()
            proxy.fault(403, method, match, body=denied)
            message = self.fails(con, "zdb_probe", self.root,
                                 text=f"could not {verb} ")
            self.assertIn("The key has no right to do this", message)
        self.assertEqual(len(self.names()), 1)  # the one not removed
        proxy.clear()
        proxy.fault(503, "PUT")
        self.fails(con, "zdb_probe", self.root, text="503 SlowDown")

    def test_clock(self):
        con = self.open()
        proxy = self.proxied()
        proxy.fault(403, "PUT", headers=["Date: Mon, 01 Jan 2001 00:00:00 GMT"],
                    body="<Error><Code>RequestTimeTooSkewed</Code></Error>")
        self.assertRegex(self.fails(con, "zdb_probe", self.root,
                                    text="RequestTimeTooSkewed"),
                         r"The clock of this machine is \d+ s ahead of")


class Readme(Case):

    def test_commands(self):
        block = dict(manual.blocks())["cloud"]
        rados.create("backups")
        con = self.sample()
        statements = [line for line in block.split("\n") if line]
        for statement in statements:
            report = json.loads(con.execute(statement).fetchone()[0])
            self.assertEqual(report["warnings"], [])
        self.assertEqual(len(statements), 4)
        self.same_contents(self.open("app.test.db"), con)
        self.root = "s3://backups/"
        self.assertEqual([n.split("/")[0] for n in self.names()],
                         ["copy"] * 2 + ["shop"] * 2)


class Copies(Case):
    """copy_to: a second place beside the local one"""

    def local(self):
        return sorted(os.path.relpath(path, "repo") for path in
                      glob.glob("repo/**/*.db.gz*", recursive=True))

    def back_up(self, con, where="repo/", **options):
        return call(con, "zdb_backup_to", where, None,
                    {"copy_to": self.root, **options})

    def health(self, con):
        report = call(con, "zdb_health", "repo", {"copy_to": self.root})
        return (report["cloud_in_step"],
                [a["message"] for a in report["alerts"]
                 if a["name"] == "copies"])

    def test_in_step(self):
        con = self.sample()
        call(con, "zdb_backup_to", "repo/")  # before there was a copy
        proxy = self.proxied()
        self.assertEqual(self.back_up(con)["copies"]["copied"], 2)
        self.assertEqual(self.names(), self.local())
        proxy.clear()
        report = self.back_up(con)
        self.assertEqual((report["warnings"], report["copies"]["copied"],
                          report["copies"]["missing"]), ([], 1, 0))
        self.assertEqual(len(proxy.seen("PUT")), 2)  # it, and its .sha256
        self.assertEqual(self.names(), self.local())
        self.assertEqual(self.health(con), (1, []))
        for name in self.names():
            if name.endswith(".gz"):
                call(con, "zdb_verify", f"{self.root}/{name}",
                     {"level": "restore"})

    def test_trouble_is_repaired(self):
        """The local backup is made all the same."""
        con = self.sample()
        proxy = self.proxied()
        self.back_up(con)
        proxy.fault(403, "PUT", times=99)
        report = self.back_up(con)
        self.assertEqual((report["verified"], report["copies"]["missing"]),
                         ("data", 1))
        self.assertIn(f'not every backup was copied to "{self.root}": could'
                      " not write", report["warnings"][0])
        self.assertEqual(self.health(con)[0], 0.5)
        self.assertIn("1 of 2 backups are not at", self.health(con)[1][0])
        with open("repo/zdbackup_history.jsonl") as file:
            self.assertIn("not every backup was copied", file.read())
        proxy.clear()
        self.assertEqual(self.back_up(con)["copies"]["copied"], 2)
        self.assertEqual(self.health(con), (1, []))
        self.assertEqual(self.names(), self.local())
        proxy.fault(403, "GET", times=99)
        step, alerts = self.health(con)
        self.assertIsNone(step)
        self.assertIn("the copies cannot be looked at", alerts[0])

    def test_changed_copy(self):
        con = self.sample()
        self.back_up(con)
        name = [n for n in self.names() if n.endswith(".gz")][0]
        subprocess.run([storetest.TOOL, "put", f"{self.root}/{name}",
                        "/dev/null", "overwrite"], check=True)
        self.assertEqual(self.health(con)[0], 0)
        self.assertEqual(self.back_up(con)["copies"]["copied"], 2)
        self.assertTrue(call(con, "zdb_verify", f"{self.root}/{name}")["ok"])

    def test_changed_sums(self):
        """Of the same size, but not the same: the .sha256 tell."""
        con = self.sample()
        self.back_up(con)
        name = [n for n in self.names() if n.endswith(".sha256")][0]
        with open(f"repo/{name}") as file:
            line = file.read()
        with open("other", "w") as file:
            file.write("0" * 64 + line[64:])
        for command in (("put", f"{self.root}/{name}", "other", "overwrite"),
                        ("remove", self.root, name)):
            subprocess.run([storetest.TOOL, *command], check=True)
            self.assertLess(self.health(con)[0], 1)
            self.assertEqual(self.back_up(con)["copies"]["copied"], 2)
            self.assertEqual(self.fetch(name).decode(), line)
            self.assertEqual(self.health(con)[0], 1)

    def test_names_that_lead_out(self):
        """Whoever may write to a bucket writes no other file of ours."""
        con = self.sample()
        os.makedirs("a/b/c")
        with open("a/mine.db.gz", "w") as file:
            file.write("mine")
        for name in ("x/../../../mine.db.gz", "../mine.db.gz"):
            call(con, "zdb_backup_to", f"{self.root}/{name}")
        before = files("a")
        copy = {"copy_to": os.path.abspath("a/b/c")}
        report = call(con, "zdb_backup_to", f"{self.root}/", None, copy)
        self.assertEqual((report["copies"]["copied"],
                          report["copies"]["missing"]), (1, 2))
        self.assertIn('mine.db.gz.zdbi" would not be in "', report["warnings"][0])
        report = call(con, "zdb_prune", f"{self.root}/", '{"last": 1}', copy)
        self.assertEqual((report["removed"], report["failed"]), (2, 0))
        self.assertEqual([p for p in files("a") if "b/c" not in p],
                         before)

    def test_clean_up(self):
        """What goes here goes there; not when it cannot go there."""
        con = self.sample()
        for _ in range(3):
            self.back_up(con)
        proxy = self.proxied()
        proxy.fault(403, "DELETE")
        report = self.back_up(con, keep={"last": 1})
        self.assertEqual(report["pruned"]["failed"], 3)
        self.assertEqual(len(self.names()), 8)
        report = self.back_up(con, keep={"last": 1})
        self.assertEqual(report["pruned"]["removed"], 4)
        self.assertEqual(self.names(), self.local())
        self.assertEqual(len(self.names()), 2)
        self.back_up(con)
        call(con, "zdb_prune", "repo", '{"last": 1}',
             {"copy_to": self.root})
        self.assertEqual(self.names(), self.local())

    def test_single_file(self):
        con = self.sample()
        self.back_up(con, "one/x.db")
        self.assertEqual(self.names(), ["x.db", "x.db.sha256", "x.db.zdbi"])
        call(con, "zdb_backup_to", "one/y.db.gz")
        self.back_up(con, "one/x.db", overwrite=True)
        self.assertEqual(len(self.names()), 3)
        self.assertTrue(call(con, "zdb_verify", f"{self.root}/x.db")["ok"])

    def test_jobs(self):
        """SQLite keeps them in a file: the URL is the second place."""
        con = self.sample()
        self.assertIn('"copy_to"', self.fails(
            con, "zdb_schedule", "night", "0 3 * * *",
            {"repo": self.root, "operation": "backup"},
            text="jobs cannot be kept at"))
        call(con, "zdb_schedule", "night", "* * * * *",
             {"repo": "repo", "operation": "backup",
              "options": {"copy_to": self.root}})
        self.assertEqual(glob.glob("s3*"), [])

    def test_setting(self):
        con = self.sample()
        os.environ["ZDBACKUP_COPY_TO"] = self.root
        self.assertIn("copies", call(con, "zdb_backup_to", "repo/"))
        self.assertNotIn("copies", call(con, "zdb_backup_to", "repo/", None,
                                        {"copy_to": False}))
        self.assertEqual(call(con, "zdb_health", "repo")["cloud_in_step"],
                         0.5)
        os.environ["ZDBACKUP_COPY_TO"] = os.path.abspath("elsewhere")
        call(con, "zdb_backup_to", "repo/")
        self.assertEqual(len(glob.glob("elsewhere/*/*.gz")), 3)


class Azure(Everything, Case):
    scheme = "azure"
    server = azurite


zdbtest.main()
