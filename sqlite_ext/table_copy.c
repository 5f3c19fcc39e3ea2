/*
 * table_copy - replace the rows of some tables, in one transaction
 */
#include "sqlite_ext/table_copy.h"

#include <string.h>

#include "core/base/mem.h"
#include "sqlite_ext/attach.h"
#include "sqlite_ext/create.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/tables.h"
#include "sqlite_ext/transaction.h"

static zdb_rc
table_type(zdblite_call *call, const char *schema, const char *table,
		   char **type)
{
	*type = zdblite_query_text(call->db, &call->err,
							   "SELECT type FROM pragma_table_list"
							   " WHERE schema = %Q"
							   " AND name = %Q COLLATE NOCASE",
							   schema, table);
	return call->err.code;
}

/* A column that the backup has and the database lacks cannot be replaced. */
static zdb_rc
check_columns(zdblite_call *call, const char *table)
{
	zdb_err *err = &call->err;
	char *column = zdblite_query_text(
		call->db, err,
		"SELECT name FROM pragma_table_xinfo(%Q, %Q) WHERE hidden = 0"
		" AND lower(name) NOT IN (SELECT lower(name) FROM "
		"pragma_table_xinfo(%Q, %Q) WHERE hidden = 0)",
		table, ZDBLITE_ATTACHED, table, call->options.schema);

	if (column)
	{
		zdb_err_set(err, ZDB_MISMATCH,
					"table \"%s\" has no column \"%s\", which is in the "
					"backup",
					table, column);
		zdb_err_hint(err, "Add the column, or restore the whole database.");
	}
	zdb_free(column);
	return err->code;
}

/* The next AUTOINCREMENT value goes with the rows. */
static zdb_rc
copy_sequence(zdblite_call *call, const char *table)
{
	const char *schema = call->options.schema;
	zdb_err *err = &call->err;
	sqlite3_int64 both;

	if (zdblite_query_int(
			call->db, &both, err,
			"SELECT (SELECT count(*) FROM \"%w\".sqlite_schema WHERE name = "
			"'sqlite_sequence') + (SELECT count(*) FROM " ZDBLITE_ATTACHED
			".sqlite_schema WHERE name = 'sqlite_sequence')",
			schema) ||
		both != 2)
		return err->code;
	return zdblite_exec(
		call->db, err,
		"DELETE FROM \"%w\".sqlite_sequence WHERE name = %Q COLLATE NOCASE;"
		"INSERT INTO \"%w\".sqlite_sequence(name, seq) SELECT name, seq "
		"FROM " ZDBLITE_ATTACHED
		".sqlite_sequence WHERE name = %Q COLLATE NOCASE",
		schema, table, schema, table);
}

static zdb_rc
refuse_kind(const char *table, zdb_err *err)
{
	zdb_err_set(err, ZDB_UNSUPPORTED,
				"table \"%s\" is of another kind in the database than in the "
				"backup, or its virtual table is missing",
				table);
	zdb_err_hint(err, "Restore the whole database, or leave this table out "
					  "with the option \"tables\".");
	return err->code;
}

static zdb_rc
copy_rows(zdblite_call *call, const char *table)
{
	const char *schema = call->options.schema;
	zdb_err *err = &call->err;
	char *columns;

	if (check_columns(call, table))
		return err->code;
	columns = zdblite_table_columns(call->db, ZDBLITE_ATTACHED, table, err);
	if (columns)
		zdblite_exec(
			call->db, err,
			"DELETE FROM \"%w\".\"%w\";"
			"INSERT INTO \"%w\".\"%w\"(%s) SELECT %s FROM " ZDBLITE_ATTACHED
			".\"%w\"",
			schema, table, schema, table, columns, columns, table);
	zdb_free(columns);
	return err->code ? err->code : copy_sequence(call, table);
}

static zdb_rc
create(zdblite_call *call, const char *table, const char *types)
{
	return zdblite_create_objects(call, call->db, ZDBLITE_ATTACHED, table,
								  types);
}

static zdb_rc
copy_table(zdblite_call *call, const char *table)
{
	zdb_err *err = &call->err;
	char *live = NULL, *backup = NULL;

	if (table_type(call, call->options.schema, table, &live) ||
		table_type(call, ZDBLITE_ATTACHED, table, &backup))
		goto done;
	if (!backup ||
		(live ? strcmp(live, backup) != 0 : strcmp(backup, "table") != 0))
	{
		refuse_kind(table, err);
		goto done;
	}
	if (!live && create(call, table, "'table'"))
		goto done;
	if (copy_rows(call, table) == ZDB_OK && !live)
		create(call, table, "'index', 'trigger'");

done:
	zdb_free(live);
	zdb_free(backup);
	return err->code;
}

static zdb_rc
count_violations(zdblite_call *call, sqlite3_int64 *count)
{
	return zdblite_query_int(call->db, count, &call->err,
							 "SELECT count(*) FROM "
							 "pragma_foreign_key_check(NULL, %Q)",
							 call->options.schema);
}

static zdb_rc
check_violations(zdblite_call *call, sqlite3_int64 before)
{
	zdb_err *err = &call->err;
	sqlite3_int64 after;
	char *tables;

	if (count_violations(call, &after) || after <= before)
		return err->code;
	tables = zdblite_query_text(
		call->db, err,
		"SELECT group_concat(DISTINCT \"table\" || ' -> ' || parent) FROM "
		"pragma_foreign_key_check(NULL, %Q)",
		call->options.schema);
	zdb_err_set(err, ZDB_MISMATCH,
				"%lld rows would violate a foreign key (%s)",
				(long long) (after - before), tables ? tables : "");
	zdb_err_hint(err, "Restore the tables they point to as well; nothing was "
					  "changed.");
	zdb_free(tables);
	return err->code;
}

/* A virtual table keeps what it knows of the tables behind it in memory: with
 * a new schema version every connection, this one too, begins afresh. */
static zdb_rc
renew_schema(zdblite_call *call)
{
	const char *schema = call->options.schema;
	sqlite3_int64 version;

	if (zdblite_query_int(call->db, &version, &call->err,
						  "PRAGMA \"%w\".schema_version", schema))
		return call->err.code;
	return zdblite_exec(call->db, &call->err,
						"PRAGMA \"%w\".schema_version=%lld", schema,
						version + 1);
}

static zdb_rc
run_transaction(zdblite_call *call, const zdb_names *tables,
				zdb_manifest *after)
{
	zdb_err *err = &call->err;
	zdblite_transaction transaction;
	sqlite3_int64 violations = 0;

	if (zdblite_transaction_begin(&transaction, call, false, false) == ZDB_OK)
		count_violations(call, &violations);
	for (int i = 0; i < tables->count && !err->code; i++)
		copy_table(call, tables->list[i]);
	if (!err->code && check_violations(call, violations) == ZDB_OK)
		zdblite_tables_count(call, call->db, call->options.schema, after);
	if (!err->code && !call->options.dry_run)
		renew_schema(call);
	return zdblite_transaction_end(&transaction, call, !call->options.dry_run);
}

zdb_rc
zdblite_table_copy(zdblite_call *call, zdblite_image *image,
				   const zdb_names *tables, zdb_manifest *after)
{
	zdb_err ignored = {0};

	if (zdblite_attach(call, image))
		return call->err.code;
	run_transaction(call, tables, after);
	zdblite_exec(call->db, &ignored, "DETACH " ZDBLITE_ATTACHED);
	return call->err.code;
}
