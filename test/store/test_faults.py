"""What happens when the way to a cloud is bad, and what is left then"""
import os
import signal
import subprocess
import time
import urllib.parse

import clouds
import storetest
from proxy import Proxy, certificate
from storetest import PART, TOOL, noise

rados = clouds.Rados()
rados.create("test")


class Faults(storetest.Case):
    server = rados

    def setUp(self):
        super().setUp()
        self.proxy = Proxy(rados.port)
        self.environment["AWS_ENDPOINT_URL"] = self.proxy.endpoint
        self.content = noise(2 * PART + 5)
        with open("in", "wb") as file:
            file.write(self.content)

    def nothing_left(self):
        self.environment = rados.environment()
        self.assertEqual(self.names(), [])
        self.assertEqual(rados.leftovers("test", self._testMethodName), 0)

    def test_tried_again(self):
        """Whatever goes wrong once, at whatever request of an upload."""
        steps = (("HEAD", ""), ("POST", "uploads="), ("PUT", "partNumber=1"),
                 ("PUT", "partNumber=3"), ("POST", "uploadId="))
        for fault in (429, 500, 503, "drop", "reset", "lose"):
            for method, match in steps:
                if fault == "lose" and match == "uploads=":
                    continue  # leaves an upload: see below
                self.proxy.clear()
                self.proxy.fault(fault, method, match)
                self.put("x", self.content, "overwrite" if match else "new")
                self.assertEqual(self.get("x"), self.content, (fault, match))
                self.works("remove", self.root, "x")
                if fault != "lose":
                    self.assertEqual(
                        len(self.proxy.seen(method, match + "|x$")) > 1, True)
        self.nothing_left()

    def test_small_object(self):
        for fault in (503, "drop", "reset", "lose"):
            self.proxy.fault(fault, "PUT")
            self.put("x", b"small")
            self.assertEqual(self.get("x"), b"small")
            self.works("remove", self.root, "x")
        self.nothing_left()

    def test_reading(self):
        self.put("x", self.content)
        for fault in (500, 503, "drop", "truncate"):
            self.proxy.fault(fault, "GET", times=2)
            self.assertEqual(self.get("x"), self.content, fault)
            self.assertEqual(self.get("x", PART, 1 << 20),
                             self.content[PART:PART + (1 << 20)])

    def test_listing_and_removing(self):
        self.put("x", b"1")
        for fault in (500, "drop", "truncate"):
            self.proxy.fault(fault, "GET")
            self.assertEqual(self.names(), ["x"])
        self.proxy.fault("lose", "DELETE")
        self.works("remove", self.root, "x")
        self.nothing_left()

    def test_uploads_cannot_be_listed(self):
        """For want of rights, or because the server does not know how."""
        self.put("x", b"1")
        for fault in (403, 501):
            self.proxy.fault(fault, "GET", "uploads=")
            self.assertEqual(self.names(), ["x"])

    def test_given_up(self):
        """The server's own words, and nothing is left."""
        for method, match in (("POST", "uploads="), ("PUT", "partNumber=2"),
                              ("POST", "uploadId=")):
            self.proxy.clear()
            self.proxy.fault(403, method, match)
            self.refused("put", f"{self.root}/x", "in",
                         text="403 AccessDenied: an injected fault")
        self.proxy.clear()
        self.proxy.fault(503, "PUT", "partNumber=2", times=1000)
        message = self.refused(
            "put", f"{self.root}/x", "in", ZDBACKUP_CLOUD_TIMEOUT="6",
            text="503 SlowDown: an injected fault")
        self.assertIn("It was tried", message)
        self.nothing_left()

    def test_deadline(self):
        self.proxy.fault("hang", "PUT", "partNumber=2", times=1000)
        self.refused("put", f"{self.root}/x", "in", ZDBACKUP_CLOUD_TIMEOUT="1",
                     text="did not answer in time")
        self.nothing_left()
        self.refused("list", self.root, ZDBACKUP_CLOUD_TIMEOUT="soon",
                     text="must be a number of seconds")

    def test_retry_after(self):
        self.proxy.fault(503, "GET", headers=["Retry-After: 1"])
        began = time.monotonic()
        self.assertEqual(self.names(), [])
        self.assertGreater(time.monotonic() - began, 1)

    def interrupted(self, *command):
        """Sent SIGINT when the proxy has met its fault."""
        process = subprocess.Popen(
            [TOOL, *command], stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, **self.environment))
        for _ in range(600):
            if any(fault["times"] == 0 for fault in self.proxy.faults):
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        error = process.communicate(timeout=20)[1]
        self.assertIn("2: interrupted", error)

    def test_cancelled(self):
        """Also where nothing moves any more."""
        for method, match in (("HEAD", ""), ("PUT", "partNumber=2"),
                              ("POST", "uploadId=")):
            self.proxy.clear()
            self.proxy.fault("hang", method, match)
            self.interrupted("put", f"{self.root}/x", "in")
            self.assertEqual(rados.leftovers("test", self._testMethodName), 0)
        self.proxy.clear()
        self.put("x", self.content)
        self.proxy.fault("hang", "GET")
        self.interrupted("get", f"{self.root}/x", "out")
        self.works("remove", self.root, "x")
        self.nothing_left()

    def test_cancelled_while_it_waits(self):
        self.proxy.fault(503, "GET", headers=["Retry-After: 30"])
        self.interrupted("list", self.root)

    def test_condition_is_unknown(self):
        """Some servers answer 501 to If-None-Match."""
        self.proxy.fault(501, "PUT")
        self.put("x", b"1")
        seen = self.proxy.seen("PUT")
        self.assertEqual(["if-none-match" in each.headers for each in seen],
                         [True, False])

    def test_somebody_else_was_faster(self):
        """The condition travels with the last request."""
        self.proxy.fault(412, "PUT")
        self.refused("put", f"{self.root}/x", "/dev/null",
                     text=f'5: "{self.root}/x" already exists')
        self.proxy.fault(412, "POST", "uploadId=")
        self.refused("put", f"{self.root}/x", "in",
                     text=f'5: "{self.root}/x" already exists')
        self.nothing_left()

    def test_replaced_while_it_is_read(self):
        """Each range is asked of the version of the first."""
        self.put("x", self.content)
        self.proxy.clear()
        self.get("x", 0, 10)
        first, second = self.proxy.requests
        self.assertNotIn("if-match", first.headers)
        self.assertRegex(second.headers["if-match"], '^".+"$')
        self.proxy.fault(412, "GET", header="if-match")
        self.refused("get", f"{self.root}/x", "out",
                     text=f'"{self.root}/x" was replaced while it was read')

    def test_redirect(self):
        """Credentials go to nobody else."""
        other = Proxy(rados.port)
        self.proxy.fault("redirect", "GET", to=other.endpoint, times=9)
        self.refused("list", self.root, text="answered 307")
        self.assertEqual(other.requests, [])

    def test_region(self):
        self.proxy.fault(301, "GET", body="<Error><Code>PermanentRedirect"
                         "</Code><Message>x</Message></Error>")
        self.assertIn("s3_region", self.refused(
            "list", self.root, text="301 PermanentRedirect"))

        self.proxy.fault(400, "HEAD",
                         headers=["x-amz-bucket-region: eu-west-3"])
        self.assertIn("in the region eu-west-3", self.refused(
            "put", f"{self.root}/x", "in", text="answered 400"))

    def test_conflict(self):
        """409 is no object that exists: others are at work there."""
        self.proxy.fault(409, "PUT", body="<Error><Code>OperationAborted"
                         "</Code></Error>")
        self.put("x", b"1")
        self.proxy.fault(409, "PUT", body="<Error><Code>Other</Code></Error>")
        self.refused("put", f"{self.root}/y", "/dev/null", text="409 Other")
        self.proxy.fault(412, "PUT", body="<Error><Code>Lease</Code></Error>")
        self.refused("put", f"{self.root}/x", "/dev/null", "overwrite",
                     text="412 Lease")

    def test_nonsense(self):
        for body in ("<html>Proxy error</html>", "<Error><Code>", "\xff\xfe",
                     "<!DOCTYPE x>", ""):
            self.proxy.fault(403, "GET", body=body)
            self.refused("list", self.root, text="answered 403")
            self.proxy.fault(200, "GET", body=body)
            self.refused("list", self.root, text="10: ")

    def test_tls(self):
        secret = certificate()
        other = certificate("DNS:elsewhere.example")
        proxy = Proxy(rados.port, secret)
        self.environment["AWS_ENDPOINT_URL"] = proxy.endpoint
        self.assertIn("ca_file", self.refused(
            "list", self.root, text="is not trusted"))
        self.assertEqual(proxy.requests, [])
        self.put("x", self.content, ZDBACKUP_CA_FILE=secret)
        self.assertEqual(self.get("x", ZDBACKUP_CA_FILE=secret), self.content)
        wrong = Proxy(rados.port, other)
        self.environment["AWS_ENDPOINT_URL"] = wrong.endpoint
        self.refused("list", self.root, ZDBACKUP_CA_FILE=other,
                     text="is not trusted")

    def test_nobody_there(self):
        self.environment["ZDBACKUP_CLOUD_TIMEOUT"] = "1"
        port = clouds.free_port()
        self.refused("list", self.root, text="Connection refused",
                     AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}")
        self.refused("list", self.root, text="could not find the address",
                     AWS_ENDPOINT_URL="http://nowhere.invalid")

    def page(self, key, *rest):
        """A listing that the server did not make."""
        return ("<ListBucketResult><Contents><Key>" + key + "</Key><Size>1"
                "</Size></Contents>" + "".join(rest) + "</ListBucketResult>")

    def test_hostile_listings(self):
        """One that is not whole must not pass for one, nor ever end."""
        more = "<IsTruncated>true</IsTruncated>"
        here = f"{self._testMethodName}/"
        for text, times, body in (
                ("it does not say where", 1, self.page(here + "x", more)),
                ("same page again", 2, self.page(
                    here + "x", more,
                    "<NextContinuationToken>t</NextContinuationToken>")),
                ("not well-formed", 1, self.page(here + "x\0y")),
                ("not well-formed", 1, "<!DOCTYPE x [<!ENTITY e SYSTEM "
                 "'file:///etc/passwd'>]>" + self.page("&e;")),
                ("too long", 1, self.page("k" * (17 << 20)))):
            self.proxy.clear()
            self.proxy.fault(200, "GET", "list-type", times=times, body=body)
            self.refused("list", self.root, text=text)
            self.assertEqual(self.proxy.faults[0]["times"], 0)
        for key in ("elsewhere/abcdefghijklmnopqrstuvw", "x", here):
            self.proxy.fault(200, "GET", "list-type", body=self.page(key))
            self.assertEqual(self.names(), [], key)

    def test_no_secrets(self):
        """Not even when the server repeats them, in whatever way."""
        secret = rados.secret_key
        ways = (secret, urllib.parse.quote(secret, safe=""),
                secret.replace("+", "&#43;"), secret.replace("+", " "),
                secret.upper(), secret[5:], secret[:20], f"<!-- -->{secret}")
        for body, headers in [
                *((f"<Error><Code>X</Code><Message>your {way} is bad"
                   "</Message></Error>", []) for way in ways),
                *((f"<Error><Code>{way}</Code></Error>", []) for way in ways),
                (secret, []), ("", [f"x-ms-error-code: {secret}"]),
                ("", [f"x-amz-bucket-region: {secret}"])]:
            self.proxy.fault(403, "GET", body=body, headers=headers)
            message = urllib.parse.unquote(self.refused(
                "list", self.root, text="403")).lower()
            for part in (secret[:12], secret[-12:]):
                self.assertNotIn(part, message)


storetest.main()
