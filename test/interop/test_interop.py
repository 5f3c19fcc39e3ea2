"""Other people's tools read what we write"""
import hashlib
import os
import re
import struct
import subprocess

import zdbtest
from zdbtest import call

GZIP_READERS = {
    "gunzip": "gunzip -c {}", "zcat": "zcat {}", "pigz": "pigz -dc {}",
    "gzip -t": "gzip -t {} && gunzip -c {}",
    "python": "/usr/bin/python3 -c 'import gzip, sys, shutil;"
              " shutil.copyfileobj(gzip.open(sys.argv[1]),"
              " sys.stdout.buffer)' {}",
    "node gunzipSync": "node -e 'process.stdout.write(require(\"zlib\")"
                       ".gunzipSync(require(\"fs\").readFileSync(process"
                       ".argv[1])))' {}",
    "node stream": "node -e 'require(\"fs\").createReadStream(process.argv[1])"
                   ".pipe(require(\"zlib\").createGunzip())"
                   ".pipe(process.stdout)' {}",
}
ZSTD_READERS = {"zstd": "zstd -qdc {}", "zstd -t": "zstd -qt {} && zstdcat {}"}


class Interop(zdbtest.Case):

    def read_by_all(self, con, readers, compress, options):
        call(con, "zdb_backup_to", "plain", "none", options)
        call(con, "zdb_backup_to", "b", compress, options)
        # zcat and pigz want the suffix
        name = {"gzip": "b.gz", "zstd": "b.zst"}[compress.split(":")[0]]
        os.rename("b", name)
        wanted = open("plain", "rb").read()
        if options.get("type"):
            wanted = re.sub(rb"^--.*\n", b"", wanted)
        for tool, command in readers.items():
            got = subprocess.check_output(
                command.replace("{}", name), shell=True)
            if options.get("type"):
                got = re.sub(rb"^--.*\n", b"", got)
            self.assertEqual(hashlib.sha256(got).hexdigest(),
                             hashlib.sha256(wanted).hexdigest(), tool)
        os.unlink(name)
        os.unlink("plain")
        os.unlink("plain.zdbi")

    def databases(self):
        yield self.sample("sample.db")
        yield self.zoo()
        yield self.open("empty.db")
        big = self.open("big.db")
        big.execute("PRAGMA journal_mode = WAL")
        big.execute("CREATE TABLE t(a)")
        big.execute("WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1"
                    " FROM i WHERE n < 90000) INSERT INTO t SELECT"
                    " hex(randomblob(500)) FROM i")
        yield big

    def test_images(self):
        for con in self.databases():
            self.read_by_all(con, GZIP_READERS, "gzip", {})
            self.read_by_all(con, ZSTD_READERS, "zstd", {})

    def test_higher_levels(self):
        con = self.zoo()
        self.read_by_all(con, GZIP_READERS, "gzip:9", {})
        self.read_by_all(con, ZSTD_READERS, "zstd:9", {})

    def test_scripts(self):
        con = self.zoo()
        for kind in ("schema", "data"):
            self.read_by_all(con, GZIP_READERS, "gzip", {"type": kind})
            self.read_by_all(con, ZSTD_READERS, "zstd", {"type": kind})

    def test_seek_table(self):
        """The standard seek table leads to frames that decompress alone."""
        con = self.open("big.db")
        con.execute("CREATE TABLE t(a)")
        con.execute("INSERT INTO t VALUES (randomblob(9000000))")
        call(con, "zdb_backup_to", "b.zst")
        with open("b.zst", "rb") as file:
            data = file.read()
        frames, descriptor, magic = struct.unpack("<IBI", data[-9:])
        self.assertEqual((descriptor, magic), (0, 0x8F92EAB1))
        table = data[-9 - 8 * frames:-9]
        self.assertEqual(data[-17 - 8 * frames:-9 - 8 * frames],
                         struct.pack("<II", 0x184D2A5E, 8 * frames + 9))
        at, plain = 0, b""
        for stored, raw in struct.iter_unpack("<II", table):
            part = subprocess.run(["zstd", "-qdc"], input=data[at:at + stored],
                                  capture_output=True, check=True).stdout
            self.assertEqual(len(part), raw)
            plain += part
            at += stored
        self.assertEqual(at, len(data) - 17 - 8 * frames)
        with open("plain.db", "wb") as file:
            file.write(plain)
        self.same_contents(con, self.open("plain.db"))

    def test_reader_in_the_document(self):
        """docs/format.md is enough to read a backup."""
        with open(os.path.join(zdbtest.ROOT, "docs", "format.md")) as file:
            program = re.search(r"```python\n(.*?)```", file.read(),
                                re.S).group(1)
        with open("reader.py", "w") as file:
            file.write(program)
        con = self.open("big.db")
        con.execute("PRAGMA page_size = 512")
        con.execute("CREATE TABLE t(a)")
        con.execute("INSERT INTO t VALUES (randomblob(100000000))")
        report = call(con, "zdb_backup_to", "b.gz", True)
        self.assertGreater(report["chunks"], 512)
        output = subprocess.check_output(
            ["/usr/bin/python3", "reader.py", "b.gz"], text=True)
        self.assertEqual(len(output.splitlines()), report["chunks"] + 1)
        with open("b.gz", "r+b") as file:
            file.seek(report["stored_bytes"] // 2)
            file.write(b"damage")
        self.assertNotEqual(subprocess.run(
            ["/usr/bin/python3", "reader.py", "b.gz"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode, 0)


zdbtest.main()
