/*
 * affinity - values as a column stores them
 */
#include "sqlite_ext/affinity.h"

#include "sqlite_ext/sql.h"

static bool
is_strict(sqlite3 *db, const char *schema, const char *table)
{
	zdb_err ignored = {0};
	sqlite3_int64 strict = 0;

	zdblite_query_int(db, &strict, &ignored,
					  "SELECT strict FROM pragma_table_list WHERE schema = %Q "
					  "AND name = %Q COLLATE NOCASE",
					  schema, table);
	return strict != 0;
}

const char *
zdblite_declared(sqlite3 *db, const char *schema, const char *table,
				 const char *column)
{
	const char *type = NULL;

	if (sqlite3_table_column_metadata(db, schema, table, column, &type, NULL,
									  NULL, NULL, NULL) != SQLITE_OK)
		return NULL;
	return !type || (sqlite3_stricmp(type, "ANY") == 0 &&
					 is_strict(db, schema, table))
			   ? ""
			   : type;
}

/* 7.0 is stored as 7, where a number has no other affinity than to be one. */
static bool
is_whole(double value)
{
	return value > -9.2e18 && value < 9.2e18 &&
		   value == (double) (sqlite3_int64) value;
}

static bool
result_number(sqlite3_context *ctx, sqlite3_value *value,
			  zdb_affinity affinity)
{
	int given = sqlite3_value_type(value);
	int type =
		given == SQLITE_TEXT ? sqlite3_value_numeric_type(value) : given;
	double real = sqlite3_value_double(value);

	if (type == SQLITE_INTEGER && affinity == ZDB_AFFINITY_REAL)
		sqlite3_result_double(ctx, real);
	else if (type == SQLITE_FLOAT && affinity != ZDB_AFFINITY_REAL &&
			 is_whole(real))
		sqlite3_result_int64(ctx, (sqlite3_int64) real);
	else if (type == given)
		return false;
	else if (type == SQLITE_INTEGER)
		sqlite3_result_int64(ctx, sqlite3_value_int64(value));
	else
		sqlite3_result_double(ctx, real);
	return true;
}

bool
zdblite_result_as(sqlite3_context *ctx, sqlite3_value *value,
				  zdb_affinity affinity)
{
	int type = sqlite3_value_type(value);

	if (affinity == ZDB_AFFINITY_NONE || type == SQLITE_NULL ||
		type == SQLITE_BLOB)
		return false;
	if (affinity != ZDB_AFFINITY_TEXT)
		return result_number(ctx, value, affinity);
	if (type == SQLITE_TEXT)
		return false;
	sqlite3_result_text(ctx, (const char *) sqlite3_value_text(value), -1,
						SQLITE_TRANSIENT);
	return true;
}
