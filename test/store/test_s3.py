"""S3 and Google's dialect of it, on radosgw: a real server that checks"""
import os

import base64
import hashlib

import clouds
import storetest
from proxy import BODY, Proxy
from storetest import PART, noise

rados = clouds.Rados()
rados.create("test")


class S3(storetest.Common, storetest.Memory, storetest.Case):
    server = rados

    def proxied(self):
        proxy = Proxy(rados.port)
        self.environment["AWS_ENDPOINT_URL"] = proxy.endpoint
        return proxy

    def test_wrong_keys(self):
        message = self.refused(
            "list", self.root, AWS_SECRET_ACCESS_KEY="not/this",
            text="403 SignatureDoesNotMatch")
        self.assertIn("It comes from AWS_SECRET_ACCESS_KEY.", message)
        self.assertNotIn("not/this", message)
        self.refused("put", f"{self.root}/x", "/dev/null",
                     AWS_SECRET_ACCESS_KEY="not/this",
                     text="403 SignatureDoesNotMatch")
        self.refused("get", f"{self.root}/x", "out",
                     AWS_ACCESS_KEY_ID="NOBODY", text="InvalidAccessKeyId")
        self.refused("list", self.root, AWS_ACCESS_KEY_ID="",
                     text="needs ZDBACKUP_S3_ACCESS_KEY")

    def test_settings(self):
        self.put("x", b"1")
        self.assertEqual(self.works("list", "s3:///test_settings",
                                    BACKUP_S3_BUCKET="test")[0], "1")
        self.environment = {
            "BACKUP_S3_ACCESS_KEY": rados.access_key,
            "BACKUP_S3_SECRET_KEY": rados.secret_key,
            "BACKUP_S3_REGION": "eu-central-1",
            "ZDBACKUP_S3_ENDPOINT": rados.endpoint + "/"}
        self.assertEqual(self.get("x"), b"1")
        self.refused("list", self.root, ZDBACKUP_S3_ENDPOINT="localhost:1",
                     text="ZDBACKUP_S3_ENDPOINT is not the address of a")

    def test_virtual_host(self):
        proxy = self.proxied()
        self.environment.update(
            AWS_ENDPOINT_URL=f"http://localhost:{proxy.port}",
            ZDBACKUP_S3_PATH_STYLE="false")
        for key in ("plain", "ü + /x"):
            self.put(key, b"v")
            self.assertEqual(self.get(key), b"v")
        self.assertEqual(self.names(), ["plain", "ü + /x"])
        self.assertEqual({each.headers["host"] for each in proxy.requests},
                         {f"test.localhost:{proxy.port}"})

    def test_temporary_keys(self):
        """The token is sent, and signed."""
        proxy = self.proxied()
        self.tool("list", self.root, AWS_SESSION_TOKEN="a token")
        headers = proxy.requests[0].headers
        self.assertEqual(headers["x-amz-security-token"], "a token")
        self.assertIn(";x-amz-security-token,", headers["authorization"])
        self.assertIn("/us-east-1/s3/", headers["authorization"])

    def test_server_side_encryption(self):
        proxy = self.proxied()
        for size in (10, 2 * PART):
            self.put("x", noise(size), "overwrite", ZDBACKUP_S3_SSE="aws:kms",
                     ZDBACKUP_S3_KMS_KEY="testkey")
            self.assertEqual(self.get("x"), noise(size))
            first = proxy.seen("PUT" if size == 10 else "POST")[0]
            self.assertEqual(
                first.headers["x-amz-server-side-encryption"], "aws:kms")
            proxy.clear()
        self.tool("put", f"{self.root}/y", "/dev/null",
                  ZDBACKUP_S3_SSE="AES256")
        self.assertEqual(
            proxy.seen("PUT")[0].headers["x-amz-server-side-encryption"],
            "AES256")

    def test_storage_class(self):
        proxy = self.proxied()
        self.put("x.gz", b"1", ZDBACKUP_S3_STORAGE_CLASS="STANDARD")
        headers = proxy.seen("PUT")[0].headers
        self.assertEqual((headers["x-amz-storage-class"],
                          headers["content-type"]),
                         ("STANDARD", "application/gzip"))
        self.refused("put", f"{self.root}/y", "/dev/null",
                     ZDBACKUP_S3_STORAGE_CLASS="NONE_SUCH",
                     text="answered 400")

    def test_bytes_are_checked(self):
        """What changes on its way is noticed there, and sent again."""
        proxy = self.proxied()
        content = noise(3 * PART)
        proxy.fault("damage", match="partNumber=2")
        self.put("x", content)
        self.assertEqual(self.get("x"), content)
        seen = proxy.seen("PUT", "partNumber=2")
        self.assertEqual([each.status for each in seen], [400, 200])
        md5 = base64.b64encode(hashlib.md5(content[PART:2 * PART]).digest())
        self.assertEqual(seen[1].headers["content-md5"], md5.decode())

    def test_few_requests(self):
        proxy = self.proxied()
        content = noise(4 * PART)
        self.put("x", content)
        proxy.clear()
        self.assertEqual(self.get("x"), content)
        self.assertLess(len(proxy.requests), 16)
        proxy.clear()
        self.assertEqual(self.get("x", len(content) - 5000, 5000, 0, 16),
                         content[-5000:] + content[:16])
        self.assertEqual(len(proxy.requests), 2)
        self.assertLess(proxy.received(), 200_000)

    def test_abandoned_is_aborted(self):
        with open("in", "wb") as file:
            file.write(noise(3 * PART))
        proxy = self.proxied()
        self.works("put", f"{self.root}/x", "in", "abandon")
        self.assertTrue(proxy.seen("POST", "uploads="))
        self.assertEqual(rados.leftovers("test", self._testMethodName), 0)

    def test_moving_in_parts(self):
        """What one request does not copy; an upload that fails goes."""
        content = noise(1 << 20) * 270
        proxy = self.proxied()
        self.put("x", content)
        self.put("y", b"old")
        proxy.fault(403, "PUT", "y.partNumber=2")
        self.refused("move", self.root, "x", "y", text="could not write")
        self.assertEqual((self.get("y"), self.names()), (b"old", ["x", "y"]))
        proxy.clear()
        self.works("move", self.root, "x", "y", ZDBACKUP_S3_SSE="aws:kms",
                   ZDBACKUP_S3_KMS_KEY="testkey")
        self.assertEqual([each.headers["x-amz-copy-source-range"]
                          for each in proxy.seen("PUT")],
                         ["bytes=0-268435455", "bytes=268435456-283115519"])
        self.assertEqual(proxy.seen("POST", "uploads=")[0].headers[
            "x-amz-server-side-encryption"], "aws:kms")
        self.assertEqual((self.get("y") == content, self.names()),
                         (True, ["y"]))
        self.works("remove", self.root, "y")
        rados.collect_garbage()

    def test_moving_is_tried_again(self):
        proxy = self.proxied()
        self.put("x", b"new", ZDBACKUP_S3_STORAGE_CLASS="STANDARD")
        self.put("y", b"old")
        proxy.clear()
        proxy.fault(503, "PUT")
        proxy.fault(200, "PUT", body=BODY.format("InternalError"))
        proxy.fault("lose", "PUT")
        self.works("move", self.root, "x", "y",
                   ZDBACKUP_S3_STORAGE_CLASS="STANDARD")
        self.assertEqual(self.get("y"), b"new")
        self.assertEqual(len(proxy.seen("PUT")), 4)
        self.assertEqual(proxy.seen("PUT")[0].headers["x-amz-storage-class"],
                         "STANDARD")

    def test_unfinished_are_listed(self):
        """A crash leaves an upload; it is seen and can be removed."""
        rados.request("POST", "/test/test_unfinished_are_listed/x.gz",
                      "uploads=")
        names = self.names()
        self.assertRegex(names[0], r"^x\.gz\.zdbtmp-.")
        self.works("remove", self.root, names[0])
        self.assertEqual(self.names(), [])
        self.assertEqual(rados.leftovers("test", self._testMethodName), 0)


class Google(storetest.Common, storetest.Case):
    """The same server in Google's place: HMAC keys, region "auto"."""
    scheme = "gs"
    server = rados

    def setUp(self):
        super().setUp()
        self.root = self.root.replace("/test_", "/gs_")
        self.environment = {"GS_ACCESS_KEY_ID": rados.access_key,
                            "GS_SECRET_ACCESS_KEY": rados.secret_key,
                            "ZDBACKUP_GS_ENDPOINT": rados.endpoint}

    def test_region(self):
        proxy = Proxy(rados.port)
        self.environment["ZDBACKUP_GS_ENDPOINT"] = proxy.endpoint
        self.assertEqual(self.names(), [])
        self.assertIn("/auto/s3/aws4_request",
                      proxy.requests[0].headers["authorization"])

    def test_default_address(self):
        del self.environment["ZDBACKUP_GS_ENDPOINT"]
        self.refused("list", self.root, text="storage.googleapis.com",
                     ZDBACKUP_CLOUD_TIMEOUT="1",
                     https_proxy="http://127.0.0.1:1")


storetest.main()
