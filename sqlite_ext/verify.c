/*
 * verify - prove a backup, at one of three depths
 */
#include "sqlite_ext/verify.h"

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "sqlite_ext/check.h"
#include "sqlite_ext/image.h"

/* Open it as a database and look inside. */
static zdb_rc
verify_restore(zdblite_call *call, zdb_reader *reader, zdb_scan_result *result)
{
	const zdb_manifest *manifest = zdb_reader_manifest(reader);
	const char *name = zdb_reader_source(reader)->name;
	zdblite_image image;

	if (zdblite_image_open(&image, call, reader, NULL) == ZDB_OK &&
		zdblite_check_database(call, image.db, "main", name) == ZDB_OK &&
		manifest)
		zdblite_check_rows(call, image.db, "main", name, manifest);
	*result = image.scan;
	zdblite_image_close(&image);
	return call->err.code;
}

zdb_rc
zdblite_verify(zdblite_call *call, zdb_reader *reader, zdb_level level,
			   zdb_scan_result *result)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	zdb_scan_options options = {.host = &call->host};

	*result = (zdb_scan_result){0};
	call->phase = "verify";
	if (zdblite_call_runner(call, footer ? footer->chunks : 1))
		return call->err.code;
	options.runner = call->runner;
	switch (level)
	{
		case ZDB_LEVEL_INDEX:
			zdb_scan_index(reader, &call->host, &call->err);
			break;
		case ZDB_LEVEL_NONE:
			break;
		case ZDB_LEVEL_DATA:
			zdb_scan(reader, &options, result, &call->err);
			break;
		case ZDB_LEVEL_RESTORE:
			verify_restore(call, reader, result);
			break;
	}
	return call->err.code;
}

static json_t *
text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static void
describe_manifest(const zdb_manifest *manifest, json_t *into)
{
	char created[ZDB_ISO8601_BYTES];

	zdb_text_iso8601(manifest->created_us, created);
	json_object_set_new(into, "type", json_string(manifest->type));
	json_object_set_new(into, "engine", json_string(manifest->engine));
	json_object_set_new(into, "engine_version",
						json_string(manifest->engine_version));
	json_object_set_new(into, "database", json_string(manifest->database));
	json_object_set_new(into, "encoding", json_string(manifest->encoding));
	json_object_set_new(into, "created", json_string(created));
	json_object_set_new(into, "tool", json_string(manifest->tool));
	json_object_set_new(into, "label", text_or_null(manifest->label));
	if (manifest->content == ZDB_CONTENT_IMAGE)
	{
		json_object_set_new(into, "page_size",
							json_integer(manifest->page_size));
		json_object_set_new(into, "pages", json_integer(manifest->pages));
	}
}

json_t *
zdblite_sha256_json(const zdb_scan_result *result)
{
	char hex[2 * ZDB_SHA256_BYTES + 1];

	if (!result->complete)
		return json_null();
	zdb_hex(result->file_sha256, ZDB_SHA256_BYTES, hex);
	return json_string(hex);
}

zdb_rc
zdblite_describe(zdblite_call *call, zdb_reader *reader, json_t *into)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	const zdb_source *source = zdb_reader_source(reader);
	zdb_content content;

	json_object_set_new(into, "path", json_string(source->name));
	json_object_set_new(into, "indexed", json_boolean(footer != NULL));
	json_object_set_new(into, "compress",
						json_string(zdb_codec_name(zdb_reader_codec(reader))));
	json_object_set_new(into, "stored_bytes",
						json_integer((json_int_t) source->bytes));
	if (zdb_reader_content(reader, &content, &call->err))
		return call->err.code;
	json_object_set_new(
		into, "content",
		json_string(content == ZDB_CONTENT_IMAGE ? "image" : "script"));
	if (!footer)
		return ZDB_OK;
	json_object_set_new(into, "format", json_integer(footer->version));
	json_object_set_new(into, "bytes",
						json_integer((json_int_t) footer->raw_bytes));
	json_object_set_new(into, "ratio",
						json_real(source->bytes ? (double) footer->raw_bytes /
													  (double) source->bytes
												: 0));
	json_object_set_new(into, "chunks",
						json_integer((json_int_t) footer->chunks));
	describe_manifest(zdb_reader_manifest(reader), into);
	return ZDB_OK;
}
