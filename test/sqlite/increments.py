"""Databases that change, and their incremental backups"""
import random
import struct

from zdbtest import call

INCREMENTAL = {"type": "incremental"}


def incremental(con, path, **options):
    return call(con, "zdb_backup_to", path, None,
                dict(INCREMENTAL, **options))


def fill(con, rows_, seed=1):
    rng = random.Random(seed)
    con.execute("CREATE TABLE IF NOT EXISTS t(a INTEGER PRIMARY KEY, b, c)")
    con.execute("BEGIN")
    con.executemany("INSERT INTO t(b, c) VALUES(?, ?)",
                    ((rng.randbytes(60).hex(), i) for i in range(rows_)))
    con.execute("COMMIT")


def free_leaves(data):
    """Where the free pages are that hold nothing."""
    size, = struct.unpack_from(">H", data, 16)
    size = 65536 if size == 1 else size
    trunk, = struct.unpack_from(">I", data, 32)
    while trunk:
        trunk, count, *leaves = struct.unpack_from(f">{size // 4}I", data,
                                                   (trunk - 1) * size)
        for leaf in leaves[:count]:
            yield (leaf - 1) * size, leaf * size


def page_bytes(path):
    """The pages of a database, without what a backup counts up, and what was
    on free ones: SQLite need not write that into its file."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    for first, end in ((24, 28), (40, 44), (92, 100), *free_leaves(data)):
        data[first:end] = bytes(end - first)
    return bytes(data)
