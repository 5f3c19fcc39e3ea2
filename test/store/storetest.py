"""storetest - what the tests of the stores share: one tool, many servers

The tool (cloud_tool.c) is our core with sanitizers and nothing else, so that
its stores are tested without a database.
"""
import os
import random
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "sqlite"))
import zdbtest  # noqa: E402

TOOL = os.path.join(zdbtest.ROOT, "build", "test", "cloud_tool")
PART = 8 << 20
main = zdbtest.main


def noise(length, seed=1):
    return random.Random(seed).randbytes(length)


class Case(zdbtest.Case):
    """scheme, server and environment come from the class."""
    scheme = "s3"
    server = None

    @classmethod
    def start(cls):
        """The server, with the bucket "test" in it."""
        raise NotImplementedError

    def setUp(self):
        super().setUp()
        cls = type(self)
        if cls.server is None:
            cls.server = cls.start()
        self.environment = self.server.environment()
        self.root = f"{self.scheme}://test/{self._testMethodName}"

    def tool(self, *args, **environment):
        clean = {k: v for k, v in os.environ.items()
                 if not k.startswith(("AWS_", "AZURE_", "BACKUP_",
                                      "ZDBACKUP_"))}
        return subprocess.run(
            [TOOL, *args], capture_output=True, text=True, timeout=120,
            env={**clean, **self.environment, **environment})

    def works(self, *args, **environment):
        done = self.tool(*args, **environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def refused(self, *args, text, **environment):
        done = self.tool(*args, **environment)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(text, done.stderr)
        return done.stderr

    def put(self, name, content, *words, **environment):
        with open("in", "wb") as file:
            file.write(content)
        self.works("put", f"{self.root}/{name}", "in", *words, **environment)

    def get(self, name, *ranges, **environment):
        self.works("get", f"{self.root}/{name}", "out",
                   *(str(number) for number in ranges), **environment)
        with open("out", "rb") as file:
            return file.read()

    def names(self, where=None):
        lines = self.works("list", where or self.root).splitlines()
        return sorted(line.split(" ", 2)[2] for line in lines)


class Common:
    """What every store must do."""

    def test_sizes(self):
        for size in (0, 1, PART - 1, PART, PART + 1, 3 * PART + 5):
            content = noise(size)
            self.put("x", content, "overwrite")
            self.assertEqual(self.get("x"), content, size)
            self.put("x", content, "overwrite", "rewrite")
            self.assertEqual(self.get("x"), b"head" + content, size)
        self.assertEqual(self.names(), ["x"])

    def test_keys(self):
        keys = ["plain.db.gz", "a b", "ünï/中文 😀", "+ = , ( ) ~", "~!@$&'*;:",
                "a%41b%", "q?x=1#y", 'quo"te<&>', "k" * 900, "..x/.y",
                "deep/er/still"]
        for key in keys:
            self.put(key, key.encode())
        self.assertEqual(self.names(), sorted(keys))
        for key in keys:
            self.assertEqual(self.get(key), key.encode())
            self.works("remove", self.root, key)
            self.works("remove", self.root, key)  # what is gone is fine
        self.assertEqual(self.names(), [])

    def test_longest_key(self):
        bucket = f"{self.scheme}://test/"
        key = "k" * 1024
        self.works("put", bucket + key, "/dev/null", "overwrite")
        self.assertIn(key, self.names(bucket))
        self.works("remove", bucket, key)
        self.refused("put", bucket + key + "k", "/dev/null",
                     text="longer than 1024 bytes")

    def test_existing(self):
        self.put("x", b"first")
        for words in ((), ("rewrite",)):
            self.refused("put", f"{self.root}/x", "/dev/null", *words,
                         text=f'"{self.root}/x" already exists')
        self.assertEqual(self.get("x"), b"first")
        self.put("x", b"second", "overwrite")
        self.assertEqual(self.get("x"), b"second")

    def test_moving(self):
        """In place of what was there; type and content as they were."""
        content = noise(3 * PART + 5)
        for key, to in (("a b+c.gz", "ünï/中文 😀(=,~).gz"), ("x", "q?x=1#y")):
            self.put(to, b"old")
            self.put(key, content, "rewrite")
            self.works("move", self.root, key, to)
            self.assertEqual(self.get(to), b"head" + content)
            self.assertNotIn(key, self.names())
        self.put("z", b"1")
        self.refused("move", self.root, "none", "z",
                     text=f'4: could not read "{self.root}/none"')
        self.assertEqual(self.get("z"), b"1")

    def test_ranges(self):
        content = noise(5 << 20)
        self.put("x", content)
        pick = random.Random(2)
        ranges = [(len(content) - 10, 10), (0, 16), (1 << 20, 900_000),
                  (3 << 20, 1), (0, len(content))]
        ranges += [(pick.randrange(4 << 20), pick.randrange(1 << 20))
                   for _ in range(10)]
        self.assertEqual(
            self.get("x", *(number for each in ranges for number in each)),
            b"".join(content[at:at + len] for at, len in ranges))
        self.refused("get", f"{self.root}/x", "out", str(5 << 20), "1",
                     text="ends at byte")

    def test_pages(self):
        self.works("fill", self.root, "1005")
        self.assertEqual(self.names(), [f"{i:05}" for i in range(1, 1006)])
        lines = self.works("list", self.root, "0010").splitlines()
        self.assertEqual([line.split()[2] for line in lines],
                         [f"{i:05}" for i in range(100, 110)])
        self.assertEqual({line.split()[0] for line in lines}, {"5"})
        modified_s = {int(line.split()[1]) / 1e6 for line in lines}
        self.assertLess(abs(max(modified_s) - os.stat("/proc/self").st_ctime),
                        3600)

    def test_missing(self):
        self.refused("get", f"{self.root}/none", "out",
                     text=f'4: could not read "{self.root}/none"')
        for command in (("get", f"{self.scheme}://nothere/x", "out"),
                        ("put", f"{self.scheme}://nothere/x", "/dev/null"),
                        ("list", f"{self.scheme}://nothere/x")):
            self.assertIn("first", self.refused(
                *command, text=f'"{self.scheme}://nothere'))
        self.refused("get", f"{self.scheme}://test", "out",
                     text="names no file")

    def test_abandoned(self):
        with open("in", "wb") as file:
            file.write(noise(3 * PART))
        self.works("put", f"{self.root}/x", "in", "abandon")
        self.assertEqual(self.names(), [])


class Memory:

    def test_no_memory(self):
        """Each allocation fails once: no leak, and the right error."""
        output = self.works("break", self.root)
        self.assertEqual([line.split()[0] for line in output.splitlines()],
                         ["ok"] * 4, output)
