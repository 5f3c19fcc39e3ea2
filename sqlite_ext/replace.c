/*
 * replace - an image becomes the live database, in one transaction
 */
#include "sqlite_ext/replace.h"

#include <string.h>

#include "core/base/mem.h"
#include "sqlite_ext/sql.h"

/* How many pages to copy between two looks at the interrupt flag. */
#define PAGES_AT_ONCE 1024

static zdb_rc
check_encoding(zdblite_call *call, zdblite_image *image)
{
	zdb_err *err = &call->err;
	char *live = zdblite_query_text(call->db, err, "PRAGMA encoding");
	char *wanted = zdblite_query_text(image->db, err, "PRAGMA encoding");

	if (live && wanted && strcmp(live, wanted) != 0)
	{
		zdb_err_set(err, ZDB_UNSUPPORTED,
					"the backup is %s and this connection %s", wanted, live);
		zdb_err_hint(err, "SQLite fixes the encoding when it opens a "
						  "database: restore to a file with the option "
						  "\"target\".");
	}
	zdb_free(live);
	zdb_free(wanted);
	return err->code;
}

/* The backup API does not change the page size of a WAL or memory database:
 * leave WAL for the time, and tell an empty database beforehand. */
static zdb_rc
prepare_page_size(zdblite_call *call, zdblite_image *image)
{
	const char *schema = call->options.schema;
	zdb_err *err = &call->err;
	sqlite3_int64 live, wanted;

	if (zdblite_query_int(call->db, &live, err, "PRAGMA \"%w\".page_size",
						  schema) ||
		zdblite_query_int(image->db, &wanted, err, "PRAGMA page_size") ||
		live == wanted)
		return err->code;
	return zdblite_exec(call->db, err,
						"PRAGMA \"%w\".journal_mode=DELETE;"
						"PRAGMA \"%w\".page_size=%lld",
						schema, schema, wanted);
}

static zdb_rc
run_backup(zdblite_call *call, zdblite_image *image)
{
	zdb_err *err = &call->err;
	const char *schema = call->options.schema;
	sqlite3_backup *backup;
	int rc;

	backup = sqlite3_backup_init(call->db, schema, image->db, "main");
	if (!backup)
		return zdblite_err_db(err, call->db, sqlite3_errcode(call->db),
							  "could not write database \"%s\"", schema);
	do
	{
		int total = sqlite3_backup_pagecount(backup);
		int done = total - sqlite3_backup_remaining(backup);

		if (zdb_host_check(&call->host, (uint64_t) done, (uint64_t) total,
						   err))
			break;
		rc = sqlite3_backup_step(backup, PAGES_AT_ONCE);
	} while (rc == SQLITE_OK);
	sqlite3_backup_finish(backup); /* rolls back what is not done */
	if (err->code || rc == SQLITE_DONE)
		return err->code;
	zdblite_err_db(err, NULL, rc, "could not write database \"%s\"", schema);
	if (err->code == ZDB_BUSY)
		zdb_err_hint(err, "Another connection is using it; nothing was "
						  "changed. Wait longer with PRAGMA busy_timeout.");
	if (rc == SQLITE_READONLY)
		zdb_err_hint(err, "The database is read-only, or has another page "
						  "size than the backup: restore to a file with the "
						  "option \"target\".");
	return err->code;
}

/* A transaction that a crash cannot undo is none: a journal that is off or in
 * memory becomes a file for the time. */
char *
zdblite_journal_secure(zdblite_call *call)
{
	const char *schema = call->options.schema;
	const char *file = sqlite3_db_filename(call->db, schema);
	char *mode = zdblite_query_text(call->db, &call->err,
									"PRAGMA \"%w\".journal_mode", schema);

	if (mode && file && *file &&
		(strcmp(mode, "off") == 0 || strcmp(mode, "memory") == 0))
		zdblite_exec(call->db, &call->err, "PRAGMA \"%w\".journal_mode=DELETE",
					 schema);
	return mode;
}

void
zdblite_journal_keep(zdblite_call *call, char *mode)
{
	const char *schema = call->options.schema;
	zdb_err ignored = {0};
	char *now;

	if (!mode)
		return;
	now = zdblite_query_text(call->db, &ignored,
							 "PRAGMA \"%w\".journal_mode=%s", schema, mode);
	if (now && strcmp(now, mode) != 0)
		zdblite_warn(call, "the journal mode is now %s; it was %s", now, mode);
	zdb_free(now);
	zdb_free(mode);
}

zdb_rc
zdblite_replace(zdblite_call *call, zdblite_image *image)
{
	if (check_encoding(call, image) || prepare_page_size(call, image))
		return call->err.code;
	return run_backup(call, image);
}
