"""The module under ASan and UBSan, in the sqlite3 shell: no fault, no leak"""
import os
import random
import subprocess

import zdbtest

MODULE = os.path.join(zdbtest.ROOT, "build", "asan", "zdbackup")

GOOD = """
SELECT zdb_version();
SELECT zdb_backup_to('b.gz', true, '{"jobs": 2, "label": "x"}');
SELECT zdb_backup_to('b.zst', 'zstd:9');
SELECT zdb_backup_to('b.db', false, '{"verify": "restore"}');
SELECT zdb_backup_to('some.gz', true, '{"tables": ["empty", "search"]}');
SELECT zdb_backup_to('s.sql', false, '{"type": "schema"}');
SELECT zdb_backup_to('d.sql.gz', true, '{"type": "data"}');
SELECT zdb_backup_to('repo/');
SELECT zdb_verify('b.gz', '{"level": "restore"}');
SELECT zdb_verify('d.sql.gz', '{"level": "restore"}');
SELECT zdb_verify('b.db', '{"level": "index"}');
SELECT zdb_info('b.zst');
SELECT count(*) FROM zdb_entries('d.sql.gz');
SELECT count(*) FROM zdb_entries('zoo.db');
SELECT zdb_restore_from('b.zst', '{"dry_run": true}');
SELECT zdb_restore_from('b.zst');
SELECT zdb_restore_from('b.gz', '{"tables": ["hen", "search"]}');
SELECT zdb_restore_from('d.sql.gz');
SELECT zdb_restore_from('s.sql', '{"target": "test"}');
SELECT zdb_verify('cut.gz', '{"raise": false}');
SELECT zdb_merge_from('b.zst', '{"no_key": "whole_row"}');
SELECT zdb_merge_from('notes.sql', '{"create_missing": true}');
SELECT count(*) FROM zdb_list('.');
SELECT count(*) FROM zdb_history('.');
SELECT zdb_restore_from('repo', '{"at": "2099-01-01", "dry_run": true}');
SELECT zdb_prune('repo', '{"last": 1}', '{"dry_run": true}');
SELECT zdb_backup_to('repo/', true, '{"keep": 30}');
SELECT zdb_prune('repo', 1);
SELECT zdb_health('repo', '{"hours": 1}');
SELECT zdb_report('repo', 'weekly');
SELECT length(zdb_report('.', 'monthly', 'html')) > 1000;
SELECT zdb_schedule('job', '* * * * *', '{"repo": "repo", "operation": "backup", "zone": "Europe/Berlin"}');
SELECT count(*) FROM zdb_jobs('repo');
SELECT zdb_run_due('repo');
SELECT zdb_scheduler_start('repo');
SELECT zdb_scheduler_stop();
SELECT zdb_unschedule('job', 'repo');
SELECT zdb_scheduler_start('repo');
SELECT zdb_backup_to('e.db', false, '{"passphrase_file": "word"}');
SELECT zdb_info('e.db.age');
SELECT zdb_verify('e.db.age', '{"level": "restore", "passphrase_file": "word"}');
SELECT zdb_restore_from('e.db.age', '{"passphrase_file": "word"}');
"""

BAD = """
SELECT zdb_backup_to('b.gz');
SELECT zdb_backup_to('x', 'lz4');
SELECT zdb_backup_to('x', 1, '{"type": "none"}');
SELECT zdb_backup_to('x', 1, '{"tables": ["none"]}');
SELECT zdb_backup_to('/proc/x/y', 1);
SELECT zdb_verify('cut.gz');
SELECT zdb_verify('none');
SELECT zdb_restore_from('cut.gz');
SELECT zdb_restore_from('b.gz', '{"tables": ["none"]}');
SELECT zdb_restore_from('b.gz', '{"target": "zoo.db"}');
SELECT * FROM zdb_entries('cut.gz');
SELECT * FROM zdb_entries;
SELECT * FROM zdb_list('none');
SELECT zdb_restore_from('.', '{"at": "1999-01-01"}');
SELECT zdb_prune('repo', '{"hourly": 1}');
SELECT zdb_health('none');
SELECT zdb_report('.', 'never', 'html');
SELECT zdb_schedule('job', '0 0 30 2 *', '{"repo": "repo", "operation": "backup"}');
SELECT zdb_schedule('job', '@daily', '{"repo": "repo", "operation": "backup", "options": {"x": 1}}');
SELECT zdb_unschedule('job', 'none');
SELECT zdb_run_due('none');
SELECT * FROM zdb_jobs('none');
BEGIN; SELECT zdb_restore_from('b.gz'); COMMIT;
SELECT zdb_merge_from('cut.sql', '{"create_missing": true}');
SELECT zdb_backup_to('x', 1, '{"encrypt_to": ["age1", "x"]}');
SELECT zdb_backup_to('x', 1, '{"passphrase_file": "zoo.db"}');
"""


ASAN = subprocess.check_output(["cc", "-print-file-name=libasan.so"],
                               text=True).strip()


class Sanitized(zdbtest.Case):

    def run_shell(self, sql, database="zoo.db"):
        suppressions = os.path.abspath("suppressions")
        with open(suppressions, "w") as file:
            file.write("leak:sqlite3.c\n")
        return subprocess.run(
            ["sqlite3", "-cmd", f".load {MODULE}", database], input=sql,
            capture_output=True, text=True,
            env=dict(os.environ, LD_PRELOAD=ASAN,
                     ASAN_OPTIONS="detect_leaks=1:exitcode=99"))

    def setUp(self):
        super().setUp()
        self.zoo().close()
        with open("word", "w") as file:
            file.write("a passphrase\n")
        os.chmod("word", 0o600)
        with open("notes.sql", "w") as file:
            file.write(zdbtest.script("notes_postgres.sql"))
        with open("cut.sql", "w") as file:
            file.write(zdbtest.script("notes_postgres.sql")[:-400])

    def test_good_calls(self):
        with open("cut.gz", "wb") as file:
            file.write(b"\x1f\x8b")
        done = self.run_shell(GOOD)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.count('"warnings":'), 35)

    def test_bad_calls(self):
        done = self.run_shell(GOOD.split("\n")[2])
        with open("b.gz", "rb") as file:
            data = file.read()
        with open("cut.gz", "wb") as file:
            file.write(data[:-200])
        done = self.run_shell(BAD)
        self.assertNotIn("Sanitizer", done.stderr)
        self.assertNotEqual(done.returncode, 99)
        self.assertEqual(done.stderr.count("Runtime error"), 26)

    def test_merges(self):
        self.run_shell("\n".join(GOOD.split("\n")[2:6]))
        done = self.run_shell("\n".join(
            f"SELECT zdb_merge_from('{path}', '{{\"create_missing\": true,"
            " \"no_key\": \"whole_row\"}');"
            for path in ("b.gz", "b.zst", "b.db", "zoo.db", "b.gz")),
            "live.db")
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 0)

    def every_case(self, name):
        done = subprocess.run(
            ["/usr/bin/python3", f"{zdbtest.ROOT}/test/sqlite/{name}"],
            capture_output=True, text=True, env=dict(
                os.environ, ZDB_MODULE=MODULE, LD_PRELOAD=ASAN,
                ASAN_OPTIONS="detect_leaks=0",
                PYTHONPATH=os.path.dirname(zdbtest.__file__)))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("ok 1 - ", done.stdout)

    def test_every_case_of_a_merge(self):
        self.every_case("test_merge.py")

    def test_every_case_of_a_log(self):
        self.every_case("test_log.py")

    def test_queries(self):
        self.run_shell("\n".join(GOOD.split("\n")[2:5]))
        with open("cut.gz", "wb") as file:
            file.write(b"\x1f\x8b")
        done = self.run_shell("".join(
            f"ATTACH 'file:{path}?vfs=zdb&mode=ro' AS b;\n"
            "SELECT count(*), max(x) FROM b.\"values\";"
            "PRAGMA b.integrity_check;\nDELETE FROM b.hen;\nDETACH b;\n"
            for path in ("b.gz", "b.zst", "b.db", "zoo.db", "b.gz")) +
            "ATTACH 'file:cut.gz?vfs=zdb' AS b;\n"
            ".open 'file:b.gz?vfs=zdb'\nSELECT max(x) FROM \"values\";\n")
        self.assertNotIn("Sanitizer", done.stderr)
        self.assertEqual(done.stderr.count("rror"), 6)
        self.assertIn(done.returncode, (0, 1))
        self.assertEqual(done.stdout.count("ok"), 5)

    def test_hostile_images(self):
        """Any byte of a database may be wrong."""
        with open("zoo.db", "rb") as file:
            good = file.read()
        rng = random.Random(7)
        sql = ""
        for number in range(120):
            path = f"h{number}.db"
            with open(path, "wb") as file:
                file.write(zdbtest.mutated(good, rng))
            sql += f"SELECT zdb_merge_from('{path}', '{{\"dry_run\": true," \
                " \"create_missing\": true, \"no_key\": \"whole_row\"}');\n"
        done = self.run_shell(sql, "live.db")
        self.assertNotIn("Sanitizer", done.stderr)
        self.assertNotIn("runtime error", done.stderr)
        self.assertIn(done.returncode, (0, 1))
        self.assertGreater(done.stderr.count("Runtime error"), 10)
        self.assertGreater(done.stdout.count('"warnings":'), 10)


zdbtest.main()
