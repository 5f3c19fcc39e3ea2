"""zdb_merge_from: every case of test/merge/cases.py, in SQLite"""
import os
import sqlite3
import sys

import zdbtest
from zdbtest import call

sys.path.insert(0, os.path.join(zdbtest.ROOT, "test", "merge"))
import cases  # noqa: E402


class Merge(zdbtest.Case):

    def pair(self, one):
        for name in ("backup.db", "live.db", "b.db.gz"):
            if os.path.exists(name):
                os.unlink(name)
        source, live = self.open("backup.db"), self.open("live.db")
        schema = cases.in_engine("sqlite", one["schema"])
        source.executescript(schema + ";" +
                             cases.in_engine("sqlite", one["backup"]))
        live.executescript(cases.in_engine(
            "sqlite", one["live_schema"] or schema) + ";" +
            cases.in_engine("sqlite", one["live"]))
        call(source, "zdb_backup_to", "b.db.gz", "gzip")
        source.close()
        return live

    def run_case(self, one, keys):
        live = self.pair(one)
        live.execute(f"PRAGMA foreign_keys = {keys}")

        def merge(policy):
            try:
                return call(live, "zdb_merge_from", "b.db.gz",
                            *([] if policy is None else [policy]))
            except sqlite3.Error as error:
                raise AssertionError(str(error).lower()
                                     if one["error"] == "check"
                                     else str(error)) from None

        cases.run(self, one, merge,
                  lambda query: cases.text_of(live.execute(query), "1"),
                  lambda: zdbtest.contents(live), "1")
        self.assertEqual(live.execute("PRAGMA foreign_keys").fetchone()[0],
                         keys)
        self.assertEqual(live.execute("PRAGMA foreign_key_check").fetchall(),
                         [])
        live.close()
        self.no_temporary_files()

    def test_by_name(self):
        done = 0
        for one in cases.CASES:
            if "sqlite" not in one["engines"]:
                continue
            for keys in (1, 0):
                with self.subTest(one["name"], keys=keys):
                    self.run_case(one, keys)
                    done += 1
        self.assertGreater(done, 80)


zdbtest.main()
