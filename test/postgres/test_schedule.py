"""pg_cron runs our jobs, in their database, and we say how that went"""
import json
import re
import time

import manual
import pgtest
from zdbtest import sql_text

PG_CRON = ("shared_preload_libraries = 'pg_cron'",
           "cron.database_name = 'postgres'",
           "cron.use_background_workers = on")


class Tools(pgtest.Case):

    def job(self, **changes):
        job = dict({"repo": self.dir, "operation": "backup",
                    "compress": True}, **changes)
        return {key: value for key, value in job.items() if value is not None}

    def schedule(self, where, name, cron="0 2 * * *", **changes):
        return self.call(where, "zdb_schedule", name, cron,
                         self.job(**changes))

    def jobs(self, database="app", user="postgres"):
        """{(database, name): row} of zdb_jobs()."""
        rows = json.loads(self.psql(
            database, "SELECT coalesce(json_agg(j), '[]') FROM zdb_jobs() j",
            user=user))
        return {(row["database"], row["name"]): row for row in rows}

    def cron(self, sql):
        return self.psql("postgres", sql)

    def refused(self, database, name, cron, job, text):
        return self.fails(database, "SELECT zdb_schedule(%s, %s, %s)" % tuple(
            map(sql_text, (name, cron, json.dumps(job)))), text=text)


class Schedule(Tools):
    settings = PG_CRON

    def setUp(self):
        super().setUp()
        self.psql("postgres", "CREATE EXTENSION IF NOT EXISTS pg_cron",
                  "CREATE EXTENSION IF NOT EXISTS zdbackup",
                  "SELECT cron.unschedule(jobid) FROM cron.job")
        self.database("app")
        self.psql("app", "CREATE TABLE t AS SELECT generate_series(1, 9) AS a")

    def make_missed(self, name):
        """As if it had been scheduled long ago and pg_cron did nothing."""
        self.cron("UPDATE cron.job SET command = regexp_replace(command,"
                  " '\"since\":\"[^\"]*\"', '\"since\":\"2020-01-01\"')"
                  f" WHERE jobname = {sql_text('zdbackup: app/' + name)}")

    def test_pg_cron_runs_it(self):
        hour = int(self.psql("app", "SELECT extract(hour FROM now() AT TIME"
                             " ZONE 'Europe/Berlin')::int"))
        self.schedule("app", "here", "* * * * *", options={"label": "x"})
        self.schedule("postgres", "there", "* * * * *")
        self.schedule("app", "zone", "* * * * *", zone="Europe/Berlin",
                      options={"type": "schema"})
        self.schedule("app", "wrong hour", f"* {(hour + 12) % 24} * * *",
                      zone="Europe/Berlin", options={"type": "data"})
        self.schedule("app", "fails", "* * * * *",
                      options={"tables": ["nowhere"]})
        self.schedule("app", "asleep", "* * * * *", active=False)
        wanted = {("app", "here"): "success", ("app", "zone"): "success",
                  ("postgres", "there"): "success",
                  ("app", "fails"): "failure"}
        for _ in range(140):
            jobs = self.jobs()
            if all(jobs[key]["last_outcome"] == outcome
                   for key, outcome in wanted.items()):
                break
            time.sleep(0.5)
        for key, outcome in wanted.items():
            self.assertEqual(jobs[key]["last_outcome"], outcome, key)
            self.assertEqual((jobs[key]["overdue"], jobs[key]["active"]),
                             (False, True))
        self.assertIn("nowhere", jobs["app", "fails"]["last_error"])
        self.assertIsNone(jobs["app", "wrong hour"]["last_run"])
        self.assertIsNone(jobs["app", "asleep"]["last_run"])
        self.assertIsNone(jobs["app", "asleep"]["next_run"])
        self.assertEqual(self.cron(
            "SELECT DISTINCT return_message FROM cron.job_run_details"
            " WHERE command LIKE '%wrong hour%'"), "SELECT 0")
        self.cron("SELECT cron.unschedule(jobid) FROM cron.job")
        listed = self.psql(
            "app", "SELECT DISTINCT database, type, label FROM zdb_list("
            f"{sql_text(self.dir)}) ORDER BY 1, 2, 3").split("\n")
        self.assertEqual(listed, ["app|full|x", "app|schema|",
                                  "postgres|full|"])
        records = self.psql(
            "app", "SELECT DISTINCT database, job, operation, outcome FROM"
            f" zdb_history({sql_text(self.dir)}) ORDER BY 1, 2").split("\n")
        self.assertEqual(records, [
            "app|fails|backup|failure", "app|here|backup|success",
            "app|zone|backup|success", "postgres|there|backup|success"])

    def test_what_is_said_of_it(self):
        said = self.schedule("app", "daily", "30 2 * * *",
                             zone="Asia/Shanghai")
        self.assertEqual((said["name"], said["database"], said["cron"]),
                         ("daily", "app", "30 2 * * *"))
        self.assertRegex(said["next_run"], "T18:30:00Z$")
        for database in ("app", "postgres"):
            row = self.jobs(database)["app", "daily"]
            self.assertEqual(
                (row["cron"], row["zone"], row["job"], row["last_run"]),
                ("30 2 * * *", "Asia/Shanghai",
                 self.job(zone="Asia/Shanghai"), None))
            self.assertRegex(row["next_run"], "T18:30:00")
        self.assertEqual(self.cron(
            "SELECT jobname, schedule, database FROM cron.job"),
            "zdbackup: app/daily|30 * * * *|app")
        for name in ("another", "zdbackup: app/by hand"):
            self.cron(f"SELECT cron.schedule('{name}', '@daily', 'SELECT 1')")
        self.assertEqual(len(self.jobs()), 1)
        self.assertEqual(self.psql(
            "app", "SELECT name FROM zdb_jobs('/elsewhere')"), "")
        self.assertEqual(self.psql(
            "app", f"SELECT name FROM zdb_jobs({sql_text(self.dir)})"),
            "daily")

    def test_scheduling_again_and_removing(self):
        self.schedule("app", "daily")
        self.schedule("postgres", "daily")
        number = self.cron("SELECT jobid FROM cron.job WHERE database = 'app'")
        self.make_missed("daily")
        self.schedule("app", "daily")   # the same times: begun then
        self.assertTrue(self.jobs()["app", "daily"]["overdue"])
        self.schedule("app", "daily", "0 3 * * *")
        self.assertFalse(self.jobs()["app", "daily"]["overdue"])
        self.assertEqual(self.cron(
            "SELECT jobid, schedule FROM cron.job WHERE database = 'app'"),
            number + "|0 3 * * *")
        for active in (False, True, True):
            self.schedule("app", "daily", active=active)
            self.assertEqual(self.jobs()["app", "daily"]["active"], active)
        self.assertEqual(self.cron("SELECT count(*) FROM cron.job"), "2")
        self.fails("app", "SELECT zdb_unschedule('dayly')",
                   text="HINT:  The jobs are: daily.")
        self.call("app", "zdb_unschedule", "daily")
        self.assertEqual(list(self.jobs()), [("postgres", "daily")])
        self.fails("app", "SELECT zdb_unschedule('daily')",
                   text="HINT:  There are none.")

    def test_in_the_database_of_pg_cron_it_is_transactional(self):
        job = sql_text(json.dumps(self.job()))
        self.psql("postgres", "BEGIN",
                  f"SELECT zdb_schedule('daily', '@daily', {job})", "ROLLBACK")
        self.assertEqual(self.cron("SELECT count(*) FROM cron.job"), "0")

    def test_for_another_database(self):
        self.schedule("postgres", "daily", database="app")
        self.assertEqual(list(self.jobs()), [("app", "daily")])
        self.cluster.create("bare")
        self.refused("app", "daily", "@daily", self.job(database="bare"),
                     'database "bare" has no extension zdbackup')
        self.refused("app", "daily", "@daily", self.job(database="nowhere"),
                     'database "nowhere" does not exist')

    def test_nothing_is_taken_for_sql(self):
        name = "it's \"a\" \\ $$; -- 每日"
        label = "'); DROP TABLE t; --\\' 好"
        self.schedule("app", name, options={"label": label})
        self.assertEqual(
            self.jobs()["app", name]["job"]["options"]["label"], label)
        self.make_missed(name)
        ran, = self.call("app", "zdb_run_due", self.dir)["ran"]
        self.assertEqual(ran["report"]["label"], label)
        self.assertEqual(self.psql("app", "SELECT count(*) FROM t"), "9")
        self.call("app", "zdb_unschedule", name)
        self.assertEqual(self.jobs(), {})

    def test_databases_of_other_encodings(self):
        self.database("latin", options="ENCODING 'LATIN1' LOCALE 'C'"
                      " TEMPLATE template0")
        self.psql("latin", "CREATE TABLE t AS SELECT 1")
        self.schedule("latin", "täglich", options={"label": "nächtlich"})
        row = self.jobs()["latin", "täglich"]
        self.assertEqual(row["job"]["options"]["label"], "nächtlich")
        self.cron("UPDATE cron.job SET command = replace(command, 'since',"
                  " 'gone')")
        self.cron("UPDATE cron.job SET command = regexp_replace(command,"
                  " '\"gone\":\"[^\"]*\",', '')")
        ran, = self.call("latin", "zdb_run_due")["ran"]
        self.assertEqual(ran["report"]["label"], "nächtlich")

    def test_what_pg_cron_missed_is_made_up(self):
        self.schedule("app", "fails", options={"tables": ["nowhere"]})
        self.schedule("app", "works")
        self.schedule("app", "new")
        self.schedule("app", "asleep", active=False)
        for name in ("fails", "works", "asleep"):
            self.make_missed(name)
        jobs = self.jobs()
        self.assertEqual([jobs["app", name]["overdue"] for name in (
            "fails", "works", "new", "asleep")], [True, True, False, False])
        ran = {one["job"]: one for one in self.call(
            "app", "zdb_run_due", self.dir)["ran"]}
        self.assertEqual(sorted(ran), ["fails", "works"])
        self.assertEqual(ran["works"]["report"]["type"], "full")
        self.assertIn("nowhere", ran["fails"]["error"])
        self.assertEqual(self.call("app", "zdb_run_due", self.dir)["ran"], [])
        jobs = self.jobs()
        self.assertEqual([jobs["app", name]["last_outcome"] for name in (
            "fails", "works", "new", "asleep")],
            ["failure", "success", None, None])
        self.assertEqual([name for name in jobs if jobs[name]["overdue"]], [])

    def test_every_operation(self):
        self.schedule("app", "a")
        self.schedule("app", "b", operation="verify", compress=None)
        for name, keep in (("c", 30), ("d", {"daily": 2})):
            self.schedule("app", name, operation="prune", compress=None,
                          keep=keep)
        self.schedule("app", "e", operation="report", compress=None,
                      period="weekly")
        for name in "abcde":
            self.make_missed(name)
        ran = {one["job"]: one for one in self.call("app", "zdb_run_due")
               ["ran"]}
        self.assertEqual({name: one.get("error") for name, one in ran.items()},
                         dict.fromkeys("abcde"))
        self.assertEqual(ran["e"]["report"]["total_backups"], 1)
        self.assertEqual(ran["b"]["report"]["verified"], "data")
        self.assertEqual(self.psql(
            "app", "SELECT DISTINCT job, operation FROM zdb_history("
            f"{sql_text(self.dir)}) ORDER BY 1"),
            "a|backup\nb|verify\nc|prune\nd|prune")

    def test_the_usual_plan(self):
        self.call("app", "zdb_backup_to", self.dir)
        said = self.call("app", "zdb_schedule_defaults", self.dir)
        names = [job["name"] for job in said["jobs"]]
        self.assertEqual(names, ["daily", "incremental", "weekly", "monthly",
                                 "verification", "health"])
        before = self.cron("SELECT * FROM cron.job ORDER BY jobid")
        self.call("app", "zdb_schedule_defaults", self.dir)
        self.assertEqual(self.cron("SELECT * FROM cron.job ORDER BY jobid"), before)
        for name in names:
            self.make_missed(name)
        ran = {one["job"]: one for one in self.call("app", "zdb_run_due")
               ["ran"]}
        self.assertEqual({name: one.get("error") for name, one in ran.items()},
                         dict.fromkeys(names))
        self.assertEqual(
            [ran[name]["report"]["type"] for name in names[:4]],
            ["full", "incremental", "schema", "full"])
        self.assertEqual(ran["verification"]["report"]["verified"], "restore")
        self.assertEqual(ran["daily"]["report"]["label"], "daily")

    def test_a_job_that_did_not_run_is_critical(self):
        self.call("app", "zdb_backup_to", self.dir, True,
                  {"verify": "restore"})
        self.schedule("app", "often", "*/10 * * * *")
        self.schedule("app", "daily")
        self.schedule("app", "elsewhere", repo="/var/tmp/nowhere")
        self.schedule("app", "asleep", active=False)
        self.assertEqual(self.call("app", "zdb_health", self.dir)["alerts"],
                         [])
        for name in ("often", "daily", "asleep", "elsewhere"):
            self.make_missed(name)
        self.psql("app", "DROP ROLE IF EXISTS watcher",
                  "CREATE ROLE watcher LOGIN IN ROLE pg_monitor",
                  "SELECT zdb_version()",
                  f"ALTER SYSTEM SET zdbackup.repository = '{self.dir}'",
                  "SELECT pg_reload_conf()")
        for database, user, own in (("app", "postgres", ""),
                                    ("postgres", "postgres", "app/"),
                                    ("app", "watcher", "")):
            health = self.call(database, "zdb_health", user=user)
            self.assertEqual(health["status"], "critical")
            self.assertEqual(
                [alert["message"].split(" has been")[0]
                 for alert in health["alerts"]],
                [f'job "{own}often"', f'job "{own}daily"'])
        self.psql("app", "DROP ROLE watcher", "SELECT zdb_version()",
                  "ALTER SYSTEM RESET zdbackup.repository",
                  "SELECT pg_reload_conf()")
        self.call("app", "zdb_run_due", self.dir)
        self.assertEqual(self.call("app", "zdb_health", self.dir)["alerts"],
                         [])

    def test_what_we_accept_pg_cron_accepts(self):
        for cron in ("*/15 1,2-5/2 1 JAN 7", "0 0 * * mon-FRI", "@hourly",
                     "@daily", "@midnight", "@weekly", "@monthly", "@yearly",
                     "@annually", " 0\t0  1-31/2 * *  ", "0 0 * * 0-7",
                     "59 23 31 12 *", "0 0 29 2 *"):
            self.schedule("app", "daily", cron)
            self.assertEqual(self.jobs()["app", "daily"]["cron"], cron)

    def test_what_is_wrong_shows_when_it_is_scheduled(self):
        for name, cron, job, text in (
                ("daily", "0 2 * *", self.job(), "less than five fields"),
                ("daily", "@reboot", self.job(), "when a server starts"),
                ("a/b", "0 2 * * *", self.job(), "1 to 64 bytes"),
                ("x" * 60, "0 2 * * *", self.job(), "too long"),
                ("daily", "0 2 * * *", self.job(kompress=1),
                 "are: repo, operation, zone, active, database, compress,"
                 " options."),
                ("daily", "0 2 * * *", self.job(options={"typ": "full"}),
                 'unknown option "typ"'),
                ("daily", "0 2 * * *", self.job(operation="restore"),
                 "The operations are: backup, verify, prune, health, report"),
                ("daily", "0 2 * * *", self.job(repo="relative"),
                 'path "relative" is relative'),
                ("daily", "0 2 * * *", self.job(zone="Mars/Utopia"),
                 'no time zone "Mars/Utopia"'),
                ("daily", "0 2 * * *", [], "not a JSON object")):
            self.refused("app", name, cron, job, text)
        self.fails("app", "SELECT zdb_schedule('x', '@daily', NULL)",
                   text="the job is null")
        self.fails("app", "SELECT zdb_run_job('{}')",
                   text="the job has no name")
        self.assertEqual(self.jobs(), {})

    def test_what_a_user_needs(self):
        self.psql("app", "DROP ROLE IF EXISTS clerk", "CREATE ROLE clerk"
                  " LOGIN IN ROLE pg_read_all_data")
        job = sql_text(json.dumps(self.job()))
        call = f"SELECT zdb_schedule('daily', '@daily', {job})"
        for grant, text in (
                ("", "permission denied for function zdb_schedule"),
                ("GRANT EXECUTE ON FUNCTION zdb_schedule, zdb_jobs TO clerk",
                 "permission denied to write a file of the server"),
                ("GRANT pg_write_server_files TO clerk",
                 "permission denied for function zdb_run_job"),
                ("GRANT EXECUTE ON FUNCTION zdb_run_job TO clerk",
                 "permission denied for function schedule_in_database")):
            if grant:
                self.psql("app", grant)
            self.fails("app", call, text=text, user="clerk")
        self.cron("GRANT EXECUTE ON FUNCTION cron.schedule_in_database"
                  " TO clerk")
        self.psql("app", call, user="clerk")
        self.assertEqual(self.cron("SELECT username FROM cron.job"), "clerk")
        self.schedule("app", "secret")
        self.assertEqual(list(self.jobs(user="clerk")), [("app", "daily")])
        self.psql("postgres", "DROP OWNED BY clerk")
        self.psql("app", "DROP OWNED BY clerk", "DROP ROLE clerk")

    def test_readme(self):
        readme = manual.text()
        plan = re.search(r"^SELECT zdb_schedule_defaults\(.*\);$", readme,
                         re.M).group(0).replace("/var/backups", self.dir)
        here, there = re.search(
            r"^(GRANT EXECUTE ON FUNCTION zdb_schedule.*;)\n"
            r"(GRANT USAGE .*;.*\nGRANT .*;)$", readme, re.M).groups()
        self.psql("app", "DROP ROLE IF EXISTS backup_role", "CREATE ROLE"
                  " backup_role LOGIN IN ROLE pg_write_server_files,"
                  " pg_read_server_files", "GRANT EXECUTE ON FUNCTION"
                  " zdb_schedule_defaults TO backup_role", here)
        self.psql("postgres", there)
        self.psql("app", plan, user="backup_role")
        self.assertEqual(len(self.jobs(user="backup_role")), 6)
        self.call("app", "zdb_unschedule", "daily", user="backup_role")
        for database in ("postgres", "app"):
            self.psql(database, "DROP OWNED BY backup_role")
        self.psql("app", "DROP ROLE backup_role")


class Without(Tools):

    def test_pg_cron_is_not_loaded(self):
        self.database("app")
        for call in ("zdb_schedule('x', '@daily', '{\"repo\": \"/tmp\","
                     " \"operation\": \"backup\"}')", "zdb_jobs()",
                     "zdb_unschedule('x')", "zdb_run_due('/tmp')"):
            error = self.fails("app", f"SELECT {call}", code="55000",
                               text="pg_cron, which is not loaded")
            self.assertIn("shared_preload_libraries = 'pg_cron'", error)


class Half(Tools):
    settings = PG_CRON

    def test_its_extension_is_not_there(self):
        self.database("app")
        for database in ("app", "postgres"):
            self.psql(database, "CREATE EXTENSION IF NOT EXISTS zdbackup")
            self.fails(database, "SELECT zdb_jobs()", code="55000",
                       text='database "postgres" has no extension pg_cron')


pgtest.main()
