"""What a merge means: one case a promise, run in both engines

The texts are SQL for both; $ID is a surrogate primary key, $BOOL and $TIME are
types, $DEFER makes a foreign key deferrable where that has to be said.
"""
from running import run, text_of  # noqa: F401

CASES = []
WORDS = {
    "sqlite": {"$ID": "INTEGER PRIMARY KEY", "$BOOL": "BOOLEAN",
               "$TIME": "TEXT", "$DEFER": "",
               "$GENERATED": "GENERATED ALWAYS AS (a * 2) STORED"},
    "postgres": {"$ID": "serial PRIMARY KEY", "$BOOL": "boolean",
                 "$TIME": "timestamptz", "$DEFER": "DEFERRABLE",
                 "$GENERATED": "GENERATED ALWAYS AS (a * 2) STORED"},
}


def case(name, schema, backup="", live="", policy=None, rows=None,
         report=None, error=None, engines=("sqlite", "postgres"),
         conflicts=None, live_schema=None, again=True):
    """rows: {query: [row, ...]}; report: {table: {key: value}}"""
    CASES.append(dict(name=name, schema=schema, backup=backup, live=live,
                      policy=policy, rows=rows or {}, report=report or {},
                      error=error, engines=engines, conflicts=conflicts,
                      live_schema=live_schema, again=again))


def in_engine(engine, text):
    for word, meaning in WORDS[engine].items():
        text = text.replace(word, meaning)
    return text


GUIDE = """
CREATE TABLE users(id $ID, email text UNIQUE, name text);
CREATE TABLE merchants(id $ID, uid text UNIQUE, title text);
CREATE TABLE conversations(id text PRIMARY KEY,
    user_id integer NOT NULL REFERENCES users(id), title text);
CREATE TABLE messages(id $ID,
    conversation_id text NOT NULL REFERENCES conversations(id), body text);
CREATE TABLE favourites(user_id integer REFERENCES users(id),
    merchant_id integer REFERENCES merchants(id),
    PRIMARY KEY (user_id, merchant_id));
"""

case("the guide: users by e-mail, merchants by uid, the rest attached", GUIDE,
     """INSERT INTO users VALUES (1, 'a@x', 'A'), (2, 'b@x', 'B'),
            (3, 'c@x', 'C');
        INSERT INTO merchants VALUES (1, 'm1', 'one'), (2, 'm2', 'two');
        INSERT INTO conversations VALUES ('c1', 1, 't1'), ('c2', 2, 't2'),
            ('c3', 3, 't3');
        INSERT INTO messages VALUES (1, 'c1', 'hi'), (2, 'c2', 'ho');
        INSERT INTO favourites VALUES (1, 1), (2, 2), (3, 1)""",
     """INSERT INTO users VALUES (1, 'z@x', 'Z'), (2, 'a@x', 'A2'),
            (5, 'b@x', 'B');
        INSERT INTO merchants VALUES (7, 'm2', 'two');
        INSERT INTO conversations VALUES ('c1', 2, 't1');
        INSERT INTO favourites VALUES (5, 7)""",
     rows={"SELECT * FROM users ORDER BY id":
           [(1, "z@x", "Z"), (2, "a@x", "A2"), (3, "c@x", "C"),
            (5, "b@x", "B")],
           "SELECT * FROM conversations ORDER BY id":
           [("c1", 2, "t1"), ("c2", 5, "t2"), ("c3", 3, "t3")],
           "SELECT * FROM favourites ORDER BY 1, 2":
           [(2, 1), (3, 1), (5, 7)],
           "SELECT * FROM merchants ORDER BY id":
           [(1, "m1", "one"), (7, "m2", "two")]},
     report={"users": {"key": ["email"], "identical": 1, "inserted": 1,
                       "kept": 1},
             "merchants": {"key": ["uid"], "identical": 1, "inserted": 1},
             "conversations": {"key": ["id"], "identical": 1, "inserted": 2,
                               "fk_remapped": 2},
             "favourites": {"key": ["user_id", "merchant_id"],
                            "identical": 1, "inserted": 2},
             "messages": {"inserted": 2}})

T = "CREATE TABLE t(id $ID, email text UNIQUE, a text, b text);"
B = "INSERT INTO t VALUES (1, 'x', 'new', NULL), (2, 'y', 'y', 'y')"
L = "INSERT INTO t VALUES (9, 'x', 'old', 'live')"
ALL = "SELECT id, email, a, b FROM t ORDER BY id"
case("1 the policy's key goes before all", T, B,
     "INSERT INTO t VALUES (9, 'z', 'new', NULL)",
     {"tables": {"t": {"key": ["a"]}}},
     {ALL: [(2, "y", "y", "y"), (9, "z", "new", None)]},
     {"t": {"key": ["a"], "kept": 1, "inserted": 1}})
case("1 a policy's key that is not unique here", T, B,
     "INSERT INTO t VALUES (8, 'p', 'new', NULL), (9, 'q', 'new', NULL)",
     {"tables": {"t": {"key": ["a"]}}}, error="not unique in the database")
case("1 a policy's key that is not there", T, B, L,
     {"tables": {"t": {"key": ["nope"]}}}, error='column "nope"')
case("2 no key: an error", "CREATE TABLE t(a int, b text)",
     "INSERT INTO t VALUES (1, 'x')", "", error="has no key")
case("2 no key: skip", "CREATE TABLE t(a int); CREATE TABLE u(id int PRIMARY"
     " KEY)", "INSERT INTO t VALUES (1); INSERT INTO u VALUES (1)", "",
     {"no_key": "skip"}, {"SELECT count(*) FROM t": [(0,)]})
case("2 no key: whole rows, as often as they are there",
     "CREATE TABLE t(a int, b text)",
     "INSERT INTO t VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, NULL)",
     "INSERT INTO t VALUES (1, 'x'), (3, 'z')", {"no_key": "whole_row"},
     {"SELECT a, count(*) FROM t GROUP BY a ORDER BY a":
      [(1, 3), (2, 1), (3, 1)]},
     {"t": {"key": None, "identical": 1, "inserted": 3}})
case("2 no key: whole rows of columns that have other types here",
     "CREATE TABLE t(a text, b integer, c numeric)",
     "INSERT INTO t VALUES ('7', 8, 9), ('x', 1.5, '3.0')",
     "INSERT INTO t VALUES (7, '8', '9')", {"no_key": "whole_row"},
     {"SELECT quote(a), quote(b), quote(c) FROM t ORDER BY a":
      [("7", "'8'", "'9'"), ("'x'", "'1.5'", "'3'")]},
     {"t": {"identical": 1, "inserted": 1}}, engines=("sqlite",),
     live_schema="CREATE TABLE t(a integer, b text, c text)")
case("1 key: a number there is its text here",
     "CREATE TABLE t(id integer PRIMARY KEY, uid integer UNIQUE, a text)",
     "INSERT INTO t VALUES (1, 7, 'x'), (2, 8, 'y')",
     "INSERT INTO t VALUES (5, '007', 'x'), (6, '8', 'y')", None,
     {"SELECT id, uid, a FROM t ORDER BY id": [(1, "7", "x"), (5, "007", "x"),
                                               (6, "8", "y")]},
     {"t": {"identical": 1, "inserted": 1}}, engines=("sqlite",),
     live_schema="CREATE TABLE t(id integer PRIMARY KEY, uid text UNIQUE,"
     " a text)")
case("12 fk: equal is what the parent's collation says",
     """CREATE TABLE c(name text COLLATE NOCASE PRIMARY KEY, a text);
    CREATE TABLE t(id integer PRIMARY KEY, c text REFERENCES c(name), up int
        REFERENCES t(id))""",
     "INSERT INTO c VALUES ('Ann', 'x'), ('BOB', 'y'); INSERT INTO t VALUES"
     " (1, 'ANN', 2), (2, 'bob', NULL), (3, 'aNN', 1)",
     "INSERT INTO c VALUES ('ann', 'x'); INSERT INTO t VALUES"
     " (3, 'aNN', NULL)", {"on_match": "overwrite"},
     {"SELECT name FROM c ORDER BY a": [("ann",), ("BOB",)],
      "SELECT id, c, up FROM t ORDER BY id":
      [(1, "ANN", 2), (2, "bob", None), (3, "aNN", 1)]},
     {"t": {"inserted": 2, "updated": 1, "orphaned": 0, "fk_remapped": 0}},
     engines=("sqlite",))
case("14 orphan: a reference inside a cycle that becomes NULL fills nothing",
     "CREATE TABLE t(id int PRIMARY KEY, a text, up int)",
     "INSERT INTO t VALUES (1, 'x', 9), (2, 'y', 1), (3, 'z', 1)",
     "INSERT INTO t VALUES (1, 'x', NULL), (2, NULL, NULL), (3, 'z', NULL)",
     {"on_match": "fill", "on_orphan": "null"},
     {"SELECT id, a, up FROM t ORDER BY id":
      [(1, "x", None), (2, "y", 1), (3, "z", 1)]},
     {"t": {"identical": 1, "updated": 2}},
     live_schema="CREATE TABLE t(id int PRIMARY KEY, a text,"
     " up int REFERENCES t(id))")
case("7 another unique index whose NULLs are equal",
     "CREATE TABLE t(id int PRIMARY KEY, a text, b text,"
     " UNIQUE NULLS NOT DISTINCT (a, b))",
     "INSERT INTO t VALUES (1, 'x', NULL), (2, 'y', NULL)",
     "INSERT INTO t VALUES (7, 'x', NULL)", None,
     {"SELECT id, a FROM t ORDER BY id": [(2, "y"), (7, "x")]},
     {"t": {"conflicts": 1, "inserted": 1}}, engines=("postgres",),
     conflicts=[("t", "unique", {"id": 1})])
case("2 no key: append", "CREATE TABLE t(a int)",
     "INSERT INTO t VALUES (1), (1)", "INSERT INTO t VALUES (1)",
     {"no_key": "append"}, {"SELECT count(*) FROM t": [(3,)]}, again=False)
case("4 NULL in the key: compared whole", T,
     "INSERT INTO t VALUES (1, NULL, 'a', 'b'), (2, NULL, 'c', 'd')",
     "INSERT INTO t VALUES (7, NULL, 'a', 'b')", None,
     {ALL: [(2, None, "c", "d"), (7, None, "a", "b")]},
     {"t": {"identical": 1, "inserted": 1}})
case("4 NULLS NOT DISTINCT: NULL is a value",
     "CREATE TABLE t(id $ID, email text UNIQUE NULLS NOT DISTINCT, a text,"
     " b text)", "INSERT INTO t VALUES (1, NULL, 'new', NULL)",
     "INSERT INTO t VALUES (7, NULL, 'old', 'b')", "overwrite",
     {ALL: [(7, None, "new", None)]}, {"t": {"updated": 1}},
     engines=("postgres",))
case("5 the column's collation decides",
     "CREATE TABLE t(id $ID, email text COLLATE NOCASE UNIQUE, a text,"
     " b text)", "INSERT INTO t VALUES (1, 'X', 'new', NULL)", L, None,
     {ALL: [(9, "x", "old", "live")]}, {"t": {"kept": 1}},
     engines=("sqlite",))
case("5 the index's expression decides",
     "CREATE TABLE t(id $ID, email text, a text, b text);"
     "CREATE UNIQUE INDEX u ON t(lower(email))",
     "INSERT INTO t VALUES (1, 'X', 'new', NULL)", L, None,
     {ALL: [(9, "x", "old", "live")]}, {"t": {"kept": 1}})
case("5 near duplicates are told", T, "INSERT INTO t VALUES (1, 'X', 'n', '')",
     L, None, {"SELECT count(*) FROM t": [(2,)]}, {"t": {"inserted": 1}})
case("6 two for one row: the first by primary key",
     "CREATE TABLE t(id $ID, email text, a text, b text)",
     "INSERT INTO t VALUES (5, 'x', 'second', NULL), (3, 'x', 'first', NULL)",
     "", {"tables": {"t": {"key": ["email"]}}},
     {ALL: [(3, "x", "first", None)]}, {"t": {"inserted": 1, "duplicates": 1}},
     conflicts=[("t", "duplicate", {"email": "x"})])
U = "CREATE TABLE t(id $ID, email text UNIQUE, phone text UNIQUE);"
case("7 the key misses and another index hits", U,
     "INSERT INTO t VALUES (1, 'new', '123')",
     "INSERT INTO t VALUES (9, 'old', '123')", "overwrite",
     {"SELECT * FROM t": [(9, "old", "123")]}, {"t": {"conflicts": 1}},
     conflicts=[("t", "unique", {"email": "new"})])
case("7 two keys point at different rows", U,
     "INSERT INTO t VALUES (1, 'a', '2')",
     "INSERT INTO t VALUES (8, 'a', '1'), (9, 'b', '2')", "overwrite",
     {"SELECT * FROM t ORDER BY id": [(8, "a", "1"), (9, "b", "2")]},
     {"t": {"conflicts": 1}}, conflicts=[("t", "unique", {"email": "a"})])
case("8 an id that is taken is given anew, and mapped", T +
     "CREATE TABLE c(id $ID, t_id int REFERENCES t(id))",
     "INSERT INTO t VALUES (1, 'new', 'n', ''), (2, 'free', 'f', '');"
     "INSERT INTO c VALUES (1, 1), (2, 2)",
     "INSERT INTO t VALUES (1, 'other', 'o', '')", None,
     {ALL: [(1, "other", "o", ""), (2, "free", "f", ""), (3, "new", "n", "")],
      "SELECT * FROM c ORDER BY id": [(1, 3), (2, 2)]},
     {"t": {"inserted": 2, "new_ids": 1}, "c": {"fk_remapped": 1}})
case("9 overwrite: not the primary key, not what is generated",
     "CREATE TABLE t(id $ID, email text UNIQUE, a int, g int $GENERATED)",
     "INSERT INTO t(id, email, a) VALUES (1, 'x', 5), (2, 'y', 6)",
     "INSERT INTO t(id, email, a) VALUES (8, 'x', 4), (9, 'y', 6)",
     "overwrite", {"SELECT * FROM t ORDER BY id": [(8, "x", 5, 10),
                                                    (9, "y", 6, 12)]},
     {"t": {"updated": 1, "identical": 1}})
N = "CREATE TABLE t(id $ID, email text UNIQUE, a text, updated_at $TIME);"
case("10 newest: later wins; a tie and NULL keep", N,
     """INSERT INTO t VALUES (1, 'later', 'new', '2025-02-02'),
            (2, 'earlier', 'new', '2025-01-01'), (3, 'tie', 'new',
            '2025-01-01'), (4, 'null', 'new', NULL)""",
     """INSERT INTO t VALUES (1, 'later', 'old', '2025-01-01'),
            (2, 'earlier', 'old', '2025-02-02'), (3, 'tie', 'old',
            '2025-01-01'), (4, 'null', 'old', '2025-01-01')""", "newest",
     {"SELECT email, a FROM t ORDER BY id":
      [("later", "new"), ("earlier", "old"), ("tie", "old"),
       ("null", "old")]}, {"t": {"updated": 1, "kept": 3}})
case("10 newest without a column", T, B, L, "newest", error="newest")
case("fill: only what is NULL here", T,
     "INSERT INTO t VALUES (1, 'x', 'new', 'new')",
     "INSERT INTO t VALUES (9, 'x', 'old', NULL)", "fill",
     {ALL: [(9, "x", "old", "new")]}, {"t": {"updated": 1}})
case("fail: a row that differs", T, B, L, "fail", error='"email"')
case("fail: identical rows may be", T, B,
     "INSERT INTO t VALUES (9, 'x', 'new', NULL)", "fail",
     {"SELECT count(*) FROM t": [(2,)]},
     {"t": {"identical": 1, "inserted": 1}})
case("a policy for one table as a word", T, B, L,
     {"tables": {"t": "overwrite"}},
     {ALL: [(2, "y", "y", "y"), (9, "x", "new", None)]},
     {"t": {"updated": 1}})
case("a table left out", T + "CREATE TABLE u(id int PRIMARY KEY)",
     B + "; INSERT INTO u VALUES (1)", "", {"tables": {"u": False}},
     {"SELECT count(*) FROM u": [(0,)], "SELECT count(*) FROM t": [(2,)]})
TREE = """CREATE TABLE t(id $ID, uid text UNIQUE,
    parent int REFERENCES t(id));"""
case("11 self-reference", TREE,
     "INSERT INTO t VALUES (1, 'root', NULL), (2, 'kid', 1), (3, 'leaf', 2)",
     "INSERT INTO t VALUES (2, 'root', NULL), (3, 'other', 2)", None,
     {"SELECT k.uid, p.uid FROM t k LEFT JOIN t p ON p.id = k.parent"
      " ORDER BY k.uid": [("kid", "root"), ("leaf", "kid"),
                          ("other", "root"), ("root", None)]},
     {"t": {"inserted": 2, "identical": 1}})
case("11 self-reference, overwritten", TREE,
     "INSERT INTO t VALUES (1, 'root', NULL), (2, 'kid', 1)",
     "INSERT INTO t VALUES (5, 'kid', NULL), (6, 'root', NULL)", "overwrite",
     {"SELECT * FROM t ORDER BY id": [(5, "kid", 6), (6, "root", None)]},
     {"t": {"updated": 1, "identical": 1}})
CYCLE = """CREATE TABLE a(id $ID, uid text UNIQUE, b_id int);
    CREATE TABLE b(id $ID, uid text UNIQUE, a_id int NOT NULL
        REFERENCES a(id));"""
POSTGRES_CYCLE = CYCLE + "ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES" \
    " b(id)"
SQLITE_CYCLE = CYCLE.replace("b_id int", "b_id int REFERENCES b(id)")
for engines, schema in ((("postgres",), POSTGRES_CYCLE),
                        (("sqlite",), SQLITE_CYCLE)):
    case("11 two tables in a circle", schema,
         "INSERT INTO a VALUES (1, 'a1', NULL); INSERT INTO b VALUES"
         " (1, 'b1', 1); UPDATE a SET b_id = 1",
         "INSERT INTO a VALUES (1, 'ax', NULL); INSERT INTO b VALUES"
         " (1, 'bx', 1)", None,
         {"SELECT a.uid, b.uid FROM a LEFT JOIN b ON b.id = a.b_id"
          " ORDER BY 1": [("a1", "b1"), ("ax", None)],
          "SELECT b.uid, a.uid FROM b JOIN a ON a.id = b.a_id ORDER BY 1":
          [("b1", "a1"), ("bx", "ax")]}, engines=engines)
case("11 a circle of NOT NULL columns", POSTGRES_CYCLE.replace(
    "b_id int", "b_id int NOT NULL"), error="circle", engines=("postgres",))
case("12 a reference to another unique key",
     "CREATE TABLE p(id $ID, email text UNIQUE, code text UNIQUE);"
     "CREATE TABLE c(id $ID, code text REFERENCES p(code))",
     "INSERT INTO p VALUES (1, 'x', 'old-code'), (2, 'y', 'y-code');"
     "INSERT INTO c VALUES (1, 'old-code'), (2, 'y-code'), (3, NULL)",
     "INSERT INTO p VALUES (1, 'x', 'new-code')", None,
     {"SELECT * FROM c ORDER BY id": [(1, "new-code"), (2, "y-code"),
                                      (3, None)]})
case("12 a composite reference, partly NULL",
     "CREATE TABLE p(a int, b int, PRIMARY KEY (a, b));"
     "CREATE TABLE c(id $ID, a int, b int, FOREIGN KEY (a, b)"
     " REFERENCES p(a, b))",
     "INSERT INTO p VALUES (1, 2); INSERT INTO c VALUES (1, 1, 2),"
     " (2, 9, NULL), (3, NULL, NULL)", "", None,
     {"SELECT * FROM c ORDER BY id": [(1, 1, 2), (2, 9, None),
                                      (3, None, None)]})
case("13 a reference that nobody declared", T +
     "CREATE TABLE notes(id $ID, subject_id int)",
     "INSERT INTO t VALUES (1, 'x', '', ''); INSERT INTO notes VALUES (1, 1)",
     "INSERT INTO t VALUES (9, 'x', '', '')",
     {"references": [{"from": "notes.subject_id", "to": "t.id"}]},
     {"SELECT * FROM notes": [(1, 9)]}, {"notes": {"fk_remapped": 1}})
case("13 a reference to nowhere", T, B, L,
     {"references": [{"from": "t.nope", "to": "t.id"}]}, error="t.nope")
PARENTS = """CREATE TABLE p(id $ID, uid text UNIQUE, phone text UNIQUE);
    CREATE TABLE c(id int PRIMARY KEY, p_id int REFERENCES p(id));
    CREATE TABLE g(id int PRIMARY KEY, c_id int REFERENCES c(id));"""
ORPHANS = ("INSERT INTO p VALUES (1, 'dead', '1'), (2, 'fine', '2');"
           "INSERT INTO c VALUES (1, 1), (2, 2); INSERT INTO g VALUES (1, 1),"
           " (2, 2)", "INSERT INTO p VALUES (9, 'other', '1')")
case("14 orphans are skipped, and their children", PARENTS, *ORPHANS, None,
     {"SELECT id FROM c": [(2,)], "SELECT id FROM g": [(2,)]},
     {"p": {"conflicts": 1, "inserted": 1}, "c": {"orphaned": 1},
      "g": {"orphaned": 1}},
     conflicts=[("p", "unique", {"uid": "dead"}), ("c", "orphan", {"id": 1}),
                ("g", "orphan", {"id": 1})])
case("14 orphans with NULL", PARENTS, *ORPHANS, {"on_orphan": "null"},
     {"SELECT id, p_id IS NULL FROM c ORDER BY id": [(1, True), (2, False)],
      "SELECT id, c_id FROM g ORDER BY id": [(1, 1), (2, 2)]})
case("14 orphans are an error", PARENTS, *ORPHANS, {"on_orphan": "fail"},
     error="refers to none")
case("14 a parent that takes no part", PARENTS,
     "INSERT INTO p VALUES (1, 'a', '1'), (2, 'b', '2'); INSERT INTO c VALUES"
     " (1, 1), (2, 2)", "INSERT INTO p VALUES (2, 'here', '9')",
     {"tables": {"p": False}}, {"SELECT * FROM c": [(2, 2)]},
     {"c": {"orphaned": 1, "inserted": 1}})
case("16 the predicate of a partial index is part of the match",
     "CREATE TABLE t(id $ID, email text, a text, b text);"
     "CREATE UNIQUE INDEX live ON t(email) WHERE b IS NULL",
     "INSERT INTO t VALUES (1, 'x', 'new', NULL), (2, 'x', 'gone', 'deleted')",
     "INSERT INTO t VALUES (8, 'x', 'old', NULL), (9, 'x', 'gone', 'deleted')",
     "overwrite", {ALL: [(8, "x", "new", None), (9, "x", "gone", "deleted")]},
     {"t": {"updated": 1, "identical": 1}})
case("18 triggers do not fire",
     "CREATE TABLE t(id $ID, uid text UNIQUE);"
     "CREATE TRIGGER boom BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT,"
     " 'boom'); END", "", "", None, engines=("sqlite",))
case("20 columns of one side", "CREATE TABLE t(id $ID, email text UNIQUE,"
     " gone text)", "INSERT INTO t VALUES (1, 'x', 'lost')", "", None,
     {"SELECT * FROM t": [(1, "x", "dflt")]},
     {"t": {"dropped_columns": ["gone"], "defaulted_columns": ["fresh"]}},
     live_schema="CREATE TABLE t(id $ID, email text UNIQUE,"
     " fresh text DEFAULT 'dflt')")
case("20 NOT NULL without a default", "CREATE TABLE t(id $ID, email text"
     " UNIQUE)", "INSERT INTO t VALUES (1, 'x')", "", None,
     error='column "must"',
     live_schema="CREATE TABLE t(id $ID, email text UNIQUE, must text"
     " NOT NULL)")
case("20 all that is wrong is told together", "CREATE TABLE t(id $ID, email"
     " text UNIQUE); CREATE TABLE u(a int)", "INSERT INTO t VALUES (1, 'x')",
     "", None, error=('column "must"', 'table "u" has no key'),
     live_schema="CREATE TABLE t(id $ID, email text UNIQUE, must text"
     " NOT NULL); CREATE TABLE u(a int)")
case("20 a table that is not here", T + "CREATE TABLE u(id int PRIMARY KEY)",
     B + "; INSERT INTO u VALUES (1)", "", None,
     {"SELECT count(*) FROM t": [(2,)]}, live_schema=T)
case("20 a table is created", T + "CREATE TABLE u(id $ID, t_id int"
     " REFERENCES t(id), word text UNIQUE)",
     B + "; INSERT INTO u VALUES (1, 1, 'w')", L, {"create_missing": True},
     {"SELECT * FROM u": [(1, 9, "w")]}, live_schema=T)
case("20 a check constraint stops all", "CREATE TABLE t(id $ID, a int)",
     "INSERT INTO t VALUES (1, 1), (2, -1)", "", None, error="check",
     live_schema="CREATE TABLE t(id $ID, a int CHECK (a > 0))")
case("21 what was deleted here comes back", T, B, "", None,
     {"SELECT count(*) FROM t": [(2,)]}, {"t": {"inserted": 2}})
case("names that need quoting",
     'CREATE TABLE "my ""users"" – 用户"(id $ID, "E-Mail" text, "select" text);'
     'CREATE UNIQUE INDEX "an index" ON "my ""users"" – 用户"("E-Mail");'
     'CREATE TABLE "Order"(id $ID, "user\'s" int REFERENCES'
     ' "my ""users"" – 用户"(id))',
     'INSERT INTO "my ""users"" – 用户" VALUES (1, \'x\', \'new\');'
     'INSERT INTO "Order" VALUES (1, 1)',
     'INSERT INTO "my ""users"" – 用户" VALUES (9, \'x\', \'old\')',
     {"tables": {'my "users" – 用户': {"key": ["E-Mail"],
                                     "on_match": "overwrite"}}},
     {'SELECT * FROM "my ""users"" – 用户"': [(9, "x", "new")],
      'SELECT * FROM "Order"': [(1, 9)]},
     {'my "users" – 用户': {"updated": 1}})
case("an unknown policy key", T, B, L, {"on_mach": "keep"},
     error='unknown key "on_mach"')
case("an unknown table in the policy", T, B, L, {"tables": {"nope": "keep"}},
     error='"nope"')
case("an unknown value in the policy", T, B, L, {"on_match": "maybe"},
     error="on_match")
case("values of all kinds",
     "CREATE TABLE t(id $ID, uid text UNIQUE, n numeric, f double precision,"
     " d $TIME, ok $BOOL)",
     "INSERT INTO t VALUES (1, 'a', 1.50, 0.1, '2025-01-02 03:04:05+00',"
     " true), (2, 'b', NULL, NULL, NULL, NULL)",
     "INSERT INTO t VALUES (8, 'a', 1.50, 0.1, '2025-01-02 03:04:05+00',"
     " true)", "fail", {"SELECT count(*) FROM t": [(2,)]},
     {"t": {"identical": 1, "inserted": 1}})

TENANTS = "CREATE TABLE tenants(id $ID, uid text UNIQUE);"
TWO = "INSERT INTO tenants VALUES (1, 'A'), (2, 'B');"
MOVED = "INSERT INTO tenants VALUES (1, 'Z'), (2, 'Y'), (3, 'A')"
USERS = """CREATE TABLE users(tenant_id int NOT NULL REFERENCES tenants(id),
    id int NOT NULL, PRIMARY KEY (tenant_id, id));"""
# engines list foreign keys by name, or from the last to the first
for first, second in (("a", "b"), ("b", "a")):
    def shared(parent, columns, to):
        keys = [f"CONSTRAINT {first} FOREIGN KEY (tenant_id)"
                " REFERENCES tenants(id)",
                f"CONSTRAINT {second} FOREIGN KEY (tenant_id, {columns})"
                f" REFERENCES {parent}(tenant_id, {to})"]
        return ", ".join(sorted(keys))
    case(f"12 a column that two references share, {first}",
         TENANTS + USERS + "CREATE TABLE docs(uid text PRIMARY KEY, tenant_id"
         f" int, user_id int, {shared('users', 'user_id', 'id')})",
         TWO + "INSERT INTO users VALUES (1, 1), (2, 1); INSERT INTO docs"
         " VALUES ('d1', 1, 1), ('d2', 1, NULL), ('d3', 2, NULL),"
         " ('d4', 2, 1)", MOVED,
         rows={"SELECT d.uid, t.uid, d.user_id FROM docs d JOIN tenants t ON"
               " t.id = d.tenant_id ORDER BY 1":
               [("d1", "A", 1), ("d2", "A", None), ("d3", "B", None),
                ("d4", "B", 1)]},
         report={"docs": {"inserted": 4, "orphaned": 0}})
    case(f"12 a column shared with a self-reference, {first}",
         TENANTS + "CREATE TABLE folders(tenant_id int NOT NULL, name text"
         " NOT NULL, parent text, PRIMARY KEY (tenant_id, name),"
         f" {shared('folders', 'parent', 'name')})",
         TWO + "INSERT INTO folders VALUES (1, 'r', NULL), (1, 'k', 'r'),"
         " (2, 'r', NULL), (2, 'm', 'r')", MOVED,
         rows={"SELECT t.uid, f.name, f.parent FROM folders f JOIN tenants t"
               " ON t.id = f.tenant_id ORDER BY 1, 2":
               [("A", "k", "r"), ("A", "r", None), ("B", "m", "r"),
                ("B", "r", None)]})
    case(f"12 a column shared with a self-reference to new ids, {first}",
         TENANTS + "CREATE TABLE folders(id $ID, uid text UNIQUE, tenant_id"
         " int NOT NULL, parent int, UNIQUE (tenant_id, id),"
         f" {shared('folders', 'parent', 'id')})",
         TWO + "INSERT INTO folders VALUES (1, 'r1', 1, NULL), (2, 'k1', 1,"
         " 1), (3, 'r2', 2, NULL), (4, 'k2', 2, 3)",
         MOVED + "; INSERT INTO folders VALUES (1, 'z', 1, NULL)",
         rows={"SELECT t.uid, f.uid, p.uid FROM folders f JOIN tenants t ON"
               " t.id = f.tenant_id LEFT JOIN folders p ON p.id = f.parent"
               " AND p.tenant_id = f.tenant_id WHERE f.uid <> 'z' ORDER BY 1,"
               " 2":
               [("A", "k1", "r1"), ("A", "r1", None), ("B", "k2", "r2"),
                ("B", "r2", None)]})
case("12 the parent has no such key here: an orphan",
     "CREATE TABLE p(id $ID, email text UNIQUE, code text UNIQUE);"
     " CREATE TABLE c(id $ID, code text REFERENCES p(code))",
     "INSERT INTO p VALUES (1, 'x', 'C1'); INSERT INTO c VALUES (1, 'C1')",
     "INSERT INTO p VALUES (5, 'x', NULL)",
     rows={"SELECT count(*) FROM c": [(0,)]}, report={"c": {"orphaned": 1}})
ONE = """CREATE TABLE p(user_id INTEGER PRIMARY KEY REFERENCES users(id));
    CREATE TABLE c(user_id INTEGER PRIMARY KEY REFERENCES p(user_id),
    b text);"""
case("6 two for one, down a chain of keys that are references",
     "CREATE TABLE users(id $ID, email text);" + ONE,
     "INSERT INTO users VALUES (1, 'a'), (2, 'a'), (3, 'b');"
     " INSERT INTO p VALUES (1), (2), (3);"
     " INSERT INTO c VALUES (1, 'c1'), (2, 'c2'), (3, 'c3')",
     "INSERT INTO users VALUES (1, 'q'), (3, 'z')",
     live_schema="CREATE TABLE users(id $ID, email text UNIQUE);" + ONE,
     rows={"SELECT u.email, c.b FROM users u JOIN c ON c.user_id = u.id"
           " ORDER BY 1": [("a", "c1"), ("b", "c3")]},
     report={"c": {"duplicates": 1, "inserted": 2, "fk_remapped": 3}})
case("8 an id that refers to a table left out is not given anew",
     "CREATE TABLE users(id $ID, email text UNIQUE); CREATE TABLE profiles("
     "user_id INTEGER PRIMARY KEY REFERENCES users(id), uid text UNIQUE)",
     "INSERT INTO users VALUES (1, 'a'), (2, 'b');"
     " INSERT INTO profiles VALUES (1, 'pa'), (2, 'pb')",
     "INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c');"
     " INSERT INTO profiles VALUES (1, 'zz')", {"tables": {"users": False}},
     {"SELECT * FROM profiles ORDER BY 1": [(1, "zz"), (2, "pb")]},
     conflicts=[("profiles", "unique", {"uid": "pa"})])
case("fill: a circle's references that are here stay",
     "CREATE TABLE a(id $ID, uid text UNIQUE, b_id int, n text);"
     " CREATE TABLE b(id $ID, uid text UNIQUE, a_id int REFERENCES a(id), n"
     " text); ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b(id)",
     "INSERT INTO b VALUES (1, 'b1', NULL, 'x'), (2, 'b2', NULL, 'x');"
     " INSERT INTO a VALUES (1, 'a1', 1, 'new'); UPDATE b SET a_id = 1",
     "INSERT INTO b VALUES (11, 'b1', NULL, NULL), (12, 'b2', NULL, 'x');"
     " INSERT INTO a VALUES (11, 'a1', 12, NULL), (12, 'a2', 11, NULL);"
     " UPDATE b SET a_id = 12", "fill",
     {"SELECT * FROM a ORDER BY 1": [(11, "a1", 12, "new"),
                                     (12, "a2", 11, None)],
      "SELECT * FROM b ORDER BY 1": [(11, "b1", 12, "x"),
                                     (12, "b2", 12, "x")]},
     engines=("postgres",))
for key in ("id $ID, uid text UNIQUE", "uid text PRIMARY KEY"):
    case("ON CONFLICT REPLACE takes no rows away: " + key,
         f"CREATE TABLE t({key}, a int)",
         "INSERT INTO t(uid, a) VALUES ('x', 1)",
         "INSERT INTO t(uid, a) VALUES ('y', 1)", error="UNIQUE",
         live_schema=f"CREATE TABLE t({key}, a int, b int DEFAULT 0,"
         " UNIQUE (a, b) ON CONFLICT REPLACE)", engines=("sqlite",))
case("the rows of tables that inherit are their own",
     "CREATE TABLE p(id int PRIMARY KEY, n text);"
     " CREATE TABLE c(PRIMARY KEY (id)) INHERITS (p)",
     "INSERT INTO p VALUES (1, 'p1'), (2, 'p2');"
     " INSERT INTO c VALUES (1, 'c1'), (3, 'c3')",
     "INSERT INTO p VALUES (3, 'p3'); INSERT INTO c VALUES (2, 'c2')",
     "overwrite", {"SELECT * FROM ONLY p ORDER BY 1":
                   [(1, "p1"), (2, "p2"), (3, "p3")],
                   "SELECT * FROM c ORDER BY 1":
                   [(1, "c1"), (2, "c2"), (3, "c3")]}, engines=("postgres",))
FAMILY = """CREATE TABLE users(id $ID, email text UNIQUE, name text,
        boss integer REFERENCES users(id));
    CREATE TABLE notes(id $ID, user_id integer NOT NULL REFERENCES users(id),
        body text);
    CREATE TABLE tags(user_id integer REFERENCES users(id), tag text, n int,
        PRIMARY KEY (user_id, tag))"""
MEMBERS = """INSERT INTO users VALUES (1, 'a', 'A', NULL), (2, 'b', 'B', 1),
        (3, 'c', 'C', 2);
    INSERT INTO notes VALUES (1, 1, 'of a'), (2, 2, 'of b'), (3, 3, 'of c');
    INSERT INTO tags VALUES (1, 'x', 1), (2, 'x', 2), (2, 'y', 3)"""
CHANGED = """INSERT INTO users VALUES (11, 'b', '?', NULL), (12, 'a', '?', 11);
    INSERT INTO tags VALUES (11, 'x', 0), (11, 'y', 0), (12, 'x', 0)"""
case("rows: only these, others are no parents unless they are here", FAMILY,
     MEMBERS, CHANGED,
     {"tables": {"users": {"on_match": "overwrite",
                           "rows": [{"email": "b"}]}}},
     {"SELECT id, email, name, boss FROM users ORDER BY 1":
      [(11, "b", "B", 12), (12, "a", "?", 11)],
      "SELECT user_id, body FROM notes ORDER BY 1":
      [(11, "of b"), (12, "of a")]},
     {"users": {"updated": 1, "left_out": 2},
      "notes": {"inserted": 2, "orphaned": 1}},
     conflicts=[("notes", "orphan", {"id": 3})])
case("rows: keys of references are those that are here", FAMILY, MEMBERS,
     CHANGED, {"tables": {"tags": {"on_match": "overwrite", "rows": [
         {"user_id": 11, "tag": "y"}, {"tag": "x", "user_id": 12}]},
         "notes": False}},
     {"SELECT * FROM tags ORDER BY 1, 2":
      [(11, "x", 0), (11, "y", 3), (12, "x", 1)]},
     {"tags": {"updated": 2, "left_out": 1}})
case("rows: fail asks of them only", FAMILY, MEMBERS, CHANGED,
     {"tables": {"users": {"on_match": "fail", "rows": [{"email": "c"}]},
                 "*": False}},
     {"SELECT email, boss FROM users ORDER BY 1":
      [("a", 11), ("b", None), ("c", 11)]},
     {"users": {"inserted": 1, "left_out": 2}})
case("rows: none", FAMILY, MEMBERS, "",
     {"tables": {"users": {"rows": []}, "*": False}},
     {"SELECT count(*) FROM users": [(0,)]}, {"users": {"left_out": 3}})
case("rows: by another column than the key", FAMILY, MEMBERS, CHANGED,
     {"tables": {"users": {"rows": [{"id": 1}]}}},
     error='"rows" must give each key as "email"')
case("rows: by half a key", FAMILY, MEMBERS, CHANGED,
     {"tables": {"tags": {"rows": [{"tag": "x"}]}}},
     error='"rows" must give each key as "user_id", "tag"')
case("rows: without a key", "CREATE TABLE t(a int)", "", "",
     {"no_key": "whole_row", "tables": {"t": {"rows": [{"a": 1}]}}},
     error='has no key for "rows"')
case("rows: no list", FAMILY, "", "", {"tables": {"users": {"rows": 1}}},
     error='"rows" must be a list of keys')
case("rows: quotes are values", "CREATE TABLE t(k text PRIMARY KEY, a int)",
     """INSERT INTO t VALUES ('a''b"c\\d', 1), ('Ž
z', 1), ('other', 1)""", "",
     {"tables": {"t": {"rows": [{"k": "a'b\"c\\d"}, {"k": "Ž\nz"}]}}},
     {"SELECT count(*) FROM t WHERE k <> 'other'": [(2,)],
      "SELECT count(*) FROM t": [(2,)]}, {"t": {"left_out": 1}})
case("ignore: as if the backup lacked the column", T, B, L,
     {"on_match": "overwrite", "tables": {"t": {"ignore": ["b"]}}},
     {ALL: [(2, "y", "y", None), (9, "x", "new", "live")]},
     {"t": {"defaulted_columns": ["b"], "updated": 1}})
case("ignore: no such column", T, B, L,
     {"tables": {"t": {"ignore": ["nope"]}}}, error='no column "nope"')
case("all others take no part", GUIDE,
     "INSERT INTO users VALUES (1, 'a', 'A');"
     " INSERT INTO merchants VALUES (1, 'm', 'M')", "",
     {"tables": {"users": True, "*": False}},
     {"SELECT count(*) FROM users": [(1,)],
      "SELECT count(*) FROM merchants": [(0,)]})
