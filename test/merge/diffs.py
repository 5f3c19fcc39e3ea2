"""What a comparison shows: one case a promise, the same rows in both engines

A row is (table, kind, key, changed columns, live, backup).
"""
from cases import FAMILY, MEMBERS, in_engine  # noqa: F401

CASES = []


def case(name, schema, rows, change="", load="", options=None, live=None,
         live_schema=None, engines=("sqlite", "postgres")):
    """The live database: the backup's with a change; or one of its own."""
    CASES.append(dict(name=name, schema=schema, load=load, change=change,
                      rows=rows, options=options, live=live,
                      live_schema=live_schema, engines=engines))


def changed(table, key, live, backup):
    return (table, "changed", key, list(live), live, backup)


def only_live(table, key, live):
    return (table, "only_live", key, None, live, None)


def only_backup(table, key, backup):
    return (table, "only_backup", key, None, None, backup)


T = "CREATE TABLE t(id integer PRIMARY KEY, a text, n integer)"
ROWS = "INSERT INTO t VALUES (2, 'b', 2), (10, 'j', NULL), (1, 'a', 1)"
case("nothing", T, [], load=ROWS)
case("nothing in nothing", T, [])
case("each kind, by table and key", T + "; CREATE TABLE s(id integer PRIMARY"
     " KEY)",
     [only_backup("s", {"id": 7}, {"id": 7}),
      only_live("s", {"id": 8}, {"id": 8}),
      changed("t", {"id": 1}, {"n": 5}, {"n": 1}),
      only_backup("t", {"id": 2}, {"id": 2, "a": "b", "n": 2}),
      only_live("t", {"id": 3}, {"id": 3, "a": "c", "n": 3}),
      changed("t", {"id": 10}, {"a": "k", "n": 0}, {"a": "j", "n": None})],
     load=ROWS + "; INSERT INTO s VALUES (7)",
     change="UPDATE t SET n = 5 WHERE id = 1; DELETE FROM t WHERE id = 2;"
     " INSERT INTO t VALUES (3, 'c', 3); UPDATE t SET a = 'k', n = 0"
     " WHERE id = 10; DELETE FROM s; INSERT INTO s VALUES (8)")
case("NULL is not nothing, and not 0", T,
     [changed("t", {"id": 1}, {"a": None}, {"a": ""}),
      changed("t", {"id": 2}, {"n": None}, {"n": 0}),
      changed("t", {"id": 3}, {"a": "0", "n": 0}, {"a": "", "n": None})],
     load="INSERT INTO t VALUES (1, '', 0), (2, '', 0), (3, '', NULL)",
     change="UPDATE t SET a = NULL WHERE id = 1; UPDATE t SET n = NULL WHERE"
     " id = 2; UPDATE t SET a = '0', n = 0 WHERE id = 3")
case("texts of any kind", T,
     [changed("t", {"id": 1}, {"a": "it's \"x\"\\n\n\ttab"}, {"a": "plain"}),
      changed("t", {"id": 2}, {"a": "Žluťoučký 🐴 e\u0301"},
              {"a": "Žluťoučký 🐴 é"})],
     load="INSERT INTO t VALUES (1, 'plain', 1), (2, 'Žluťoučký 🐴 é', 2)",
     change="UPDATE t SET a = 'it''s \"x\"\\n\n\ttab' WHERE id = 1;"
     " UPDATE t SET a = 'Žluťoučký 🐴 e\u0301' WHERE id = 2")
case("names of any kind",
     'CREATE TABLE "we""ird t.able"("a\'b" integer PRIMARY KEY, "select" text,'
     ' "žluť 🐴" text); CREATE TABLE "Order"("Key" text PRIMARY KEY, v int)',
     [changed("Order", {"Key": "k"}, {"v": 2}, {"v": 1}),
      changed('we"ird t.able', {"a'b": 1}, {"select": "n", "žluť 🐴": "y"},
              {"select": "o", "žluť 🐴": "x"})],
     load='INSERT INTO "we""ird t.able" VALUES (1, \'o\', \'x\');'
     ' INSERT INTO "Order" VALUES (\'k\', 1)',
     change='UPDATE "we""ird t.able" SET "select" = \'n\', "žluť 🐴" = \'y\';'
     ' UPDATE "Order" SET v = 2')
case("composite keys",
     "CREATE TABLE t(a integer, b text, v integer, PRIMARY KEY (b, a))",
     [changed("t", {"a": 2, "b": "x"}, {"v": 9}, {"v": 2}),
      only_live("t", {"a": 2, "b": "z"}, {"a": 2, "b": "z", "v": 5}),
      only_backup("t", {"a": 10, "b": "x"}, {"a": 10, "b": "x", "v": 3})],
     load="INSERT INTO t VALUES (1, 'x', 1), (2, 'x', 2), (10, 'x', 3)",
     change="UPDATE t SET v = 9 WHERE a = 2; DELETE FROM t WHERE a = 10;"
     " INSERT INTO t VALUES (2, 'z', 5)")
case("other ids, the same e-mails: children are compared through the map",
     FAMILY,
     [changed("notes", {"id": 2}, {"user_id": 12}, {"user_id": 11}),
      only_backup("notes", {"id": 3}, {"id": 3, "user_id": 3, "body": "of c"}),
      changed("tags", {"user_id": 11, "tag": "y"}, {"n": 0}, {"n": 3}),
      only_live("tags", {"user_id": 12, "tag": "z"},
                {"user_id": 12, "tag": "z", "n": 4}),
      changed("users", {"email": "a"}, {"name": "?"}, {"name": "A"}),
      changed("users", {"email": "b"}, {"boss": None}, {"boss": 12}),
      only_backup("users", {"email": "c"},
                  {"id": 3, "email": "c", "name": "C", "boss": 11})],
     load=MEMBERS,
     live="""INSERT INTO users VALUES (11, 'b', 'B', NULL),
            (12, 'a', '?', NULL);
        INSERT INTO notes VALUES (1, 12, 'of a'), (2, 12, 'of b');
        INSERT INTO tags VALUES (11, 'x', 2), (11, 'y', 0), (12, 'x', 1),
            (12, 'z', 4)""")
case("a parent that is here already needs no table of its own", FAMILY,
     [changed("notes", {"id": 2}, {"body": "?"}, {"body": "of b"})],
     load=MEMBERS, change="UPDATE notes SET body = '?' WHERE id = 2;"
     " UPDATE users SET name = '?'", options={"tables": ["notes"]})
case("a circle of references",
     "CREATE TABLE p(id integer PRIMARY KEY, uid text UNIQUE, c_id integer);"
     " CREATE TABLE c(id integer PRIMARY KEY, uid text UNIQUE, p_id integer"
     " REFERENCES p(id))",
     [changed("c", {"uid": "c2"}, {"p_id": 12}, {"p_id": 11}),
      changed("p", {"uid": "p2"}, {"c_id": 21}, {"c_id": 22})],
     load="INSERT INTO p VALUES (1, 'p1', 1), (2, 'p2', 2);"
     " INSERT INTO c VALUES (1, 'c1', 2), (2, 'c2', 1)",
     live="INSERT INTO p VALUES (11, 'p1', 21), (12, 'p2', 21);"
     " INSERT INTO c VALUES (21, 'c1', 12), (22, 'c2', 12)",
     options={"references": [{"from": "p.c_id", "to": "c.id"}]})
case("without a key: as often as they are there",
     "CREATE TABLE t(a integer, b text)",
     [only_backup("t", None, {"a": 1, "b": "x"}),
      only_backup("t", None, {"a": 2, "b": None}),
      only_live("t", None, {"a": 3, "b": ""})],
     load="INSERT INTO t VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, NULL)",
     change="DELETE FROM t; INSERT INTO t VALUES (1, 'x'), (1, 'x'), (3, '')")
case("NULL in a key: compared whole",
     "CREATE TABLE t(id integer PRIMARY KEY, email text UNIQUE, a text)",
     [only_backup("t", {"email": None}, {"id": 2, "email": None, "a": "y"}),
      only_live("t", {"email": None}, {"id": 7, "email": None, "a": "z"}),
      only_backup("t", {"email": None}, {"id": 9, "email": None, "a": "w"})],
     load="INSERT INTO t VALUES (1, NULL, 'x'), (9, NULL, 'w'),"
     " (2, NULL, 'y')",
     live="INSERT INTO t VALUES (8, NULL, 'x'), (7, NULL, 'z')")
case("generated columns say nothing of their own",
     "CREATE TABLE t(id integer PRIMARY KEY, a integer, g integer $GENERATED)",
     [changed("t", {"id": 1}, {"a": 2}, {"a": 1})],
     load="INSERT INTO t(id, a) VALUES (1, 1)", change="UPDATE t SET a = 2")
case("a key of one's own, and columns to ignore",
     "CREATE TABLE t(id integer PRIMARY KEY, code text, a text, seen integer)",
     [changed("t", {"code": "x"}, {"a": "2"}, {"a": "1"}),
      only_backup("t", {"code": "y"}, {"id": 2, "code": "y", "a": "3"})],
     load="INSERT INTO t VALUES (1, 'x', '1', 5), (2, 'y', '3', 5)",
     live="INSERT INTO t VALUES (7, 'x', '2', 6)",
     options={"tables": {"t": {"key": ["code"], "ignore": ["seen"]}}})
case("two of the backup for one live row",
     "CREATE TABLE t(id integer PRIMARY KEY, code text, a text)",
     [only_backup("t", {"code": "x"}, {"id": 5, "code": "x", "a": "2"})],
     load="INSERT INTO t VALUES (5, 'x', '2'), (3, 'x', '1')",
     live="INSERT INTO t VALUES (1, 'x', '1')",
     options={"tables": {"t": {"key": ["code"]}}})
case("the index decides what is one key",
     "CREATE TABLE t(id integer PRIMARY KEY, email text, a text);"
     " CREATE UNIQUE INDEX u ON t(lower(email))",
     [changed("t", {"email": "Ann"}, {"email": "ANN", "a": "2"},
              {"email": "Ann", "a": "1"})],
     load="INSERT INTO t VALUES (1, 'Ann', '1')",
     live="INSERT INTO t VALUES (2, 'ANN', '2')")
case("a partial index",
     "CREATE TABLE t(id integer PRIMARY KEY, email text, gone integer);"
     " CREATE UNIQUE INDEX u ON t(email) WHERE gone IS NULL",
     [only_backup("t", {"email": "a"}, {"id": 2, "email": "a", "gone": 1}),
      only_live("t", {"email": "a"}, {"id": 7, "email": "a", "gone": 2})],
     load="INSERT INTO t VALUES (1, 'a', NULL), (2, 'a', 1), (3, 'b', 1)",
     live="INSERT INTO t VALUES (8, 'a', NULL), (7, 'a', 2), (3, 'b', 1)")
case("columns of one side are not compared", T,
     [changed("t", {"id": 1}, {"n": 2}, {"n": 1})],
     load="INSERT INTO t VALUES (1, 'a', 1)",
     live_schema="CREATE TABLE t(id integer PRIMARY KEY, n integer, more text"
     " NOT NULL)", live="INSERT INTO t VALUES (1, 2, 'x')")
case("tables of one side", "CREATE TABLE b(id integer PRIMARY KEY);"
     " CREATE TABLE gone(id integer PRIMARY KEY)",
     [("a", "table_only_live", None, None, None, None),
      only_live("b", {"id": 1}, {"id": 1}),
      ("gone", "table_only_backup", None, None, None, None)],
     change="DROP TABLE gone; CREATE TABLE a(id integer PRIMARY KEY);"
     " INSERT INTO b VALUES (1)")
case("a database without tables", T,
     [("t", "table_only_backup", None, None, None, None)], load=ROWS,
     change="DROP TABLE t")
case("only these tables, and not those",
     "CREATE TABLE a(id integer PRIMARY KEY); CREATE TABLE b(id integer"
     " PRIMARY KEY); CREATE TABLE c(id integer PRIMARY KEY)",
     [only_live("a", {"id": 1}, {"id": 1})],
     change="INSERT INTO a VALUES (1); INSERT INTO b VALUES (1);"
     " DROP TABLE c", options={"tables": ["a", "b"], "exclude": ["b"]})
case("not this one", "CREATE TABLE a(id integer PRIMARY KEY);"
     " CREATE TABLE b(id integer PRIMARY KEY)",
     [only_live("a", {"id": 1}, {"id": 1})],
     change="INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)",
     options={"exclude": ["b"]})
case("whose parent is nowhere", FAMILY,
     [changed("notes", {"id": 2}, {"user_id": 8}, {"user_id": 9})],
     load="INSERT INTO notes VALUES (1, 9, 'x'), (2, 9, 'y')",
     change="UPDATE notes SET user_id = 8 WHERE id = 2", engines=("sqlite",))

ERRORS = [
    ([], "the options must be a JSON object"),
    ("x", "the options must be a JSON object"),
    ({"table": ["t"]}, 'unknown key "table" in the options'),
    ({"tables": "t"}, 'option "tables" must be a list of names'),
    ({"tables": []}, 'option "tables" must be a list of names'),
    ({"tables": [1]}, 'option "tables" must be a list of names'),
    ({"tables": {"t": 1}}, 'what is said of table "t" must be an object'),
    ({"tables": {"t": {"on_match": "keep"}}},
     'unknown key "on_match" in what is said of table "t"'),
    ({"tables": {"t": {"key": ["nope"]}}}, 'column "nope"'),
    ({"tables": {"t": {"key": [";--"]}}}, 'column ";--"'),
    ({"tables": {"t": {"ignore": ["nope"]}}}, 'no column "nope"'),
    ({"tables": {"t": {"key": ["a"]}}}, "not unique in the database"),
    ({"tables": ["nope"]}, 'table "nope" is neither in the database nor'),
    ({"exclude": "t"}, 'option "exclude" must be a list of names'),
    ({"exclude": ["nope"]}, 'table "nope" is neither'),
    ({"summary": 1}, 'option "summary" must be true or false'),
    ({"at": 5}, 'option "at" must be a text'),
    ({"references": {}}, '"references" must be a list'),
    ({"references": [{"from": "t.a", "to": "x.y"}]}, "there is no such"),
]


def check(test, one, rows):
    """rows: dicts of a comparison, JSON read"""
    names = ("table", "kind", "key", "columns", "live", "backup")
    test.assertEqual([tuple(row[name] for name in names) for row in rows],
                     one["rows"], one["name"])
    for row in rows:
        test.assertEqual(row["rows"],
                         None if row["kind"].startswith("table") else 1)


def counts(rows):
    """What a summary says of the rows, but for those that are the same"""
    found = {}
    for row in rows:
        key = row["table"], row["kind"]
        found[key] = found.get(key, 0) + 1
    return found


def summed(summary):
    """A summary in the same shape"""
    return {(row["table"], row["kind"]): row["rows"] or 1 for row in summary
            if row["kind"] != "same"}
