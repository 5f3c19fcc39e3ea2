/*
 * consolidated - where the full backup of a chain goes
 */
#include "core/job/consolidated.h"

#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/job/path.h"
#include "core/job/replaced.h"

static zdb_rc
choose_codec(const char *to, const zdb_options *options, zdb_reader *reader,
			 zdb_codec *codec, zdb_err *err)
{
	if (options->compress || !zdb_path_is_directory(to))
		return zdb_path_codec(to, options->compress, codec, err);
	*codec = zdb_consolidate_codec(reader);
	return ZDB_OK;
}

zdb_rc
zdb_consolidated_warn(const zdb_reader *reader, bool encrypted,
					  json_t *warnings, zdb_err *err)
{
	if (zdb_reader_source(reader)->under && !encrypted &&
		json_array_append_new(
			warnings,
			json_string("the backup is encrypted, this full one is not: "
						"option \"encrypt_to\" would say to whom")) != 0)
		zdb_err_nomem(err);
	return err->code;
}

char *
zdb_consolidated_path(const char *to, const zdb_options *options,
					  zdb_reader *reader, const zdb_repository *repository,
					  bool encrypted, zdb_codec *codec, zdb_err *err)
{
	const zdb_manifest *manifest = zdb_reader_manifest(reader);
	bool script = manifest && manifest->content == ZDB_CONTENT_SCRIPT;
	zdb_path_facts facts = {
		.database = manifest ? manifest->database : "",
		.type = "full",
		.partial = manifest && manifest->partial,
		.suffix = script ? ".sql" : ".db",
		.now_us = manifest ? manifest->created_us : 0,
		.reach = {.host = repository->host, .settings = repository->settings},
		.encrypted = encrypted,
	};
	char *path;

	if (choose_codec(to, options, reader, codec, err))
		return NULL;
	path = zdb_path_resolve(to, &facts, codec->kind, err);
	if (path && !zdb_store_scheme(path))
		zdb_file_check_free(path, options->overwrite, err);
	if (!err->code && options->overwrite)
		zdb_replaced_check(repository, path, err);
	if (!err->code)
		return path;
	zdb_free(path);
	return NULL;
}
