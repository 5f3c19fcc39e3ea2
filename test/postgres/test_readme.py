"""README's tour of PostgreSQL runs"""
import os
import re

import pgtest


class Readme(pgtest.Case):
    settings = ("max_worker_processes = 20",)

    def setUp(self):
        super().setUp()
        with open(os.path.join(pgtest.ROOT, "README.md")) as file:
            self.text = file.read().replace("/var/backups", self.dir)

    def test_tour(self):
        self.cluster.create("shop", "shop.sql")
        blocks = re.findall(r"^```psql\n(.*?)^```$", self.text, re.S | re.M)
        self.assertEqual(len(blocks), 1)
        output = self.psql("shop", blocks[0].rstrip(" ;\n"))
        self.assertIn('"verified": "restore"', output)
        self.assertEqual(output.count('"rows_after": 3000'), 3)
        self.same_database("shop", "shop_test")
        self.restore_by_psql("shop.sql.gz", "newdb")
        self.assertEqual(self.psql("newdb", "SELECT count(*) FROM messages"),
                         "3000")

    def test_grants(self):
        self.cluster.create("shop", "shop.sql")
        self.psql("shop", "CREATE EXTENSION zdbackup",
                  "CREATE ROLE backup_role LOGIN")
        block = re.search(r"^```\n(GRANT .*?)^```$", self.text, re.S | re.M)
        self.psql("shop", block.group(1).rstrip(" ;\n"),
                  "GRANT pg_read_all_data TO backup_role")
        self.psql("shop", "SELECT zdb_backup_to('"
                  + self.path("low.sql.gz") + "', true)", user="backup_role")

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
