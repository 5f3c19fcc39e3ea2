/*
 * default - a DEFAULT of SQLite in PostgreSQL's words
 */
#include <ctype.h>
#include <string.h>

#include "core/lite/expr.h"
#include "core/lite/token.h"

#define FORM_BYTES 100

#define UTC "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')"
#define EPOCH "extract(epoch FROM CURRENT_TIMESTAMP)"

/* The present time, as SQLite can be asked for it, its words without spaces
 * and in lower case; what it is as a number; and how it is written. */
static const struct
{
	const char *form;
	const char *number;
	const char *format;
} present[] = {
	{"current_timestamp", NULL, "YYYY-MM-DD HH24:MI:SS"},
	{"current_date", NULL, "YYYY-MM-DD"},
	{"current_time", NULL, "HH24:MI:SS"},
	{"datetime()", NULL, "YYYY-MM-DD HH24:MI:SS"},
	{"datetime('now')", NULL, "YYYY-MM-DD HH24:MI:SS"},
	{"datetime('now','utc')", NULL, "YYYY-MM-DD HH24:MI:SS"},
	{"datetime(current_timestamp)", NULL, "YYYY-MM-DD HH24:MI:SS"},
	{"date('now')", NULL, "YYYY-MM-DD"},
	{"time('now')", NULL, "HH24:MI:SS"},
	{"strftime('%Y-%m-%d %H:%M:%f','now')", NULL, "YYYY-MM-DD HH24:MI:SS.MS"},
	{"strftime('%Y-%m-%dT%H:%M:%fZ','now')", NULL,
	 "YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\""},
	{"strftime('%Y-%m-%d %H:%M:%S','now')", NULL, "YYYY-MM-DD HH24:MI:SS"},
	{"strftime('%Y-%m-%dT%H:%M:%SZ','now')", NULL,
	 "YYYY-MM-DD\"T\"HH24:MI:SS\"Z\""},
	{"strftime('%s','now')", "floor(" EPOCH ")", NULL},
	{"cast(strftime('%s','now')asinteger)", "floor(" EPOCH ")", NULL},
	{"cast(strftime('%s','now')asint)", "floor(" EPOCH ")", NULL},
	{"unixepoch()", "floor(" EPOCH ")", NULL},
	{"unixepoch('now')", "floor(" EPOCH ")", NULL},
	{"strftime('%s','now')*1000", "floor(" EPOCH ") * 1000", NULL},
	{"unixepoch()*1000", "floor(" EPOCH ") * 1000", NULL},
	{"unixepoch('now')*1000", "floor(" EPOCH ") * 1000", NULL},
	{"cast(unixepoch('subsec')*1000asinteger)", "floor(" EPOCH " * 1000)",
	 NULL},
	{"unixepoch('subsec')*1000", "floor(" EPOCH " * 1000)", NULL},
	{"julianday('now')", EPOCH " / 86400 + 2440587.5", NULL},
};

/* The tokens one after the other; too many are none. */
static void
squeeze(const char *sql, char form[FORM_BYTES])
{
	zdb_lite_token token;
	size_t len = 0;

	while ((token = zdb_lite_next(&sql)).kind != ZDB_LITE_END &&
		   len + token.len < FORM_BYTES)
	{
		bool quoted = *token.at == '\'' || *token.at == '"';

		for (size_t i = 0; i < token.len; i++)
			form[len++] =
				(char) (quoted ? token.at[i]
							   : tolower((unsigned char) token.at[i]));
		if (quoted)
			form[len - token.len] = form[len - 1] = '\'';
	}
	form[token.kind == ZDB_LITE_END ? len : 0] = '\0';
}

static const char *
present_as(zdb_arena *arena, zdb_lite_type type, const char *number,
		   const char *format)
{
	switch (type)
	{
		case ZDB_LITE_TIMESTAMP:
			return UTC;
		case ZDB_LITE_TIMESTAMPTZ:
			return "CURRENT_TIMESTAMP";
		case ZDB_LITE_DATE:
			return UTC "::date";
		case ZDB_LITE_TIME:
			return UTC "::time(0)";
		case ZDB_LITE_ANY:
		case ZDB_LITE_TEXT:
		case ZDB_LITE_VARCHAR:
			return format ? zdb_arena_format(arena, "to_char(" UTC ", '%s')",
											 format)
						  : zdb_arena_format(arena, "(%s)::text", number);
		case ZDB_LITE_BIGINT:
		case ZDB_LITE_NUMERIC:
		case ZDB_LITE_DOUBLE:
			return number ? zdb_arena_format(arena, "(%s)::%s", number,
											 type == ZDB_LITE_BIGINT ? "bigint"
											 : type == ZDB_LITE_NUMERIC
												 ? "numeric"
												 : "double precision")
						  : NULL;
		case ZDB_LITE_BOOLEAN:
		case ZDB_LITE_BYTEA:
		case ZDB_LITE_JSON:
		case ZDB_LITE_JSONB:
			return NULL;
	}
	return NULL;
}

/* 0 and 1 beside a column that is boolean, as in an expression. */
static const char *
truth_of(zdb_lite_type type, const char *form)
{
	bool truth = strcmp(form, "1") == 0 || strcmp(form, "true") == 0;

	if (!truth && strcmp(form, "0") != 0 && strcmp(form, "false") != 0)
		return NULL;
	if (type == ZDB_LITE_BOOLEAN)
		return truth ? "true" : "false";
	return truth ? "1" : "0"; /* TRUE is a number in SQLite */
}

const char *
zdb_lite_default(zdb_arena *arena, zdb_lite_type type, const char *sql,
				 const char **reason)
{
	static const zdb_lite_scope nothing = {NULL, NULL, 0};
	char form[FORM_BYTES];
	const char *text;

	squeeze(sql, form);
	*reason = NULL;
	for (size_t i = 0; i < sizeof present / sizeof present[0]; i++)
	{
		if (strcmp(present[i].form, form) != 0)
			continue;
		text = present_as(arena, type, present[i].number, present[i].format);
		if (!text)
			*reason = "the present time does not fit the column's type";
		return text;
	}
	text = truth_of(type, form);
	return text ? text : zdb_lite_expr(arena, &nothing, sql, reason);
}
