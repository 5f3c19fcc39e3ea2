"""What stands in a gzip backup itself, as docs/format.md says"""
import gzip
import json
import struct

ROWS, CONTINUED = 3, 1


def blocks(file, offset, length):
    payload = b""
    while len(payload) < length:
        part = min(65000, length - len(payload))
        file.seek(offset + 16)
        payload += file.read(part)
        offset += part + 26
    return payload, offset


def put_in(patch):
    """The rows that a patch has of its own"""
    end, at, count = 4 + struct.unpack_from("<I", patch)[0], 4, 0
    while at < end:
        at, count = behind_block(patch, at), count + 1
    for _ in range(count):
        at = behind_block(patch, at)
    return patch[at:].count(b"\n")


def behind_block(patch, at):
    slots = struct.unpack_from("<H", patch, at)[0]
    return at + 2 + (0 if slots & 0x8000 else (slots + 7) // 8)


def rows(path):
    """How many rows of each table stand in the file: {table: rows}"""
    found = {}
    with open(path, "rb") as file:
        end = file.seek(0, 2)
        file.seek(end - 170 + 16)
        footer = file.read(144)
        tail, _, _, _, count, manifest_bytes, _ = struct.unpack_from(
            "<QQQQQII", footer, 16)
        manifest, offset = blocks(file, tail, manifest_bytes)
        tables = json.loads(manifest)["tables"]
        entries = b""
        for first in range(0, count, 512):
            part, offset = blocks(file, offset, 88 * min(512, count - first))
            entries += part
        for (at, _, stored, _, _, kind, _, patched, table, link, _, count,
             _) in struct.iter_unpack("<QQIIIBBHIIQQ32s", entries):
            if kind != ROWS or link:
                continue
            if patched:
                file.seek(at)
                count = put_in(gzip.decompress(file.read(stored)))
            name = tables[table - 1]["table"]
            found[name] = found.get(name, 0) + count
    return found
