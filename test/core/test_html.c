/*
 * test_html - text is escaped, words are for people, charts stay in their box
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/html/chart.h"
#include "core/html/page.h"
#include "test/core/test.h"

static void
test_escape(void)
{
	zdb_html html = {0};

	zdb_html_raw(&html, "<b>%d</b>", 5);
	zdb_html_text(&html, "<a href='x'>\"&\" 中😀");
	zdb_html_text(&html, NULL);
	zdb_html_text(&html, "");
	zdb_buf_append(&html.buf, "", 1, &html.err);
	test_ok(!html.err.code &&
				strcmp((char *) html.buf.data,
					   "<b>5</b>&#60;a href=&#39;x&#39;&#62;&#34;&#38;&#34; "
					   "&#20013;&#128512;") == 0,
			"%s", (char *) html.buf.data);
	zdb_buf_clear(&html.buf);
}

static void
test_words(void)
{
	static const struct
	{
		void (*word)(double value, char out[ZDB_HTML_WORD]);
		double value;
		const char *wanted;
	} cases[] = {
		{zdb_word_bytes, 0, "0 B"},
		{zdb_word_bytes, 999, "999 B"},
		{zdb_word_bytes, 1000, "1 KB"},
		{zdb_word_bytes, 1540, "1.5 KB"},
		{zdb_word_bytes, 9960, "10 KB"},
		{zdb_word_bytes, 999600, "1 MB"},
		{zdb_word_bytes, 2.1e9, "2.1 GB"},
		{zdb_word_bytes, 5e18, "5000 PB"},
		{zdb_word_seconds, 0, "0 ms"},
		{zdb_word_seconds, 0.0123, "12 ms"},
		{zdb_word_seconds, 1.84, "1.8 s"},
		{zdb_word_seconds, 59.4, "59 s"},
		{zdb_word_seconds, 59.6, "1 min"},
		{zdb_word_seconds, 200, "3 min 20 s"},
		{zdb_word_seconds, 7500, "2 h 5 min"},
		{zdb_word_seconds, 7200, "2 h"},
		{zdb_word_seconds, 864000, "10 days"},
		{zdb_word_seconds_short, 100, "1.7 min"},
		{zdb_word_seconds_short, 10000, "2.8 h"},
		{zdb_word_percent, 0.9333, "93.3 %"},
		{zdb_word_percent, 1, "100 %"},
	};
	char out[ZDB_HTML_WORD];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		cases[i].word(cases[i].value, out);
		test_ok(strcmp(out, cases[i].wanted) == 0, "%s", out);
	}
	zdb_word_moment(1756985723000000, true, out);
	test_ok(strcmp(out, "4 Sep 11:35") == 0, "%s", out);
}

/* All values of one attribute lie between two numbers. */
static bool
lie_between(const char *text, const char *attribute, int low, int high)
{
	int count = 0;

	for (const char *at = strstr(text, attribute); at;
		 at = strstr(at + 1, attribute))
	{
		int value = atoi(at + strlen(attribute));

		if (value < low || value > high)
			return false;
		count++;
	}
	return count > 0;
}

static void
test_lines(double first, double second)
{
	zdb_point points[] = {{0, first}, {50, second}, {100, first}};
	zdb_line line = {"a", points, 3};
	zdb_chart chart = {.label = "x",
					   .to_us = 100,
					   .word = zdb_word_bytes,
					   .lines = &line,
					   .line_count = 1};
	zdb_html html = {0};

	zdb_chart_lines(&html, &chart);
	zdb_buf_append(&html.buf, "", 1, &html.err);
	test_ok(!html.err.code &&
				lie_between((char *) html.buf.data, "cy=\"", 0, 220) &&
				lie_between((char *) html.buf.data, "cx=\"", 0, 520) &&
				lie_between((char *) html.buf.data, " y1=\"", 0, 220),
			"%g and %g are drawn inside", first, second);
	zdb_buf_clear(&html.buf);
}

static void
test_bars(int64_t most)
{
	static const char *const words[] = {"a", "b", "c"};
	zdb_bar list[] = {{0, {most, most / 2, 1}}, {86400000000, {0, 0, 0}}};
	zdb_bars bars = {"x", 86400000000, words, words, list, 2};
	zdb_html html = {0};

	zdb_chart_bars(&html, &bars);
	zdb_buf_append(&html.buf, "", 1, &html.err);
	test_ok(!html.err.code &&
				lie_between((char *) html.buf.data, " y=\"", 0, 220),
			"%lld are drawn inside", (long long) most);
	zdb_buf_clear(&html.buf);
}

static zdb_rc
make_page(void *arg, zdb_err *err)
{
	json_t *report = json_loads(arg, 0, NULL);
	zdb_buf page = {0};

	zdb_page(report, &page, err);
	zdb_buf_clear(&page);
	json_decref(report);
	return err->code;
}

int
main(void)
{
	test_escape();
	test_words();
	test_lines(1, 1);
	test_lines(1000, 1500);
	test_lines(1, 1e15);
	test_lines(0.001, 0.9);
	test_lines(1e15, 1e15);
	test_bars(0);
	test_bars(1);
	test_bars(7);
	test_bars(100000000);
	test_break_each(
		"page", make_page,
		(void *) "{\"path\":\"<b>\",\"period\":\"daily\","
				 "\"from\":\"2025-09-03T12:00:00Z\","
				 "\"to\":\"2025-09-04T11:00:00Z\",\"health\":{\"status\":"
				 "\"warning\",\"alerts\":[{\"name\":\"size\",\"severity\":"
				 "\"warning\",\"message\":\"<i>\"}]},\"points\":[{"
				 "\"started\":\"2025-09-03T13:00:00Z\",\"database\":\"a\","
				 "\"type\":\"full\",\"outcome\":\"success\",\"duration_s\":1,"
				 "\"stored_bytes\":5}],\"steps\":[{\"from\":"
				 "\"2025-09-03T12:00:00Z\",\"success\":1,\"failure\":0,"
				 "\"cancelled\":0,\"storage_bytes\":9},{\"from\":"
				 "\"2025-09-03T13:00:00Z\",\"success\":1,\"failure\":0,"
				 "\"cancelled\":0,\"storage_bytes\":9}],\"databases\":[],"
				 "\"failures\":[]}");
	return test_done();
}
