"""Every command in README runs"""
import json
import os
import re
import shlex
import shutil
import subprocess
import unittest

import zdbtest


def blocks():
    """(language, text) of README's code blocks, in order."""
    with open(os.path.join(zdbtest.ROOT, "README.md")) as file:
        return re.findall(r"^```(\w*)\n(.*?)^```$", file.read(), re.S | re.M)


class Readme(zdbtest.Case):

    def run_in(self, command, text=None):
        done = subprocess.run(command, input=text, capture_output=True,
                              text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return done.stdout

    def prepare(self):
        """README's commands are run from the project's root: a copy."""
        for name in ("build", "test"):
            os.makedirs(name, exist_ok=True)
        shutil.copy(zdbtest.MODULE + ".so", "build")
        shutil.copytree(zdbtest.DATA, "test/data")

    def assert_within(self, shown, real):
        """What README shows of a report is what the report says."""
        if isinstance(shown, dict):
            for key, value in shown.items():
                self.assert_within(value, real[key])
        elif isinstance(shown, list):
            self.assertEqual(len(shown), len(real))
            for one, other in zip(shown, real):
                self.assert_within(one, other)
        else:
            self.assertEqual(shown, real)

    def test_commands_in_order(self):
        self.prepare()
        counts = {"sh": 0, "sql": 0, "python": 0}
        for language, text in blocks():
            if language == "sh":
                # the build is what made the module under test
                text = re.sub(r"^make sqlite .*$", "", text, flags=re.M)
                # age-keygen says the recipient on stderr
                text = text.replace("-o key.txt ", "-o key.txt 2>/dev/null ")
                output = self.run_in(["sh", "-ec", text])
                merged = output if "zdb_merge_from" in text else None
            elif language == "sql":
                output = self.run_in(["sqlite3", "-bail", "app.db"], text)
                self.assertIn('"verified":"restore"', output)
            elif language == "python":
                self.run_in(["/usr/bin/python3", "-c", text])
            elif language == "json":
                self.assert_within(json.loads(text), json.loads(
                    merged[merged.index("{"):]))
                continue
            else:
                continue
            counts[language] += 1
        self.assertEqual(counts, {"sh": 6, "sql": 1, "python": 1})
        self.assertTrue(os.path.exists("app.test.db"))
        self.assertTrue(os.path.exists("backups/py.db.zst"))
        self.assertTrue(os.path.exists("backups/secret.db.gz.age"))

    def test_lines_for_timers(self):
        con = self.sample()
        zdbtest.call(con, "zdb_schedule", "night", "@daily",
                     {"repo": "backups", "operation": "backup"})
        texts = dict(blocks())
        cron = re.match(r"(?:\S+ ){5}(.*)", texts["cron"]).group(1)
        systemd = re.search(r"^ExecStart=(.*)$", texts["ini"], re.M).group(1)
        for command in (["sh", "-c", cron], shlex.split(systemd)):
            output = self.run_in([
                word.replace("/srv/app", self.dir).replace(
                    "/usr/local/lib/sqlite3/zdbackup", zdbtest.MODULE)
                for word in command])
            if not output:
                with open("backups/runs.log") as file:
                    output = file.read()
            self.assertEqual(json.loads(output)["database"], "app")

    def test_two_commands_exist(self):
        names = re.findall(r"^make (\w+)", blocks()[0][1], re.M)
        self.assertEqual(names, ["demo", "test"])
        with open(os.path.join(zdbtest.ROOT, "Makefile")) as file:
            targets = re.findall(r"^([\w-]+):", file.read(), re.M)
        self.assertLessEqual(set(names), set(targets))

    def test_demo(self):
        done = subprocess.run([os.path.join(zdbtest.ROOT, "scripts/demo")],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("All rows are back.\n", done.stdout)

    def test_options_are_documented(self):
        with open(os.path.join(zdbtest.ROOT, "core/job/options.c")) as file:
            names = re.findall(r'\{"(\w+)",\s*(?:BOTH|SQLITE|POSTGRES),',
                               file.read())
        self.assertGreater(len(names), 12)
        with open(os.path.join(zdbtest.ROOT, "README.md")) as file:
            readme = file.read()
        for name in names:
            self.assertIn(f"`{name}`", readme)


zdbtest.main()
