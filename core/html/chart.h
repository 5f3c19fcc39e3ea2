/*
 * chart - inline SVG: points over time, and bars
 *
 * Coordinates are whole numbers in a view box; colours and fonts are classes
 * of the page's style. Each mark has a <title>, which browsers show when one
 * points at it.
 */
#ifndef ZDB_CORE_HTML_CHART_H
#define ZDB_CORE_HTML_CHART_H

#include "core/html/html.h"

#define ZDB_CHART_COLOURS 6

typedef struct zdb_point
{
	int64_t us;
	double value; /* above 0 */
} zdb_point;

typedef struct zdb_line
{
	const char *name;
	const zdb_point *points; /* in order of time */
	size_t count;
} zdb_line;

/* Points over time, a colour for each line of at most ZDB_CHART_COLOURS. The
 * scale is logarithmic when values differ much, else it begins at 0. */
typedef struct zdb_chart
{
	const char *label; /* for those who do not see it */
	int64_t from_us;
	int64_t to_us;
	void (*word)(double value, char out[ZDB_HTML_WORD]);
	const zdb_line *lines;
	size_t line_count;
} zdb_chart;

void zdb_chart_lines(zdb_html *html, const zdb_chart *chart);

#define ZDB_BAR_PARTS 3

/* A bar for each step of time, of parts on top of each other. */
typedef struct zdb_bar
{
	int64_t us;
	int64_t parts[ZDB_BAR_PARTS];
} zdb_bar;

typedef struct zdb_bars
{
	const char *label;
	int64_t step_us;
	const char *const *names;   /* of the parts */
	const char *const *classes; /* their colours */
	const zdb_bar *bars;
	size_t count;
} zdb_bars;

void zdb_chart_bars(zdb_html *html, const zdb_bars *bars);

#endif
