/*
 * fn_attach - zdb_attach(path, name [, options])
 */
#include "core/archive/links.h"
#include "core/base/mem.h"
#include "core/job/report.h"
#include "sqlite_ext/image.h"
#include "sqlite_ext/open.h"
#include "sqlite_ext/vfs_zdb.h"

/* What cannot be a read-only database. */
static zdb_rc
check_content(zdb_reader *reader, zdb_err *err)
{
	const char *name = zdb_reader_source(reader)->name;
	const zdb_err *trouble = zdb_reader_trouble(reader);
	zdb_content content;

	if (trouble)
		*err = *trouble;
	if (trouble || zdb_reader_content(reader, &content, err))
		return err->code;
	if (content != ZDB_CONTENT_IMAGE)
	{
		zdb_err_set(err, ZDB_UNSUPPORTED, "\"%s\" is a script, not a database",
					name);
		zdb_err_hint(err, "Restore it with a path as \"target\", and attach "
						  "that.");
	}
	else if (!zdb_reader_footer(reader) && zdblite_image_lies_plain(reader))
	{
		zdb_err_set(err, ZDB_USAGE,
					"\"%s\" is a database itself, not a backup", name);
		zdb_err_hint(err, "ATTACH opens it.");
	}
	return err->code;
}

/* Opened here first, because SQLite has no words for what is wrong with it. */
static char *
find_file(zdblite_call *call)
{
	zdb_reader *reader = NULL;
	char *file = NULL;

	if (call->options.passphrase_file)
	{
		zdb_err_set(&call->err, ZDB_USAGE,
					"zdb_attach takes no \"passphrase_file\"");
		zdb_err_hint(&call->err,
					 "SQLite opens the file again, with what the environment "
					 "says: set ZDBACKUP_PASSPHRASE_FILE.");
		return NULL;
	}
	if (zdblite_open(call, ZDB_PURPOSE_READ, call->path, call->options.at,
					 &reader) == ZDB_OK &&
		check_content(reader, &call->err) == ZDB_OK &&
		zdb_report_file(reader, call->report, &call->err) == ZDB_OK)
		file = zdb_strdup(zdb_reader_source(reader)->name, &call->err);
	zdb_reader_free(reader);
	return file;
}

void
zdblite_fn_attach(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	zdblite_call call;
	const char *name;
	char *file = NULL;

	if (zdblite_call_open(&call, ctx, ZDB_CALL_INFO, argv[0],
						  argc > 2 ? argv[2] : NULL) == ZDB_OK)
	{
		name = zdblite_call_text(&call, argv[1], "name");
		file = name ? find_file(&call) : NULL;
		if (file)
			zdblite_vfs_attach(call.db, file, name, &call.err);
	}
	zdb_free(file);
	zdblite_call_close(&call);
}
