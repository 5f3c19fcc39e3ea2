"""zdb_merge_from: every case of test/merge/cases.py, in PostgreSQL"""
import os
import sys

import pgtest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "merge"))
import cases  # noqa: E402


class Merge(pgtest.Case):

    def setUp(self):
        super().setUp()
        self.database("empty")

    def load(self, database, *texts):
        self.cluster.create(database, options="TEMPLATE empty")
        self.psql(database, *(cases.in_engine("postgres", text)
                              for text in texts if text))

    def run_case(self, one):
        self.load("source", one["schema"], one["backup"])
        self.load("live", one["live_schema"] or one["schema"], one["live"])
        path = self.path("b.sql.gz")
        self.call("source", "zdb_backup_to", path, None, {"overwrite": True})

        def merge(policy):
            args = [] if policy is None else [policy]
            try:
                return self.call("live", "zdb_merge_from", path, *args)
            except AssertionError as error:
                raise AssertionError(str(error)) from None

        cases.run(self, one, merge, lambda query: self.psql("live", query),
                  lambda: self.cluster.dump("live"), "t")

    def test_by_name(self):
        """With sanitizers every third: core's part of each is seen with them
        in SQLite"""
        every = 3 if os.environ.get("SANITIZED") else 1
        done = 0
        for one in cases.CASES[::every]:
            if "postgres" in one["engines"]:
                with self.subTest(one["name"]):
                    self.run_case(one)
                    done += 1
        self.assertGreater(done, 40 / every)


pgtest.main()
