"""Databases that change, and their incremental backups"""
import random

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


def page_bytes(path):
    """The pages of a database, without what a backup counts up."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    for first, end in ((24, 28), (40, 44), (92, 100)):
        data[first:end] = bytes(end - first)
    return bytes(data)
