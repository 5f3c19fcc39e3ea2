/*
 * listed - one file of a repository, as it describes itself
 */
#include "core/job/listed.h"

#include <string.h>

#include "core/age/open.h"
#include "core/archive/links.h"
#include "core/archive/sums.h"
#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/job/named.h"
#include "core/job/report.h"

zdb_rc
zdb_listed_open(zdb_store *store, const zdb_listed *listed, zdb_age_keys *keys,
				zdb_reader **out, zdb_err *err)
{
	zdb_source *source, *index = NULL;
	char *beside = NULL;

	*out = NULL;
	if (zdb_store_source(store, listed->name, &source, err))
		return err->code;
	if (listed->has_index)
		beside = zdb_format(err, "%s" ZDB_SIDECAR_SUFFIX, listed->name);
	if (beside)
		zdb_store_source(store, beside, &index, err);
	zdb_free(beside);
	if (!err->code)
		return zdb_reader_open_source(source, index, keys, out, err);
	zdb_source_free(source);
	return err->code;
}

zdb_rc
zdb_listed_open_chain(zdb_store *store, const zdb_repository *repository,
					  const zdb_listed *listed, zdb_reader **out, zdb_err *err)
{
	char *path = zdb_store_path(store, listed->name, err);
	zdb_store_options file = {.where = path,
							  .host = repository->host,
							  .settings = repository->settings};

	*out = NULL;
	if (path &&
		zdb_listed_open(store, listed, repository->keys, out, err) == ZDB_OK &&
		zdb_reader_link(*out, &file, repository->keys, err))
	{
		zdb_reader_free(*out);
		*out = NULL;
	}
	zdb_free(path);
	return err->code;
}

static const char *
copy_text(zdb_arena *arena, const char *text)
{
	return text ? zdb_arena_format(arena, "%s", text) : NULL;
}

static const char *
hex_text(zdb_arena *arena, const uint8_t digest[ZDB_SHA256_BYTES])
{
	char hex[2 * ZDB_SHA256_BYTES + 1];

	zdb_hex(digest, ZDB_SHA256_BYTES, hex);
	return zdb_arena_format(arena, "%s", hex);
}

/* Where the direct base was, seen from this file. */
static void
take_base(zdb_arena *arena, const zdb_chain *chain, zdb_listed *into)
{
	const zdb_link *link;
	const char *slash;

	if (chain->count == 0)
		return;
	link = &chain->list[chain->count - 1];
	slash = strrchr(link->file, '/');
	into->base_file = copy_text(arena, slash ? slash + 1 : link->file);
	into->base_inside = !link->path && (strncmp(link->file, "../", 3) != 0 ||
										strchr(into->name, '/'));
}

static void
take_manifest(zdb_arena *arena, const zdb_reader *reader, zdb_listed *into)
{
	const zdb_manifest *manifest = zdb_reader_manifest(reader);
	const zdb_footer *footer = zdb_reader_footer(reader);

	into->indexed = true;
	into->id = hex_text(arena, footer->root);
	into->engine = copy_text(arena, manifest->engine);
	into->engine_version = copy_text(arena, manifest->engine_version);
	into->database = copy_text(arena, manifest->database);
	into->type = copy_text(arena, manifest->type);
	into->label = copy_text(arena, manifest->label);
	into->partial = manifest->partial;
	into->base = copy_text(arena, manifest->base);
	take_base(arena, &manifest->chain, into);
	into->created_us = manifest->created_us;
	into->bytes = (int64_t) footer->raw_bytes;
	into->rows = zdb_report_rows(manifest);
	into->tables = manifest->table_count;
}

static zdb_rc
take_reader(zdb_arena *arena, zdb_reader *reader, zdb_listed *into,
			zdb_err *err)
{
	zdb_content content;

	into->codec = zdb_reader_codec(reader);
	if (zdb_reader_footer(reader))
		take_manifest(arena, reader, into);
	else if (zdb_reader_content(reader, &content, err) == ZDB_OK)
	{
		into->engine = content == ZDB_CONTENT_IMAGE ? "sqlite" : NULL;
		if (into->codec == ZDB_CODEC_NONE)
			into->bytes = (int64_t) into->stored_bytes;
	}
	return err->code;
}

zdb_rc
zdb_listed_sums(zdb_store *store, const char *name,
				uint8_t digest[ZDB_SHA256_BYTES], bool *known, zdb_err *err)
{
	char *beside = zdb_format(err, "%s" ZDB_SUMS_SUFFIX, name);
	zdb_source *source = NULL;
	zdb_err why = {0};

	if (beside && zdb_store_source(store, beside, &source, &why) == ZDB_OK)
		zdb_sums_read(source, name, digest, &why);
	*known = source && !why.code;
	if (why.code && why.code != ZDB_NOT_FOUND && why.code != ZDB_FORMAT)
		*err = why;
	zdb_source_free(source);
	zdb_free(beside);
	return err->code;
}

/* The digest that stands beside the file; one that cannot be read is none. */
static zdb_rc
read_sums(zdb_store *store, zdb_arena *arena, zdb_listed *into, zdb_err *err)
{
	uint8_t digest[ZDB_SHA256_BYTES];
	zdb_err why = {0};
	bool known;

	zdb_listed_sums(store, into->name, digest, &known, &why);
	if (known)
		into->sha256 = hex_text(arena, digest);
	return why.code == ZDB_NOMEM ? zdb_err_nomem(err) : ZDB_OK;
}

/* Nobody has the key of an encrypted file: its name must do. */
static zdb_rc
take_name(zdb_store *store, zdb_arena *arena, zdb_listed *into, zdb_err *err)
{
	zdb_source *source;
	zdb_age_facts facts;
	zdb_named named;
	zdb_err why = {0};

	if (zdb_store_source(store, into->name, &source, &why) == ZDB_OK)
		zdb_age_inspect(source, &into->sealed, &facts, &why);
	zdb_source_free(source);
	if (why.code == ZDB_NOMEM)
		return zdb_err_nomem(err);
	if (!into->sealed || !zdb_named_read(into->name, arena, &named))
		return ZDB_OK;
	into->indexed = true;
	into->database = named.database;
	into->type = named.type;
	into->partial = named.partial;
	if (strcmp(named.type, ZDB_LABEL_PREBACKUP) == 0)
	{
		into->type = "full";
		into->label = ZDB_LABEL_PREBACKUP;
	}
	into->engine = named.image ? "sqlite" : NULL;
	into->codec = named.codec;
	into->created_us = named.created_us;
	return ZDB_OK;
}

/* What is wrong with one file does not hide the others. */
static zdb_rc
keep_trouble(zdb_arena *arena, zdb_listed *into, const zdb_err *why,
			 zdb_err *err)
{
	if (why->code == ZDB_NOMEM || why->code == ZDB_CANCELLED ||
		why->code == ZDB_NOT_FOUND)
		*err = *why;
	else if (why->code)
	{
		into->error = copy_text(arena, why->msg);
		into->damaged = why->code == ZDB_DAMAGED;
	}
	return err->code;
}

zdb_rc
zdb_listed_read(zdb_store *store, zdb_age_keys *keys, zdb_arena *arena,
				zdb_listed *listed, zdb_err *err)
{
	zdb_reader *reader;
	zdb_err why = {0};

	listed->created_us = listed->verified_us = ZDB_UNKNOWN;
	listed->bytes = listed->rows = listed->tables = ZDB_UNKNOWN;
	if (zdb_listed_open(store, listed, keys, &reader, &why) == ZDB_OK)
		take_reader(arena, reader, listed, &why);
	zdb_reader_free(reader);
	if (why.code == ZDB_PERMISSION && take_name(store, arena, listed, err))
		return err->code;
	if (keep_trouble(arena, listed, &why, err) || !listed->has_sums)
		return err->code;
	return read_sums(store, arena, listed, err);
}

int64_t
zdb_listed_us(const zdb_listed *listed)
{
	return listed->created_us == ZDB_UNKNOWN ? listed->modified_us
											 : listed->created_us;
}

static json_t *
row_json(const char *path, const zdb_listed *listed)
{
	return json_pack(
		"{s:o, s:o, s:s?, s:s?, s:s?, s:s?, s:o, s:o, s:s, s:o, s:o, s:o,"
		" s:o, s:s?, s:s?, s:s?, s:s?, s:o, s:b, s:o}",
		"path", zdb_report_name(path), "file", zdb_report_name(listed->name),
		"type", listed->type, "engine", listed->engine, "engine_version",
		listed->engine_version, "database", listed->database, "created",
		zdb_report_time(listed->created_us), "modified",
		zdb_report_time(listed->modified_us), "compress",
		zdb_codec_name(listed->codec), "bytes",
		zdb_report_count(listed->bytes), "stored_bytes",
		zdb_report_count((int64_t) listed->stored_bytes), "rows",
		zdb_report_count(listed->rows), "tables",
		zdb_report_count(listed->tables), "label", listed->label, "base",
		listed->base, "sha256", listed->sha256, "verified",
		listed->verified ? zdb_level_name(listed->verified) : NULL,
		"verified_at", zdb_report_time(listed->verified_us), "indexed",
		listed->indexed && !listed->sealed, "error",
		listed->error ? zdb_report_name(listed->error) : json_null());
}

json_t *
zdb_listed_row(const zdb_store *store, const zdb_listed *listed)
{
	zdb_err err = {0};
	char *path = zdb_store_path(store, listed->name, &err);
	json_t *row = path ? row_json(path, listed) : NULL;

	zdb_free(path);
	return row;
}
