"""The module in its hosts: the sqlite3 shell, Python, better-sqlite3"""
import json
import os
import re
import shutil
import subprocess

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

    def test_better_sqlite3(self):
        if not shutil.which("npm"):
            self.skipTest("npm is not there")
        if not os.path.exists(f"{NPM}/node_modules/better-sqlite3/build"):
            done = subprocess.run(
                ["npm", "install", "--prefix", NPM, "--no-audit", "--no-fund",
                 "--silent", "better-sqlite3"], capture_output=True,
                text=True, timeout=500)
            if done.returncode:
                self.skipTest("npm could not install better-sqlite3")
        self.sample().close()
        with open(os.path.join(zdbtest.ROOT, "README.md")) as file:
            program = re.search(r"^```js\n(.*?)^```$", file.read(),
                                re.S | re.M).group(1)
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
        output = subprocess.check_output(
            ["node", "-e", program], text=True,
            env=dict(os.environ, NODE_PATH=f"{NPM}/node_modules"))
        report, merge, rows = output.strip().splitlines()
        merge = json.loads(merge)
        self.assertEqual((json.loads(report)["rows"], rows), (6200, "5000"))
        self.assertEqual((merge["read"], merge["inserted"]), (6200, 4993))


zdbtest.main()
