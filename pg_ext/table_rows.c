/*
 * table_rows - the rows of one table of a backup, one at a time
 */
#include "pg_ext/table_rows.h"

void
zdbpg_table_rows_missing(const zdbpg_table_rows *rows)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("table \"%s\".\"%s\" is not in \"%s\"", rows->schema,
					rows->table, zdb_reader_source(rows->reader)->name),
			 errhint("zdb_entries() lists its tables; name the one "
					 "that is meant: '{\"table\": \"schema.name\"}'.")));
}

void
zdbpg_table_rows_open(zdbpg_table_rows *rows)
{
	zdb_content content;
	zdb_err err = {0};

	zdbpg_check(zdb_reader_content(rows->reader, &content, &err), &err);
	if (content == ZDB_CONTENT_SCRIPT)
		rows->script = zdbpg_script_table_open(rows);
	else
		rows->image = zdbpg_sqlite_table_open(rows);
}

bool
zdbpg_table_rows_next(zdbpg_table_rows *rows, Datum *values, bool *nulls)
{
	return rows->script ? zdbpg_script_table_next(rows->script, values, nulls)
						: zdbpg_sqlite_table_next(rows->image, values, nulls);
}
