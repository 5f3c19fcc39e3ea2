/*
 * check_sums - compare a file with the .sha256 that stands beside it
 */
#include "core/job/check_sums.h"

#include <string.h>

#include "core/archive/sums.h"
#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/job/report.h"

static zdb_rc
differ(const char *path, const char *beside, const zdb_scan_result *scan,
	   const uint8_t said[ZDB_SHA256_BYTES], zdb_err *err)
{
	char is[2 * ZDB_SHA256_BYTES + 1], should[sizeof is];

	zdb_hex(scan->file_sha256, ZDB_SHA256_BYTES, is);
	zdb_hex(said, ZDB_SHA256_BYTES, should);
	zdb_err_set(err, ZDB_DAMAGED, "\"%s\" has SHA-256 %s, but \"%s\" says %s",
				path, is, beside, should);
	zdb_err_hint(err, "Use another copy. If the file was replaced on purpose, "
					  "delete the .sha256.");
	return err->code;
}

static zdb_rc
compare(const char *path, const zdb_store_options *beside,
		const zdb_scan_result *scan, json_t *report, zdb_err *err)
{
	uint8_t said[ZDB_SHA256_BYTES];
	zdb_source *source;

	if (zdb_store_source_at(beside, &source, err) == ZDB_OK &&
		zdb_sums_read(source, path, said, err) == ZDB_OK)
	{
		json_object_set_new(report, "sha256_file", json_true());
		if (memcmp(said, scan->file_sha256, sizeof said) != 0)
			differ(path, beside->where, scan, said, err);
	}
	zdb_source_free(source);
	return err->code;
}

zdb_rc
zdb_check_sums(const zdb_store_options *file, const zdb_scan_result *scan,
			   json_t *report, json_t *warnings, zdb_err *err)
{
	char *beside = zdb_format(err, "%s" ZDB_SUMS_SUFFIX, file->where);
	zdb_store_options there = *file;
	zdb_err why = {0};

	json_object_set_new(report, "sha256_file", json_false());
	there.where = beside;
	if (beside && scan->complete)
		compare(file->where, &there, scan, report, &why);
	zdb_free(beside);
	if (why.code == ZDB_DAMAGED || why.code == ZDB_NOMEM)
		*err = why;
	else if (why.code && why.code != ZDB_NOT_FOUND &&
			 json_array_append_new(warnings, zdb_report_name(why.msg)) != 0)
		zdb_err_nomem(err);
	return err->code;
}
