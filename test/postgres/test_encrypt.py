"""Encryption in PostgreSQL: who can read a backup, which processes have keys"""
import json
import os
import re
import subprocess

import pgtest
from zdbtest import damage, sql_text


class Encrypt(pgtest.Case):
    settings = ("max_worker_processes = 20", "zdbackup.jobs = 3")

    def setUp(self):
        super().setUp()
        self.recipient = self.key("key")

    def mine(self, path, mode=0o600):
        """The server's own file."""
        os.chown(path, os.stat(self.cluster.dir + "/data").st_uid, -1)
        os.chmod(path, mode)

    def key(self, name):
        path = self.path(name)
        done = subprocess.run(["age-keygen", "-o", path], check=True,
                              capture_output=True, text=True)
        self.mine(path)
        return re.search("age1[a-z0-9]+", done.stderr).group()

    def secret(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        self.mine(self.path(name))
        return self.path(name)

    def identity(self, name="key"):
        """What a session says that has this identity."""
        return (f"SET zdbackup.age_identity = '{self.path(name)}'",)

    def decrypt(self, path, name="key"):
        return subprocess.run(["age", "-d", "-i", self.path(name), path],
                              check=True, capture_output=True).stdout

    def shop(self):
        self.database("shop", "shop.sql")
        self.psql("shop", "CREATE TABLE big AS SELECT g AS id, md5(g::text)"
                  " AS a FROM generate_series(1, 400000) g")

    def backup(self, name="b.sql.gz", **options):
        options.setdefault("encrypt_to", self.recipient)
        return self.call("shop", "zdb_backup_to", self.path(name), None,
                         options)

    def test_age_alone_restores(self):
        """age -d and gunzip give a script for psql; verified by processes
        that have no identity."""
        self.shop()
        for name, tool in (("b.sql.gz", "gzip"), ("b.sql.zst", "zstd"),
                           ("b.sql", "cat")):
            report = self.backup(name, jobs=3)
            path = self.path(name + ".age")
            self.assertEqual(
                (report["path"], report["encrypted"], report["recipients"],
                 report["verified"], report["stored_bytes"]),
                (path, True, 1, "data", os.path.getsize(path)))
            subprocess.run(["sha256sum", "-c", "--quiet", path + ".sha256"],
                           check=True, cwd=self.dir)
            with open(path, "rb") as file:
                self.assertNotIn(b"CREATE TABLE", file.read())
            args = [tool] if tool == "cat" else [tool, "-dc"]
            with open(self.path("plain.sql"), "wb") as file:
                subprocess.run(args, input=self.decrypt(path), check=True,
                               stdout=file)
            self.cluster.create("again")
            self.cluster.load("again", self.path("plain.sql"))
            self.same_database("shop", "again")
        self.assertTrue(os.path.exists(self.path("b.sql.age.zdbi")))
        self.nothing_left()

    def test_queried_and_masked(self):
        self.shop()
        path = self.backup()["path"]
        query = f"SELECT count(*) FROM zdb_rows(NULL::users, '{path}')"
        self.fails("shop", query, text="is encrypted")
        self.assertEqual(self.psql("shop", *self.identity(), query), "200")
        self.call("shop", "zdb_restore_from", path, {
            "target": "test", "overwrite": True,
            "mask": {"users.email": "email"}}, before=self.identity())
        self.assertEqual(self.psql(
            "shop_test", "SELECT count(DISTINCT email) FROM users WHERE email"
            " LIKE '%@example.invalid'"), "200")
        self.nothing_left()

    def test_verified_by_restoring(self):
        """Background workers load it, without an identity."""
        self.shop()
        report = self.backup(verify="restore")
        self.assertEqual(report["verified"], "restore")
        self.nothing_left()

    def test_everything_with_the_identity(self):
        self.shop()
        path = self.backup()["path"]
        mine = self.identity()
        for level in ("index", "data", "restore"):
            report = self.call("shop", "zdb_verify", path, {"level": level},
                               before=mine)
            self.assertEqual((report["ok"], report["verified"],
                              report["encrypted"]), (True, level, True))
        one, many = (self.call("shop", "zdb_verify", path, {"jobs": jobs},
                               before=mine) for jobs in (1, 4))
        self.assertEqual(one["sha256"], many["sha256"])
        info = self.call("shop", "zdb_info", path, before=mine)
        self.assertEqual((info["encrypted"], info["recipients"],
                          info["recipient_types"]), (True, 1, "X25519"))
        rows = self.psql("shop", *mine, "SELECT sum(rows) FROM"
                         f" zdb_entries({sql_text(path)})")
        self.assertEqual(int(rows), info["rows"])
        self.call("shop", "zdb_restore_from", path, {"target": "other"},
                  before=mine)
        self.same_database("shop", "other")
        self.psql("shop", "DELETE FROM big WHERE id % 3 = 0")
        self.call("shop", "zdb_restore_from", path,
                  {"tables": ["big"], "prebackup": False}, before=mine)
        self.same_database("shop", "other")
        self.psql("postgres", "DROP DATABASE other")
        self.nothing_left()

    def test_one_table_decrypts_little(self):
        self.shop()
        path = self.backup()["path"]
        self.psql("shop", "DELETE FROM messages")
        report = self.call("shop", "zdb_merge_from", path,
                           {"tables": {"big": False}},
                           before=self.identity())
        self.assertGreater(report["inserted"], 0)
        self.assertLess(report["decrypted_bytes"],
                        os.path.getsize(path) // 4)
        report = self.call("shop", "zdb_merge_from", path,
                           {"no_key": "whole_row"}, before=self.identity())
        self.assertGreater(report["decrypted_bytes"],
                           os.path.getsize(path) // 2)

    def test_without_identity(self):
        self.shop()
        path = self.backup()["path"]
        report = self.call("shop", "zdb_verify", path)
        self.assertEqual((report["ok"], report["verified"],
                          report["encrypted"], report["recipients"]),
                         (None, "outer", True, 1))
        self.assertIn("not looked at", report["warnings"][0])
        info = self.call("shop", "zdb_info", path)
        self.assertEqual((info["encrypted"], info["stored_bytes"]),
                         (True, os.path.getsize(path)))
        self.fails("shop", f"SELECT zdb_verify('{path}',"
                   " '{\"level\": \"restore\"}')", text="no key is known")
        for call in (f"SELECT zdb_restore_from('{path}')",
                     f"SELECT zdb_merge_from('{path}')",
                     f"SELECT * FROM zdb_entries('{path}')"):
            self.fails("shop", call, code="42501",
                       text="zdbackup.age_identity")
        damage(path, os.path.getsize(path) // 2)
        self.fails("shop", f"SELECT zdb_verify('{path}')", code="XX001",
                   text="SHA-256")

    def test_wrong_identity(self):
        self.shop()
        path = self.backup()["path"]
        self.key("eve")
        said = self.fails("shop", *self.identity("eve"),
                          f"SELECT zdb_verify('{path}')",
                          text="no identity in")
        self.assertIn("zdbackup.age_identity", said)
        self.mine(self.path("eve"), 0o644)
        self.fails("shop", *self.identity("eve"),
                   f"SELECT zdb_verify('{path}')", text="everybody may read")

    def test_damage_found_by_a_worker(self):
        self.shop()
        path = self.backup()["path"]
        damage(path, os.path.getsize(path) // 2)
        self.fails("shop", *self.identity(),
                   f"SELECT zdb_verify('{path}', '{{\"jobs\": 4}}')",
                   code="XX001", text="is not what was written there")
        report = self.call("shop", "zdb_verify", path, {"raise": False},
                           before=self.identity())
        self.assertFalse(report["ok"])

    def test_passphrase(self):
        self.shop()
        word = self.secret("word", "correct horse\n")
        path = self.call("shop", "zdb_backup_to", self.path("p.sql.gz"), True,
                         {"passphrase_file": word})["path"]
        report = self.call("shop", "zdb_verify", path,
                           {"passphrase_file": word, "level": "restore"})
        self.assertTrue(report["ok"])
        self.assertNotIn("horse", json.dumps(report))
        said = self.fails(
            "shop", f"SET zdbackup.passphrase_file = '{self.path('key')}'",
            f"SELECT zdb_verify('{path}')", text="passphrase in one line")
        self.assertNotIn("AGE-SECRET", said)
        report = self.call(
            "shop", "zdb_verify", path,
            before=(f"SET zdbackup.passphrase_file = '{word}'",))
        self.assertTrue(report["ok"])

    def test_rights(self):
        """A path in an option needs the right to read the server's files."""
        self.shop()
        word = self.secret("word", "correct horse\n")
        self.psql("postgres", "DROP ROLE IF EXISTS writer",
                  "CREATE ROLE writer LOGIN",
                  "GRANT pg_write_server_files TO writer")
        self.psql("shop", "GRANT EXECUTE ON FUNCTION zdb_backup_to(text,"
                  " boolean, jsonb) TO writer; GRANT SELECT ON ALL TABLES IN"
                  " SCHEMA public TO writer; GRANT SELECT ON ALL SEQUENCES IN"
                  " SCHEMA public TO writer")
        call = "SELECT zdb_backup_to('{}', true, '{}')"
        options = json.dumps({"passphrase_file": word})
        self.fails("shop", call.format(self.path("w.sql.gz"), options),
                   user="writer", text="pg_read_server_files")
        options = json.dumps({"encrypt_to": self.recipient})
        self.psql("shop", call.format(self.path("w.sql.gz"), options),
                  user="writer")
        self.psql("shop", "GRANT EXECUTE ON FUNCTION zdb_version() TO writer")
        self.fails("shop", "SELECT zdb_version()",
                   "SET zdbackup.age_identity = '/tmp/x'",
                   user="writer", text="permission denied to set")
        self.psql("shop", "DROP OWNED BY writer; DROP ROLE writer")

    def test_settings(self):
        self.shop()
        self.key("other")
        default = (f"SET zdbackup.encrypt_to = '{self.recipient}'",)
        report = self.call("shop", "zdb_backup_to", self.dir + "/",
                           before=default)
        self.assertTrue(report["path"].endswith(".sql.gz.age"))
        report = self.call("shop", "zdb_backup_to", self.path("x.sql.gz"),
                           None, {"encrypt_to": False}, before=default)
        self.assertEqual((report["path"], report["encrypted"]),
                         (self.path("x.sql.gz"), False))
        self.fails("shop", "SET zdbackup.encrypt_to = 'age1no'",
                   f"SELECT zdb_backup_to('{self.path('y.sql.gz')}')",
                   text="age1no")
        self.fails("shop", f"SELECT zdb_backup_to('{self.path('y.age')}')",
                   text="says that it is encrypted")

    def test_prebackups(self):
        self.shop()
        path = self.backup()["path"]
        report = self.call("shop", "zdb_restore_from", path,
                           before=self.identity())
        self.assertTrue(report["prebackup"].endswith(".sql.gz.age"))
        self.decrypt(report["prebackup"])
        plain = self.backup("plain.sql.gz", encrypt_to=False)["path"]
        report = self.call("shop", "zdb_restore_from", plain)
        self.assertTrue(report["prebackup"].endswith(".sql.gz"))
        report = self.call(
            "shop", "zdb_restore_from", plain,
            before=(f"SET zdbackup.encrypt_to = '{self.recipient}'",))
        self.assertTrue(report["prebackup"].endswith(".sql.gz.age"))
        self.decrypt(report["prebackup"])

    def test_of_sqlite(self):
        """An encrypted backup of SQLite, merged into PostgreSQL."""
        self.database("lite")
        self.psql("lite", "CREATE TABLE t(id int PRIMARY KEY, a text)")
        database = self.path("lite.db")
        subprocess.run(["sqlite3", database, "CREATE TABLE t(id INTEGER"
                        " PRIMARY KEY, a TEXT); INSERT INTO t VALUES"
                        " (1, 'one')"], check=True)
        subprocess.run(["age", "-r", self.recipient, "-o",
                        database + ".age", database], check=True)
        self.mine(database + ".age")
        self.call("lite", "zdb_merge_from", database + ".age",
                  before=self.identity())
        self.assertEqual(self.psql("lite", "SELECT * FROM t"), "1|one")


pgtest.main()
