"""Encryption: whom a backup is for, who can read it, what age makes of it"""
import glob
import gzip
import hashlib
import json
import os
import pty
import re
import shutil
import sqlite3
import subprocess
import threading

import zdbtest
from zdbtest import call

IDENTITY = "ZDBACKUP_AGE_IDENTITY"
ENCRYPT_TO = "ZDBACKUP_ENCRYPT_TO"
PASSPHRASE = "ZDBACKUP_PASSPHRASE_FILE"
SEALED = 65536 + 16


def age(*args, **options):
    return subprocess.run(["age", *args], check=True, capture_output=True,
                          **options).stdout


def age_with_passphrase(passphrase, *args):
    """age asks for a passphrase on a terminal only."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("age", ["age", *args])
    asked = b""
    while True:
        try:
            seen = os.read(terminal, 1000)
        except OSError:
            break
        asked += seen
        if asked.rstrip().endswith(b":"):
            os.write(terminal, passphrase.encode() + b"\n")
            asked = b""
    os.close(terminal)
    assert os.waitpid(pid, 0)[1] == 0, asked


def links(pid):
    """What a process has open."""
    for path in glob.glob(f"/proc/{pid}/fd/*"):
        try:
            yield os.readlink(path)
        except OSError:
            pass  # closed meanwhile


class Encrypt(zdbtest.Case):

    def setUp(self):
        super().setUp()
        for name in (IDENTITY, ENCRYPT_TO, PASSPHRASE):
            os.environ.pop(name, None)

    def key(self, name="key"):
        """Make a key pair; returns its recipient."""
        done = subprocess.run(["age-keygen", "-o", name], check=True,
                              capture_output=True, text=True)
        return re.search("age1[a-z0-9]+", done.stderr).group()

    def secret(self, path, text):
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def test_age_alone_restores(self):
        """age -d and gunzip give the database back."""
        con = self.zoo("app.db")
        recipient = self.key()
        report = call(con, "zdb_backup_to", "b.db.gz", True,
                      {"encrypt_to": recipient})
        self.assertEqual(
            (report["path"], report["encrypted"], report["recipients"],
             report["verified"], report["stored_bytes"]),
            ("b.db.gz.age", True, 1, "data", os.path.getsize("b.db.gz.age")))
        with open("b.db.gz.age", "rb") as file:
            data = file.read()
        self.assertEqual(report["sha256"], hashlib.sha256(data).hexdigest())
        subprocess.run(["sha256sum", "-c", "--quiet", "b.db.gz.age.sha256"],
                       check=True)
        self.assertTrue(data.startswith(b"age-encryption.org/v1\n-> X25519"))
        self.assertNotIn(b"\x1f\x8b\x08", data[:64])
        self.assertEqual(os.stat("b.db.gz.age").st_mode & 0o777, 0o600)
        plain = age("-d", "-i", "key", "b.db.gz.age")
        with open("again.db", "wb") as file:
            file.write(gzip.decompress(plain))
        self.same_contents(con, self.open("again.db"))
        self.no_temporary_files()

    def test_uncompressed(self):
        """age -d gives the plain database; its index is encrypted too."""
        con = self.zoo("app.db")
        recipient = self.key()
        call(con, "zdb_backup_to", "b.db.age", False,
             {"encrypt_to": [recipient]})
        with open("again.db", "wb") as file:
            file.write(age("-d", "-i", "key", "b.db.age"))
        with open("app.db", "rb") as one, open("again.db", "rb") as other:
            self.assertEqual(len(one.read()), len(other.read()))
        self.same_contents(con, self.open("again.db"))
        with open("b.db.age.zdbi", "rb") as file:
            self.assertTrue(file.read().startswith(b"age-encryption.org/v1"))
        self.assertIn(b"ZDBACKUP", age("-d", "-i", "key", "b.db.age.zdbi"))
        os.environ[IDENTITY] = "key"
        for level in ("index", "data", "restore"):
            report = call(con, "zdb_verify", "b.db.age", {"level": level})
            self.assertEqual((report["ok"], report["indexed"]), (True, True))
        call(con, "zdb_restore_from", "b.db.age", {"prebackup": False})
        self.same_contents(con, self.open("again.db"))

    def test_scripts(self):
        con = self.sample()
        recipient = self.key()
        for kind in ("schema", "data"):
            report = call(con, "zdb_backup_to", f"{kind}.sql.zst", "zstd",
                          {"type": kind, "encrypt_to": recipient})
            plain = age("-d", "-i", "key", report["path"])
            text = subprocess.run(["zstd", "-dc"], input=plain, check=True,
                                  capture_output=True).stdout
            self.assertIn(b"CREATE" if kind == "schema" else b"INSERT", text)

    def test_everything_with_the_identity(self):
        """Verify, list, describe, restore, merge."""
        con = self.sample()
        os.environ[ENCRYPT_TO] = self.key()
        os.environ[IDENTITY] = "key"
        before = call(con, "zdb_backup_to", "plain.gz", True,
                      {"encrypt_to": False})
        self.assertEqual((before["path"], before["encrypted"]),
                         ("plain.gz", False))
        path = call(con, "zdb_backup_to", "b.gz")["path"]
        self.assertEqual(path, "b.gz.age")
        for level in ("index", "data", "restore"):
            report = call(con, "zdb_verify", path, {"level": level})
            self.assertEqual((report["ok"], report["verified"],
                              report["encrypted"]), (True, level, True))
        info = call(con, "zdb_info", path)
        self.assertEqual((info["encrypted"], info["recipients"],
                          info["recipient_types"], info["compress"]),
                         (True, 1, "X25519", "gzip"))
        entries = "SELECT * FROM zdb_entries(?)"
        self.assertEqual(con.execute(entries, [path]).fetchall(),
                         con.execute(entries, ["plain.gz"]).fetchall())
        wanted = zdbtest.contents(con)
        con.execute("DELETE FROM messages")
        call(con, "zdb_restore_from", path, {"tables": ["messages"],
                                             "prebackup": False})
        self.assertEqual(zdbtest.contents(con)["messages"],
                         wanted["messages"])
        call(con, "zdb_restore_from", path, {"target": "new.db"})
        self.same_contents(con, self.open("new.db"))
        con.execute("DELETE FROM messages WHERE rowid % 2")
        report = call(con, "zdb_merge_from", path)
        self.assertGreater(report["inserted"], 0)
        self.assertTrue(report["encrypted"])
        self.no_temporary_files()

    def test_several_recipients(self):
        con = self.sample()
        ann, bob = self.key("ann"), self.key("bob")
        self.key("eve")
        report = call(con, "zdb_backup_to", "b.gz", True,
                      {"encrypt_to": [ann, bob, ann]})
        self.assertEqual(report["recipients"], 2)
        for name in ("ann", "bob"):
            os.environ[IDENTITY] = name
            self.assertTrue(call(con, "zdb_verify", "b.gz.age")["ok"])
            age("-d", "-i", name, "b.gz.age")
        os.environ[IDENTITY] = "eve"
        message = self.fails(con, "zdb_verify", "b.gz.age",
                             text='no identity in "eve" opens "b.gz.age"')
        self.assertIn(IDENTITY, message)
        report = call(con, "zdb_verify", "b.gz.age", {"raise": False})
        self.assertEqual((report["ok"], report["verified"]), (False, False))

    def test_without_identity(self):
        """The outside is checked, and nobody takes that for more."""
        con = self.sample()
        call(con, "zdb_backup_to", "b.gz", True,
             {"encrypt_to": self.key(), "verify": "restore"})
        report = call(con, "zdb_verify", "b.gz.age")
        self.assertEqual((report["ok"], report["verified"],
                          report["encrypted"], report["recipients"]),
                         (None, "outer", True, 1))
        self.assertIn("not looked at", report["warnings"][0])
        info = call(con, "zdb_info", "b.gz.age")
        self.assertEqual(
            (info["encrypted"], info["recipients"], info["recipient_types"],
             info["stored_bytes"]),
            (True, 1, "X25519", os.path.getsize("b.gz.age")))
        self.assertNotIn("tables", info)
        self.fails(con, "zdb_verify", "b.gz.age", {"level": "restore"},
                   text="no key is known to restore it")
        for function in ("zdb_restore_from", "zdb_merge_from"):
            message = self.fails(con, function, "b.gz.age",
                                 text="encrypted, and no identity is known")
            self.assertIn(IDENTITY, message)
        with self.assertRaisesRegex(sqlite3.Error, IDENTITY):
            con.execute("SELECT * FROM zdb_entries('b.gz.age')").fetchall()
        zdbtest.damage("b.gz.age", 5000)
        self.fails(con, "zdb_verify", "b.gz.age",
                   code=sqlite3.DatabaseError, text="SHA-256")
        os.remove("b.gz.age.sha256")
        report = call(con, "zdb_verify", "b.gz.age")
        self.assertEqual((report["ok"], report["verified"]), (None, False))
        self.assertIn("nothing was proved", report["warnings"][0])
        os.truncate("b.gz.age", 100)
        self.fails(con, "zdb_verify", "b.gz.age", text="age header")

    def test_killed(self):
        """What was unpacked to be checked goes with the process."""
        con = self.sample()
        con.executescript(
            "CREATE TABLE n(x UNIQUE); WITH RECURSIVE i(n) AS (SELECT 1 UNION"
            " ALL SELECT n + 1 FROM i WHERE n < 300000) INSERT INTO n SELECT"
            " printf('%x', n * 7919) FROM i")
        recipient = self.key()
        call(con, "zdb_backup_to", "b.gz", True, {"encrypt_to": recipient})
        os.mkdir("scratch")
        with subprocess.Popen(
                ["sqlite3", ":memory:", ".load " + zdbtest.MODULE,
                 "SELECT zdb_verify('b.gz.age', '{\"level\": \"restore\"}')"],
                stdout=subprocess.DEVNULL,
                env={**os.environ, IDENTITY: "key",
                     "SQLITE_TMPDIR": os.path.abspath("scratch")}) as process:
            while process.poll() is None:
                if any("zdbtmp" in link and "(deleted)" in link
                       for link in links(process.pid)):
                    process.kill()
        self.assertEqual(process.returncode, -9)
        self.assertEqual(os.listdir("scratch"), [])

    def test_passphrase(self):
        con = self.sample()
        self.secret("word", "correct horse battery staple\n")
        self.secret("wrong", "incorrect\n")
        report = call(con, "zdb_backup_to", "b.gz", True,
                      {"passphrase_file": "word"})
        self.assertEqual((report["encrypted"], report["recipients"]),
                         (True, 1))
        self.assertNotIn("horse", json.dumps(report))
        self.assertEqual(call(con, "zdb_info", "b.gz.age")
                         ["recipient_types"], "scrypt")
        self.assertTrue(call(con, "zdb_verify", "b.gz.age",
                             {"passphrase_file": "word"})["ok"])
        self.assertEqual(call(con, "zdb_info", "b.gz.age",
                              {"passphrase_file": "word"})["rows"], 6200)
        self.assertTrue(con.execute(
            "SELECT * FROM zdb_entries(?, ?)",
            ["b.gz.age", '{"passphrase_file": "word"}']).fetchall())
        os.environ[PASSPHRASE] = "word"
        call(con, "zdb_restore_from", "b.gz.age", {"target": "new.db"})
        self.same_contents(con, self.open("new.db"))
        message = self.fails(con, "zdb_verify", "b.gz.age",
                             {"passphrase_file": "wrong"},
                             text='passphrase in "wrong" does not open')
        self.assertNotIn("incorrect", message)
        age_with_passphrase("correct horse battery staple",
                            "-d", "-o", "again.gz", "b.gz.age")
        with gzip.open("again.gz") as file, open("again.db", "wb") as out:
            out.write(file.read())
        self.same_contents(con, self.open("again.db"))

    def test_files_of_age(self):
        """What the age tool made of files that are not ours, too."""
        con = self.sample()
        recipient = self.key()
        os.environ[IDENTITY] = "key"
        con.execute("VACUUM INTO 'copy.db'")
        for name, flags in (("copy.db.age", []), ("copy.pem", ["-a"])):
            age("-r", recipient, *flags, "-o", name, "copy.db")
            report = call(con, "zdb_verify", name, {"level": "restore"})
            self.assertEqual((report["ok"], report["indexed"],
                              report["encrypted"]), (True, False, True))
            call(con, "zdb_restore_from", name, {"target": name + ".db"})
            self.same_contents(con, self.open(name + ".db"))
            live = self.open(name + ".db")
            live.execute("DELETE FROM messages")
            call(live, "zdb_merge_from", name)
            self.same_contents(con, live)
        self.secret("word", "open sesame")
        age_with_passphrase("open sesame", "-p", "-o", "pw.age", "copy.db")
        self.assertTrue(call(con, "zdb_verify", "pw.age",
                             {"passphrase_file": "word"})["ok"])

    def test_queried(self):
        """As a database, with the key of the settings."""
        con = self.sample()
        options = {"encrypt_to": self.key()}
        con.execute("VACUUM INTO 'copy.db'")
        age("-r", options["encrypt_to"], "-o", "copy.db.age", "copy.db")
        paths = ["copy.db.age"]
        for name, compress in (("b.gz", "gzip"), ("b.zst", "zstd"),
                               ("b.db", "none")):
            paths.append(call(con, "zdb_backup_to", name, compress,
                              options)["path"])
        for path in paths:
            os.environ.pop(IDENTITY, None)
            with self.assertRaisesRegex(sqlite3.OperationalError,
                                        "unable to open"):
                self.open(f"file:{path}?vfs=zdb", uri=True).execute(
                    "SELECT * FROM messages")
            os.environ[IDENTITY] = "key"
            self.same_contents(con, self.open(f"file:{path}?vfs=zdb",
                                              uri=True))

    def test_names(self):
        con = self.sample()
        options = {"encrypt_to": self.key()}
        report = call(con, "zdb_backup_to", "dir/", None, options)
        self.assertRegex(report["path"], r"^dir/\d{8}/app_full_\d{8}_\d{6}"
                                         r"\.db\.gz\.age$")
        report = call(con, "zdb_backup_to", "{db}.db.zst.age", None, options)
        self.assertEqual((report["path"], report["compress"]),
                         ("app.db.zst.age", "zstd"))
        self.assertEqual(report["warnings"], [])
        self.fails(con, "zdb_backup_to", "x.db.gz.age", True,
                   text="says that it is encrypted")
        self.assertFalse(os.path.exists("x.db.gz.age"))

    def test_some_tables_without_a_key(self):
        """Where nobody can open them, too, a backup of some tables is not one
        of the database, nor what an incremental one stands on."""
        con = self.sample()
        recipient = self.key()
        os.environ[IDENTITY] = "key"

        def backup(day, **options):
            return call(con, "zdb_backup_to",
                        f"dir/{{db}}_{{type}}_2025010{day}_000000.db.gz.age",
                        None, dict(options, encrypt_to=recipient))["path"]

        def prune():
            os.environ.pop(IDENTITY)
            done = call(con, "zdb_prune", "dir/", {"last": 1})
            os.environ[IDENTITY] = "key"
            return done["removed"]

        backup(1)
        some = backup(2, tables=["messages"])
        self.assertEqual(prune(), 0)
        last = backup(3, type="incremental")
        backup(4)
        self.assertEqual(prune(), 0)
        call(con, "zdb_verify", last)
        self.assertEqual(os.path.basename(some),
                         "app_full-partial_20250102_000000.db.gz.age")

    def test_wrong_options(self):
        con = self.sample()
        recipient = self.key()
        with open("key") as file:
            secret = re.search("AGE-SECRET-KEY-1[A-Z0-9]+", file.read())
        wrong = recipient[:-1] + ("p" if recipient[-1] == "q" else "q")
        self.secret("word", "x")
        for options, text in (
                ({"encrypt_to": "nobody"}, '"nobody" is not an age recip'),
                ({"encrypt_to": []}, "a list of them"),
                ({"encrypt_to": 1}, "a list of them"),
                ({"encrypt_to": True}, "a list of them"),
                ({"encrypt_to": recipient, "passphrase_file": "word"},
                 "cannot both"),
                ({"passphrase_file": "none"}, "could not open"),
                ({"encrypt_to": wrong}, "not an age recip"),
                ({"encrypt_to": secret.group()}, "an age identity is given")):
            message = self.fails(con, "zdb_backup_to", "b.gz", True, options,
                                 text=text)
            self.assertNotIn(secret.group()[16:40], message)
        os.environ[ENCRYPT_TO] = "somebody"
        self.fails(con, "zdb_backup_to", "b.gz", text="somebody")
        os.chmod("word", 0o644)
        self.fails(con, "zdb_backup_to", "b.gz", True,
                   {"passphrase_file": "word"}, text="everybody may read")
        self.assertEqual([name for name in os.listdir() if "b.gz" in name],
                         [])

    def test_tampering(self):
        """Each kind has an error of its own."""
        con = self.open("app.db")
        con.execute("CREATE TABLE t(a)")
        con.executemany("INSERT INTO t VALUES (?)",
                        [(os.urandom(1000),) for _ in range(400)])
        call(con, "zdb_backup_to", "b.gz", True, {"encrypt_to": self.key()})
        os.environ[IDENTITY] = "key"
        with open("b.gz.age", "rb") as file:
            whole = file.read()
        start = whole.index(b"\n--- ") + 5 + 44 + 16
        share = whole.index(b"X25519 ") + 10

        def refused(data, text):
            with open("c.age", "wb") as file:
                file.write(data)
            self.fails(con, "zdb_verify", "c.age",
                       code=sqlite3.DatabaseError, text=text)

        refused(whole[:start + 2 * SEALED], "its end, behind encrypted chunk")
        refused(whole[:-1], "its last encrypted chunk")
        refused(whole + b"x", "its last encrypted chunk")
        refused(whole[:start + SEALED] + whole[start + 2 * SEALED:],
                "is damaged")
        one, two = start + SEALED, start + 2 * SEALED
        refused(whole[:one] + whole[two:two + SEALED] +
                whole[one:two] + whole[two + SEALED:],
                "encrypted chunk 1 (bytes")
        refused(whole.replace(b"-> X25519", b"-> X25519 x", 1), "header")
        refused(whole.replace(b"\n--- ", b"\n-> joint x\n\n--- ", 1), "MAC")
        mac = whole.index(b"\n--- ") + 5
        letter = b"A" if whole[mac:mac + 1] != b"A" else b"B"
        refused(whole[:mac] + letter + whole[mac + 1:], "wrong MAC")
        data = bytearray(whole)
        data[share] = ord("A") if data[share] != ord("A") else ord("B")
        with open("c.age", "wb") as file:
            file.write(data)
        self.fails(con, "zdb_verify", "c.age", text="no identity in")

    def test_prebackups(self):
        """They are no less secret than what is restored."""
        con = self.sample()
        recipient = self.key()
        os.environ[IDENTITY] = "key"
        plain = call(con, "zdb_backup_to", "plain.gz")["path"]
        path = call(con, "zdb_backup_to", "b.gz", True,
                    {"encrypt_to": recipient})["path"]

        def prebackup(path, **options):
            taken = call(con, "zdb_restore_from", path, options)["prebackup"]
            with open(taken, "rb") as file:
                return taken, file.read(3)

        taken, head = prebackup(path)
        self.assertEqual((taken[-10:], head), (".db.gz.age", b"age"))
        age("-d", "-i", "key", taken)
        self.assertTrue(call(con, "zdb_verify", taken)["ok"])
        taken, head = prebackup(path, prebackup="mine.db.gz")
        self.assertEqual((taken, head), ("mine.db.gz.age", b"age"))
        taken, head = prebackup(plain)
        self.assertEqual((taken[-6:], head), (".db.gz", b"\x1f\x8b\x08"))
        os.environ[ENCRYPT_TO] = self.key("other")
        taken, head = prebackup(plain)
        self.assertEqual((taken[-10:], head), (".db.gz.age", b"age"))
        age("-d", "-i", "other", taken)
        os.environ.pop(ENCRYPT_TO)
        self.secret("word", "xyzzy\n")
        path = call(con, "zdb_backup_to", "pw.gz", True,
                    {"passphrase_file": "word"})["path"]
        taken, head = prebackup(path, passphrase_file="word")
        self.assertTrue(call(con, "zdb_verify", taken,
                             {"passphrase_file": "word"})["ok"])

    def test_repository(self):
        """With the key it is a repository like others; without it, names
        tell what there is."""
        con = self.sample()
        options = {"encrypt_to": self.key()}
        call(con, "zdb_backup_to", "dir/", None, options)
        wanted = zdbtest.contents(con)
        columns = "database, type, engine, compress, created"
        sealed = con.execute(f"SELECT {columns}, rows, error"
                             " FROM zdb_list('dir')").fetchall()
        self.fails(con, "zdb_restore_from", "dir",
                   text="no identity is known")
        os.environ[IDENTITY] = "key"
        opened = con.execute(f"SELECT {columns}, rows, error"
                             " FROM zdb_list('dir')").fetchall()
        self.assertEqual(opened[0][:5], sealed[0][:5])
        self.assertEqual((opened[0][5:], sealed[0][5]),
                         ((6200, None), None))
        self.assertIn("no identity is known", sealed[0][6])
        con.execute("DELETE FROM messages")
        call(con, "zdb_restore_from", "dir", {"prebackup": False})
        self.assertEqual(zdbtest.contents(con), wanted)

    def test_retention(self):
        """A machine that cannot read its backups still cleans up."""
        con = self.sample()
        options = {"encrypt_to": self.key(), "verify": False}
        for day in ("01", "02", "03"):
            call(con, "zdb_backup_to",
                 f"dir/app_full_202509{day}_030000.db.gz", None, options)
        call(con, "zdb_backup_to", "dir/mine.db.gz", None, options)
        report = call(con, "zdb_prune", "dir", {"last": 2})
        self.assertEqual((report["removed"], report["kept"],
                          report["left"]), (1, 2, 1))
        self.assertEqual(sorted(name for name in os.listdir("dir")
                                if name.endswith(".age")),
                         ["app_full_20250902_030000.db.gz.age",
                          "app_full_20250903_030000.db.gz.age",
                          "mine.db.gz.age"])

    def test_nothing_plain_at_the_destination(self):
        """The copy that a rollback journal makes necessary stays at home."""
        con = self.open("app.db")
        con.execute("CREATE TABLE t(a)")
        con.executemany("INSERT INTO t VALUES (?)",
                        [(os.urandom(5000),) for _ in range(4000)])
        recipient = self.key()
        for options in ({}, {"exclude": ["u"]}):
            con.execute("CREATE TABLE IF NOT EXISTS u(b)")
            shutil.rmtree("away", ignore_errors=True)
            os.mkdir("away")
            heads, done = set(), threading.Event()

            def watch():
                while not done.is_set():
                    for name in os.listdir("away"):
                        try:
                            with open("away/" + name, "rb") as file:
                                heads.add(file.read(6))
                        except FileNotFoundError:
                            pass

            watcher = threading.Thread(target=watch)
            watcher.start()
            call(con, "zdb_backup_to", "away/b.gz", True,
                 dict(options, encrypt_to=recipient))
            done.set()
            watcher.join()
            self.assertIn(b"age-en", heads)
            self.assertNotIn(b"SQLite", heads)


zdbtest.main()
