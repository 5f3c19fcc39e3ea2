/*
 * check - what is inside a database: is it whole, does it add up
 */
#include "sqlite_ext/check.h"

#include <string.h>

#include "core/base/mem.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/tables.h"

static void
check_foreign_keys(zdblite_call *call, sqlite3 *db, const char *schema)
{
	zdb_err why = {0};
	sqlite3_int64 count;
	char *table;

	zdblite_query_int(db, &count, &why,
					  "SELECT count(*) FROM pragma_foreign_key_check(NULL, "
					  "%Q)",
					  schema);
	if (why.code == ZDB_CANCELLED || why.code == ZDB_NOMEM)
		call->err = why;
	else if (why.code)
		zdblite_warn(call, "foreign keys were not checked: %s", why.msg);
	if (why.code || count == 0)
		return;
	table = zdblite_query_text(db, &call->err,
							   "SELECT \"table\" FROM "
							   "pragma_foreign_key_check(NULL, %Q)",
							   schema);
	zdblite_warn(call, "%lld rows violate a foreign key, the first in \"%s\"",
				 (long long) count, table ? table : "");
	zdb_free(table);
}

zdb_rc
zdblite_check_database(zdblite_call *call, sqlite3 *db, const char *schema,
					   const char *name)
{
	char *finding = zdblite_query_text(
		db, &call->err, "PRAGMA \"%w\".integrity_check(1)", schema);

	if (finding && strcmp(finding, "ok") != 0)
	{
		zdb_err_set(&call->err, ZDB_DAMAGED,
					"\"%s\" does not pass integrity_check: %s", name, finding);
		zdb_err_hint(&call->err, "The database was damaged before it was "
								 "backed up; try an older backup.");
	}
	else if (!finding && sqlite3_errcode(db) == SQLITE_ERROR)
		zdb_err_hint(&call->err, "Functions and collations of your "
								 "application are not known here: restore "
								 "with \"verify\": false.");
	zdb_free(finding);
	if (!call->err.code)
		check_foreign_keys(call, db, schema);
	return call->err.code;
}

zdb_rc
zdblite_check_rows(zdblite_call *call, sqlite3 *db, const char *schema,
				   const char *name, const zdb_manifest *manifest)
{
	zdb_err *err = &call->err;

	for (uint32_t i = 0; i < manifest->table_count && !err->code; i++)
	{
		const zdb_table *table = &manifest->tables[i];
		int64_t rows;

		if (table->rows == ZDB_UNKNOWN)
			continue;
		rows = zdblite_table_rows(db, schema, table->name, err);
		if (!err->code && rows != table->rows)
			zdb_err_set(err, ZDB_MISMATCH,
						"\"%s\": table \"%s\" has %lld rows, but its manifest "
						"says %lld",
						name, table->name, (long long) rows,
						(long long) table->rows);
	}
	return err->code;
}
