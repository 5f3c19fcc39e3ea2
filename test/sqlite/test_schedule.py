"""Jobs run when they are due: once, whoever asks, whatever ends in between"""
import json
import os
import signal
import sqlite3
import subprocess
import time

import zdbtest
from zdbtest import call

BACKUP = {"repo": "backups/", "operation": "backup", "compress": True}
FILE = "backups/zdbackup_jobs.json"
HOST = """
import sqlite3, sys, time
con = sqlite3.connect("app.db", isolation_level=None)
con.enable_load_extension(True)
con.load_extension(sys.argv[1])
"""


def moment(offset_s):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(
        time.time() + offset_s))


class Tools(zdbtest.Case):

    def setUp(self):
        super().setUp()
        self.con = self.sample()

    def schedule(self, name, cron="0 2 * * *", con=None, **changes):
        return call(con or self.con, "zdb_schedule", name, cron,
                    dict(BACKUP, **changes))

    def jobs(self):
        """{name: row} of zdb_jobs()."""
        cursor = self.con.execute("SELECT * FROM zdb_jobs('backups/')")
        keys = [column[0] for column in cursor.description]
        return {row[0]: dict(zip(keys, row)) for row in cursor}

    def edit(self, name, **changes):
        """As if time had passed."""
        with open(FILE) as file:
            doc = json.load(file)
        for job in doc["jobs"]:
            if job["name"] == name:
                job.update(changes)
        with open(FILE, "w") as file:
            json.dump(doc, file)

    def make_due(self, *names, since_s=90000):
        for name in names:
            self.edit(name, since=moment(-since_s), due=moment(-since_s))

    def run_due(self, con=None):
        return call(con or self.con, "zdb_run_due", "backups/")

    def backups(self):
        return sorted(name for _, _, names in os.walk("backups")
                      for name in names if name.endswith(".db.gz"))

    def start_host(self, script, *args):
        return subprocess.Popen(
            ["/usr/bin/python3", "-c", HOST + script, zdbtest.MODULE, *args],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def grow(self):
        """So large that a backup takes a while."""
        self.con.execute(
            "CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
            " SELECT i + 1 FROM n LIMIT 60) SELECT randomblob(1000000) AS b"
            " FROM n")

    def wait_for(self, condition):
        for _ in range(1500):
            if condition():
                return
            time.sleep(0.1)
        self.fail("nothing happened")


class Schedule(Tools):

    def test_a_job_runs_when_it_is_due_and_once(self):
        said = self.schedule("daily", options={"label": "night"})
        self.assertEqual(said["database"], "app")
        self.assertRegex(said["next_run"], "T02:00:00Z$")
        self.assertEqual(self.run_due()["ran"], [])
        self.make_due("daily")
        report = self.run_due()
        ran, = report["ran"]
        self.assertEqual((ran["job"], ran["operation"], ran["outcome"]),
                         ("daily", "backup", "success"))
        self.assertEqual(ran["report"]["label"], "night")
        self.assertEqual(len(self.backups()), 1)
        self.assertEqual(self.run_due()["ran"], [])
        row = self.jobs()["daily"]
        self.assertEqual((row["last_outcome"], row["active"], row["overdue"]),
                         ("success", 1, 0))
        self.assertEqual(row["next_run"], report["next_run"])
        self.assertEqual(self.con.execute(
            "SELECT job, operation, outcome FROM zdb_history('backups')")
            .fetchall(), [("daily", "backup", "success")])

    def test_of_many_missed_runs_one_is_made_up(self):
        self.schedule("often", "*/5 * * * *")
        self.make_due("often", since_s=864000)
        self.assertEqual(self.jobs()["often"]["overdue"], 1)
        self.assertEqual(len(self.run_due()["ran"]), 1)
        self.assertEqual(self.jobs()["often"]["overdue"], 0)

    def test_a_failing_job_does_not_stop_the_others(self):
        self.schedule("a_fails", options={"tables": ["nowhere"]})
        self.schedule("b_works")
        self.make_due("a_fails", "b_works")
        ran = {one["job"]: one for one in self.run_due()["ran"]}
        self.assertEqual(ran["a_fails"]["outcome"], "failure")
        self.assertIn("nowhere", ran["a_fails"]["error"])
        self.assertEqual(ran["b_works"]["outcome"], "success")
        row = self.jobs()["a_fails"]
        self.assertEqual(row["last_outcome"], "failure")
        self.assertIn("nowhere", row["last_error"])
        self.assertEqual(self.run_due()["ran"], [])

    def test_a_job_that_cannot_be_read_does_not_stop_the_others(self):
        self.schedule("broken")
        self.schedule("works")
        self.make_due("broken", "works")
        self.edit("broken", cron="0 2 * *")
        report = self.run_due()
        self.assertEqual([one["job"] for one in report["ran"]], ["works"])
        self.assertIn("less than five fields", report["warnings"][0])

    def test_killed_in_the_middle_it_runs_again(self):
        self.grow()
        self.schedule("daily")
        self.make_due("daily")
        host = self.start_host(
            'con.execute("SELECT zdb_run_due(\'backups/\')")')
        self.wait_for(lambda: self.jobs()["daily"]["last_outcome"]
                      == "running")
        host.send_signal(signal.SIGKILL)
        host.communicate()
        self.assertEqual(self.jobs()["daily"]["last_outcome"], "interrupted")
        self.assertEqual(self.backups(), [])
        self.assertEqual(len(self.run_due()["ran"]), 1)
        self.assertEqual(self.run_due()["ran"], [])
        self.assertEqual(self.jobs()["daily"]["last_outcome"], "success")

    def test_two_processes_at_once(self):
        self.grow()
        self.schedule("daily")
        self.schedule("other")
        self.make_due("daily", "other")
        host = self.start_host(
            'print(con.execute("SELECT zdb_run_due(\'backups/\')")'
            '.fetchone()[0])')
        self.wait_for(lambda: "running" in [
            row["last_outcome"] for row in self.jobs().values()])
        mine = self.run_due()
        self.assertEqual((mine["busy"], mine["ran"]), (True, []))
        self.assertIn("another process", mine["warnings"][0])
        self.schedule("third")   # changing jobs does not wait for runs
        output, errors = host.communicate()
        self.assertEqual(errors, "")
        theirs = json.loads(output)
        self.assertEqual((theirs["busy"], len(theirs["ran"])), (False, 2))
        self.assertEqual(len(self.backups()), 2)

    def test_every_operation(self):
        self.schedule("a", "* * * * *", options={"verify": False})
        for name, cron, job in (
                ("b", "*/2 * * * *", {"operation": "verify"}),
                ("c", "*/3 * * * *", {"operation": "prune", "keep": 30}),
                ("d", "*/4 * * * *", {"operation": "prune",
                                      "keep": {"daily": 2},
                                      "options": {"dry_run": True}}),
                ("e", "*/5 * * * *", {"operation": "report",
                                      "period": "weekly"})):
            call(self.con, "zdb_schedule", name, cron,
                 dict(job, repo="backups/"))
        self.make_due("a")
        self.run_due()
        self.make_due("b", "c", "d", "e")
        ran = {one["job"]: one for one in self.run_due()["ran"]}
        self.assertEqual({name: one.get("error") for name, one in ran.items()},
                         dict.fromkeys("bcde"))
        self.assertEqual(ran["e"]["report"]["total_backups"], 1)
        self.assertEqual(ran["b"]["report"]["verified"], "data")
        self.assertEqual(sorted(self.con.execute(
            "SELECT DISTINCT job, operation FROM zdb_history('backups')")),
            [("a", "backup"), ("b", "verify"), ("c", "prune"),
             ("d", "prune")])

    def test_the_usual_plan(self):
        call(self.con, "zdb_backup_to", "backups/")
        said = call(self.con, "zdb_schedule_defaults", "backups/")
        self.assertEqual(
            [(job["name"], job["cron"]) for job in said["jobs"]],
            [("daily", "0 2 * * *"), ("incremental", "0 */6 * * *"),
             ("weekly", "0 1 * * 0"), ("monthly", "0 0 1 * *"),
             ("verification", "0 3 * * 0"), ("health", "*/10 * * * *")])
        with open(FILE) as file:
            before = file.read()
        call(self.con, "zdb_schedule_defaults", "backups/")
        with open(FILE) as file:
            self.assertEqual(file.read(), before)
        self.make_due(*self.jobs(), since_s=40 * 86400)
        ran = {one["job"]: one for one in self.run_due()["ran"]}
        self.assertEqual({name: one.get("error") for name, one in ran.items()},
                         dict.fromkeys(self.jobs()))
        self.assertEqual(
            [ran[name]["report"]["type"] for name in (
                "daily", "incremental", "weekly", "monthly")],
            ["full", "incremental", "schema", "full"])
        self.assertEqual(ran["verification"]["report"]["verified"], "restore")
        self.assertEqual(ran["health"]["report"]["status"], "ok")

    def health(self, **options):
        return call(self.con, "zdb_health", "backups/", options)

    def test_a_job_that_did_not_run_is_critical(self):
        call(self.con, "zdb_backup_to", "backups/", True,
             {"verify": "restore"})
        other = self.open("other.db")
        self.schedule("often", "*/10 * * * *")
        self.schedule("daily", con=other)
        self.schedule("asleep", active=False)
        self.assertEqual(self.health()["status"], "ok")
        self.make_due("daily", "asleep", since_s=3 * 86400)
        self.make_due("often", since_s=5000)
        health = self.health()
        self.assertEqual(health["status"], "critical")
        self.assertEqual([alert["message"].split(" has been")[0]
                          for alert in health["alerts"]],
                         ['job "often"', 'job "other/daily"'])
        self.assertEqual([alert["name"] for alert in health["alerts"]],
                         ["overdue"] * 2)
        self.assertEqual([alert["name"] for alert in self.health(
            database="other")["alerts"]].count("overdue"), 1)
        self.run_due()
        self.run_due(other)
        self.assertEqual(self.health()["status"], "ok")

    def test_interrupted_it_runs_again(self):
        self.grow()
        self.schedule("daily")
        self.make_due("daily")
        host = self.start_host(
            "import threading\n"
            "threading.Timer(0.3, con.interrupt).start()\n"
            "try:\n"
            '    con.execute("SELECT zdb_run_due(\'backups/\')")\n'
            "except sqlite3.OperationalError as error:\n"
            "    print(error)\n")
        self.assertIn("interrupted", host.communicate()[0])
        self.assertEqual(self.jobs()["daily"]["last_outcome"], "interrupted")
        self.assertEqual(len(self.run_due()["ran"]), 1)

    def test_a_clock_that_was_wrong_stops_nothing(self):
        self.schedule("daily")
        self.edit("daily", due=moment(10 * 365 * 86400))
        self.assertEqual(len(self.run_due()["ran"]), 1)
        self.assertEqual(self.run_due()["ran"], [])

    def test_scheduling_again(self):
        self.schedule("daily")
        self.make_due("daily")
        self.schedule("daily", options={"type": "schema"})
        ran, = self.run_due()["ran"]     # same times: still due
        self.assertEqual(ran["report"]["type"], "schema")
        self.make_due("daily")
        self.schedule("daily", "0 3 * * *")
        self.assertEqual(self.run_due()["ran"], [])   # new times: from now on
        self.assertEqual(len(self.jobs()), 1)
        self.schedule("daily", "0 3 * * *", active=False)
        self.make_due("daily")
        self.assertEqual(self.run_due()["ran"], [])
        row = self.jobs()["daily"]
        self.assertEqual((row["active"], row["next_run"], row["overdue"]),
                         (0, None, 0))

    def test_zones(self):
        self.schedule("night", "0 2 * * *", zone="Asia/Shanghai")
        row = self.jobs()["night"]
        self.assertEqual(row["zone"], "Asia/Shanghai")
        self.assertRegex(row["next_run"], "T18:00:00Z$")

    def test_databases_that_share_a_repository(self):
        other = self.open("other.db")
        self.schedule("daily")
        self.schedule("daily", con=other)
        self.make_due("daily")
        self.assertEqual(len(self.run_due(other)["ran"]), 1)
        name, = self.backups()
        self.assertTrue(name.startswith("other_full_"))
        call(other, "zdb_unschedule", "daily", "backups/")
        self.assertEqual([row["database"] for row in self.jobs().values()],
                         ["app"])

    def test_a_repository_that_moved(self):
        self.schedule("daily")
        self.make_due("daily")
        os.rename("backups", "elsewhere")
        report = call(self.con, "zdb_run_due", "elsewhere")
        self.assertTrue(report["ran"][0]["report"]["path"].startswith(
            "elsewhere/"))

    def test_what_is_wrong_shows_when_it_is_scheduled(self):
        for name, cron, job, text in (
                ("daily", "0 2 * *", BACKUP, "less than five fields"),
                ("daily", "0 2 30 2 *", BACKUP, "no such day in that month"),
                ("daily", "61 2 * * *", BACKUP, 'minute "61" at character 1'),
                ("daily", "@reboot", BACKUP, "when a server starts"),
                ("", "0 2 * * *", BACKUP, "1 to 64 bytes"),
                ("a/b", "0 2 * * *", BACKUP, "1 to 64 bytes"),
                ("daily", "0 2 * * *", "[]", "not a JSON object"),
                ("daily", "0 2 * * *", {}, 'has no "operation"'),
                ("daily", "0 2 * * *", {"operation": "backup"},
                 'has no "repo"'),
                ("daily", "0 2 * * *", dict(BACKUP, operation="restore"),
                 "The operations are: backup, verify, prune, health, report"),
                ("daily", "0 2 * * *", {"operation": "report", "repo": "r",
                                        "period": "yearly"},
                 "The periods are: daily, weekly, monthly."),
                ("daily", "0 2 * * *", {"operation": "report", "repo": "r"},
                 'no period ""'),
                ("daily", "0 2 * * *", dict(BACKUP, keep=30),
                 'unknown key "keep"'),
                ("daily", "0 2 * * *", {"operation": "prune", "repo": "r"},
                 'has no "keep"'),
                ("daily", "0 2 * * *", {"operation": "prune", "repo": "r",
                                        "keep": {"dayly": 1}}, "dayly"),
                ("daily", "0 2 * * *", dict(BACKUP, kompress=True),
                 "The keys of a job of operation backup are: repo, operation,"
                 " zone, active, compress, options."),
                ("daily", "0 2 * * *", dict(BACKUP, operation="verify"),
                 'unknown key "compress"'),
                ("daily", "0 2 * * *", dict(BACKUP, database="x"),
                 'unknown key "database"'),
                ("daily", "0 2 * * *", dict(BACKUP, compress="rar"), "rar"),
                ("daily", "0 2 * * *", dict(BACKUP, options="full"),
                 '"options" in the job must be an object'),
                ("daily", "0 2 * * *", dict(BACKUP, options={"typ": "full"}),
                 "The options are: type, base, schema, tables"),
                ("daily", "0 2 * * *", dict(BACKUP, options={"type": "all"}),
                 "Choose one of: full incremental schema data"),
                ("daily", "0 2 * * *", dict(BACKUP,
                                            options={"compress": "zstd"}),
                 "compress is given twice"),
                ("daily", "0 2 * * *", dict(BACKUP, zone="Europe/Berlln"),
                 'no time zone "Europe/Berlln"'),
                ("daily", "0 2 * * *", dict(BACKUP, zone="../../etc/passwd"),
                 "no time zone"),
                ("daily", "0 2 * * *", dict(BACKUP, repo="ftp://host/x"),
                 "ftp"),
                (1, "0 2 * * *", BACKUP, "name must be a text")):
            self.fails(self.con, "zdb_schedule", name, cron, job, text=text)
        self.assertFalse(os.path.exists("backups"))

    def test_what_is_not_there(self):
        self.fails(self.con, "zdb_run_due", "backups/",
                   text='there are no jobs in "backups/"')
        self.fails(self.con, "zdb_unschedule", "daily", "backups/",
                   text="there are no jobs")
        with self.assertRaisesRegex(sqlite3.Error, "there are no jobs"):
            self.jobs()
        self.assertFalse(os.path.exists("backups"))
        self.schedule("daily")
        self.fails(self.con, "zdb_unschedule", "dayly", "backups/",
                   text="The jobs are: daily.")
        call(self.con, "zdb_unschedule", "daily", "backups/")
        self.assertEqual(self.jobs(), {})

    def test_a_file_that_is_damaged_is_an_error_and_stays(self):
        self.schedule("daily")
        for text, error in (('{"version": 1,\n "jobs": [', "near line 2"),
                            ('{"version": 2, "jobs": []}', "newer version"),
                            ("[]", 'no "version"'),
                            ('{"version": 1, "jobs": [{}]}', "no name")):
            with open(FILE, "w") as file:
                file.write(text)
            if "{}" not in text:
                self.fails(self.con, "zdb_run_due", "backups/", text=error)
                self.fails(self.con, "zdb_schedule", "x", "@daily", BACKUP,
                           text=error)
            with self.assertRaisesRegex(sqlite3.Error, error):
                self.jobs()
            with open(FILE) as file:
                self.assertEqual(file.read(), text)

    def test_who_may_read_it(self):
        self.schedule("daily")
        self.assertEqual(os.stat(FILE).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat("backups").st_mode & 0o777, 0o700)
        self.no_temporary_files()

    def test_not_from_a_view(self):
        self.con.execute("CREATE VIEW v AS SELECT zdb_run_due('backups/')")
        with self.assertRaisesRegex(sqlite3.Error, "unsafe use"):
            self.con.execute("SELECT * FROM v")

    def test_from_the_shell(self):
        self.schedule("daily")
        self.make_due("daily")
        self.con.close()
        output = zdbtest.shell("app.db", f".load {zdbtest.MODULE}",
                               "SELECT zdb_run_due('backups/')")
        self.assertEqual(json.loads(output)["ran"][0]["outcome"], "success")


class Scheduler(Tools):
    """The thread of the host's process"""

    def test_it_runs_what_is_due(self):
        self.schedule("daily")
        self.make_due("daily")
        self.assertTrue(call(self.con, "zdb_scheduler_start",
                             "backups/")["started"])
        self.assertFalse(call(self.con, "zdb_scheduler_start",
                              "backups")["started"])
        self.wait_for(lambda: self.jobs()["daily"]["last_outcome"]
                      == "success")
        self.assertEqual(len(self.backups()), 1)
        self.assertEqual(call(self.con, "zdb_scheduler_stop")["stopped"], 1)
        self.assertEqual(call(self.con, "zdb_scheduler_stop")["stopped"], 0)

    def test_it_waits_for_jobs_and_for_the_minute(self):
        call(self.con, "zdb_scheduler_start", "backups/")
        self.schedule("often", "* * * * *")
        self.wait_for(self.backups)
        self.assertEqual(call(self.con, "zdb_scheduler_stop",
                              "elsewhere")["stopped"], 0)
        self.assertEqual(call(self.con, "zdb_scheduler_stop",
                              "backups")["stopped"], 1)
        self.assertEqual(self.jobs()["often"]["last_outcome"], "success")

    def test_closing_the_connection_stops_it(self):
        con = self.open("app.db")
        self.schedule("daily")
        call(con, "zdb_scheduler_start", "backups/")
        con.close()
        self.assertEqual(call(self.con, "zdb_scheduler_stop")["stopped"], 0)

    def test_loading_again_does_not(self):
        self.schedule("daily")
        call(self.con, "zdb_scheduler_start", "backups/")
        self.con.load_extension(zdbtest.MODULE)
        self.assertEqual(call(self.con, "zdb_scheduler_stop")["stopped"], 1)

    def test_stopping_cancels_the_job_which_is_due_again(self):
        self.grow()
        self.schedule("daily")
        self.make_due("daily")
        call(self.con, "zdb_scheduler_start", "backups/")
        self.wait_for(lambda: self.jobs()["daily"]["last_outcome"]
                      == "running")
        call(self.con, "zdb_scheduler_stop")
        self.assertEqual(self.jobs()["daily"]["last_outcome"], "interrupted")
        self.assertEqual(self.backups(), [])
        self.no_temporary_files()
        self.assertEqual(len(self.run_due()["ran"]), 1)

    def test_the_process_ends_in_the_middle_of_a_job(self):
        self.grow()
        self.schedule("daily")
        self.make_due("daily")
        host = self.start_host(
            'con.execute("SELECT zdb_scheduler_start(\'backups/\')")\n'
            'while \'"started"\' not in open("backups/zdbackup_jobs.json")'
            ".read():\n"
            "    time.sleep(0.01)\n"
            "import os, ctypes\n"
            "ctypes.CDLL(None).exit(0)\n")
        self.assertEqual(host.communicate()[1], "")
        self.assertEqual(host.returncode, 0)
        self.assertEqual(self.backups(), [])
        self.no_temporary_files()

    def test_one_of_two_processes_is_enough(self):
        self.schedule("daily")
        self.make_due("daily")
        hosts = [self.start_host(
            'con.execute("SELECT zdb_scheduler_start(\'backups/\')")\n'
            'print("started", flush=True)\nsys.stdin.read()')
            for _ in range(2)]
        for host in hosts:
            self.assertEqual(host.stdout.readline(), "started\n")
        self.wait_for(self.backups)
        hosts[0].kill()
        self.make_due("daily")
        self.wait_for(lambda: len(self.backups()) == 2)
        hosts[1].kill()
        for host in hosts:
            host.communicate()

    def test_signals_go_to_the_host(self):
        host = self.start_host(
            "import signal\n"
            'con.execute("SELECT zdb_scheduler_start(\'backups/\')")\n'
            "import os\n"
            "for name in os.listdir('/proc/self/task'):\n"
            "    with open(f'/proc/self/task/{name}/status') as file:\n"
            "        for line in file:\n"
            "            if line.startswith('SigBlk'):\n"
            "                print(line.split()[1])\n")
        masks = host.communicate()[0].split()
        self.assertEqual(len(masks), 2)
        blocked = int(masks[1], 16)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1,
                       signal.SIGCHLD):
            self.assertTrue(blocked >> (number - 1) & 1)

    def test_where_it_cannot_be(self):
        con = self.open(":memory:")
        self.fails(con, "zdb_scheduler_start", "backups/",
                   text="a database in memory cannot have a scheduler")


zdbtest.main()
