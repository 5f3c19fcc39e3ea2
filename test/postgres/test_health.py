"""Health in PostgreSQL: a report, and a view for monitoring"""
import json
import os

import pgtest


class Health(pgtest.Case):
    settings = ("max_parallel_workers=8",)

    def setUp(self):
        super().setUp()
        self.database("shop", "shop.sql")
        self.setting = f"SET zdbackup.repository = '{self.dir}'"

    def test_report(self):
        self.assertEqual(self.call("shop", "zdb_health", self.dir)["status"],
                         "critical")
        self.call("shop", "zdb_backup_to", self.dir)
        report = self.call("shop", "zdb_health", self.dir)
        self.assertEqual((report["status"], report["alerts"]), ("ok", []))
        self.assertEqual(report["total_backups"], 1)
        for number in range(3):
            self.fails("shop", f"SELECT zdb_backup_to('{self.dir}', true,"
                       " '{\"tables\": [\"none\"]}')", text="none")
        report = self.call("shop", "zdb_health", self.dir)
        self.assertEqual(report["consecutive_failures"], 3)
        self.assertEqual([a["name"] for a in report["alerts"]], ["failures"])
        self.assertEqual(self.call("shop", "zdb_health", self.dir,
                                   {"failures": 5})["status"], "ok")

    def test_view(self):
        self.call("shop", "zdb_backup_to", self.dir)
        self.assertEqual(self.psql(
            "shop", self.setting, "SELECT status, status_code, alert_count,"
            " alerts, backups, total_backups, success_rate,"
            " consecutive_failures, hours_since_last_success < 1,"
            " hours_since_last_verified < 1, hours_since_last_restore_test,"
            " running_time_s >= 0, mean_duration_s > 0, largest_bytes > 0,"
            " storage_bytes > 0, storage_free_bytes > 0, storage_used > 0,"
            " cloud_in_step FROM zdb_health"),
            "ok|0|0||1|1|1|0|t|t||t|t|t|t|t|t|")
        # plain columns, which monitoring can read
        self.assertEqual(self.psql(
            "shop", "SELECT DISTINCT format_type(atttypid, NULL) FROM"
            " pg_attribute WHERE attrelid = 'zdb_health'::regclass AND attnum"
            " > 0 ORDER BY 1"), "bigint\ndouble precision\ninteger\ntext")
        self.fails("shop", "SELECT * FROM zdb_health",
                   text="no repository is given")

    def test_who_may_watch(self):
        self.call("shop", "zdb_backup_to", self.dir)
        self.psql("shop", "DO $$ BEGIN CREATE ROLE watcher LOGIN; EXCEPTION"
                  " WHEN duplicate_object THEN NULL; END $$")
        self.psql("postgres", "ALTER DATABASE shop SET zdbackup.repository ="
                  f" '{self.dir}'")
        self.fails("shop", "SELECT * FROM zdb_health", user="watcher",
                   code="42501", text="permission denied")
        self.psql("shop", "GRANT pg_monitor TO watcher")
        self.assertEqual(self.psql("shop", "SELECT status FROM zdb_health",
                                   user="watcher"), "ok")
        # its own choice of a directory is another thing
        self.fails("shop", f"SELECT zdb_health('{self.dir}')",
                   user="watcher", code="42501",
                   text="permission denied to read a file of the server")
        self.fails("shop", "SELECT zdb_version() IS NULL",
                   "SET zdbackup.repository = '/'", user="watcher",
                   code="42501", text="permission denied to set")
        # nor before the module is there to say so
        self.assertEqual(self.psql(
            "shop", "SET zdbackup.repository = '/'",
            "SELECT status FROM zdb_health", user="watcher"), "ok")


pgtest.main()
