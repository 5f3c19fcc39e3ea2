/*
 * outer - an encrypted file for which there is no key
 */
#include "core/job/outer.h"

#include "core/age/open.h"
#include "core/job/check_sums.h"
#include "core/job/path.h"
#include "core/job/report.h"

zdb_rc
zdb_outer_look(const zdb_store_options *file, const zdb_age_keys *keys,
			   bool *outer, json_t *report, zdb_err *err)
{
	zdb_source *source;
	zdb_age_facts facts;
	bool encrypted;

	*outer = false;
	if ((keys->identity_path && keys->passphrase_path) ||
		zdb_path_is_directory(file->where) ||
		zdb_store_source_at(file, &source, err))
		return err->code;
	if (zdb_age_inspect(source, &encrypted, &facts, err) == ZDB_OK &&
		encrypted &&
		!(facts.passphrase ? keys->passphrase_path : keys->identity_path))
	{
		*outer = true;
		zdb_report_encryption(&facts, report);
		json_object_set_new(report, "path", zdb_report_name(file->where));
		json_object_set_new(report, "stored_bytes",
							json_integer((json_int_t) source->bytes));
	}
	zdb_source_free(source);
	return err->code;
}

static zdb_rc
refuse_restore(const char *path, zdb_err *err)
{
	zdb_err_set(err, ZDB_PERMISSION,
				"\"%s\" is encrypted, and no key is known to restore it with",
				path);
	zdb_err_hint(err, "Name the file with the age identity, or with the "
					  "passphrase, in the settings.");
	return err->code;
}

zdb_rc
zdb_outer_verify(const zdb_store_options *file, zdb_level level,
				 json_t *report, json_t *warnings, zdb_err *err)
{
	zdb_scan_result scan = {.complete = true};
	zdb_source *source;
	bool found;

	if (level == ZDB_LEVEL_RESTORE)
		return refuse_restore(file->where, err);
	if (zdb_store_source_at(file, &source, err))
		return err->code;
	if (zdb_scan_sha256(source, file->host, scan.file_sha256, err) == ZDB_OK)
		zdb_check_sums(file, &scan, report, warnings, err);
	zdb_source_free(source);
	if (err->code)
		return err->code;
	found = json_is_true(json_object_get(report, "sha256_file"));
	json_object_set_new(report, "sha256", zdb_report_sha256(&scan));
	json_object_set_new(report, "ok", json_null());
	json_object_set_new(report, "verified",
						found ? json_string("outer") : json_false());
	json_array_append_new(
		warnings,
		json_string(found ? "the file is encrypted and no key is known: its "
							"inside was not looked at"
						  : "the file is encrypted, no key is known, and no "
							"SHA-256 stands beside it: nothing was proved"));
	return ZDB_OK;
}
