"""Notifications from PostgreSQL, and who may see and set what they need"""
import json
import os
import sys

import pgtest
from pgtest import sql_text

sys.path.insert(0, os.path.join(pgtest.ROOT, "test", "net"))
import nettest  # noqa: E402

SECRETS = ("webhook_url", "webhook_secret", "slack_webhook", "ping_url",
           "smtp_url", "smtp_password")


class Notify(nettest.Cases, pgtest.Case):
    database_name = "shop"

    def setUp(self):
        super().setUp()
        self.database("shop", "shop.sql")

    def set(self, name, value):
        """A secret goes into a file."""
        if name not in SECRETS:
            return f"SET zdbackup.{name} = {sql_text(value)}"
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(value + "\n")
        os.chmod(path, 0o644)
        return f"SET zdbackup.{name}_file = {sql_text(path)}"

    def backup_path(self, name):
        return self.path(name.replace(".gz", ".sql.gz"))

    def query(self, sql):
        return self.psql("shop", sql)

    def run_with(self, settings, function, *args):
        return self.call("shop", function, *args,
                         before=[self.set(*pair) for pair in settings.items()])

    def test_scheduled_reports_are_sent(self):
        self.run_with({}, "zdb_backup_to", self.path("one.sql.gz"), "gzip")
        job = json.dumps({"name": "monday", "since": "2020-01-01T00:00:00Z",
                          "repo": self.dir, "operation": "report",
                          "period": "weekly"})
        for path, warnings in (("/ok", 0), ("/status/500", 1)):
            report = self.run_with({"webhook_url": self.url(path)},
                                   "zdb_run_job", job)
            self.assertEqual(len(report["warnings"]), warnings, report)
            body, = self.told()
            self.check_report(body, "monday")

    def test_cancel(self):
        self.fails("shop", self.set("webhook_url", self.url("/hang")),
                   "SET statement_timeout = '500ms'",
                   "SELECT zdb_notify('success')",
                   text="statement timeout", code="57014")

    def test_null(self):
        self.fails("shop", "SELECT zdb_notify(NULL)", text="event is null",
                   code="22004")

    def test_nothing_in_the_log(self):
        with open(os.path.join(self.cluster.dir, "log"),
                  encoding="utf-8") as file:
            self.assertNotIn(nettest.TOKEN, file.read())


class Secrets(pgtest.Case):
    """A server whose configuration file holds a secret."""
    settings = ("session_preload_libraries = 'zdbackup'",
                f"zdbackup.webhook_url = 'http://127.0.0.1:1/{nettest.TOKEN}'",
                "log_min_messages = warning")

    def setUp(self):
        super().setUp()
        self.database("shop")
        self.psql("shop", "DROP ROLE IF EXISTS eve", "CREATE ROLE eve LOGIN")

    def test_it_is_used(self):
        report = self.call("shop", "zdb_notify", "success")
        self.assertIn("(zdbackup.webhook_url)", report["channels"][0]["error"])
        self.assertNotIn(nettest.TOKEN, json.dumps(report))

    def test_others_do_not_see_it(self):
        for statement in ("SHOW zdbackup.webhook_url",
                          "SELECT current_setting('zdbackup.webhook_url')"):
            self.fails("shop", statement, user="eve",
                       text="must be superuser", code="42501")
        for user in ("eve", "postgres"):
            self.assertNotIn(nettest.TOKEN, self.psql(
                "shop", "SHOW ALL", "SELECT s::text FROM pg_settings s",
                user=user))

    def test_nobody_sets_it_where_all_can_read(self):
        self.fails("shop", "SET zdbackup.webhook_url = 'http://x'",
                   text="cannot be changed now")
        self.fails("shop", "ALTER ROLE eve SET zdbackup.webhook_url = 'x'",
                   text="cannot be changed now")
        self.fails("shop", "SET zdbackup.webhook_url_file = '/etc/passwd'",
                   user="eve", text="permission denied to set", code="42501")
        self.fails("shop", "SET zdbackup.email_to = 'eve@x.org'", user="eve",
                   text="permission denied to set", code="42501")

    def test_function_is_for_those_it_was_granted_to(self):
        self.fails("shop", "SELECT zdb_notify('success')", user="eve",
                   text="permission denied", code="42501")


class Exposed(pgtest.Case):
    """Without preloading, PostgreSQL shows what it does not know to all."""
    settings = Secrets.settings[1:]

    def test_warning(self):
        self.database("shop")
        done = self.cluster.run("psql", "-d", "shop", "-c",
                                "SELECT zdb_version()")
        self.assertIn("zdbackup.webhook_url can be read by every user",
                      done.stderr)
        self.assertIn("zdbackup.webhook_url_file", done.stderr)
        self.assertNotIn(nettest.TOKEN, done.stderr)
        self.assertIn(nettest.TOKEN, self.psql(
            "shop", "SHOW zdbackup.webhook_url"))


pgtest.main()
