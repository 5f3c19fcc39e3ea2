"""What README and its pages say of PostgreSQL runs"""
import gzip
import json
import os
import re
import sqlite3
import subprocess

import manual
import pgtest


class Readme(pgtest.Case):
    settings = ("max_worker_processes = 30",
                "shared_preload_libraries = 'pg_cron'",
                "cron.database_name = 'postgres'",
                "cron.use_background_workers = on")

    def setUp(self):
        super().setUp()
        self.text = manual.text().replace("/var/backups", self.dir)

    def page(self, name):
        return manual.page(name).replace("/var/backups", self.dir)

    def test_tour(self):
        self.cluster.create("shop", "shop.sql")
        blocks = re.findall(r"^```psql\n(.*?)^```$", self.text, re.S | re.M)
        self.assertEqual(len(blocks), 3)
        output = self.psql("shop", blocks[0].rstrip(" ;\n"))
        self.assertIn('"verified": "restore"', output)
        self.assertEqual(output.count('"rows_after": 3000'), 3)
        self.same_database("shop", "shop_test")
        before = self.psql("shop", "SELECT count(*) FROM users",
                           "SET session_replication_role = replica",
                           "DELETE FROM users WHERE id = 'u0007'")
        self.psql("shop", blocks[1].rstrip(" ;\n"))
        self.assertEqual(self.psql("shop", "SELECT count(*) FROM users"),
                         before)
        self.assertEqual(self.psql("shop", blocks[2].rstrip(
            " ;\n")).count("\n"), 9)
        self.restore_by_psql("shop.sql.gz", "newdb")
        self.assertEqual(self.psql("newdb", "SELECT count(*) FROM messages"),
                         "3000")

    def test_what_changed(self):
        """The bad UPDATE is undone, and no more."""
        self.cluster.create("shop", "shop.sql")
        self.psql("shop", "CREATE EXTENSION IF NOT EXISTS zdbackup")
        self.call("shop", "zdb_backup_to", self.path("shop.sql.gz"))
        self.psql("shop", "UPDATE users SET name = 'x' WHERE id LIKE '%7'",
                  "DELETE FROM messages")
        chapter = self.text.split("## What changed?")[1].split("\n## ")[0]
        statement, = re.findall(r"^```\n(SELECT zdb_merge.*?)^```$", chapter,
                                re.S | re.M)
        self.assertIn('"updated": 20', self.psql(
            "shop", statement.rstrip(" ;\n")))
        self.assertEqual(self.psql(
            "shop", 'SELECT DISTINCT "table", kind FROM zdb_diff'
            f"('{self.path('shop.sql.gz')}')"), "messages|only_backup")

    def test_incremental_backups(self):
        self.cluster.create("shop", "shop.sql")
        self.psql("shop", "CREATE EXTENSION IF NOT EXISTS zdbackup")
        block = re.search(r"^```pgsql\n(.*?)^```$", self.page("incremental"),
                          re.S | re.M).group(1)
        output = self.psql("shop", block.rstrip(" ;\n")).split("\n")
        self.assertIn('"type": "full"', output[0])
        self.assertEqual(output[2], "true|true")

    def test_run_it_for_years(self):
        """The script, what is done on each alert, the lines for npm."""
        self.cluster.create("shop", "shop.sql")
        self.psql("postgres", "CREATE EXTENSION IF NOT EXISTS pg_cron")
        blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```$",
                                 self.page("years"), re.S | re.M))
        with open(self.path("webhook_url"), "w") as file:
            file.write("http://127.0.0.1:1/\n")
        os.chmod(self.path("webhook_url"), 0o644)
        script = blocks["pgsql"].replace("/etc/zdbackup", self.dir)
        output = self.psql("shop", script.rstrip(" ;\n")).split("\n")
        self.assertEqual(sum("|" in line for line in output), 7)
        self.assertIn('"verified": "restore"', "".join(output))
        self.assertEqual(output[-1], "ok")
        output = self.psql("shop", "SELECT zdb_notify('report')")
        self.assertIn("could not connect to 127.0.0.1:1", output)
        output = self.psql("shop", blocks["sql"].replace(
            "backups/", self.dir + "/").rstrip(" ;\n"))
        self.assertIn('"verified": "restore"', output)
        self.check_npm(blocks)
        self.psql("postgres", "SELECT cron.unschedule(jobid) FROM cron.job")
        self.psql("postgres", "ALTER SYSTEM RESET ALL",
                  "SELECT pg_reload_conf()")

    def check_npm(self, blocks):
        last = re.search(r"its last line is\s`(.*?)`\.", self.text).group(1)
        text = re.sub("^exec .*$", lambda found: last, blocks["zdb"],
                      flags=re.M)
        with open(self.path("zdb.sh"), "w") as file:
            file.write(text)
        bin_dir = os.path.dirname(self.cluster.command("psql")[0])
        url = f"postgresql://postgres@/shop?host={self.cluster.socket}"
        for name, line in json.loads(blocks["jsonc"])["scripts"].items():
            if name == "backup:auto":
                continue
            args = {"backup:verify": [self.dir],
                    "restore:db": [self.dir, '{"target": "it\'s"}'],
                    "restore:merge": [self.dir]}.get(name, [])
            done = subprocess.run(
                ["sh", "-c", line.replace("backups/", self.dir + "/")
                 + ' "$@"', "sh", *args], cwd=self.dir, text=True,
                capture_output=True,
                env=dict(os.environ, DATABASE_URL=url,
                         PATH=bin_dir + ":" + os.environ["PATH"]))
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)
        with open(self.path("report.html")) as file:
            self.assertIn("<svg", file.read())

    def test_grants(self):
        self.cluster.create("shop", "shop.sql")
        self.psql("shop", "CREATE EXTENSION zdbackup",
                  "CREATE ROLE backup_role LOGIN")
        block = re.search(r"^```\n(GRANT .*?)^```$", self.text, re.S | re.M)
        self.psql("shop", block.group(1).rstrip(" ;\n"),
                  "GRANT pg_read_all_data TO backup_role")
        self.psql("shop", "SELECT zdb_backup_to('"
                  + self.path("low.sql.gz") + "', true)", user="backup_role")

    def test_the_way_up(self):
        self.cluster.create("shop")
        self.psql("shop", "CREATE EXTENSION zdbackup")
        with open(os.path.join(pgtest.DATA, "sample.sql")) as file:
            con = sqlite3.connect(self.path("app.db"))
            con.executescript(file.read())
        con.close()
        with open(self.path("app.db"), "rb") as file:
            with gzip.open(self.path("app.db.gz"), "wb") as packed:
                packed.write(file.read())
        os.chmod(self.path("app.db.gz"), 0o644)
        block = re.search(r"^```\n(SELECT zdb_restore_from\('[^']*app\.db\.gz'"
                          r".*?)^```$", self.text, re.S | re.M)
        output = self.psql("shop", block.group(1).rstrip(" ;\n"))
        self.assertIn('"created_tables": ["public.', output)
        self.assertNotEqual(self.psql("shop", "SELECT count(*) FROM messages"),
                            "0")

    def test_the_types_of_the_way_up(self):
        """The table's second column holds for its first."""
        self.cluster.create("shop")
        self.psql("shop", "CREATE EXTENSION zdbackup")
        rows = re.findall(r"^\| ([A-Z][A-Z(),a-z ]*?)(?: \.\.\.)? \| (.*?) \|",
                          self.page("types").split("## The way up")[1]
                          .split("\n## ")[0], re.M)
        self.assertGreater(len(rows), 8)
        number = 0
        for declared, said in rows:
            declared = re.split(", (?![^(]*\\))", declared)
            types = re.findall("`([^`]*)`", said.split(";")[0])
            for place, kind in enumerate(declared):
                number += 1
                kind = kind.replace("(n)", "(7)").replace("(p,s)", "(7,2)")
                con = sqlite3.connect(self.path("t.db"))
                con.execute(f"CREATE TABLE t{number}(c {kind})")
                con.close()
                os.chmod(self.path("t.db"), 0o644)
                self.psql("shop", "SELECT zdb_restore_from('"
                          + self.path("t.db") + "',"
                          " '{\"create_missing\": true, \"policy\": {"
                          "\"no_key\": \"whole_row\"}}')")
                real = self.psql("shop", "SELECT format_type(atttypid,"
                                 " atttypmod) FROM pg_attribute WHERE"
                                 f" attrelid = 't{number}'::regclass AND"
                                 " attnum = 1")
                wanted = types[min(place, len(types) - 1)]
                wanted = (wanted.replace("(n)", "(7)").replace("(p,s)", "(7,2)")
                          .replace("varchar", "character varying"))
                if kind == "NUMERIC":
                    wanted = "numeric"
                self.assertEqual(real.split(" without")[0], wanted, kind)

    def test_settings_are_documented(self):
        self.cluster.create("shop")
        self.psql("shop", "CREATE EXTENSION zdbackup")
        names = self.psql("shop", "SELECT zdb_version() IS NULL",
                          "SELECT name FROM pg_settings WHERE name LIKE"
                          " 'zdbackup.%'").split("\n")[1:]
        self.assertIn("zdbackup.webhook_secret_file", names)
        for name in names:
            short = name.replace("zdbackup.", "")
            secret = short.replace("_file", "")  # is not listed itself
            self.assertTrue(any(f"`{n}`" in self.text
                                for n in (name, short, secret)), name)


pgtest.main()
