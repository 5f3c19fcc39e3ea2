/*
 * sqlite_rows - the rows of a table of a SQLite database as values here
 */
#include "pg_ext/sqlite_rows.h"

#include "miscadmin.h"
#include "utils/lsyscache.h"

#include "pg_ext/sqlite_names.h"
#include "pg_ext/sqlite_value.h"
#include "pg_ext/zdbpg.h"

/* With rowid in front, for errors, where there is one. */
static void
select_rows(zdbpg_sqlite_rows *rows, sqlite3 *db, List *values)
{
	StringInfoData list;
	ListCell *cell;

	initStringInfo(&list);
	foreach(cell, values) appendStringInfo(&list, "%s%s", list.len ? ", " : "",
										   (char *) lfirst(cell));
	if (list.len == 0)
		appendStringInfoString(&list, "NULL");
	rows->first = !zdbpg_sqlite_step(zdbpg_sqlite_prepare(
		db,
		"SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND name = %Q "
		"AND wr",
		zdbpg_to_utf8(rows->table)));
	rows->stmt = zdbpg_sqlite_prepare(
		db, "SELECT %s%s FROM main.%s", rows->first ? "_rowid_, " : "",
		list.data, zdbpg_sqlite_quote(rows->table));
}

zdbpg_sqlite_rows *
zdbpg_sqlite_rows_open(sqlite3 *db, const char *table, TupleDesc desc,
					   List *values, int *from)
{
	zdbpg_sqlite_rows *rows = palloc0(sizeof *rows);

	rows->table = table;
	rows->desc = desc;
	rows->from = from;
	rows->input = TupleDescGetAttInMetadata(desc);
	rows->base = palloc0(desc->natts * sizeof *rows->base);
	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
			rows->base[i] = getBaseType(TupleDescAttr(desc, i)->atttypid);
	select_rows(rows, db, values);
	return rows;
}

bool
zdbpg_sqlite_rows_next(zdbpg_sqlite_rows *rows, Datum *values, bool *nulls)
{
	if (!zdbpg_sqlite_step(rows->stmt))
		return false;
	CHECK_FOR_INTERRUPTS();
	rows->row++;
	for (int i = 0; i < rows->desc->natts; i++)
	{
		char *text;

		nulls[i] = true;
		if (rows->from[i] < 0)
			continue;
		rows->column = i + 1;
		text = zdbpg_sqlite_text(rows->stmt, rows->first + rows->from[i],
								 rows->base[i]);
		nulls[i] = text == NULL;
		values[i] = InputFunctionCall(&rows->input->attinfuncs[i], text,
									  rows->input->attioparams[i],
									  rows->input->atttypmods[i]);
	}
	rows->column = 0;
	return true;
}

void
zdbpg_sqlite_rows_context(void *arg)
{
	const zdbpg_sqlite_rows *rows = arg;
	const char *column =
		rows->column
			? NameStr(TupleDescAttr(rows->desc, rows->column - 1)->attname)
			: NULL;
	const char *rowid =
		rows->column && rows->first
			? psprintf(" (rowid " INT64_FORMAT ")",
					   (int64) sqlite3_column_int64(rows->stmt, 0))
			: "";

	if (column)
		errcontext("table \"%s\", row " INT64_FORMAT "%s, column \"%s\" of "
				   "the SQLite database",
				   rows->table, rows->row, rowid, column);
	else
		errcontext("table \"%s\" of the SQLite database", rows->table);
}
