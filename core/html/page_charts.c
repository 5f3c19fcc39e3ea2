/*
 * page_charts - the charts of a report's page
 */
#include "core/html/page_charts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/html/chart.h"
#include "core/html/page_json.h"

#define STEPS_MAX 31
#define NAME_CHARS 120

/* Backups of one database and type. */
typedef struct kind
{
	const char *database;
	const char *type;
	char name[NAME_CHARS];
} kind;

static const char *const outcome_names[ZDB_BAR_PARTS] = {"succeeded", "failed",
														 "cancelled"};
static const char *const outcome_classes[ZDB_BAR_PARTS] = {"good", "fail",
														   "stop"};

static bool
is_of(const kind *kind, const json_t *point)
{
	return strcmp(kind->database, zdb_page_text(point, "database")) == 0 &&
		   strcmp(kind->type, zdb_page_text(point, "type")) == 0;
}

/* The kinds there are, as many as there are colours. */
static size_t
find_kinds(const json_t *points, kind kinds[ZDB_CHART_COLOURS])
{
	size_t count = 0, i;
	json_t *point;

	json_array_foreach (points, i, point)
	{
		size_t j = 0;

		while (j < count && !is_of(&kinds[j], point))
			j++;
		if (j < count || count == ZDB_CHART_COLOURS)
			continue;
		kinds[count] = (kind){.database = zdb_page_text(point, "database"),
							  .type = zdb_page_text(point, "type")};
		snprintf(kinds[count].name, NAME_CHARS, "%.80s, %.20s",
				 kinds[count].database, kinds[count].type);
		count++;
	}
	return count;
}

static void
put_legend(zdb_html *html, const zdb_line *lines, size_t count)
{
	zdb_html_raw(html, "<p class=\"legend\">");
	for (size_t i = 0; i < count; i++)
	{
		zdb_html_raw(html, "<span><i class=\"s%d\"></i>", (int) i + 1);
		zdb_html_text(html, lines[i].name);
		zdb_html_raw(html, "</span>");
	}
	zdb_html_raw(html, "</p>");
}

static int
by_time(const void *a, const void *b)
{
	int64_t one = ((const zdb_point *) a)->us;
	int64_t other = ((const zdb_point *) b)->us;

	return one < other ? -1 : one > other;
}

/* Those of one kind that succeeded; runs at the same time end in any order. */
static size_t
take_points(const json_t *points, const kind *kind, const char *key,
			zdb_point *into)
{
	size_t count = 0, i;
	json_t *point;

	json_array_foreach (points, i, point)
	{
		double value = json_number_value(json_object_get(point, key));

		if (is_of(kind, point) && value > 0 &&
			strcmp(zdb_page_text(point, "outcome"), "success") == 0)
			into[count++] = (zdb_point){.us = zdb_page_time(point, "started"),
										.value = value};
	}
	if (count > 0)
		qsort(into, count, sizeof *into, by_time);
	return count;
}

static void
put_lines(zdb_html *html, const json_t *report, const char *title,
		  const char *key, void (*word)(double value, char out[ZDB_HTML_WORD]))
{
	const json_t *points = json_object_get(report, "points");
	const json_t *steps = json_object_get(report, "steps");
	size_t total = json_array_size(points), used = 0, kind_count;
	zdb_point *room = zdb_calloc(total + 1, sizeof *room);
	kind kinds[ZDB_CHART_COLOURS];
	zdb_line lines[ZDB_CHART_COLOURS];
	zdb_chart chart = {.label = title,
					   .from_us =
						   zdb_page_time(json_array_get(steps, 0), "from"),
					   .to_us = zdb_page_time(report, "to"),
					   .word = word,
					   .lines = lines};

	if (!room)
	{
		zdb_err_nomem(&html->err);
		return;
	}
	kind_count = find_kinds(points, kinds);
	for (size_t i = 0; i < kind_count; i++)
	{
		size_t count = take_points(points, &kinds[i], key, room + used);

		lines[i] = (zdb_line){kinds[i].name, room + used, count};
		used += count;
	}
	chart.line_count = kind_count;
	zdb_html_raw(html, "<section class=\"card\"><h2>%s</h2>", title);
	if (used)
	{
		zdb_chart_lines(html, &chart);
		put_legend(html, lines, kind_count);
	}
	else
		zdb_html_raw(html, "<p class=\"none\">No backup was made.</p>");
	zdb_html_raw(html, "</section>");
	zdb_free(room);
}

static void
put_outcomes(zdb_html *html, const json_t *report)
{
	const json_t *steps = json_object_get(report, "steps");
	size_t count = json_array_size(steps);
	zdb_bar bars[STEPS_MAX];
	zdb_bars chart = {.label = "How backups ended",
					  .names = outcome_names,
					  .classes = outcome_classes,
					  .bars = bars};

	for (size_t i = 0; i < count && i < STEPS_MAX; i++)
	{
		const json_t *step = json_array_get(steps, i);

		bars[i] = (zdb_bar){
			.us = zdb_page_time(step, "from"),
			.parts = {json_integer_value(json_object_get(step, "success")),
					  json_integer_value(json_object_get(step, "failure")),
					  json_integer_value(json_object_get(step, "cancelled"))}};
		chart.count++;
	}
	if (chart.count < 2)
		return;
	chart.step_us = bars[1].us - bars[0].us;
	zdb_html_raw(html, "<section class=\"card\"><h2>How backups ended</h2>");
	zdb_chart_bars(html, &chart);
	zdb_html_raw(html, "<p class=\"legend\">");
	for (int part = 0; part < ZDB_BAR_PARTS; part++)
		zdb_html_raw(html, "<span><i class=\"%s\"></i>%s</span>",
					 outcome_classes[part], outcome_names[part]);
	zdb_html_raw(html, "</p></section>");
}

/* How much of the storage is ours, others', free. */
static void
put_meter(zdb_html *html, const json_t *health)
{
	double ours = json_number_value(json_object_get(health, "storage_bytes"));
	double free_bytes =
		json_number_value(json_object_get(health, "storage_free_bytes"));
	double used = json_number_value(json_object_get(health, "storage_used"));
	double total = used < 1 ? free_bytes / (1 - used) : 0;
	double others = total - free_bytes - ours;
	char words[3][ZDB_HTML_WORD];

	zdb_word_bytes(ours, words[0]);
	zdb_word_bytes(others > 0 ? others : 0, words[1]);
	zdb_word_bytes(free_bytes, words[2]);
	if (total > 0)
		zdb_html_raw(html,
					 "<div class=\"meter\" role=\"img\" aria-label=\"%s of "
					 "backups, %s of others, %s free\"><i class=\"s1\" "
					 "style=\"flex:%lld\"></i><i class=\"stop\" "
					 "style=\"flex:%lld\"></i><i class=\"free\" "
					 "style=\"flex:%lld\"></i></div>",
					 words[0], words[1], words[2],
					 (long long) (1000 * ours / total),
					 (long long) (1000 * (others > 0 ? others : 0) / total),
					 (long long) (1000 * free_bytes / total));
	zdb_html_raw(html,
				 "<p class=\"legend\"><span><i class=\"s1\"></i>backups "
				 "%s</span>",
				 words[0]);
	if (total > 0)
		zdb_html_raw(html,
					 "<span><i class=\"stop\"></i>other files "
					 "%s</span><span><i class=\"free\"></i>free %s</span>",
					 words[1], words[2]);
	zdb_html_raw(html, "</p>");
}

static void
put_storage(zdb_html *html, const json_t *report)
{
	const json_t *steps = json_object_get(report, "steps");
	zdb_point points[STEPS_MAX];
	zdb_line line = {"stored backups", points, 0};
	zdb_chart chart = {.label = "Storage",
					   .from_us =
						   zdb_page_time(json_array_get(steps, 0), "from"),
					   .to_us = zdb_page_time(report, "to"),
					   .word = zdb_word_bytes,
					   .lines = &line,
					   .line_count = 1};
	size_t i;
	json_t *step;

	json_array_foreach (steps, i, step)
	{
		double bytes =
			json_number_value(json_object_get(step, "storage_bytes"));

		if (bytes > 0 && i < STEPS_MAX)
			points[line.count++] =
				(zdb_point){.us = zdb_page_time(step, "from"), .value = bytes};
	}
	zdb_html_raw(html, "<section class=\"card\"><h2>Storage</h2>");
	put_meter(html, json_object_get(report, "health"));
	if (line.count)
		zdb_chart_lines(html, &chart);
	zdb_html_raw(html, "</section>");
}

void
zdb_page_charts(zdb_html *html, const json_t *report)
{
	zdb_html_raw(html, "<div class=\"charts\">");
	put_lines(html, report, "Sizes", "stored_bytes", zdb_word_bytes);
	put_lines(html, report, "Durations", "duration_s", zdb_word_seconds_short);
	put_outcomes(html, report);
	put_storage(html, report);
	zdb_html_raw(html, "</div>");
}
