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


class Virtual(zdbtest.Case):
    """What triggers bring up to date does not follow by itself."""

    INDEX = ('full-text index "we ird" was left as it is: INSERT INTO '
             '"we ird"("we ird") VALUES (\'rebuild\')')
    OWN = 'virtual table "own" was left as it is'

    def setUp(self):
        super().setUp()
        self.con = self.open()
        self.con.executescript("""
            CREATE TABLE notes(id INTEGER PRIMARY KEY, body TEXT);
            CREATE VIRTUAL TABLE own USING fts5(body);
            CREATE VIRTUAL TABLE "we ird" USING fts5(body, content='notes',
                content_rowid='id');
            CREATE TRIGGER fresh AFTER INSERT ON notes BEGIN
                INSERT INTO "we ird"(rowid, body) VALUES (new.id, new.body);
            END;
            CREATE TRIGGER gone AFTER DELETE ON notes BEGIN
                INSERT INTO "we ird"("we ird", rowid, body)
                VALUES ('delete', old.id, old.body);
            END;
            INSERT INTO notes VALUES (1, 'alpha'), (2, 'beta');
        """)
        call(self.con, "zdb_backup_to", "b.db.gz")
        self.con.execute("DELETE FROM notes")

    def found(self):
        return self.con.execute("SELECT rowid FROM \"we ird\" WHERE \"we ird\""
                                " MATCH 'alpha'").fetchall()

    def test_merge_says_so(self):
        report = call(self.con, "zdb_merge_from", "b.db.gz")
        self.assertEqual(sorted(report["warnings"]), [self.INDEX, self.OWN])
        self.con.execute(self.INDEX.split(": ")[1])
        self.assertEqual(self.found(), [(1,)])

    def test_merge_with_triggers(self):
        report = call(self.con, "zdb_merge_from", "b.db.gz",
                      {"triggers": True})
        self.assertEqual(report["warnings"], [])
        self.assertEqual(self.found(), [(1,)])

    def test_restore_of_tables_says_so(self):
        def restored(*tables):
            return call(self.con, "zdb_restore_from", "b.db.gz",
                        {"tables": tables})["warnings"]

        self.assertEqual(sorted(restored("notes")), [self.INDEX, self.OWN])
        self.assertEqual(restored("notes", "We Ird", "own"), [])
        self.assertEqual(self.found(), [(1,)])

    def test_named_it_is_refused(self):
        for query in ("SELECT zdb_merge_from('b.db.gz', ?)",
                      "SELECT * FROM zdb_diff('b.db.gz', ?)"):
            with self.assertRaisesRegex(sqlite3.Error, "only ordinary tables"):
                self.con.execute(query, ('{"tables": {"own": {}}}',)
                                 ).fetchall()


zdbtest.main()
