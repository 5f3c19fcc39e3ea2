"""nettest - real receivers of notifications, and what must arrive there

A test class of an engine inherits from Cases and has run_with(settings,
function, *args): it calls a function with these settings and returns its
report, or raises AssertionError with the error's text; query(sql), which
returns one value; backup_path(name); and database_name.
"""
import atexit
import base64
import email
import email.policy
import hashlib
import hmac
import json
import os
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOKEN = "T0SECRET9"


class Server:
    """A program of this directory, and what it wrote down."""

    def __init__(self, program, *args):
        log = tempfile.NamedTemporaryFile(prefix="zdbackup-log-")
        self.log = log
        self.process = subprocess.Popen(
            [os.path.join(HERE, program), log.name, *args],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline())

    def got(self):
        """Everything since the last time."""
        return [json.loads(line) for line in
                self.log.read().decode().splitlines()]

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


def make_certificate(directory):
    """A certificate for 127.0.0.1 that nobody signed, and its key."""
    path = os.path.join(directory, "server.pem")
    key = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "2", "-subj", "/CN=zdbackup test", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", "-", "-out", path],
        capture_output=True, check=True).stdout
    with open(path, "ab") as file:
        file.write(key)
    os.chmod(path, 0o644)
    return path


class Receivers:
    """One of each kind, started when first asked for."""

    def __init__(self):
        self.dir = tempfile.TemporaryDirectory(prefix="zdbackup-net-",
                                               dir="/var/tmp")
        os.chmod(self.dir.name, 0o755)
        self.certificate = make_certificate(self.dir.name)
        self.servers = {}
        atexit.register(self.stop)

    def server(self, name, *args):
        if name not in self.servers:
            self.servers[name] = Server(*args)
        return self.servers[name]

    def http(self):
        return self.server("http", "receiver.py")

    def https(self):
        return self.server("https", "receiver.py", self.certificate)

    def mail(self, mode):
        extra = [] if mode in ("plain", "hang") else [self.certificate]
        return self.server(mode, "mailserver.py", mode, *extra)

    def stop(self):
        for server in self.servers.values():
            server.stop()
        self.dir.cleanup()


class Cases:
    """What zdb_notify promises in both engines."""

    receivers = Receivers()

    def notify(self, settings, event, details=None):
        return self.run_with(settings, "zdb_notify", event, details)

    def url(self, path, scheme="http"):
        server = getattr(self.receivers, scheme)()
        server.got()
        return f"{scheme}://127.0.0.1:{server.port}{path}"

    def channel(self, settings, event="success", details=None):
        """The outcome of the only channel; without secrets in any case."""
        report = self.notify(settings, event, details)
        self.assertNotIn(TOKEN, json.dumps(report))
        self.assertNotIn("sesame", json.dumps(report))
        self.assertEqual(len(report["channels"]), 1, report)
        self.assertEqual(report["ok"], report["channels"][0]["ok"])
        return report["channels"][0]

    def refused(self, settings, *texts):
        outcome = self.channel(settings)
        self.assertFalse(outcome["ok"], outcome)
        for text in texts:
            self.assertIn(text, f"{outcome['error']} {outcome['hint']}")

    def test_webhook(self):
        url = self.url(f"/ok/{TOKEN}")
        outcome = self.channel({"webhook_url": url, "webhook_secret": "key"},
                               "failure", {"error": "it\n\"broke\"", "n": 1})
        self.assertEqual((outcome["channel"], outcome["ok"],
                          outcome["status"], outcome["error"]),
                         ("webhook", True, 200, None))
        got, = self.receivers.http().got()
        self.assertEqual((got["method"], got["path"]),
                         ("POST", f"/ok/{TOKEN}"))
        self.assertEqual(got["headers"]["content-type"], "application/json")
        signature = hmac.new(b"key", got["body"].encode(), hashlib.sha256)
        self.assertEqual(got["headers"]["x-zdbackup-signature"],
                         "sha256=" + signature.hexdigest())
        body = json.loads(got["body"])
        self.assertEqual(body["type"], "failure")
        self.assertEqual(body["error"], "it\n\"broke\"")
        self.assertEqual(body["data"]["n"], 1)
        self.assertEqual(body["database"], self.database_name)
        self.assertRegex(body["timestamp"], r"^20\d\d-\d\d-\d\dT.*Z$")

    def test_unsigned_without_secret(self):
        self.channel({"webhook_url": self.url("/ok")})
        got, = self.receivers.http().got()
        self.assertNotIn("x-zdbackup-signature", got["headers"])

    def test_slack(self):
        outcome = self.channel({"slack_webhook": self.url(f"/{TOKEN}")},
                               "critical", {"file": "<!channel> & co"})
        self.assertTrue(outcome["ok"])
        body = json.loads(self.receivers.http().got()[0]["body"])
        self.assertEqual(body["blocks"][0]["type"], "header")
        self.assertIn(self.database_name, body["text"])
        self.assertIn("&lt;!channel&gt; &amp; co", json.dumps(body["blocks"]))

    def test_answers_that_are_no_success(self):
        for path, text in (("/status/500", "answered 500: the reason"),
                           ("/status/404", "answered 404"),
                           ("/echo", "answered 404"),
                           ("/drop", "was lost"),
                           ("/redirect", "Redirects are not followed")):
            with self.subTest(path):
                self.refused({"slack_webhook": self.url(f"{path}/{TOKEN}")},
                             text)
                self.assertEqual(len(self.receivers.http().got()), 1)

    def test_nobody_there(self):
        self.refused({"webhook_url": f"http://127.0.0.1:1/{TOKEN}"},
                     "could not connect to 127.0.0.1:1")
        self.refused({"webhook_url": f"http://u:{TOKEN}@127.0.0.1:1/"},
                     "could not connect to 127.0.0.1:1")
        self.refused({"webhook_url": f"nothing like {TOKEN}"},
                     "is not a URL we can use")

    def test_one_that_hangs_keeps_none_waiting(self):
        report = self.notify({"webhook_url": self.url(f"/hang/{TOKEN}"),
                              "slack_webhook": self.url("/ok")}, "success")
        self.assertNotIn(TOKEN, json.dumps(report))
        webhook, slack = report["channels"]
        self.assertFalse(report["ok"])
        self.assertIn("did not answer in time", webhook["error"])
        self.assertTrue(slack["ok"])

    def test_certificate_must_be_trusted(self):
        url = self.url(f"/{TOKEN}", "https")
        self.refused({"webhook_url": url}, "is not trusted", "ca_file")
        self.assertEqual(self.receivers.https().got(), [])
        outcome = self.channel({"webhook_url": url,
                                "ca_file": self.receivers.certificate})
        self.assertTrue(outcome["ok"], outcome)
        self.refused({"webhook_url": url, "ca_file": "/nowhere"},
                     "could not read the certificates")

    def test_tls_that_is_none(self):
        self.refused({"webhook_url": self.url(f"/{TOKEN}").replace(
            "http:", "https:")}, "127.0.0.1")

    def test_dead_mans_switch(self):
        ping = {"ping_url": self.url(f"/{TOKEN}")}
        self.assertTrue(self.channel(ping)["ok"])
        got, = self.receivers.http().got()
        self.assertEqual(got["method"], "GET")
        self.assertEqual(self.notify(ping, "failure")["channels"], [])
        self.assertEqual(self.receivers.http().got(), [])

    def test_nobody_is_configured(self):
        with self.assertRaises(AssertionError) as caught:
            self.notify({}, "success")
        self.assertIn("there is nobody to notify", str(caught.exception))

    def test_no_such_event(self):
        with self.assertRaises(AssertionError) as caught:
            self.notify({"webhook_url": self.url("/ok")}, "succes")
        self.assertIn('there is no event "succes"', str(caught.exception))

    def mail(self, mode, **settings):
        server = self.receivers.mail(mode)
        server.got()
        scheme = "smtps" if mode == "smtps" else "smtp"
        return server, {"email_to": "root@x.org, ann@x.org",
                        "email_from": "backup@x.org",
                        "smtp_url": f"{scheme}://127.0.0.1:{server.port}",
                        **settings}

    def test_mail(self):
        server, settings = self.mail("plain", smtp_tls="false")
        outcome = self.channel(settings, "failure", {
            "job": "备份", "error": "Bcc: eve@x.org\r\nBcc: eve@x.org"})
        self.assertTrue(outcome["ok"], outcome)
        got, = server.got()
        self.assertEqual((got["from"], got["to"], got["tls"]),
                         ("backup@x.org", ["root@x.org", "ann@x.org"], False))
        mail = email.message_from_string(got["text"],
                                         policy=email.policy.default)
        self.assertEqual(mail["Subject"],
                         f"备份 of {self.database_name} failed")
        self.assertIsNone(mail["Bcc"])
        self.assertIsNotNone(mail["Date"].datetime)
        text, html = mail.get_payload()
        self.assertIn("error: Bcc: eve@x.org  Bcc: eve@x.org\n",
                      text.get_content().replace("\r\n", "\n"))
        self.assertIn("<td>error</td>", html.get_content())

    def test_mail_is_encrypted(self):
        for mode in ("starttls", "smtps"):
            with self.subTest(mode):
                server, settings = self.mail(
                    mode, smtp_user="ann", smtp_password="open sesame",
                    ca_file=self.receivers.certificate)
                outcome = self.channel(settings)
                self.assertTrue(outcome["ok"], outcome)
                got, = server.got()
                self.assertEqual((got["user"], got["tls"]), ("ann", True))
                del settings["ca_file"]
                self.refused(settings, "is not trusted")
                self.assertEqual(server.got(), [])

    def test_mail_that_is_refused(self):
        for mode in ("starttls", "smtps"):
            with self.subTest(mode):
                server, settings = self.mail(
                    mode, smtp_user="ann", smtp_password="wrong sesame",
                    ca_file=self.receivers.certificate)
                self.refused(settings, "refused the user or the password")
        server, settings = self.mail("plain")
        self.refused(settings, "offers no encryption", "smtp_tls")
        self.assertEqual(server.got(), [])
        server, settings = self.mail("plain", smtp_tls="false",
                                     email_to="nobody@x.org")
        self.refused(settings, "550")
        settings.update(email_to="Ann <ann@x.org>")
        self.refused(settings, "is not a mail address")
        settings.update(email_to="ann@x.org", smtp_url="smtp://mail.invalid")
        self.refused(settings, "not on this machine")

    def test_a_mail_server_that_hangs(self):
        server, settings = self.mail("hang", smtp_tls="false")
        self.refused(settings, "did not answer in time")
        for _ in range(300):
            got = server.got()
            if got:
                break
            time.sleep(0.1)
        self.assertEqual(got, [{"gone": True}])

    def test_long_words_survive(self):
        details = {"note": "備" * 3000}
        server, settings = self.mail("plain", smtp_tls="false")
        self.assertTrue(self.channel(settings, "report", details)["ok"])
        mail = email.message_from_string(server.got()[0]["text"])
        text = base64.b64decode(mail.get_payload()[0].get_payload()).decode()
        self.assertIn("備" * 190 + "...", text)

    # What calls tell when they end.

    def told(self):
        """The bodies that the webhook got."""
        return [json.loads(got["body"]) for got in self.receivers.http().got()
                if got["method"] == "POST"]

    def test_a_good_backup_is_told(self):
        path = self.backup_path("good.gz")
        settings = {"webhook_url": self.url("/ok")}
        report = self.run_with(settings, "zdb_backup_to", path, "gzip")
        self.assertEqual(report["warnings"], [])
        body, = self.told()
        self.assertEqual((body["type"], body["operation"]),
                         ("success", "backup"))
        self.assertEqual(body["data"]["backupFile"], path)
        self.assertEqual(body["data"]["fileSizeBytes"],
                         report["stored_bytes"])
        self.assertRegex(body["data"]["fileSize"], r"^[\d.]+ K?B$")
        self.assertRegex(body["data"]["duration"], r"^\d+\.\ds$")
        for function in ("zdb_verify", "zdb_merge_from"):
            self.run_with(settings, function, path)
            body, = self.told()
            self.assertEqual(body["type"], "success", body)

    def test_a_failure_is_told_and_stays_the_error(self):
        path = self.backup_path("twice.gz")
        settings = {"webhook_url": self.url("/ok"),
                    "ping_url": self.url("/ping")}
        self.run_with({}, "zdb_backup_to", path, "gzip")
        with self.assertRaises(AssertionError) as caught:
            self.run_with(settings, "zdb_backup_to", path, "gzip")
        self.assertIn("exists", str(caught.exception))
        got, = self.receivers.http().got()
        body = json.loads(got["body"])
        self.assertEqual((body["type"], body["operation"]),
                         ("failure", "backup"))
        self.assertIn("exists", body["error"])
        self.assertGreater(len(body["suggestions"]), 0)

    def test_a_bad_backup_that_raises_nothing_is_told(self):
        path = self.backup_path("bad.gz")
        self.run_with({}, "zdb_backup_to", path, "gzip")
        self.damage(path)
        report = self.run_with({"webhook_url": self.url("/ok")}, "zdb_verify",
                               path, {"raise": False})
        self.assertFalse(report["ok"])
        body, = self.told()
        self.assertEqual((body["type"], body["error"]),
                         ("failure", report["error"]))

    def test_dead_mans_switch_hears_of_good_backups(self):
        path = self.backup_path("alive.gz")
        ping = {"ping_url": self.url("/alive")}
        self.run_with(ping, "zdb_backup_to", path, "gzip")
        self.assertEqual([got["path"] for got in self.receivers.http().got()],
                         ["/alive"])
        self.run_with(ping, "zdb_verify", path)
        self.assertEqual(self.receivers.http().got(), [])

    def test_what_is_not_told(self):
        path = self.backup_path("quiet.gz")
        settings = {"webhook_url": self.url("/ok")}
        self.run_with({"notify_events": "failure, health", **settings},
                      "zdb_backup_to", path, "gzip")
        self.run_with(settings, "zdb_info", path)
        self.run_with(settings, "zdb_restore_from", path, {"dry_run": True})
        self.assertEqual(self.told(), [])

    def test_no_receiver_makes_a_backup_fail(self):
        report = self.run_with(
            {"webhook_url": self.url(f"/hang/{TOKEN}"),
             "slack_webhook": self.url(f"/status/500/{TOKEN}"),
             "email_to": "ann@x.org", "smtp_url": "smtp://127.0.0.1:1"},
            "zdb_backup_to", self.backup_path("slow.gz"), "gzip")
        text = "\n".join(report["warnings"])
        self.assertIn("the notification by webhook was not sent", text)
        self.assertIn("the notification by slack was not sent", text)
        self.assertIn("the notification by email was not sent", text)
        self.assertNotIn(TOKEN, text)
        recorded = json.loads(self.query(
            f"SELECT warnings FROM zdb_history('{self.dir}')"))
        self.assertEqual(recorded, report["warnings"])

    def test_statistics(self):
        settings = {"webhook_url": self.url("/ok")}
        one, two = self.backup_path("one.gz"), self.backup_path("two.gz")
        for path in (one, one, one, two):
            try:
                self.run_with(settings, "zdb_backup_to", path, "gzip",
                              {"job": "daily"})
            except AssertionError:
                pass  # it exists
        self.run_with(settings, "zdb_verify", one)
        told = self.told()
        self.assertEqual([body["stats"]["totalBackups"] for body in told],
                         [1, 2, 3, 4, 4])
        self.assertEqual([body["stats"]["consecutiveFailures"]
                          for body in told], [0, 1, 2, 0, 0])
        self.assertEqual([body["stats"]["successRate"] for body in told],
                         ["100.00%", "50.00%", "33.33%", "50.00%", "50.00%"])
        self.assertEqual({body["jobName"] for body in told[:4]}, {"daily"})

    def check_report(self, body, job):
        """What is told of a scheduled report of one good backup."""
        self.assertEqual((body["type"], body["jobName"], body["operation"],
                          body["database"]),
                         ("report", job, "report", self.database_name))
        data = body["data"]
        self.assertEqual((data["period"], data["total_backups"],
                          data["success_rate"], data["failures"]),
                         ("weekly", 1, 1, []))
        self.assertIn(data["status"], ("ok", "warning"))
        self.assertNotIn("points", data)

    def test_health_is_announced_once(self):
        settings = {"webhook_url": self.url("/ok")}
        path = self.backup_path("one.gz")
        self.run_with({}, "zdb_backup_to", path, "gzip")
        well = {"hours": 25}
        ill = {"storage_percent": 0.000001}
        for options, told in ((well, []), (ill, ["health"]), (ill, []),
                              (well, ["health"]), (well, [])):
            report = self.run_with(settings, "zdb_health", self.dir, options)
            self.assertEqual(report["warnings"], [])
            bodies = self.told()
            self.assertEqual([body["type"] for body in bodies], told,
                             (options, report))
            for body in bodies:
                self.assertEqual(body["data"]["status"], report["status"])
        kept = os.path.join(self.dir, "zdbackup_alerts.json")
        self.assertEqual(os.stat(kept).st_mode & 0o777, 0o600)

    def test_a_setting_that_is_wrong_makes_no_backup_fail(self):
        report = self.run_with(
            {"webhook_url": self.url("/ok"), "notify_events": "succes"},
            "zdb_backup_to", self.backup_path("typo.gz"), "gzip")
        self.assertIn('there is no event "succes"', report["warnings"][0])

    @staticmethod
    def damage(path):
        with open(path, "r+b") as file:
            file.seek(os.path.getsize(path) // 3)
            file.write(b"zdbackup?" * 4)
