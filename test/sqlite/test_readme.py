"""Every command in README and its pages runs"""
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import unittest

import manual
import zdbtest
from manual import blocks
from zdbtest import call


def anchor(heading):
    """How a heading is called in a link"""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


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

    def assert_changes(self, output):
        """The rows that README shows, and two of them come back."""
        shown, = [text for _, text in blocks() if text.startswith("┌")]
        self.assertIn(shown, output)
        self.assertEqual(output.split()[-1], "2")

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
                output = self.run_in(["sqlite3", "-bail", "-cmd",
                                      ".load build/zdbackup", "app.db"], text)
                if "zdb_attach" not in text:
                    self.assertIn('"verified":"restore"', output)
            elif language == "python":
                self.run_in(["/usr/bin/python3", "-c", text])
            elif language == "json":
                self.assert_within(json.loads(text), json.loads(
                    merged[merged.index("{"):]))
                continue
            else:
                continue
            if "zdb_diff" in text and language == "sh":
                self.assert_changes(output)
            counts[language] += 1
        self.assertEqual(counts, {"sh": 11, "sql": 4, "python": 1})
        self.assertTrue(os.path.exists("app.test.db"))
        self.assertTrue(os.path.exists("backups/py.db.zst"))
        self.assertTrue(os.path.exists("backups/secret.db.gz.age"))

    def test_lines_for_timers(self):
        con = self.sample()
        call(con, "zdb_schedule", "night", "@daily",
                     {"repo": "backups", "operation": "backup"})
        with open("backups.env", "w") as file:
            file.write("export ZDBACKUP_NOTIFY_EVENTS=failure\n")
        texts = blocks()
        commands = [["sh", "-c", line] for line in re.findall(
            r"^(?:\S+ ){5}(.*)", "".join(text for language, text in texts
                                         if language == "cron"), re.M)]
        systemd = re.search(r"^ExecStart=(.*)$", dict(texts)["ini"], re.M)
        commands.append(shlex.split(systemd.group(1)))
        self.assertEqual(len(commands), 3)
        for command in commands:
            output = self.run_in([
                word.replace("/srv/app", self.dir).replace(
                    "/usr/local/lib/sqlite3/zdbackup", zdbtest.MODULE)
                for word in command])
            if not output:
                with open("backups/runs.log") as file:
                    output = file.readlines()[-1]
            self.assertEqual(json.loads(output)["database"], "app")

    def test_lines_of_package_json(self):
        if not shutil.which("npm"):
            self.skipTest("npm is not installed")
        self.prepare()
        con = self.sample()
        call(con, "zdb_schedule_defaults", "backups/")
        con.close()
        texts = dict(blocks())
        with open("zdb.sh", "w") as file:
            file.write(texts["zdb"])
        with open("package.json", "w") as file:
            file.write(texts["jsonc"])
        names = list(json.loads(texts["jsonc"])["scripts"])
        names.remove("backup:auto")
        for name in names:
            args = {"backup:verify": ["backups/"],
                    "restore:db": ["backups/", '{"dry_run": true}'],
                    "restore:merge": ["backups/"]}.get(name, [])
            output = self.run_in(["npm", "run", "-s", name, "--", *args])
            if name != "health:report":
                self.assertEqual(json.loads(output)["warnings"], [], name)
        with open("report.html") as file:
            self.assertIn("<svg", file.read())
        auto = subprocess.Popen(["npm", "run", "-s", "backup:auto"],
                                stdout=subprocess.PIPE, text=True,
                                start_new_session=True)
        self.addCleanup(auto.stdout.close)
        # nothing, or what has come due meanwhile
        self.assertLessEqual({one["outcome"] for one in json.loads(
            auto.stdout.readline())["ran"]}, {"success"})
        os.killpg(auto.pid, signal.SIGTERM)
        auto.wait()

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
        pages = re.findall(r"^The page with charts: (/.*)$", done.stdout, re.M)
        self.assertEqual(len(pages), 1 + done.stdout.count("twice"))
        for page in pages:
            with open(page) as file:
                self.assertIn("<svg", file.read())

    def test_options_are_documented(self):
        with open(os.path.join(zdbtest.ROOT, "core/job/options.c")) as file:
            names = re.findall(r'\{"(\w+)",\s*(?:BOTH|SQLITE|POSTGRES),',
                               file.read())
        self.assertGreater(len(names), 12)
        text = manual.text()
        for name in names:
            self.assertIn(f"`{name}`", text)

    def test_links_lead_somewhere(self):
        pages = {f"docs/{name}": manual.page(name[:-len(".md")])
                 for name in os.listdir(os.path.join(zdbtest.ROOT, "docs"))}
        self.assertEqual({f"docs/{name}.md" for name in manual.PAGES},
                         set(pages) - {"docs/design.md", "docs/format.md"})
        pages["README.md"] = manual.readme()
        for path, text in pages.items():
            for link in re.findall(r"\]\(([^)]+)\)", text):
                if link.startswith("http"):
                    continue
                name, _, part = link.partition("#")
                name = os.path.normpath(os.path.join(
                    os.path.dirname(path), name)) if name else path
                self.assertTrue(os.path.exists(
                    os.path.join(zdbtest.ROOT, name)), (path, link))
                if part:
                    self.assertIn(part, map(anchor, re.findall(
                        r"^#+ (.*)$", pages[name], re.M)), (path, link))
        for name in pages:
            self.assertIn(name, ["README.md", *re.findall(
                r"\]\((docs/[\w.]+)\)", pages["README.md"])])


zdbtest.main()
