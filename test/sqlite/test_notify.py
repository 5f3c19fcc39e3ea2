"""Notifications from SQLite: settings come from the environment"""
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time

import zdbtest
from zdbtest import call

sys.path.insert(0, os.path.join(zdbtest.ROOT, "test", "net"))
import nettest  # noqa: E402


def variables(settings):
    return {"ZDBACKUP_" + name.upper(): value
            for name, value in settings.items()}


class Notify(nettest.Cases, zdbtest.Case):
    database_name = "app"

    def setUp(self):
        super().setUp()
        self.con = self.sample()
        for name in list(os.environ):
            if "BACKUP_" in name:
                del os.environ[name]

    def backup_path(self, name):
        return os.path.join(self.dir, name.replace(".gz", ".db.gz"))

    def query(self, sql):
        return self.con.execute(sql).fetchone()[0]

    def run_with(self, settings, function, *args):
        environment = variables(settings)
        os.environ.update(environment)
        try:
            return call(self.con, function, *args)
        except sqlite3.Error as error:
            raise AssertionError(str(error)) from None
        finally:
            for name in environment:
                del os.environ[name]

    def test_guides_variables(self):
        os.environ["BACKUP_WEBHOOK_URL"] = self.url("/webhook")
        os.environ["BACKUP_SLACK_WEBHOOK"] = self.url("/slack")
        self.assertTrue(self.notify({}, "success")["ok"])
        self.assertEqual({got["path"] for got in self.receivers.http().got()},
                         {"/webhook", "/slack"})

    def test_scheduled_reports_are_sent(self):
        self.run_with({}, "zdb_backup_to", "backups/")
        self.run_with({}, "zdb_schedule", "monday", "0 8 * * 1",
                      {"repo": "backups/", "operation": "report",
                       "period": "weekly"})
        for path, warnings in (("/ok", 0), ("/status/500", 1)):
            settings = {"webhook_url": self.url(path)}
            with open("backups/zdbackup_jobs.json") as file:
                doc = json.load(file)
            doc["jobs"][0].update(since="2020-01-01T00:00:00Z",
                                  due="2020-01-01T00:00:00Z")
            with open("backups/zdbackup_jobs.json", "w") as file:
                json.dump(doc, file)
            ran, = self.run_with(settings, "zdb_run_due", "backups/")["ran"]
            self.assertEqual(ran["outcome"], "success", ran)
            self.assertEqual(len(ran["report"]["warnings"]), warnings)
            body, = self.told()
            self.check_report(body, "monday")

    def test_eight_who_look_at_once_tell_once(self):
        self.run_with({}, "zdb_backup_to", "b/")
        environment = dict(os.environ, **variables(
            {"webhook_url": self.url("/ok")}))
        looking = [subprocess.Popen(
            ["sqlite3", "app.db", ".load " + zdbtest.MODULE,
             "SELECT zdb_health('b', '{\"storage_percent\": 0.000001}')"
             " ->> 'warnings'"], env=environment, text=True,
            stdout=subprocess.PIPE) for _ in range(8)]
        self.assertEqual([one.communicate()[0] for one in looking],
                         ["[]\n"] * 8)
        self.assertEqual([body["type"] for body in self.told()], ["health"])

    def test_interrupt(self):
        os.environ["BACKUP_WEBHOOK_URL"] = self.url("/hang")
        con = self.open(check_same_thread=False)
        threading.Thread(target=lambda: (time.sleep(0.3),
                                         con.interrupt())).start()
        self.fails(con, "zdb_notify", "success", text="interrupted")

    def test_details(self):
        self.fails(self.open(), "zdb_notify", "success", "[1]",
                   text="details are not a JSON object")
        self.fails(self.open(), "zdb_notify", "success", "{",
                   text="details are not a JSON object")


zdbtest.main()
