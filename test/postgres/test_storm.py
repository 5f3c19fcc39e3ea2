"""A chain of backups holds what its last snapshot saw, row by row, whatever
happens meanwhile"""
import concurrent.futures
import itertools
import json
import os
import random
import subprocess
import threading
import time

import links
import pgtest
from links import SANITIZED, TABLES


class Storm(links.Case):
    # one writer's statements; {} is the id of a row
    WRITES = (
        "UPDATE plain SET n = n + 1 WHERE id = {}",
        "UPDATE plain SET id = id + 10000 WHERE id = {}",
        "DELETE FROM plain WHERE id BETWEEN {} AND {} + 3",
        "INSERT INTO plain SELECT {} + g, 0, 'new' FROM generate_series(1, 9) g"
        " ON CONFLICT DO NOTHING",
        "UPDATE moods SET m = enum_last(m) WHERE id = {}",
        "UPDATE toasted SET n = n + 1 WHERE id = {}",
        "UPDATE toasted SET t = repeat(md5(n::text), 100) WHERE id = {}",
        "UPDATE parts SET id = (id + 2000) % 4000 WHERE id = {}",
        "UPDATE made SET n = n + 1 WHERE id = {}",
        "INSERT INTO made (n) VALUES ({})",
        "SELECT 1 FROM plain WHERE id BETWEEN {} AND {} + 5 FOR KEY SHARE",
        "SELECT 1 FROM plain WHERE id = {} FOR UPDATE",
        "SELECT 1 FROM made WHERE id = {} FOR SHARE",
        "UPDATE unlogged SET n = -n WHERE id = {}",
    )

    # more of it, so that much stays as it is
    STILL = (
        "INSERT INTO plain SELECT g, g, 'still'"
        " FROM generate_series(10001, 30000) g",
        "INSERT INTO moods SELECT g, 'ok' FROM generate_series(10001, 15000) g",
        "INSERT INTO toasted SELECT g, repeat(md5(g::text), 100), g"
        " FROM generate_series(10001, 15000) g",
        "INSERT INTO parts_2 SELECT 2500, g FROM generate_series(1, 10000) g",
        "INSERT INTO made (n) SELECT g FROM generate_series(1, 10000) g",
    )

    def write(self, database, seed, stop):
        """Transactions of all kinds, until stop is set"""
        chance = random.Random(seed)
        session = pgtest.Session(self.cluster, database)
        session("SET lock_timeout = '300ms'")
        session("SET synchronous_commit = off")
        try:
            for number in itertools.count():
                if stop.is_set():
                    break
                self.write_once(session, f"{seed}.{number}", chance)
            session.close()
        except BrokenPipeError: # the server has crashed
            session.process.wait()

    def write_once(self, session, name, chance):
        session("BEGIN")
        for _ in range(chance.randint(1, 6)):
            if chance.random() < 0.2:
                session("SAVEPOINT a")
            session(chance.choice(self.WRITES).replace(
                "{}", str(chance.randint(1, 3000))))
            if chance.random() < 0.1:
                session("ROLLBACK TO a")
        if chance.random() < 0.1:
            session("SELECT pg_sleep(random())")
        end = chance.choice(("COMMIT", "COMMIT", "COMMIT", "ROLLBACK"))
        if chance.random() < 0.02:
            end = f"PREPARE TRANSACTION '{name}'"
        session(end)
        session("ROLLBACK")

    # between two backups; what has to wait too long is given up
    CHANGES = (
        "VACUUM plain", "VACUUM FREEZE plain", "VACUUM", "CHECKPOINT",
        "VACUUM FULL toasted", "CLUSTER plain USING plain_pkey",
        "TRUNCATE made", "ALTER TABLE made ALTER n TYPE bigint",
        "ALTER TABLE made ALTER n TYPE int",
        "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'",
        "ALTER TABLE plain ADD COLUMN more int DEFAULT 7",
        "ALTER TABLE plain DROP COLUMN more",
        "ALTER TABLE unlogged SET LOGGED", "ALTER TABLE unlogged SET UNLOGGED",
        "DELETE FROM plain WHERE id > 5000",
    )

    def end_prepared(self, chance, share):
        for name in self.psql("storm", "SELECT gid FROM pg_prepared_xacts"
                              ).split():
            if chance.random() < share:
                self.psql("storm", chance.choice(("COMMIT", "ROLLBACK"))
                          + f" PREPARED '{name}'")

    def change(self, chance):
        session = self.session("storm")
        session("SET lock_timeout = '1s'")
        for _ in range(2):
            session(chance.choice(self.CHANGES))
        self.end_prepared(chance, 0.8)

    def test_storm(self):
        """Many writers, everything that happens to tables, and a crash: each
        link of the chain holds what its snapshot saw"""
        seed = int(os.environ.get("SEED", random.randrange(10 ** 6)))
        print(f"# SEED={seed}")
        chance = random.Random(seed)
        self.database("storm")
        self.psql("storm", TABLES, *self.STILL)
        self.settle("storm")
        self.psql("storm", "ALTER SYSTEM SET autovacuum = on",
                  "SELECT pg_reload_conf()")
        self.addCleanup(self.psql, "storm", "ALTER SYSTEM RESET autovacuum",
                        "SELECT pg_reload_conf()")
        pool = concurrent.futures.ThreadPoolExecutor()
        self.addCleanup(pool.shutdown)
        seen, last, referred = [], None, 0
        for part in range(2):
            stop = threading.Event()
            self.addCleanup(stop.set)
            writers = [pool.submit(self.write, "storm", f"{seed}{part}{i}",
                                   stop) for i in range(3)]
            for i in range(3 if SANITIZED else 6):
                name = f"{part}{i}.sql.gz"
                report, rows = self.backup("storm", name, last,
                                           jobs=chance.choice((1, 3)))
                referred += report["chunks"] - report.get("chunks_stored",
                                                          report["chunks"])
                seen.append((name, rows))
                last = name
                self.change(chance)
            if part == 0:
                self.crash()
            stop.set()
            for writer in writers:
                writer.result()
        self.end_prepared(chance, 1)
        self.assertGreater(referred, 0)
        for name, rows in seen:
            with self.subTest(name=name, seed=seed):
                self.restored(name, rows)

    def test_a_chain_of_50(self):
        links = 15 if SANITIZED else 50
        self.database("fifty")
        self.psql("fifty", TABLES)
        _, rows = self.backup("fifty", "0.sql.gz")
        for i in range(1, links + 1):
            self.psql("fifty", f"UPDATE plain SET n = -{i} WHERE id % 50 = "
                      f"{i % 50} AND id / 1000 = {i % 6}")
            _, rows = self.backup("fifty", f"{i}.sql.gz", f"{i - 1}.sql.gz")
        self.restored(f"{links}.sql.gz", rows)
        self.assertTrue(self.call("fifty", "zdb_verify",
                                  self.path(f"{links}.sql.gz"))["ok"])


class Standby(pgtest.Case):
    def standby(self, *args):
        command = (f"{pgtest.BIN}/pg_ctl -D {self.copy} -l {self.copy}.log -w"
                   f" -o '-p 5433' {' '.join(args)}")
        subprocess.run(["su", "postgres", "-s", "/bin/sh", "-c", command]
                       if os.getuid() == 0 else ["sh", "-c", command],
                       check=True, cwd="/", stdout=subprocess.DEVNULL)

    def at_standby(self, statement):
        done = subprocess.run(
            self.cluster.command("psql", "-XAtq", "-p", "5433", "-d", "shop",
                                 "-c", statement),
            capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.rstrip("\n")

    def catch_up(self):
        lsn = self.psql("shop", "SELECT pg_current_wal_insert_lsn()")
        while self.at_standby("SELECT pg_last_wal_replay_lsn() >= "
                              f"'{lsn}'") != "t":
            time.sleep(0.1)

    def backup(self, run, name, base=None):
        options = {"type": "incremental", "base": self.path(base)} \
            if base else {}
        return json.loads(run(f"SELECT zdb_backup_to('{self.path(name)}',"
                              f" NULL, '{json.dumps(options)}')"))

    def restored(self, name):
        self.call("postgres", "zdb_restore_from", self.path(name),
                  {"target": "again", "overwrite": True})
        self.same_database("shop", "again")

    def test_bases_of_primary_and_standby(self):
        self.psql("postgres", "CREATE EXTENSION zdbackup")
        self.database("shop")
        self.psql("shop", "CREATE TABLE t AS SELECT g AS id, 0 AS n,"
                  " repeat('x', 100) FROM generate_series(1, 20000) g",
                  "VACUUM FREEZE")
        self.copy = os.path.join(self.cluster.dir, "standby")
        command = [f"{pgtest.BIN}/pg_basebackup", "-h", self.cluster.socket,
                   "-U", "postgres", "-D", self.copy, "-R", "-c", "fast"]
        subprocess.run(["su", "postgres", "-s", "/bin/sh", "-c",
                        " ".join(command)] if os.getuid() == 0 else command,
                       check=True, cwd="/")
        self.standby("start")
        self.addCleanup(self.standby, "-m", "immediate", "stop")

        def primary(statement):
            return self.psql("shop", statement)

        self.backup(primary, "a.sql.gz")
        primary("UPDATE t SET n = 1 WHERE id = 1")
        self.catch_up()
        report = self.backup(self.at_standby, "b.sql.gz", "a.sql.gz")
        self.assertEqual(report["type"], "incremental")
        self.assertLess(report["chunks_stored"], report["chunks"])
        self.restored("b.sql.gz")
        primary("UPDATE t SET n = 2 WHERE id = 20000")
        report = self.backup(primary, "c.sql.gz", "b.sql.gz")
        self.assertEqual(report["type"], "incremental")
        self.assertLess(report["chunks_stored"], report["chunks"])
        self.restored("c.sql.gz")
        self.at_standby("SELECT pg_wal_replay_pause()")
        primary("UPDATE t SET n = 3 WHERE id = 10000")
        self.backup(primary, "d.sql.gz", "c.sql.gz")
        report = self.backup(self.at_standby, "e.sql.gz", "d.sql.gz")
        self.assertIn("has not come so far", report["full_because"])
        self.at_standby("SELECT pg_wal_replay_resume()")
        self.standby("promote")
        report = self.backup(self.at_standby, "f.sql.gz", "d.sql.gz")
        self.assertIn("another timeline", report["full_because"])


pgtest.main()
