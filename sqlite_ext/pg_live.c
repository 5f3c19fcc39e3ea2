/*
 * pg_live - what columns here take, for values of PostgreSQL
 */
#include "sqlite_ext/pg_live.h"

#include <string.h>
#include <strings.h>

#include "sqlite_ext/sql.h"

/* So many values show how a column writes times. */
#define SAMPLE "100"

/* What SQLite's own functions take for days. */
#define JULIAN_FIRST 1721059.5
#define JULIAN_LAST 5373484.5

static const char *
text_at(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *) sqlite3_column_text(stmt, column);

	return text ? text : "";
}

/* https://www.sqlite.org/stricttables.html */
static void
make_strict(zdb_target *target, const char *declared)
{
	if (strcasecmp(declared, "ANY") == 0)
		target->affinity = ZDB_AFFINITY_NONE;
	else if (target->affinity == ZDB_AFFINITY_INTEGER)
		target->only = ZDB_CELL_INTEGER;
	else if (target->affinity == ZDB_AFFINITY_REAL)
		target->only = ZDB_CELL_REAL;
	else if (target->affinity == ZDB_AFFINITY_TEXT)
		target->only = ZDB_CELL_TEXT;
	else
		target->only = ZDB_CELL_BLOB;
}

static zdblite_live_column *
column_at(sqlite3_stmt *stmt, zdb_arena *arena)
{
	zdblite_live_column *column = zdb_arena_alloc(arena, sizeof *column);
	int hidden = sqlite3_column_int(stmt, 2);

	if (!column)
		return NULL;
	column->name = zdb_arena_format(arena, "%s", text_at(stmt, 0));
	column->declared = zdb_arena_format(arena, "%s", text_at(stmt, 1));
	column->generated = hidden == 2 || hidden == 3;
	column->target.affinity = zdb_affinity_of(column->declared);
	column->target.blob = column->target.affinity == ZDB_AFFINITY_NONE &&
						  *column->declared != '\0';
	if (sqlite3_column_int(stmt, 3))
		make_strict(&column->target, column->declared);
	if (sqlite3_column_int(stmt, 4)) /* a rowid */
		column->target.only = ZDB_CELL_INTEGER;
	return column;
}

zdblite_live_column *
zdblite_live_columns(zdblite_call *call, zdb_arena *arena, const char *table)
{
	const char *schema = call->options.schema;
	zdblite_live_column *first = NULL, **last = &first;
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(
			call->db, &stmt, &call->err,
			"SELECT x.name, x.type, x.hidden, t.strict, x.pk AND upper(x.type)"
			" = 'INTEGER' AND (SELECT count(*) FROM pragma_table_xinfo(%Q, %Q)"
			" WHERE pk) = 1 FROM pragma_table_list t, pragma_table_xinfo(%Q,"
			" %Q) x WHERE t.schema = %Q AND t.name = %Q AND x.hidden <> 1",
			table, schema, table, schema, schema, table))
		return NULL;
	while (zdblite_step(call->db, stmt, &row, &call->err) == ZDB_OK && row)
	{
		*last = column_at(stmt, arena);
		if (!*last)
			break;
		last = &(*last)->next;
	}
	sqlite3_finalize(stmt);
	if (zdb_arena_failed(arena))
		zdb_err_nomem(&call->err);
	return first;
}

/* How a value that is there is written; false: it shows nothing. */
static bool
style_of(sqlite3_stmt *stmt, zdb_time_style *style)
{
	double real = sqlite3_column_double(stmt, 0);
	zdb_err ignored = {0};
	zdb_moment moment;

	*style = (zdb_time_style){0};
	switch (sqlite3_column_type(stmt, 0))
	{
		case SQLITE_INTEGER:
			style->unit = zdb_time_unit_of(sqlite3_column_int64(stmt, 0));
			return true;
		case SQLITE_FLOAT:
			style->unit = real >= JULIAN_FIRST && real <= JULIAN_LAST
							  ? ZDB_TIME_JULIAN
							  : ZDB_TIME_SECONDS;
			return true;
		case SQLITE_TEXT:
			if (zdb_moment_parse(text_at(stmt, 0),
								 (size_t) sqlite3_column_bytes(stmt, 0),
								 &moment, &ignored))
				return false;
			*style = moment.style;
			if (!style->letter) /* as datetime() or Python write it */
				style->digits = 0;
			return true;
		default:
			return false;
	}
}

static bool
is_same(const zdb_time_style *one, const zdb_time_style *other)
{
	return one->unit == other->unit && one->letter == other->letter &&
		   one->zone == other->zone && one->digits == other->digits &&
		   one->dated_by_time == other->dated_by_time;
}

/* The style of most of a column's values (Boyer and Moore's vote). */
static bool
sample(zdblite_call *call, const char *table, const char *column,
	   zdb_time_style *style)
{
	sqlite3_stmt *stmt;
	int votes = 0;
	bool row, any = false;

	if (zdblite_prepare(call->db, &stmt, &call->err,
						"SELECT \"%w\" FROM \"%w\".\"%w\" WHERE \"%w\" IS NOT "
						"NULL LIMIT " SAMPLE,
						column, call->options.schema, table, column))
		return false;
	while (zdblite_step(call->db, stmt, &row, &call->err) == ZDB_OK && row)
	{
		zdb_time_style one;

		if (!style_of(stmt, &one))
			continue;
		any = true;
		if (votes == 0)
			*style = one;
		votes += is_same(&one, style) ? 1 : -1;
	}
	sqlite3_finalize(stmt);
	return any;
}

/* The first other column that is declared so and shows a style. */
static bool
sample_others(zdblite_call *call, const char *declared, zdb_time_style *style)
{
	sqlite3_stmt *stmt;
	bool row, found = false;

	if (zdblite_prepare(
			call->db, &stmt, &call->err,
			"SELECT t.name, x.name FROM pragma_table_list t,"
			" pragma_table_xinfo(t.name, t.schema) x WHERE t.schema = %Q AND"
			" t.type = 'table' AND upper(x.type) = upper(%Q)",
			call->options.schema, declared))
		return false;
	while (!found &&
		   zdblite_step(call->db, stmt, &row, &call->err) == ZDB_OK && row)
		found = sample(call, text_at(stmt, 0), text_at(stmt, 1), style);
	sqlite3_finalize(stmt);
	return found;
}

static bool
is_for_times(const char *declared)
{
	return strncasecmp(declared, "DATE", 4) == 0 ||
		   strncasecmp(declared, "TIME", 4) == 0;
}

zdb_time_style
zdblite_live_style(zdblite_call *call, const char *table, const char *column,
				   const char *declared)
{
	zdb_affinity affinity = zdb_affinity_of(declared);
	zdb_time_style style = {0};

	if ((table && sample(call, table, column, &style)) ||
		(is_for_times(declared) && sample_others(call, declared, &style)))
		return style;
	style = (zdb_time_style){0};
	if (affinity == ZDB_AFFINITY_INTEGER)
		style.unit = ZDB_TIME_MILLISECONDS;
	if (affinity == ZDB_AFFINITY_REAL)
		style.unit = ZDB_TIME_JULIAN;
	return style;
}
