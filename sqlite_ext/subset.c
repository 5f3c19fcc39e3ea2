/*
 * subset - a scratch database that holds some of the tables
 */
#include "sqlite_ext/subset.h"

#include "core/base/mem.h"
#include "core/io/file.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/tables.h"

/* Drop one object that is not wanted. Dropping a virtual table takes its
 * shadow tables along. */
static zdb_rc
drop_unwanted(zdblite_subset *subset, const zdblite_backup_request *request,
			  bool *dropped, zdb_err *err)
{
	sqlite3_stmt *stmt;
	char *sql = NULL;
	bool row = false;

	*dropped = false;
	if (zdblite_prepare(subset->db, &stmt, err,
						"SELECT name, type FROM pragma_table_list"
						" WHERE schema = 'main' AND type <> 'shadow'"
						" AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\'"))
		return err->code;
	while (!sql && zdblite_step(subset->db, stmt, &row, err) == ZDB_OK && row)
	{
		const char *name = (const char *) sqlite3_column_text(stmt, 0);
		bool view = sqlite3_column_text(stmt, 1)[0] == 'v' &&
					sqlite3_column_text(stmt, 1)[2] == 'e';
		bool wanted = request->tables.count
						  ? zdblite_names_have(&request->tables, name)
						  : !zdblite_names_have(&request->exclude, name);

		if (!wanted || zdblite_names_have(&request->exclude, name))
			sql = sqlite3_mprintf("DROP %s \"%w\"", view ? "VIEW" : "TABLE",
								  name);
	}
	sqlite3_finalize(stmt);
	if (sql)
		*dropped = zdblite_exec(subset->db, err, "%s", sql) == ZDB_OK;
	sqlite3_free(sql);
	return err->code;
}

static zdb_rc
copy_all(zdblite_subset *subset, zdblite_snapshot *snapshot,
		 const char *beside, zdb_err *err)
{
	sqlite3_backup *backup;
	int rc;

	subset->path = zdb_file_temp(beside, NULL, err);
	if (!subset->path)
		return err->code;
	rc = sqlite3_open_v2(subset->path, &subset->db,
						 SQLITE_OPEN_READWRITE | SQLITE_OPEN_PRIVATECACHE,
						 NULL);
	if (rc == SQLITE_OK &&
		zdblite_exec(subset->db, err,
					 "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
					 "PRAGMA foreign_keys=OFF"))
		return err->code;
	backup = rc ? NULL
				: sqlite3_backup_init(subset->db, "main", snapshot->db,
									  snapshot->schema);
	if (backup)
	{
		rc = sqlite3_backup_step(backup, -1);
		sqlite3_backup_finish(backup);
	}
	if (!backup || rc != SQLITE_DONE)
		return zdblite_err_db(err, subset->db, rc,
							  "could not copy database \"%s\"",
							  snapshot->schema);
	/* a copy of a WAL database is one too */
	return zdblite_exec(subset->db, err,
						"PRAGMA journal_mode=DELETE; PRAGMA journal_mode=OFF");
}

zdb_rc
zdblite_subset_open(zdblite_subset *subset, zdblite_call *call,
					zdblite_snapshot *snapshot,
					const zdblite_backup_request *request, const char *beside)
{
	zdb_err *err = &call->err;
	bool dropped = true;

	*subset = (zdblite_subset){0};
	if (zdblite_tables_check(snapshot->db, snapshot->schema, &request->tables,
							 err) ||
		zdblite_tables_check(snapshot->db, snapshot->schema, &request->exclude,
							 err) ||
		copy_all(subset, snapshot, beside, err))
		return err->code;
	while (dropped && !err->code)
		drop_unwanted(subset, request, &dropped, err);
	if (err->code)
		return err->code;
	return zdblite_exec(subset->db, err, "VACUUM");
}

void
zdblite_subset_close(zdblite_subset *subset)
{
	sqlite3_close(subset->db);
	zdb_file_remove(subset->path);
	zdb_free(subset->path);
	*subset = (zdblite_subset){0};
}
