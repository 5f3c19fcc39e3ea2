"""PostgreSQL's functions on URLs, and who may use them"""
import os
import sqlite3
import subprocess
import sys
import time

import clouds
import storetest

sys.path.insert(0, os.path.join(storetest.zdbtest.ROOT, "test", "postgres"))
import pgtest  # noqa: E402
from proxy import Proxy  # noqa: E402

rados = clouds.Rados()
rados.create("test")
proxy = Proxy(rados.port)


class Postgres(pgtest.Case):
    settings = ("session_preload_libraries = 'zdbackup'",
                f"zdbackup.s3_access_key = '{rados.access_key}'",
                f"zdbackup.s3_secret_key = '{rados.secret_key}'",
                f"zdbackup.s3_endpoint = '{proxy.endpoint}'")

    def setUp(self):
        super().setUp()
        proxy.clear()
        self.root = f"s3://test/{self._testMethodName}"

    def names(self):
        done = subprocess.run(
            [storetest.TOOL, "list", self.root], capture_output=True,
            text=True, check=True, env=dict(os.environ,
                                            **rados.environment()))
        return sorted(line.split(" ", 2)[2]
                      for line in done.stdout.splitlines())

    def test_round_trip(self):
        self.database("shop", "shop.sql")
        rows = self.psql("shop", "SELECT count(*) FROM messages")
        for name in ("b.sql.gz", "b.sql.zst", "b.sql"):
            path = f"{self.root}/{name}"
            for verify in ("index", "data", "restore"):
                report = self.call("shop", "zdb_backup_to", path, None,
                                   {"verify": verify, "overwrite": True})
                self.assertEqual((report["path"], report["verified"]),
                                 (path, verify))
            for level in ("index", "data", "restore"):
                report = self.call("shop", "zdb_verify", path,
                                   {"level": level})
                self.assertEqual((report["ok"], report["indexed"]),
                                 (True, True))
            info = self.call("shop", "zdb_info", path)
            self.assertEqual(info["engine"], "postgresql")
            self.assertEqual(self.psql(
                "shop", f"SELECT rows FROM zdb_entries('{path}')"
                " WHERE \"table\" = 'messages'"), rows)
            self.psql("shop", "DELETE FROM messages")
            self.assertEqual(self.psql(
                "shop", "SELECT count(*) FROM zdb_rows(NULL::messages,"
                f" '{path}')"), rows)
            self.call("shop", "zdb_merge_from", path)
            self.assertEqual(
                self.psql("shop", "SELECT count(*) FROM messages"), rows)
            self.psql("shop", "DELETE FROM messages")
            self.call("shop", "zdb_restore_from", path,
                      {"tables": ["messages"], "prebackup": False})
            self.call("shop", "zdb_restore_from", path,
                      {"target": "test", "overwrite": True})
            self.assertEqual(
                self.psql("shop_test", "SELECT count(*) FROM messages"), rows)
        report = self.call("shop", "zdb_restore_from", path)
        self.assertTrue(report["prebackup"].startswith(
            f"{self.root}/shop_prebackup_"))
        self.assertTrue(self.call("shop", "zdb_verify",
                                  report["prebackup"])["ok"])
        self.nothing_left()

    def noise(self):
        self.psql("shop", "CREATE TABLE noise AS SELECT string_agg(md5("
                  "random()::text || i), '') AS x FROM"
                  " generate_series(1, 600000) i GROUP BY i % 600")

    def test_little_is_read(self):
        """Of a large object, encrypted or not."""
        self.database("shop")
        self.noise()
        done = subprocess.run(["age-keygen"], check=True, capture_output=True,
                              text=True)
        with open(self.path("key"), "w") as file:
            os.chmod(file.name, 0o644)
            file.write(done.stdout)
        os.chown(self.path("key"), os.stat(self.cluster.dir).st_uid, -1)
        os.chmod(self.path("key"), 0o600)
        identity = f"SET zdbackup.age_identity = '{self.path('key')}'"
        for options in ({}, {"encrypt_to": done.stderr.split()[-1]}):
            report = self.call("shop", "zdb_backup_to",
                               f"{self.root}/b.sql.gz", None, options)
            self.assertGreater(report["stored_bytes"], 9 << 20)
            proxy.clear()
            self.assertEqual(self.psql(
                "shop", identity, "SELECT zdb_info(p) ->> 'rows', e.rows FROM"
                f" (VALUES ('{report['path']}')) v(p), zdb_entries(p) e"),
                "600|600")
            self.assertLess(proxy.received(), 1 << 20)
            self.assertGreater(proxy.received(), 0)

    def test_old_one_stays(self):
        """Until the new one is verified; nobody else sees a secret."""
        self.database("shop")
        self.noise()
        path = f"{self.root}/b.sql.gz"
        first = self.call("shop", "zdb_backup_to", path)["sha256"]
        self.psql("shop", "DELETE FROM noise WHERE x < '8'")
        proxy.fault("damage_back", "GET", "zdbtmp", header="if-match")
        self.fails("shop", "SELECT zdb_backup_to("
                   f"'{path}', true, '{{\"overwrite\": true}}')",
                   text="is damaged")
        self.assertEqual(self.names(), ["b.sql.gz", "b.sql.gz.sha256"])
        self.assertEqual(self.call("shop", "zdb_verify", path)["sha256"],
                         first)
        session = self.session("shop")
        proxy.fault("hang", "GET", "zdbtmp")
        session.send(f"SELECT zdb_backup_to('{path}', true,"
                     " '{\"overwrite\": true}')")
        for _ in range(600):
            if proxy.faults[-1]["times"] == 0:
                break
            time.sleep(0.05)
        seen = self.psql("shop", "SELECT * FROM pg_stat_activity",
                         "SELECT * FROM zdb_progress")
        self.assertIn(path, seen)
        self.assertNotIn(rados.secret_key, seen)
        self.psql("shop", f"SELECT pg_cancel_backend({session.pid})")
        self.assertIn("canceling statement", session.result())
        self.assertEqual(self.names(), ["b.sql.gz", "b.sql.gz.sha256"])
        self.assertEqual(self.call("shop", "zdb_verify", path)["sha256"],
                         first)

    def test_from_sqlite(self):
        """Backups of SQLite, and a plain database, from a bucket."""
        self.database("shop")
        con = sqlite3.connect(self.path("notes.db"))
        con.enable_load_extension(True)
        con.load_extension(storetest.zdbtest.MODULE)
        con.executescript(
            "CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
            "INSERT INTO notes VALUES (1, 'one'), (2, 'two')")
        for name, compress in (("b.db.gz", "gzip"), ("b.db", "none")):
            con.execute("SELECT zdb_backup_to(?, ?)",
                        (self.path(name), compress))
        con.close()
        os.remove(self.path("b.db.zdbi"))  # an ordinary database now
        for name in ("b.db.gz", "b.db"):
            path = f"{self.root}/{name}"
            subprocess.run([storetest.TOOL, "put", path, self.path(name)],
                           check=True, env=dict(os.environ,
                                                **rados.environment()))
            self.psql("shop", "DROP TABLE IF EXISTS notes")
            self.call("shop", "zdb_restore_from", path,
                      {"create_missing": True, "prebackup": False})
            self.assertEqual(self.psql(
                "shop", "SELECT string_agg(text, ' ' ORDER BY id)"
                " FROM notes"), "one two")

    def test_repository(self):
        self.database("shop", "shop.sql")
        paths = {self.call("shop", "zdb_backup_to", f"{self.root}/")["path"]
                 for _ in range(2)}
        self.assertEqual(len(paths), 2)
        listed = self.psql("shop", "SELECT path FROM"
                           f" zdb_list('{self.root}/') WHERE indexed")
        self.assertEqual(set(listed.split("\n")), paths)
        info = self.call("shop", "zdb_info", f"{self.root}/")
        self.assertIn(info["path"], paths)
        self.call("shop", "zdb_restore_from", f"{self.root}/",
                  {"prebackup": False})
        report = self.call("shop", "zdb_prune", f"{self.root}/",
                           {"last": 1})
        self.assertEqual(report["removed"], 1)
        self.assertEqual(len(self.names()), 2)
        self.psql("shop", f"SET zdbackup.repository = '{self.root}'",
                  "SELECT zdb_backup_to('named.sql.gz')")
        self.assertIn("named.sql.gz", self.names())

    def test_probe(self):
        self.database("shop")
        self.assertTrue(self.call("shop", "zdb_probe", self.root)["ok"])
        self.assertTrue(self.call("shop", "zdb_probe", self.dir)["ok"])
        self.fails("shop", "SELECT zdb_probe('s3://nowhere')",
                   text="NoSuchBucket")
        self.assertEqual(self.names(), [])

    def test_who_may(self):
        """Rights to files are none to URLs; a role can be named."""
        self.database("shop", "shop.sql")
        path = f"{self.root}/b.sql.gz"
        self.psql("shop", "CREATE ROLE clerk LOGIN; CREATE ROLE cloud_users;"
                  "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO clerk;"
                  "GRANT pg_write_server_files, pg_read_server_files,"
                  " pg_read_all_data TO clerk")
        calls = (f"SELECT zdb_backup_to('{path}')",
                 f"SELECT zdb_verify('{path}')", f"SELECT zdb_info('{path}')",
                 f"SELECT * FROM zdb_list('{self.root}/')")
        for statement in calls:
            self.fails("shop", statement, user="clerk", code="42501",
                       text="permission denied to reach URLs")
        self.assertEqual(proxy.requests, [])
        self.fails("shop", "SET zdbackup.url_role = 'clerk'", user="clerk",
                   text="permission denied to set")
        self.psql("shop", "ALTER SYSTEM SET zdbackup.url_role = 'cloud_users'",
                  "SELECT pg_reload_conf()")
        self.fails("shop", calls[0], user="clerk",
                   text="permission denied to reach URLs")
        self.psql("shop", "GRANT cloud_users TO clerk")
        for statement in calls:
            self.psql("shop", statement, user="clerk")
        self.psql("shop", "ALTER SYSTEM RESET zdbackup.url_role",
                  "SELECT pg_reload_conf()")

    def test_copy_to(self):
        self.database("shop", "shop.sql")
        repository = os.path.join(self.dir, "repo")
        report = self.call("shop", "zdb_backup_to", repository + "/", None,
                           {"copy_to": self.root})
        self.assertEqual(report["copies"]["copied"], 1)
        self.assertEqual(len(self.names()), 2)
        health = self.call("shop", "zdb_health", repository,
                           {"copy_to": self.root})
        self.assertEqual(health["cloud_in_step"], 1)
        self.psql("shop", "DROP ROLE IF EXISTS copier",
                  "CREATE ROLE copier LOGIN SUPERUSER")
        self.psql("shop", "ALTER ROLE copier NOSUPERUSER",
                  "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO copier",
                  "GRANT pg_write_server_files, pg_read_server_files,"
                  " pg_read_all_data TO copier")
        self.fails("shop", f"SELECT zdb_backup_to('{repository}/', true,"
                   f" jsonb_build_object('copy_to', '{self.root}'))",
                   user="copier", text="permission denied to reach URLs")
        self.psql("shop", f"ALTER SYSTEM SET zdbackup.copy_to = '{self.root}'",
                  "SELECT pg_reload_conf()")
        report = self.call("shop", "zdb_backup_to", repository + "/",
                           user="copier")
        self.psql("shop", "ALTER SYSTEM RESET zdbackup.copy_to",
                  "SELECT pg_reload_conf()")
        self.assertEqual(report["copies"]["copied"], 1)

    def test_secrets(self):
        """In no message, and shown to no one else."""
        self.database("shop", "shop.sql")
        proxy.fault(403, "PUT", body="<Error><Code>Nope</Code><Message>"
                    f"{rados.secret_key}</Message></Error>")
        message = self.fails("shop", "SELECT zdb_backup_to("
                             f"'{self.root}/b.sql.gz')", text="403 Nope")
        self.assertNotIn(rados.secret_key, message)
        self.psql("shop", "CREATE ROLE guest LOGIN")
        self.fails("shop", "SHOW zdbackup.s3_secret_key", user="guest",
                   code="42501", text="s3_secret_key")
        self.assertEqual(self.psql(
            "shop", "SELECT count(*) FROM pg_settings WHERE setting ="
            f" '{rados.secret_key}'", user="guest"), "0")
        with open(os.path.join(self.cluster.dir, "log")) as file:
            self.assertNotIn(rados.secret_key, file.read())

    def test_cancelled(self):
        self.database("shop", "shop.sql")
        self.noise()
        session = self.session("shop")
        for method, match in (("HEAD", ""), ("PUT", "partNumber=2"),
                              ("POST", "uploadId="), ("GET", "b.sql.gz")):
            proxy.clear()
            proxy.fault("hang", method, match)
            session.send(f"SELECT zdb_backup_to('{self.root}/b.sql.gz')")
            for _ in range(600):
                if proxy.faults[0]["times"] == 0:
                    break
                time.sleep(0.05)
            self.psql("shop", f"SELECT pg_cancel_backend({session.pid})")
            self.assertIn("canceling statement", session.result())
            self.assertEqual(self.names(), [], (method, match))
            self.nothing_left()

    def test_terminated(self):
        """Even then no upload stays."""
        self.database("shop")
        self.noise()
        session = self.session("shop")
        proxy.fault("hang", "PUT", "partNumber=2")
        session.send(f"SELECT zdb_backup_to('{self.root}/b.sql.gz')")
        for _ in range(600):
            if proxy.faults[0]["times"] == 0:
                break
            time.sleep(0.05)
        self.psql("shop", f"SELECT pg_terminate_backend({session.pid})")
        session.result()
        self.assertEqual(self.names(), [])
        self.nothing_left()

    def test_no_threads(self):
        """libcurl's threads look up names; none stays, and none gets a
        signal of the server's."""
        self.database("shop", "shop.sql")
        session = self.session("shop")
        self.assertIn("could not find the address", session(
            "SELECT set_config('zdbackup.s3_endpoint',"
            " 'http://nowhere.invalid', false), set_config("
            "'zdbackup.cloud_timeout', '1', false);"
            f"SELECT zdb_info('{self.root}/x')"))
        self.assertEqual(len(os.listdir(f"/proc/{session.pid}/task")), 1)


pgtest.main()
