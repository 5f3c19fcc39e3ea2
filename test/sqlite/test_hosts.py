"""The module in its hosts: the sqlite3 shell, Python, better-sqlite3"""
import json
import os
import re
import shutil
import subprocess

import manual
import zdbtest

NPM = os.path.join(zdbtest.ROOT, "build", "npm")


class Hosts(zdbtest.Case):

    def test_shell(self):
        self.sample().close()
        output = zdbtest.shell("app.db", f".load {zdbtest.MODULE}",
                               "SELECT zdb_backup_to('b.db.gz', true)")
        self.assertEqual(json.loads(output)["rows"], 6200)

    def test_python(self):
        con = self.sample()
        self.assertEqual(zdbtest.call(con, "zdb_backup_to", "b.gz")["rows"],
                         6200)

    def test_attach(self):
        con = self.sample()
        zdbtest.call(con, "zdb_backup_to", "b.db.gz")
        zdbtest.call(con, "zdb_attach", "b.db.gz", "old")
        self.assertEqual(con.execute("SELECT count(*) FROM old.messages")
                         .fetchone(), (5000,))
        con.close()
        self.assertEqual(zdbtest.shell(
            "app.db", f".load {zdbtest.MODULE}", ".output /dev/null",
            "SELECT zdb_attach('b.db.gz', 'old');", ".output stdout",
            "SELECT count(*) FROM old.messages").strip(), "5000")

    def better_sqlite3(self):
        """README's programs for it."""
        if not shutil.which("npm"):
            self.skipTest("npm is not there")
        if not os.path.exists(f"{NPM}/node_modules/better-sqlite3/build"):
            # to optimize its SQLite would take most of the time
            done = subprocess.run(
                ["npm", "install", "--prefix", NPM, "--no-audit", "--no-fund",
                 "--silent", "better-sqlite3"], capture_output=True,
                text=True, timeout=500,
                env=dict(os.environ, CFLAGS="-O0", CXXFLAGS="-O0",
                         JOBS=str(os.cpu_count())))
            if done.returncode:
                self.skipTest("npm could not install better-sqlite3")
        return [text for language, text in manual.blocks()
                if language == "js"]

    def node(self, program):
        return subprocess.check_output(
            ["node", "-e", program], text=True,
            env=dict(os.environ, NODE_PATH=f"{NPM}/node_modules"))

    def test_better_sqlite3(self):
        program = self.better_sqlite3()[0]
        self.sample().close()
        program = program.replace("build/zdbackup", zdbtest.MODULE)
        program += ("const get = sql => db.prepare(sql).pluck().get();"
                    "get(`SELECT zdb_verify('backups/node.db.gz',"
                    " '{\"level\": \"restore\"}')`);"
                    "get(`SELECT zdb_backup_to('d.sql', 0,"
                    " '{\"type\": \"data\"}')`);"
                    "db.exec('DELETE FROM messages');"
                    "get(`SELECT zdb_restore_from('backups/node.db.gz')`);"
                    "db.exec('DELETE FROM messages');"
                    "get(`SELECT zdb_restore_from('d.sql')`);"
                    "db.exec('DELETE FROM messages WHERE id > 7');"
                    "console.log(get(`SELECT zdb_merge_from("
                    "'backups/node.db.gz')`));"
                    "console.log(db.prepare('SELECT count(*) FROM messages')"
                    ".pluck().get())")
        output = self.node(program)
        report, merge, rows = output.strip().splitlines()
        merge = json.loads(merge)
        self.assertEqual((json.loads(report)["rows"], rows), (6200, "5000"))
        self.assertEqual((merge["read"], merge["inserted"]), (6200, 4993))

    def test_better_sqlite3_attach(self):
        """It takes no URI."""
        program = self.better_sqlite3()[0]
        self.sample().close()
        program = program.replace("build/zdbackup", zdbtest.MODULE) + """
            const get = sql => db.prepare(sql).pluck().get()
            get("SELECT zdb_attach('backups/node.db.gz', 'old')")
            db.exec('DELETE FROM messages WHERE id % 10 = 0')
            console.log(get('SELECT count(*) FROM old.messages WHERE id NOT IN'
                            + ' (SELECT id FROM main.messages)'))
            db.exec('DETACH old')"""
        self.assertEqual(self.node(program).split()[-1], "500")

    def test_better_sqlite3_scheduler(self):
        program = self.better_sqlite3()[1].replace(
            "/usr/local/lib/sqlite3/zdbackup", zdbtest.MODULE)
        con = self.sample()
        zdbtest.call(con, "zdb_schedule", "night", "@daily",
                     {"repo": "backups/", "operation": "backup"})
        with open("backups/zdbackup_jobs.json") as file:
            text = file.read()
        with open("backups/zdbackup_jobs.json", "w") as file:
            file.write(re.sub('"due": "[^"]*"', '"due": "2025-09-04"', text))
        self.assertIn("setInterval(() => {}, 1e9)", program)
        self.node(program.replace("setInterval(() => {}, 1e9)", """
            const outcome = db.prepare(
                "SELECT last_outcome FROM zdb_jobs('backups/')").pluck()
            setInterval(() => {
                if (outcome.get() == 'success') process.exit(0) }, 100)"""))
        self.assertEqual(con.execute(
            "SELECT type FROM zdb_list('backups')").fetchall(), [("full",)])


zdbtest.main()
