"""docs/format.md tells the truth: its example, and the zstd seek table"""
import os
import re
import struct
import subprocess

import zdbtest
from zdbtest import call

PYTHON = "/usr/bin/python3"


def part(language):
    """The document's code block in this language."""
    with open(os.path.join(zdbtest.ROOT, "docs", "format.md")) as file:
        return re.search(rf"```{language}\n(.*?)```", file.read(),
                         re.S).group(1)


class Format(zdbtest.Case):

    def test_example(self):
        """The dump in the document is a sound backup, and is explained."""
        data = b"".join(bytes.fromhex(line[8:60])
                        for line in part("hexdump").splitlines())
        with open("tiny.gz", "wb") as file:
            file.write(data)
        with open("reader.py", "w") as file:
            file.write(part("python"))
        text = subprocess.check_output(["gunzip", "-c", "tiny.gz"])
        self.assertEqual(text, b"INSERT INTO t VALUES('one');\n")
        con = self.open("x.db")
        report = call(con, "zdb_verify", "tiny.gz", {"level": "data"})
        self.assertEqual(report["chunks"], 1)
        listed = subprocess.check_output([PYTHON, "reader.py", "tiny.gz"],
                                         text=True).splitlines()
        self.assertEqual(listed[0], "app 29 bytes in 1 chunks")
        self.assertEqual(listed[1], "0 62 29 3 1 1")
        con.execute("CREATE TABLE t AS SELECT zeroblob(5000)")
        call(con, "zdb_backup_to", "now.gz")
        listed = subprocess.check_output([PYTHON, "reader.py", "now.gz"],
                                         text=True).splitlines()
        self.assertEqual(len(listed), 3)
        # the places that the table names
        self.assertEqual(data[0x19b + 16:0x19b + 24],
                         struct.pack("<II", 0x3e, 0x1d))
        self.assertEqual(data[0x247:0x24f], b"ZDBACKUP")
        self.assertEqual(struct.unpack_from("<QQQQQII", data, 0x257),
                         (0x3e, len(data), 0x3e, 0x1d, 1, 0x133, 0x20))
        self.assertEqual(data[0x1d3:0x1f3], bytes.fromhex(
            subprocess.run("sha256sum", input=text, capture_output=True)
            .stdout.decode().split()[0]))

    def test_seek_table(self):
        """As the seekable format wants it: each range is what it says."""
        con = self.open("big.db")
        con.execute("CREATE TABLE t(a)")
        con.execute("INSERT INTO t VALUES (randomblob(5000000))")
        report = call(con, "zdb_backup_to", "b.zst", "zstd")
        with open("b.zst", "rb") as file:
            data = file.read()
        frames, descriptor, magic = struct.unpack("<IBI", data[-9:])
        self.assertEqual((descriptor, magic), (0, 0x8F92EAB1))
        start = len(data) - 9 - 8 * frames - 8
        self.assertEqual(struct.unpack_from("<II", data, start),
                         (0x184D2A5E, 8 * frames + 9))
        offset, plain = 0, b""
        for stored, raw in struct.iter_unpack("<II", data[start + 8:-9]):
            got = subprocess.run(["zstd", "-dc"], capture_output=True,
                                 input=data[offset:offset + stored]).stdout
            self.assertEqual(len(got), raw)
            plain += got
            offset += stored
        self.assertEqual(offset, start)
        self.assertEqual(len(plain), report["bytes"])
        # chunks, the mark, manifest, group, directory, page sums, footer
        self.assertEqual(frames, report["chunks"] + 6)
        with open("plain.db", "wb") as file:
            file.write(plain)
        self.assertEqual(con.execute("SELECT a FROM t").fetchone(),
                         self.open("plain.db").execute(
                             "SELECT a FROM t").fetchone())


zdbtest.main()
