/*
 * cron - when a job is due: reading an expression
 */
#include "core/policy/cron.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FIELDS 5
#define DIGITS_MAX 4

typedef struct field
{
	const char *name;
	int min;
	int max;
	const char *const *names; /* of min, min + 1, ..., or NULL */
} field;

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may",
										  "jun", "jul", "aug", "sep", "oct",
										  "nov", "dec", NULL};
static const char *const weekday_names[] = {"sun", "mon", "tue", "wed",
											"thu", "fri", "sat", NULL};

static const field fields[FIELDS] = {
	{"minute", 0, 59, NULL},
	{"hour", 0, 23, NULL},
	{"day", 1, 31, NULL},
	{"month", 1, 12, month_names},
	{"weekday", 0, 7, weekday_names},
};

static const struct
{
	const char *name;
	const char *means;
} nicknames[] = {
	{"@yearly", "0 0 1 1 *"},  {"@annually", "0 0 1 1 *"},
	{"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
	{"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
	{"@hourly", "0 * * * *"},
};

/* Where reading is. */
typedef struct reading
{
	const char *text;
	const char *at;
	const field *field;
	zdb_err *err;
} reading;

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
skip_blanks(reading *in)
{
	while (is_blank(*in->at))
		in->at++;
}

static int
position(const reading *in, const char *at)
{
	return (int) (at - in->text) + 1;
}

/* The range of the field as the hint of an error. */
static zdb_rc
refuse(const reading *in, const char *at, const char *what)
{
	const field *of = in->field;
	int len = (int) strcspn(at, " \t,");

	zdb_err_set(in->err, ZDB_USAGE,
				"cron expression \"%.100s\": %s%s \"%.*s\" at character %d",
				in->text, what, of->name, len > 20 ? 20 : len, at,
				position(in, at));
	zdb_err_hint(in->err,
				 "A %s is a number from %d to %d%s, a range such as %d-%d, "
				 "*, a step such as */2, or a list of these with commas.",
				 of->name, of->min, of->max, of->names ? " or a name" : "",
				 of->min, of->max);
	return in->err->code;
}

static bool
take_digits(reading *in, int *number)
{
	const char *begin = in->at;

	*number = 0;
	for (; *in->at >= '0' && *in->at <= '9'; in->at++)
		if (in->at - begin < DIGITS_MAX)
			*number = *number * 10 + (*in->at - '0');
	return in->at > begin && in->at - begin <= DIGITS_MAX;
}

static bool
take_name(reading *in, int *number)
{
	const char *const *names = in->field->names;

	for (int i = 0; names && names[i]; i++)
		if (strncasecmp(in->at, names[i], 3) == 0)
		{
			*number = in->field->min + i;
			in->at += 3;
			return true;
		}
	return false;
}

static zdb_rc
take_value(reading *in, int *number)
{
	const char *begin = in->at;

	if (!take_digits(in, number) && !take_name(in, number))
		return refuse(in, begin, "wrong ");
	if (*number < in->field->min || *number > in->field->max)
		return refuse(in, begin, "impossible ");
	return ZDB_OK;
}

/* "*", "3", "3-7", and whether a step may follow. */
static zdb_rc
take_range(reading *in, int *low, int *high, bool *wide)
{
	const char *begin = in->at;

	*low = in->field->min;
	*high = in->field->max;
	*wide = true;
	if (*in->at == '*')
	{
		in->at++;
		return ZDB_OK;
	}
	if (take_value(in, low))
		return in->err->code;
	*high = *low;
	*wide = *in->at == '-';
	if (!*wide)
		return ZDB_OK;
	in->at++;
	if (take_value(in, high))
		return in->err->code;
	return *low <= *high ? ZDB_OK : refuse(in, begin, "backward ");
}

static zdb_rc
take_step(reading *in, bool wide, int *step)
{
	const char *begin = in->at;

	*step = 1;
	if (*in->at != '/')
		return ZDB_OK;
	in->at++;
	if (!wide || !take_digits(in, step) || *step < 1 || *step > in->field->max)
		return refuse(in, begin, "wrong step of ");
	return ZDB_OK;
}

static zdb_rc
take_field(reading *in, uint64_t *set)
{
	*set = 0;
	for (;;)
	{
		const char *begin = in->at;
		int low, high, step;
		bool wide;

		if (take_range(in, &low, &high, &wide) || take_step(in, wide, &step))
			return in->err->code;
		for (int i = low; i <= high; i += step)
			*set |= UINT64_C(1) << i;
		if (*in->at != ',')
			return !*in->at || is_blank(*in->at) ? ZDB_OK
												 : refuse(in, begin, "wrong ");
		in->at++;
	}
}

static zdb_rc
wrong_count(const reading *in, const char *what)
{
	zdb_err_set(in->err, ZDB_USAGE, "cron expression \"%.100s\": %s", in->text,
				what);
	zdb_err_hint(in->err, "Write minute, hour, day, month and weekday, such "
						  "as '0 2 * * *', or @hourly, @daily, @weekly, "
						  "@monthly, @yearly.");
	return in->err->code;
}

static zdb_rc
take_fields(reading *in, zdb_cron *cron)
{
	uint64_t *sets[FIELDS] = {&cron->minutes, &cron->hours, &cron->days,
							  &cron->months, &cron->weekdays};
	bool star[FIELDS];

	for (int i = 0; i < FIELDS; i++)
	{
		skip_blanks(in);
		if (!*in->at)
			return wrong_count(in, "it has less than five fields");
		in->field = &fields[i];
		star[i] = *in->at == '*';
		if (take_field(in, sets[i]))
			return in->err->code;
	}
	skip_blanks(in);
	if (*in->at)
		return wrong_count(in, "it has more than five fields");
	cron->weekdays |= cron->weekdays >> 7 & 1;
	cron->weekdays &= 0x7f;
	cron->either_day = !star[2] && !star[4];
	return ZDB_OK;
}

/* Days that no month of the expression has. */
static zdb_rc
check_days(const zdb_cron *cron, const char *text, zdb_err *err)
{
	static const int longest[] = {31, 29, 31, 30, 31, 30,
								  31, 31, 30, 31, 30, 31};

	for (int month = 1; month <= 12; month++)
		if (cron->months >> month & 1 &&
			cron->days & ((UINT64_C(2) << longest[month - 1]) - 1))
			return ZDB_OK;
	if (cron->either_day)
		return ZDB_OK;
	zdb_err_set(err, ZDB_USAGE,
				"cron expression \"%.100s\": no such day in that month", text);
	zdb_err_hint(err, "It would never run. For the last day of a month, run "
					  "on the first of the next: '0 0 1 * *'.");
	return err->code;
}

static zdb_rc
find_nickname(const char *text, size_t len, const char **means, zdb_err *err)
{
	for (size_t i = 0; i < sizeof nicknames / sizeof nicknames[0]; i++)
		if (strlen(nicknames[i].name) == len &&
			memcmp(nicknames[i].name, text, len) == 0)
		{
			*means = nicknames[i].means;
			return ZDB_OK;
		}
	zdb_err_set(err, ZDB_USAGE, "cron expression \"%.*s\" is not known",
				len > 100 ? 100 : (int) len, text);
	if (len == 7 && memcmp(text, "@reboot", len) == 0)
		zdb_err_hint(err, "A backup is due by the clock: when a server starts "
						  "says nothing about its age.");
	else
		zdb_err_hint(err, "There are @hourly, @daily, @midnight, @weekly, "
						  "@monthly, @yearly and @annually.");
	return err->code;
}

zdb_rc
zdb_cron_parse(const char *text, zdb_cron *cron, zdb_err *err)
{
	reading in = {.text = text, .at = text, .err = err};

	*cron = (zdb_cron){0};
	skip_blanks(&in);
	if (*in.at == '@')
	{
		size_t len = strlen(in.at);

		while (len > 0 && is_blank(in.at[len - 1]))
			len--;
		if (find_nickname(in.at, len, &in.at, err))
			return err->code;
		in.text = in.at;
	}
	if (take_fields(&in, cron))
		return err->code;
	return check_days(cron, text, err);
}
