/*
 * report - what both engines say about a backup, with the same keys
 */
#include "core/job/report.h"

#include <string.h>

#include "core/age/source.h"
#include "core/archive/links.h"
#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/base/text.h"

static void
put_text(json_t *into, const char *key, const char *text)
{
	json_object_set_new(into, key, text ? json_string(text) : json_null());
}

static void
put_count(json_t *into, const char *key, uint64_t count)
{
	json_object_set_new(into, key, json_integer((json_int_t) count));
}

static void
put_time(json_t *into, const char *key, int64_t us)
{
	json_object_set_new(into, key, zdb_report_time(us));
}

static void
put_ratio(json_t *into, uint64_t raw, uint64_t stored)
{
	json_object_set_new(
		into, "ratio", json_real(stored ? (double) raw / (double) stored : 0));
}

json_t *
zdb_report_count(int64_t count)
{
	return count == ZDB_UNKNOWN ? json_null() : json_integer(count);
}

json_t *
zdb_report_time(int64_t us)
{
	char text[ZDB_ISO8601_BYTES];

	if (us == ZDB_UNKNOWN)
		return json_null();
	zdb_text_iso8601(us, text);
	return json_string(text);
}

json_t *
zdb_report_name(const char *name)
{
	zdb_err err = {0};
	json_t *text;
	char *copy;

	if (zdb_utf8_valid(name, strlen(name)))
		return json_string(name);
	copy = zdb_strdup(name, &err);
	for (char *at = copy; at && *at; at++)
		if ((unsigned char) *at >= 0x80)
			*at = '?';
	text = copy ? json_string(copy) : NULL;
	zdb_free(copy);
	return text;
}

json_t *
zdb_report_tables(const zdb_manifest *manifest)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < manifest->table_count; i++)
	{
		const zdb_table *table = &manifest->tables[i];

		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:o, s:o}", "schema", table->schema, "table",
					  table->name, "rows", zdb_report_count(table->rows),
					  "bytes", zdb_report_count(table->bytes)));
	}
	return list;
}

int64_t
zdb_report_rows(const zdb_manifest *manifest)
{
	int64_t rows = 0;

	for (uint32_t i = 0; i < manifest->table_count; i++)
		if (manifest->tables[i].rows != ZDB_UNKNOWN)
			rows += manifest->tables[i].rows;
	return rows;
}

static json_t *
hex_json(const uint8_t sha256[ZDB_SHA256_BYTES])
{
	char hex[2 * ZDB_SHA256_BYTES + 1];

	zdb_hex(sha256, ZDB_SHA256_BYTES, hex);
	return json_string(hex);
}

json_t *
zdb_report_sha256(const zdb_scan_result *result)
{
	return result->complete ? hex_json(result->file_sha256) : json_null();
}

static void
report_manifest(const zdb_manifest *manifest, json_t *into)
{
	put_text(into, "type", manifest->type);
	json_object_set_new(into, "partial", json_boolean(manifest->partial));
	put_text(into, "engine", manifest->engine);
	put_text(into, "engine_version", manifest->engine_version);
	put_text(into, "database", manifest->database);
	put_text(into, "encoding", manifest->encoding);
	put_time(into, "created", manifest->created_us);
	put_text(into, "tool", manifest->tool);
	put_text(into, "label", manifest->label);
	if (manifest->content == ZDB_CONTENT_IMAGE)
	{
		put_count(into, "page_size", manifest->page_size);
		put_count(into, "pages", (uint64_t) manifest->pages);
	}
}

void
zdb_report_encryption(const zdb_age_facts *facts, json_t *into)
{
	json_object_set_new(into, "encrypted", json_boolean(facts != NULL));
	json_object_set_new(into, "recipients",
						json_integer(facts ? facts->recipients : 0));
	if (facts)
		put_text(into, "recipient_types", facts->types);
}

json_t *
zdb_report_decrypted(const zdb_reader *reader)
{
	const zdb_source *source = zdb_reader_source(reader);
	uint64_t chunks = zdb_age_source_opened(source);

	return source->under
			   ? json_integer((json_int_t) (chunks * ZDB_AGE_CHUNK_BYTES))
			   : json_null();
}

static void
report_chain(const zdb_reader *reader, json_t *into)
{
	const zdb_manifest *manifest = zdb_reader_manifest(reader);
	const zdb_err *trouble = zdb_reader_trouble(reader);

	put_text(into, "base", manifest->base);
	if (manifest->chain.count == 0)
		return;
	json_object_set_new(into, "chain", zdb_chain_json(&manifest->chain));
	put_text(into, "chain_error", trouble ? trouble->msg : NULL);
}

zdb_rc
zdb_report_file(zdb_reader *reader, json_t *into, zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	zdb_source *source = zdb_reader_source(reader);
	uint64_t stored_bytes = zdb_source_outer(source)->bytes;
	zdb_content content;

	put_text(into, "path", source->name);
	json_object_set_new(into, "indexed", json_boolean(footer != NULL));
	put_text(into, "compress", zdb_codec_name(zdb_reader_codec(reader)));
	put_count(into, "stored_bytes", stored_bytes);
	zdb_report_encryption(zdb_age_source_facts(source), into);
	if (zdb_reader_content(reader, &content, err))
		return err->code;
	put_text(into, "content",
			 content == ZDB_CONTENT_IMAGE ? "image" : "script");
	if (!footer)
		return ZDB_OK;
	put_count(into, "format", footer->version);
	put_count(into, "bytes", footer->raw_bytes);
	put_ratio(into, footer->raw_bytes, stored_bytes);
	put_count(into, "chunks", footer->chunks);
	report_manifest(zdb_reader_manifest(reader), into);
	json_object_set_new(into, "id", hex_json(footer->root));
	report_chain(reader, into);
	return ZDB_OK;
}

void
zdb_report_contents(const zdb_manifest *manifest, json_t *into)
{
	json_object_set_new(into, "tables", zdb_report_tables(manifest));
	json_object_set_new(into, "duration_s", json_real(manifest->duration_s));
	put_count(into, "rows", (uint64_t) zdb_report_rows(manifest));
}

/* What was stored of an incremental backup; why another one is none. */
static void
report_base(const zdb_report_facts *facts, json_t *into)
{
	const zdb_writer_totals *totals = &facts->totals;

	put_text(into, "base", facts->base_id);
	if (facts->full_because)
		put_text(into, "full_because", facts->full_because);
	if (!facts->base)
		return;
	put_text(into, "base_path", facts->base);
	put_count(into, "chunks_stored", totals->own_chunks);
	put_count(into, "patches", totals->patches);
	if (facts->manifest->content == ZDB_CONTENT_IMAGE)
		put_count(into, "pages_stored", totals->changed_pages);
}

void
zdb_report_backup(const zdb_report_facts *facts, json_t *into)
{
	const zdb_manifest *manifest = facts->manifest;

	put_text(into, "path", facts->path);
	put_text(into, "type", manifest->type);
	json_object_set_new(into, "partial", json_boolean(manifest->partial));
	put_text(into, "engine", manifest->engine);
	put_text(into, "database", manifest->database);
	put_time(into, "created", manifest->created_us);
	put_text(into, "compress", zdb_codec_name(facts->codec.kind));
	put_count(into, "bytes", facts->totals.raw_bytes);
	put_count(into, "stored_bytes", facts->totals.stored_bytes);
	put_ratio(into, facts->totals.raw_bytes, facts->totals.stored_bytes);
	json_object_set_new(into, "pages",
						manifest->content == ZDB_CONTENT_IMAGE
							? json_integer(manifest->pages)
							: json_null());
	json_object_set_new(into, "tables", zdb_report_tables(manifest));
	put_count(into, "rows", (uint64_t) zdb_report_rows(manifest));
	json_object_set_new(into, "sha256",
						facts->sha256 ? hex_json(facts->sha256) : json_null());
	put_count(into, "chunks", facts->totals.chunks);
	json_object_set_new(into, "encrypted",
						json_boolean(facts->recipients > 0));
	put_count(into, "recipients", (uint64_t) facts->recipients);
	put_count(into, "jobs", (uint64_t) facts->jobs);
	json_object_set_new(into, "verified",
						facts->verified
							? json_string(zdb_level_name(facts->verified))
							: json_false());
	put_text(into, "label", manifest->label);
	report_base(facts, into);
}

bool
zdb_report_failure(zdb_err *err, json_t *into)
{
	switch (err->code)
	{
		case ZDB_NOT_FOUND:
		case ZDB_PERMISSION:
		case ZDB_DAMAGED:
		case ZDB_FORMAT:
		case ZDB_MISMATCH:
			break;
		case ZDB_OK:
		case ZDB_NOMEM:
		case ZDB_CANCELLED:
		case ZDB_USAGE:
		case ZDB_EXISTS:
		case ZDB_DISK_FULL:
		case ZDB_IO:
		case ZDB_BUSY:
		case ZDB_UNSUPPORTED:
		case ZDB_INTERNAL:
			return false;
	}
	json_object_set_new(into, "ok", json_false());
	json_object_set_new(into, "verified", json_false());
	put_text(into, "error", err->msg);
	put_text(into, "hint", *err->hint ? err->hint : NULL);
	zdb_err_clear(err);
	return true;
}
