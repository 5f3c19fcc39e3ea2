/*
 * page - the report of a repository as one page of HTML
 */
#include "core/html/page.h"

#include <stdio.h>
#include <string.h>

#include "core/base/version.h"
#include "core/html/page_charts.h"
#include "core/html/page_json.h"
#include "core/html/style.h"

/* "11:35, 4 Sep" of a key; a dash when there is none. */
static void
put_moment(zdb_html *html, const json_t *object, const char *key)
{
	int64_t us = zdb_page_time(object, key);
	char word[ZDB_HTML_WORD] = "&ndash;";

	if (us)
		zdb_word_moment(us, true, word);
	zdb_html_raw(html, "%s", word);
}

static void
put_head(zdb_html *html, const json_t *report)
{
	const char *status =
		zdb_page_text(json_object_get(report, "health"), "status");
	const char *period = zdb_page_text(report, "period");

	zdb_html_raw(
		html, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
			  "charset=\"utf-8\"><meta name=\"viewport\" "
			  "content=\"width=device-width,initial-scale=1\"><meta "
			  "http-equiv=\"Content-Security-Policy\" content=\"default-src "
			  "'none'; style-src 'unsafe-inline'\"><title>Backups of ");
	zdb_html_text(html, zdb_page_text(report, "path"));
	zdb_html_raw(html, "</title><style>\n");
	zdb_buf_append(&html->buf, zdb_page_style, strlen(zdb_page_style),
				   &html->err);
	zdb_html_raw(html, "\n</style></head><body><main><header><h1>");
	zdb_html_raw(html, "%s backup report",
				 strcmp(period, "daily") == 0    ? "Daily"
				 : strcmp(period, "weekly") == 0 ? "Weekly"
												 : "Monthly");
	zdb_html_raw(html, "</h1><span class=\"pill %s\">%s</span>", status,
				 strcmp(status, "ok") == 0 ? "all is well" : status);
	zdb_html_raw(html, "<div class=\"sub\">");
	zdb_html_text(html, zdb_page_text(report, "path"));
	zdb_html_raw(html, " &middot; ");
	put_moment(html, report, "from");
	zdb_html_raw(html, " to ");
	put_moment(html, report, "to");
	zdb_html_raw(html, " UTC</div></header>");
}

static void
put_alerts(zdb_html *html, const json_t *health)
{
	size_t i;
	json_t *alert;

	json_array_foreach (json_object_get(health, "alerts"), i, alert)
	{
		const char *severity = zdb_page_text(alert, "severity");

		zdb_html_raw(html, "<div class=\"alert %s\"><b>%s</b>", severity,
					 severity);
		zdb_html_text(html, zdb_page_text(alert, "message"));
		zdb_html_raw(html, "</div>");
	}
}

/* A number as a word, or what stands for an unknown one. */
typedef struct tile
{
	const char *name;
	const json_t *value;
	double unit;
	void (*word)(double value, char out[ZDB_HTML_WORD]);
	const char *below; /* when the number is known */
	const char *none;
} tile;

static void
put_tile(zdb_html *html, const tile *tile)
{
	char out[ZDB_HTML_WORD];
	bool known = json_is_number(tile->value);

	if (known)
		tile->word(json_number_value(tile->value) * tile->unit, out);
	zdb_html_raw(html,
				 "<div class=\"tile\"><span>%s</span><b>%s</b>"
				 "<span>%s</span></div>",
				 tile->name, known ? out : tile->none,
				 known ? tile->below : "");
}

static void
word_count(double value, char out[ZDB_HTML_WORD])
{
	snprintf(out, ZDB_HTML_WORD, "%lld", (long long) value);
}

static void
put_tiles(zdb_html *html, const json_t *report)
{
	const json_t *health = json_object_get(report, "health");
	char share[ZDB_HTML_WORD], longest[ZDB_HTML_WORD];
	char succeeded[2 * ZDB_HTML_WORD], at_most[2 * ZDB_HTML_WORD];
	const tile tiles[] = {
		{"Backups", json_object_get(report, "total_backups"), 1, word_count,
		 succeeded, ""},
		{"Newest verified",
		 json_object_get(health, "hours_since_last_verified"), 3600,
		 zdb_word_seconds, "old", "none"},
		{"Restored as a test",
		 json_object_get(health, "hours_since_last_restore_test"), 3600,
		 zdb_word_seconds, "ago", "never"},
		{"Mean duration", json_object_get(report, "mean_duration_s"), 1,
		 zdb_word_seconds, at_most, "none"},
		{"Largest backup", json_object_get(report, "largest_bytes"), 1,
		 zdb_word_bytes, "", ""},
		{"Copies in the cloud", json_object_get(health, "cloud_in_step"), 1,
		 zdb_word_percent, "in step", "none"},
	};

	zdb_word_percent(
		json_number_value(json_object_get(report, "success_rate")), share);
	zdb_word_seconds(
		json_number_value(json_object_get(report, "max_duration_s")), longest);
	snprintf(succeeded, sizeof succeeded, "%s succeeded", share);
	snprintf(at_most, sizeof at_most, "longest %s", longest);
	zdb_html_raw(html, "<section class=\"tiles\">");
	for (size_t i = 0; i < sizeof tiles / sizeof tiles[0]; i++)
		put_tile(html, &tiles[i]);
	zdb_html_raw(html, "</section>");
}

static void
put_databases(zdb_html *html, const json_t *list)
{
	char word[ZDB_HTML_WORD];
	size_t i;
	json_t *each;

	zdb_html_raw(html, "<section class=\"card wide\"><h2>Databases</h2><div "
					   "class=\"scroll\"><table><tr><th>Database</th><th "
					   "class=\"num\">Backups</th><th "
					   "class=\"num\">Stored</th><th>Newest "
					   "(UTC)</th><th>Verified</th></tr>");
	json_array_foreach (list, i, each)
	{
		zdb_html_raw(html, "<tr><td>");
		zdb_html_text(html, zdb_page_text(each, "database"));
		zdb_word_bytes(
			json_number_value(json_object_get(each, "stored_bytes")), word);
		zdb_html_raw(
			html,
			"</td><td class=\"num\">%lld</td><td "
			"class=\"num\">%s</td><td>",
			(long long) json_integer_value(json_object_get(each, "backups")),
			word);
		put_moment(html, each, "newest");
		zdb_html_raw(html, "</td><td>");
		zdb_html_text(html, zdb_page_text(each, "verified")
								? zdb_page_text(each, "verified")
								: "no");
		zdb_html_raw(html, "</td></tr>");
	}
	zdb_html_raw(html, "</table></div>%s</section>",
				 json_array_size(list) ? ""
									   : "<p class=\"none\">No backup is "
										 "here.</p>");
}

static void
put_failures(zdb_html *html, const json_t *list)
{
	size_t i;
	json_t *each;

	zdb_html_raw(html, "<section class=\"card wide\"><h2>What did not "
					   "succeed</h2>");
	if (json_array_size(list) == 0)
	{
		zdb_html_raw(html, "<p class=\"none\">Nothing failed.</p></section>");
		return;
	}
	zdb_html_raw(html, "<div class=\"scroll\"><table><tr><th>When (UTC)</th>"
					   "<th>What</th><th>Job</th><th>Database</th><th>Why"
					   "</th></tr>");
	json_array_foreach (list, i, each)
	{
		zdb_html_raw(html, "<tr><td class=\"when\">");
		put_moment(html, each, "started");
		zdb_html_raw(html, "</td><td>");
		zdb_html_text(html, zdb_page_text(each, "operation"));
		zdb_html_raw(html, "</td><td>");
		zdb_html_text(html, zdb_page_text(each, "job"));
		zdb_html_raw(html, "</td><td>");
		zdb_html_text(html, zdb_page_text(each, "database"));
		zdb_html_raw(html, "</td><td class=\"error\">");
		zdb_html_text(html, zdb_page_text(each, "error"));
		zdb_html_raw(html, "</td></tr>");
	}
	zdb_html_raw(html, "</table></div></section>");
}

zdb_rc
zdb_page(const json_t *report, zdb_buf *page, zdb_err *err)
{
	const json_t *health = json_object_get(report, "health");
	zdb_html html = {.buf = *page};

	put_head(&html, report);
	put_alerts(&html, health);
	put_tiles(&html, report);
	zdb_page_charts(&html, report);
	put_databases(&html, json_object_get(report, "databases"));
	put_failures(&html, json_object_get(report, "failures"));
	zdb_html_raw(&html,
				 "<footer>zdbackup %s. Times are UTC, sizes in units of "
				 "1000.</footer></main></body></html>\n",
				 ZDB_VERSION);
	zdb_buf_append(&html.buf, "", 1, &html.err);
	if (!html.err.code)
		html.buf.len--;
	*page = html.buf;
	if (html.err.code && !err->code)
		*err = html.err;
	return err->code;
}
