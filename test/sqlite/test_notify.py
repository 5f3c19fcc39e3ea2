"""Notifications from SQLite: settings come from the environment"""
import os
import sqlite3
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
