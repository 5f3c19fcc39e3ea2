"""zdb_report in PostgreSQL: JSON, and a page"""
import html

import pgtest


class Report(pgtest.Case):
    settings = ("max_parallel_workers=8",)

    def setUp(self):
        super().setUp()
        self.database("shop", "shop.sql")
        self.call("shop", "zdb_backup_to", self.dir)
        self.fails("shop", f"SELECT zdb_backup_to('{self.dir}', true,"
                   " '{\"tables\": [\"nöne\"]}')", text="nöne")

    def test_statistics(self):
        for period, steps in (("daily", 24), ("weekly", 7), ("monthly", 30)):
            report = self.call("shop", "zdb_report", self.dir, period)
            self.assertEqual([report[k] for k in (
                "period", "total_backups", "failed_backups")],
                [period, 2, 1])
            self.assertEqual(len(report["steps"]), steps)
            self.assertIn("nöne", report["failures"][0]["error"])
            self.assertEqual(report["health"]["status"], "ok")

    def test_page(self):
        page = self.psql("shop", f"SELECT zdb_report('{self.dir}', 'weekly',"
                         " 'html')")
        self.assertTrue(page.startswith("<!DOCTYPE html>"))
        self.assertTrue(page.rstrip().endswith("</html>"))
        self.assertIn("50 % succeeded", page)
        self.assertIn("nöne", html.unescape(page))
        # it is whole whatever its length: its memory is not gone
        for period in ("daily", "weekly", "monthly"):
            for _ in range(3):
                self.assertTrue(self.psql(
                    "shop", f"SELECT zdb_report('{self.dir}', '{period}',"
                    " 'html')").startswith("<!DOCTYPE html>"))
        # whatever the encoding of the database
        self.cluster.psql("postgres", "DROP DATABASE IF EXISTS latin")
        self.database("latin", options="TEMPLATE template0 ENCODING 'LATIN1'"
                      " LC_COLLATE 'C' LC_CTYPE 'C'")
        page = self.psql("latin", f"SELECT zdb_report('{self.dir}',"
                         " 'weekly', 'html')")
        self.assertIn("nöne", html.unescape(page))

    def test_errors(self):
        for call, text, code in (
                ("'hourly'", "The periods are", "22023"),
                ("NULL", "the period is null", "22004"),
                ("'daily', 'pdf'", "format must be html", "22023")):
            self.fails("shop", f"SELECT zdb_report('{self.dir}', {call})",
                       text=text, code=code)


pgtest.main()
