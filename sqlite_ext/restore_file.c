/*
 * restore_file - restore into another file
 */
#include "sqlite_ext/restore_file.h"

#include <unistd.h>

#include "core/archive/writer.h"
#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/job/path.h"
#include "core/job/replaced.h"
#include "core/job/report.h"
#include "sqlite_ext/check.h"
#include "sqlite_ext/image.h"
#include "sqlite_ext/mask.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/tables.h"

/* A -wal or -journal file beside the target would be applied to the restored
 * database by whoever opens it. */
static zdb_rc
check_no_leftover(const char *file, const char *suffix, zdb_err *err)
{
	char *name = zdb_format(err, "%s%s", file, suffix);

	if (name && access(name, F_OK) == 0)
	{
		zdb_err_set(err, ZDB_EXISTS, "\"%s\" stands beside the target", name);
		zdb_err_hint(err, "The target belongs to a database in use: choose "
						  "another name, or close it and remove that file.");
	}
	zdb_free(name);
	return err->code;
}

static zdb_rc
check_target(zdblite_call *call, const zdb_reader *reader, const char *file)
{
	const char *live = sqlite3_db_filename(call->db, call->options.schema);
	zdb_err *err = &call->err;
	zdb_repository repository;

	if (zdb_path_is_directory(file))
		return zdb_err_set(err, ZDB_USAGE, "target \"%s\" is a directory",
						   file);
	if (call->options.tables.count)
	{
		zdb_err_set(err, ZDB_USAGE,
					"option \"tables\" goes with target "
					"\"db\" only");
		zdb_err_hint(err, "Restore all into the file, or some tables into "
						  "the database itself.");
	}
	else if (zdb_file_same(live, file))
		zdb_err_set(err, ZDB_USAGE,
					"\"%s\" is the live database: leave out "
					"the target",
					file);
	else if (zdb_file_same(zdb_reader_source(reader)->name, file))
		zdb_err_set(err, ZDB_USAGE, "\"%s\" is the backup itself", file);
	if (err->code || check_no_leftover(file, "-wal", err) ||
		check_no_leftover(file, "-journal", err))
		return err->code;
	if (zdblite_check_not_live(call->db, file, err) ||
		zdb_file_check_free(file, call->options.overwrite, err) ||
		!call->options.overwrite)
		return err->code;
	repository = zdblite_repository(call);
	return zdb_replaced_check(&repository, file, err);
}

static zdb_rc
look_inside(zdblite_call *call, zdblite_image *image,
			const zdb_manifest *manifest, const char *name)
{
	zdb_manifest found = {0};

	if (zdblite_tables_count(call, image->db, "main", &found) == ZDB_OK)
	{
		zdblite_report(call, "tables", zdb_report_tables(&found));
		zdblite_report(call, "rows", json_integer(zdb_report_rows(&found)));
	}
	zdb_manifest_clear(&found);
	if (call->err.code ||
		zdblite_check_database(call, image->db, "main", name))
		return call->err.code;
	if (manifest)
		zdblite_check_rows(call, image->db, "main", name, manifest);
	zdblite_report(call, "integrity", json_string("ok"));
	return call->err.code;
}

/* The index and the sum of what stood there before go first: they would call
 * the new file damaged. */
static zdb_rc
publish(const zdblite_image *image, const char *file, bool overwrite,
		zdb_err *err)
{
	if (zdb_file_check_free(file, overwrite, err) ||
		zdb_writer_clear_beside(file, err))
		return err->code;
	return zdb_file_publish(image->path, file, overwrite, err);
}

zdb_rc
zdblite_restore_file(zdblite_call *call, zdb_reader *reader, const char *file)
{
	const char *name = zdb_reader_source(reader)->name;
	bool verify = call->options.level != ZDB_LEVEL_NONE;
	const char *mask = call->options.mask;
	const char *beside = call->options.dry_run && !mask ? NULL : file;
	zdblite_image image = {0};
	zdb_err *err = &call->err;

	if (check_target(call, reader, file) ||
		zdblite_image_open(&image, call, reader, beside))
		goto done;
	if (verify && look_inside(call, &image, zdb_reader_manifest(reader), name))
		goto done;
	zdblite_report(call, "bytes",
				   json_integer((json_int_t) image.scan.raw_bytes));
	zdblite_report(call, "verified",
				   verify ? json_string("restore") : json_string("data"));
	if (zdblite_image_settle(&image) || (mask && zdblite_mask(call, &image)) ||
		call->options.dry_run)
		goto done;
	if (publish(&image, file, call->options.overwrite, err) == ZDB_OK)
		image.scratch = false;

done:
	zdblite_image_close(&image);
	return err->code;
}
