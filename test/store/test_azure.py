"""Azure Blob, on azurite"""
import base64
import hmac

import clouds
import storetest
from proxy import Proxy
from storetest import PART, noise

azurite = clouds.Azurite()
azurite.create("test")


class Azure(storetest.Common, storetest.Memory, storetest.Case):
    scheme = "azure"
    server = azurite

    def proxied(self):
        proxy = Proxy(azurite.port)
        self.environment["AZURE_STORAGE_SERVICE_ENDPOINT"] = (
            f"{proxy.endpoint}/{azurite.account}")
        return proxy

    def test_wrong_keys(self):
        wrong = base64.b64encode(b"another key").decode()
        message = self.refused("list", self.root, AZURE_STORAGE_KEY=wrong,
                               text="403 AuthorizationFailure")
        self.assertNotIn(wrong, message)
        self.refused("put", f"{self.root}/x", "/dev/null",
                     AZURE_STORAGE_KEY=wrong, text="6: could not")
        self.refused("list", self.root, AZURE_STORAGE_KEY="%%",
                     text="is not base64")
        self.refused("list", self.root, AZURE_STORAGE_KEY="",
                     text="needs AZURE_STORAGE_KEY")

    def signature(self, permissions):
        """An account SAS for the blob service."""
        fields = {"sv": "2021-08-06", "ss": "b", "srt": "sco",
                  "sp": permissions, "se": "2099-01-01T00:00:00Z"}
        text = "\n".join([azurite.account, fields["sp"], fields["ss"],
                          fields["srt"], "", fields["se"], "", "",
                          fields["sv"], "", ""])
        sig = base64.b64encode(hmac.digest(base64.b64decode(azurite.key),
                                           text.encode(), "sha256"))
        for old, new in (("+", "%2B"), ("/", "%2F"), ("=", "%3D")):
            sig = sig.decode().replace(old, new).encode()
        query = "&".join(f"{k}={v.replace(':', '%3A')}"
                         for k, v in fields.items())
        return f"?{query}&sig={sig.decode()}"

    def test_shared_access_signature(self):
        del self.environment["AZURE_STORAGE_KEY"]
        proxy = self.proxied()
        token = self.signature("rwdlc")
        self.environment["AZURE_STORAGE_SAS_TOKEN"] = token
        for size in (5, 2 * PART):
            self.put("x y", noise(size), "overwrite")
            self.assertEqual(self.get("x y"), noise(size))
        self.works("move", self.root, "x y", "x z")
        self.assertEqual(self.get("x z"), noise(2 * PART))
        self.assertEqual(self.names(), ["x z"])
        self.works("remove", self.root, "x z")
        self.assertFalse([each for each in proxy.requests
                          if "authorization" in each.headers])
        secret = token.split("sig=")[1]
        message = self.refused(
            "put", f"{self.root}/y", "/dev/null", text="403",
            AZURE_STORAGE_SAS_TOKEN=self.signature("r"))
        self.assertNotIn(secret, message)
        self.refused("list", self.root, text="without encryption",
                     AZURE_STORAGE_SERVICE_ENDPOINT="http://example.org")

    def test_copy_that_takes_long(self):
        proxy = self.proxied()
        for name in ("x", "y"):
            self.put(name, name.encode())
        pending = {"headers": ["x-ms-copy-status: pending"], "body": ""}
        proxy.fault(202, "PUT", **pending)
        proxy.fault(200, "HEAD", "y$", times=99, **pending)
        self.refused("move", self.root, "x", "y", text="in time",
                     ZDBACKUP_CLOUD_TIMEOUT="1")
        self.assertGreater(len(proxy.seen("HEAD", "y$")), 2)
        proxy.clear()
        proxy.fault(202, "PUT", headers=["x-ms-copy-status: failed"], body="")
        self.refused("move", self.root, "x", "y", text="could not copy")
        self.assertEqual((self.get("x"), self.get("y")), (b"x", b"y"))

    def test_bytes_are_checked(self):
        """Azure calls it Md5Mismatch, which is tried again; azurite does
        not."""
        proxy = self.proxied()
        with open("in", "wb") as file:
            file.write(noise(3 * PART))
        proxy.fault("damage", match="blockid")
        self.refused("put", f"{self.root}/x", "in",
                     text="Provided contentMD5 doesn't match")
        self.assertEqual(self.names(), [])

    def test_few_requests(self):
        proxy = self.proxied()
        content = noise(4 * PART)
        self.put("x.zst", content)
        self.assertEqual(proxy.requests[-1].headers["x-ms-blob-content-type"],
                         "application/zstd")
        proxy.clear()
        self.assertEqual(self.get("x.zst"), content)
        self.assertLess(len(proxy.requests), 16)

    def test_abandoned_is_invisible(self):
        """Nor does it touch what was there."""
        self.put("x", b"old")
        with open("in", "wb") as file:
            file.write(noise(3 * PART))
        self.works("put", f"{self.root}/x", "in", "overwrite", "abandon")
        self.assertEqual(self.get("x"), b"old")


storetest.main()
