"""Runs a case of cases.py: dry, in earnest, and again"""
OUTCOMES = ("identical", "inserted", "updated", "kept", "left_out", "conflicts",
            "orphaned", "duplicates")


def check_report(test, one, report):
    """Counts that add up, and those that the case promises"""
    tables = {t["table"]: t for t in report["tables"]}
    for table in tables.values():
        test.assertEqual(table["read"], sum(table[o] for o in OUTCOMES),
                         one["name"])
    for name, facts in one["report"].items():
        for key, value in facts.items():
            test.assertEqual(tables[name][key], value,
                             f"{one['name']}: {name}.{key}")
    if one["conflicts"] is not None:
        test.assertEqual([(c["table"], c["kind"], c["key"])
                          for c in report["conflicts"]], one["conflicts"],
                         one["name"])
        test.assertEqual(report["conflicts_total"], len(one["conflicts"]))


def text_of(rows, true):
    """Rows as text, as psql -A prints them"""
    def value(v):
        if v is None:
            return ""
        if isinstance(v, bool):
            return true if v else {"t": "f", "1": "0"}[true]
        return str(v)
    return "\n".join("|".join(value(v) for v in row) for row in rows)


def run(test, one, merge, rows, state, true):
    """merge(policy) is a report or raises AssertionError; rows(query) is text;
    state() is all of the live database"""
    before = state()
    dry = one["policy"] or {}
    dry = {**({"on_match": dry} if isinstance(dry, str) else dry),
           "dry_run": True}
    if one["error"]:
        with test.assertRaises(AssertionError) as caught:
            merge(one["policy"])
        texts = one["error"]
        for text in (texts,) if isinstance(texts, str) else texts:
            test.assertIn(text, str(caught.exception), one["name"])
        test.assertEqual(state(), before, one["name"])
        with test.assertRaises(AssertionError) as caught:
            merge(dry)
        for text in (texts,) if isinstance(texts, str) else texts:
            test.assertIn(text, str(caught.exception), one["name"])
        return
    rehearsed = merge(dry)
    test.assertEqual(state(), before, one["name"] + ": dry run")
    report = merge(one["policy"])
    test.assertEqual(rehearsed["tables"], report["tables"], one["name"])
    check_report(test, one, report)
    for query, expected in one["rows"].items():
        test.assertEqual(rows(query), text_of(expected, true),
                         f"{one['name']}: {query}")
    if not one["again"]:
        return
    after = state()
    again = merge(one["policy"])
    test.assertEqual([(t["table"], t["inserted"], t["updated"])
                      for t in again["tables"] if t["inserted"]
                      or t["updated"]], [], one["name"] + ": again")
    test.assertEqual(state(), after, one["name"] + ": again")
