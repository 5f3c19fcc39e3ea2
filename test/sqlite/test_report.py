"""zdb_report: the statistics of a day, a week, a month; and a page of them"""
import datetime
import html.parser
import json
import os
import random
import re
import shutil
import struct
import subprocess
import zlib

import zdbtest
from zdbtest import call

DAY = datetime.timedelta(days=1)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def pixels(path):
    """Width, height and the rows of an RGB(A) PNG."""
    with open(path, "rb") as file:
        data = file.read()
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert depth == 8 and kind in (2, 6)
    size, at, packed = (4 if kind == 6 else 3), 8, b""
    while at < len(data):
        length, = struct.unpack_from(">I", data, at)
        if data[at + 4:at + 8] == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += length + 12
    raw, rows, before = zlib.decompress(packed), [], bytes(width * size)
    for y in range(height):
        start = y * (width * size + 1)
        rows.append(unfilter(raw[start], raw[start + 1:start + 1
                                             + width * size], before, size))
        before = rows[-1]
    return width, height, [[tuple(row[x:x + 3]) for x in range(
        0, len(row), size)] for row in rows]


def unfilter(kind, line, above, size):
    """https://www.w3.org/TR/png-3/#9Filter-types"""
    line = bytearray(line)
    for i in range(len(line)):
        a = line[i - size] if i >= size else 0
        b = above[i]
        c = above[i - size] if i >= size else 0
        if kind == 1:
            line[i] = (line[i] + a) & 255
        elif kind == 2:
            line[i] = (line[i] + b) & 255
        elif kind == 3:
            line[i] = (line[i] + (a + b) // 2) & 255
        elif kind == 4:
            p = a + b - c
            nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b),
                          (abs(p - c), 2, c))[2]
            line[i] = (line[i] + nearest) & 255
    return bytes(line)


class Tags(html.parser.HTMLParser):
    """Every tag is closed; which there are."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


class Report(zdbtest.Case):

    def setUp(self):
        super().setUp()
        self.now = datetime.datetime.utcnow()

    def record(self, when, **facts):
        record = {"operation": "backup", "outcome": "success",
                  "started": iso(when), "ended": iso(when),
                  "duration_s": 1.0, "database": "app", "type": "full",
                  "engine": "sqlite", **facts}
        with open("b/zdbackup_history.jsonl", "a") as file:
            file.write(json.dumps(record) + "\n")

    def month(self):
        """A repository that has seen thirty days."""
        con = self.sample()
        random.seed(7)
        call(con, "zdb_backup_to", "b/0.db.gz", None, {"job": "daily"})
        os.remove("b/zdbackup_history.jsonl")
        for day in range(29, -1, -1):
            when = self.now - day * DAY - datetime.timedelta(minutes=5)
            name = f"{day:02}.db.gz"
            shutil.copy("b/0.db.gz", "b/" + name)
            zdbtest.redate("b/" + name, when.strftime("%Y-%m-%d %H:%M"))
            grown = int(150e6 * (1.01 ** (30 - day)) * random.uniform(.97, 1.03))
            fails = day in (12, 13, 21)
            self.record(when, job="daily", file=name,
                        duration_s=grown / 5e7 * random.uniform(.8, 1.5),
                        **({"outcome": "failure", "code": "disk_full",
                            "error": 'could not write "b/x.db.gz": No space'
                                     ' left on device'} if fails else
                           {"verified": "restore", "stored_bytes": grown}))
            for hour in (6, 12, 18):
                self.record(when - datetime.timedelta(hours=hour), type="data",
                            job="incremental", stored_bytes=int(
                                8e6 * random.uniform(.5, 2)),
                            duration_s=random.uniform(.2, .6), verified="data")
            if day % 7 == 0:
                self.record(when, type="schema", job="weekly",
                            stored_bytes=int(14e3 * random.uniform(.99, 1.01)),
                            duration_s=random.uniform(.01, .03),
                            verified="data")
        self.record(self.now, operation="verify", file=name,
                    verified="restore")
        os.remove("b/0.db.gz")
        os.remove("b/0.db.gz.sha256")
        return con

    def test_absurd_numbers_in_the_history(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz")
        with open("b/zdbackup_history.jsonl") as file:
            record = json.loads(file.readline())
        good = call(con, "zdb_report", "b", "daily")["written_bytes"]
        with open("b/zdbackup_history.jsonl", "a") as file:
            for number in ("1e308", "1e308", "-1e308"):
                line = dict(record, duration_s="N", stored_bytes="N")
                file.write(json.dumps(line).replace('"N"', number) + "\n")
            line = dict(record, stored_bytes=2 ** 63 - 1)
            file.write((json.dumps(line) + "\n") * 2)
        report = call(con, "zdb_report", "b", "daily")
        self.assertEqual(report["total_backups"], 6)
        self.assertEqual(report["written_bytes"], good)
        self.assertLess(report["max_duration_s"], 1e9)
        self.assertEqual(call(con, "zdb_health", "b")["total_backups"], 6)

    def test_statistics(self):
        con = self.sample()
        os.mkdir("b")
        hour = datetime.timedelta(hours=1)
        for ago, facts in ((30 * hour, {}), (5 * hour, {"duration_s": 4}),
                           (4 * hour, {"outcome": "failure", "error": "x"}),
                           (3 * hour, {"outcome": "cancelled"}),
                           (2 * hour, {"duration_s": 2, "stored_bytes": 7}),
                           (1 * hour, {"operation": "verify"})):
            self.record(self.now - ago, **facts)
        day = call(con, "zdb_report", "b", "daily")
        self.assertEqual([day[k] for k in (
            "period", "total_backups", "failed_backups", "success_rate",
            "mean_duration_s", "max_duration_s", "written_bytes",
            "largest_file")], ["daily", 4, 2, .5, 3, 4, 7, None])
        self.assertEqual(day["operations"], [
            {"operation": "backup", "success": 2, "failure": 1,
             "cancelled": 1, "mean_duration_s": 3},
            {"operation": "verify", "success": 1, "failure": 0,
             "cancelled": 0, "mean_duration_s": 1}])
        self.assertEqual(len(day["steps"]), 24)
        self.assertEqual(sum(s["success"] for s in day["steps"]), 2)
        self.assertEqual(len(day["points"]), 4)
        self.assertEqual([f["outcome"] for f in day["failures"]],
                         ["cancelled", "failure"])
        self.assertEqual(day["health"]["status"], "critical")
        week = call(con, "zdb_report", "b", "weekly")
        self.assertEqual((week["total_backups"], len(week["steps"])), (5, 7))
        month = call(con, "zdb_report", "b", "monthly")
        self.assertEqual(len(month["steps"]), 30)

    def test_databases(self):
        con = self.sample()
        call(con, "zdb_backup_to", "b/a.db.gz", None, {"verify": "restore"})
        con.execute("CREATE TABLE more AS SELECT randomblob(9999)")
        call(con, "zdb_backup_to", "b/b.db.gz", None, {"verify": False})
        report = call(con, "zdb_report", "b", "weekly")
        self.assertEqual(report["largest_file"], "b.db.gz")
        self.assertEqual(len(report["databases"]), 1)
        self.assertEqual((report["databases"][0]["backups"],
                          report["databases"][0]["verified"]), (2, None))
        self.assertEqual(report["steps"][-1]["storage_bytes"],
                         report["health"]["storage_bytes"])

    def test_bad_calls(self):
        con = self.open()
        self.fails(con, "zdb_report", ".", "hourly",
                   text="The periods are: daily, weekly, monthly.")
        self.fails(con, "zdb_report", ".", "daily", "pdf",
                   text="format must be html or json")
        self.fails(con, "zdb_report", "none", "daily", text="No such file")

    def page(self, con, period="monthly"):
        return con.execute("SELECT zdb_report('b', ?, 'html')",
                           (period,)).fetchone()[0]

    def test_a_page_of_nothing(self):
        con = self.open()
        os.mkdir("b")
        for period in ("daily", "weekly", "monthly"):
            text = self.page(con, period)
            Tags(text)
            self.assertIn("there is no backup", text)

    def test_all_text_is_escaped(self):
        con = self.open("<img src=x>'&.db")
        con.executescript("CREATE TABLE t(a)")
        call(con, "zdb_backup_to", "b/")
        evil = '"><script>alert(1)</script>'
        self.record(self.now, database=evil, type=evil, job=evil)
        self.record(self.now, database=evil, type=evil, job=evil,
                    outcome="failure", error=evil, operation=evil)
        text = self.page(con)
        tags = Tags(text).seen
        self.assertEqual({tag for tag, _ in tags} & {"script", "img", "link",
                                                     "iframe", "object"},
                         set())
        self.assertNotIn(evil, text)
        self.assertIn("&#60;img src=x&#62;&#39;&#38;", text)
        for _, attributes in tags:
            for name in attributes:
                self.assertFalse(name.startswith("on"))
                self.assertNotIn(name, ("href", "src", "action"))
        self.assertNotRegex(text, r"url\(|@import|https?:")

    def test_another_locale(self):
        """A decimal comma of the host must not get into coordinates."""
        con = self.month()
        before = self.page(con)
        import locale
        try:
            locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")
        except locale.Error:
            self.skipTest("there is no German locale here")
        self.addCleanup(locale.setlocale, locale.LC_ALL, "C")
        strip = re.compile(r"\d+(\.\d)? (ms|s|min|h|days)")
        self.assertEqual(strip.sub("", self.page(con)), strip.sub("", before))

    def browse(self, *options):
        browser = next((b for b in map(shutil.which, BROWSERS) if b), None)
        if not browser:
            self.skipTest("there is no browser here")
        profile = os.path.join(self.dir, "profile")
        shutil.rmtree(profile, ignore_errors=True)
        os.mkdir(profile)
        return subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu",
             "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync",
             "--hide-scrollbars", "--user-data-dir=" + profile, *options,
             "file://" + os.path.join(self.dir, "page.html")],
            capture_output=True, text=True, timeout=120)

    def test_in_a_browser(self):
        con = self.month()
        with open("page.html", "w") as file:
            file.write(self.page(con))
        Tags(self.page(con))
        shown = self.browse("--dump-dom").stdout
        self.assertRegex(shown, r"9\d.\d % succeeded")
        for text in ("Monthly backup report", "No space left on device", "app, full", "app, data",
                     "Newest verified", "cancelled"):
            self.assertTrue(text in shown, text)
        self.assertEqual(shown.count("<svg"), 4)
        self.assertGreater(shown.count("<circle"), 100)
        self.assertGreater(shown.count("<rect"), 30)
        for scheme, light in (("light", True), ("dark", False)):
            self.browse("--window-size=1200,1500", "--screenshot=page.png",
                        *([] if light else ["--force-dark-mode",
                                            "--blink-settings="
                                            "preferredColorScheme=0"]))
            width, height, rows = pixels("page.png")
            keep = os.environ.get("REPORT_PICTURES")
            if keep:
                shutil.copy("page.png", os.path.join(keep, scheme + ".png"))
            self.assertEqual((width, height), (1200, 1500))
            colours = {colour for row in rows for colour in row}
            self.assertGreater(len(colours), 200)
            self.assertEqual(sum(rows[2][2]) > 600, light)
            # the charts are drawn: their colours are there, spread out
            marks = [(x, y) for y, row in enumerate(rows)
                     for x, colour in enumerate(row)
                     if colour == ((0, 114, 178) if light
                                   else (86, 169, 232))]
            self.assertGreater(len(marks), 1000)
            self.assertGreater(max(x for x, _ in marks)
                               - min(x for x, _ in marks), 600)


zdbtest.main()
