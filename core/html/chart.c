/*
 * chart - inline SVG: points over time, and bars
 */
#include "core/html/chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 520
#define HEIGHT 220
#define LEFT 58
#define RIGHT 14
#define TOP 12
#define BOTTOM 26
#define PLOT_WIDTH (WIDTH - LEFT - RIGHT)
#define PLOT_HEIGHT (HEIGHT - TOP - BOTTOM)
#define LOG_FROM 30.0  /* largest by smallest */
#define MANY_POINTS 60 /* more are drawn smaller */
#define TICKS 4
#define DECADES_MAX 7
#define DAY_US 86400000000ll

/* How values become heights. */
typedef struct scale
{
	double low;
	double high;
	bool logarithmic;
} scale;

static void
begin_svg(zdb_html *html, const char *label)
{
	zdb_html_raw(html, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
				 WIDTH, HEIGHT);
	zdb_html_text(html, label);
	zdb_html_raw(html, "\">");
}

/* The next of 1, 2, 5 times a power of ten. */
static double
round_up(double value)
{
	double power = pow(10, floor(log10(value)));
	double first = value / power;

	return power * (first <= 1 ? 1 : first <= 2 ? 2 : first <= 5 ? 5 : 10);
}

static scale
scale_of(const zdb_chart *chart)
{
	double low = INFINITY, high = 0;

	for (size_t i = 0; i < chart->line_count; i++)
		for (size_t j = 0; j < chart->lines[i].count; j++)
		{
			low = fmin(low, chart->lines[i].points[j].value);
			high = fmax(high, chart->lines[i].points[j].value);
		}
	if (high > low * LOG_FROM)
		return (scale){pow(10, floor(log10(low))), pow(10, ceil(log10(high))),
					   true};
	return (scale){0, round_up(high / TICKS) * TICKS, false};
}

static int
y_of(const scale *by, double value)
{
	double share = by->logarithmic
					   ? log10(value / by->low) / log10(by->high / by->low)
					   : value / by->high;

	return TOP + (int) lround((1 - share) * PLOT_HEIGHT);
}

static int
x_of(int64_t us, int64_t from_us, int64_t to_us)
{
	double share = (double) (us - from_us) / (double) (to_us - from_us);

	return LEFT + (int) lround(share * PLOT_WIDTH);
}

static void
grid_line(zdb_html *html, int y, const char *word)
{
	zdb_html_raw(html,
				 "<line class=\"grid\" x1=\"%d\" y1=\"%d\" x2=\"%d\" "
				 "y2=\"%d\"/><text class=\"tick\" x=\"%d\" y=\"%d\" "
				 "text-anchor=\"end\">%s</text>",
				 LEFT, y, WIDTH - RIGHT, y, LEFT - 7, y + 4, word);
}

static void
draw_values(zdb_html *html, const zdb_chart *chart, const scale *by)
{
	int decades = (int) lround(log10(by->high / by->low));
	char word[ZDB_HTML_WORD];

	if (by->logarithmic)
		for (int i = 0; i <= decades; i += 1 + decades / DECADES_MAX)
		{
			double value = by->low * pow(10, i);

			chart->word(value, word);
			grid_line(html, y_of(by, value), word);
		}
	else
		for (int i = 0; i <= TICKS; i++)
		{
			chart->word(by->high * i / TICKS, word);
			grid_line(html, y_of(by, by->high * i / TICKS), i ? word : "0");
		}
}

/* Moments below the chart: hours of a day, or days. */
static void
draw_times(zdb_html *html, int64_t from_us, int64_t to_us)
{
	bool one_day = to_us - from_us <= DAY_US;
	int64_t span_us = to_us - from_us;
	int64_t every_us = one_day                 ? DAY_US / 6
					   : span_us <= 8 * DAY_US ? DAY_US
											   : 5 * DAY_US;
	char word[ZDB_HTML_WORD];

	for (int64_t us = from_us; us < to_us; us += every_us)
	{
		zdb_word_moment(us, one_day, word);
		zdb_html_raw(html, "<text class=\"tick\" x=\"%d\" y=\"%d\">%s</text>",
					 x_of(us, from_us, to_us), HEIGHT - 8,
					 one_day ? strrchr(word, ' ') + 1 : word);
	}
}

static void
draw_line(zdb_html *html, const zdb_chart *chart, const scale *by,
		  const zdb_line *line, int colour)
{
	int radius = line->count > MANY_POINTS ? 2 : 3;
	char value[ZDB_HTML_WORD], moment[ZDB_HTML_WORD];

	zdb_html_raw(html, "<polyline class=\"line s%d\" points=\"", colour);
	for (size_t i = 0; i < line->count; i++)
		zdb_html_raw(html, "%d,%d ",
					 x_of(line->points[i].us, chart->from_us, chart->to_us),
					 y_of(by, line->points[i].value));
	zdb_html_raw(html, "\"/>");
	for (size_t i = 0; i < line->count; i++)
	{
		const zdb_point *point = &line->points[i];

		chart->word(point->value, value);
		zdb_word_moment(point->us, true, moment);
		zdb_html_raw(
			html, "<circle class=\"s%d\" cx=\"%d\" cy=\"%d\" r=\"%d\"><title>",
			colour, x_of(point->us, chart->from_us, chart->to_us),
			y_of(by, point->value), radius);
		zdb_html_text(html, line->name);
		zdb_html_raw(html, ", %s: %s</title></circle>", moment, value);
	}
}

void
zdb_chart_lines(zdb_html *html, const zdb_chart *chart)
{
	scale by = scale_of(chart);

	begin_svg(html, chart->label);
	draw_values(html, chart, &by);
	draw_times(html, chart->from_us, chart->to_us);
	for (size_t i = 0; i < chart->line_count; i++)
		draw_line(html, chart, &by, &chart->lines[i],
				  (int) (i % ZDB_CHART_COLOURS) + 1);
	zdb_html_raw(html, "</svg>");
}

static int64_t
highest(const zdb_bars *bars)
{
	int64_t most = 1;

	for (size_t i = 0; i < bars->count; i++)
	{
		int64_t sum = 0;

		for (int part = 0; part < ZDB_BAR_PARTS; part++)
			sum += bars->bars[i].parts[part];
		most = sum > most ? sum : most;
	}
	return most;
}

/* Whole numbers only, at most five of them. */
static int64_t
draw_counts(zdb_html *html, int64_t most)
{
	int64_t every = (int64_t) round_up((double) most / TICKS);
	char word[ZDB_HTML_WORD];
	int64_t top;

	every = every < 1 ? 1 : every;
	top = (most + every - 1) / every * every;
	for (int64_t value = 0; value <= top; value += every)
	{
		snprintf(word, sizeof word, "%lld", (long long) value);
		grid_line(html, TOP + PLOT_HEIGHT - (int) (value * PLOT_HEIGHT / top),
				  word);
	}
	return top;
}

static void
draw_bar(zdb_html *html, const zdb_bars *bars, const zdb_bar *bar, int x,
		 int width, int64_t top)
{
	int y = TOP + PLOT_HEIGHT;
	char moment[ZDB_HTML_WORD];

	zdb_word_moment(bar->us, bars->step_us < DAY_US, moment);
	for (int part = 0; part < ZDB_BAR_PARTS; part++)
	{
		int height = (int) (bar->parts[part] * PLOT_HEIGHT / top);

		if (bar->parts[part] == 0)
			continue;
		y -= height;
		zdb_html_raw(html,
					 "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
					 "height=\"%d\"><title>%s: %lld %s</title></rect>",
					 bars->classes[part], x, y, width, height, moment,
					 (long long) bar->parts[part], bars->names[part]);
	}
}

void
zdb_chart_bars(zdb_html *html, const zdb_bars *bars)
{
	int64_t from_us = bars->bars[0].us;
	int64_t to_us = from_us + (int64_t) bars->count * bars->step_us;
	int slot = PLOT_WIDTH / (int) bars->count;
	int width = slot > 4 ? slot * 2 / 3 : slot;
	int64_t top;

	begin_svg(html, bars->label);
	top = draw_counts(html, highest(bars));
	draw_times(html, from_us, to_us);
	for (size_t i = 0; i < bars->count; i++)
		draw_bar(html, bars, &bars->bars[i],
				 x_of(bars->bars[i].us, from_us, to_us) + (slot - width) / 2,
				 width, top);
	zdb_html_raw(html, "</svg>");
}
