/*
 * manifest - what a backup is: JSON inside the file's tail
 */
#include "core/archive/manifest.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* More tables than a manifest of the largest size could name. */
#define TABLES_MAX 1000000

zdb_rc
zdb_manifest_add_table(zdb_manifest *manifest, const char *schema,
					   const char *name, int64_t rows, int64_t bytes,
					   zdb_err *err)
{
	uint32_t count = manifest->table_count;
	zdb_table *table;

	/* the list has room for the next power of two */
	if ((count & (count - 1)) == 0)
	{
		zdb_table *grown =
			zdb_realloc(manifest->tables,
						(count ? 2 * (size_t) count : 1) * sizeof *grown);

		if (!grown)
			return zdb_err_nomem(err);
		manifest->tables = grown;
	}
	table = &manifest->tables[count];
	*table = (zdb_table){.rows = rows, .bytes = bytes};
	table->schema = zdb_strdup(schema, err);
	table->name = table->schema ? zdb_strdup(name, err) : NULL;
	if (!table->name)
	{
		zdb_free(table->schema);
		return err->code;
	}
	manifest->table_count++;
	return ZDB_OK;
}

uint32_t
zdb_manifest_guard_bytes(const zdb_manifest *manifest)
{
	return manifest->guard ? (uint32_t) strlen(manifest->guard) : 0;
}

static json_t *
count_or_null(int64_t count)
{
	return count == ZDB_UNKNOWN ? json_null() : json_integer(count);
}

static json_t *
tables_json(const zdb_manifest *manifest)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < manifest->table_count; i++)
	{
		const zdb_table *table = &manifest->tables[i];
		json_t *item = json_pack(
			"{s:s, s:s, s:o, s:o, s:O*}", "schema", table->schema, "table",
			table->name, "rows", count_or_null(table->rows), "bytes",
			count_or_null(table->bytes), "origin", table->origin);

		if (!item || json_array_append_new(list, item) != 0)
		{
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static const char *
content_name(zdb_content content)
{
	return content == ZDB_CONTENT_IMAGE ? "image" : "script";
}

zdb_rc
zdb_manifest_encode(const zdb_manifest *manifest, zdb_buf *json, zdb_err *err)
{
	json_t *root, *tables = tables_json(manifest);
	bool linked = manifest->chain.count > 0;
	json_t *chain = linked ? zdb_chain_json(&manifest->chain) : NULL;
	char *text = NULL;

	if (!tables || (linked && !chain))
	{
		json_decref(tables);
		json_decref(chain);
		return zdb_err_set(err, ZDB_USAGE,
						   "the name of a table or of a file is not UTF-8, or "
						   "out of memory");
	}
	root = json_pack(
		"{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:s, s:I, s:I, s:I,"
		" s:f, s:o, s:o*, s:s*, s:O*, s:o*}",
		"format", manifest->format, "tool", manifest->tool, "engine",
		manifest->engine, "engine_version", manifest->engine_version,
		"database", manifest->database, "type", manifest->type, "encoding",
		manifest->encoding, "label", manifest->label, "base", manifest->base,
		"content", content_name(manifest->content), "page_size",
		(json_int_t) manifest->page_size, "pages",
		(json_int_t) manifest->pages, "created_us",
		(json_int_t) manifest->created_us, "duration_s", manifest->duration_s,
		"tables", tables, "chain", chain, "guard", manifest->guard, "origin",
		manifest->origin, "partial", manifest->partial ? json_true() : NULL);
	if (!root)
		return zdb_err_set(err, ZDB_USAGE,
						   "the database's name or the label is not UTF-8");
	text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(6));
	json_decref(root);
	if (!text)
		return zdb_err_nomem(err);
	zdb_buf_append(json, text, strlen(text), err);
	free(text);
	return err->code;
}

/* Copy a text of the object; missing: *slot stays NULL. */
static zdb_rc
take_text(const json_t *root, const char *key, char **slot, zdb_err *err)
{
	const char *text = json_string_value(json_object_get(root, key));

	if (!text)
		return ZDB_OK;
	*slot = zdb_strdup(text, err);
	return err->code;
}

static zdb_rc
wrong(const char *what, zdb_err *err)
{
	return zdb_err_set(err, ZDB_DAMAGED, "its manifest has no valid \"%s\"",
					   what);
}

static zdb_rc
take_tables(const json_t *list, zdb_manifest *manifest, zdb_err *err)
{
	size_t count = json_array_size(list);

	if (!json_is_array(list) || count > TABLES_MAX)
		return wrong("tables", err);
	for (size_t i = 0; i < count; i++)
	{
		const json_t *item = json_array_get(list, i);
		const char *schema =
			json_string_value(json_object_get(item, "schema"));
		const char *name = json_string_value(json_object_get(item, "table"));
		const json_t *rows = json_object_get(item, "rows");
		const json_t *bytes = json_object_get(item, "bytes");

		if (!schema || !name)
			return wrong("tables", err);
		if (zdb_manifest_add_table(
				manifest, schema, name,
				json_is_integer(rows) ? json_integer_value(rows) : ZDB_UNKNOWN,
				json_is_integer(bytes) ? json_integer_value(bytes)
									   : ZDB_UNKNOWN,
				err))
			return err->code;
		manifest->tables[i].origin =
			json_incref(json_object_get(item, "origin"));
	}
	return ZDB_OK;
}

static zdb_rc
take_numbers(const json_t *root, zdb_manifest *manifest, zdb_err *err)
{
	json_int_t page_size =
		json_integer_value(json_object_get(root, "page_size"));

	manifest->format =
		(int) json_integer_value(json_object_get(root, "format"));
	manifest->pages = json_integer_value(json_object_get(root, "pages"));
	manifest->created_us =
		json_integer_value(json_object_get(root, "created_us"));
	manifest->duration_s =
		json_number_value(json_object_get(root, "duration_s"));
	if (page_size < 0 || page_size > 65536)
		return wrong("page_size", err);
	manifest->page_size = (uint32_t) page_size;
	return ZDB_OK;
}

/* An incremental backup names its base twice, and has a guard. */
static zdb_rc
take_chain(const json_t *root, zdb_manifest *manifest, zdb_err *err)
{
	zdb_chain *chain = &manifest->chain;
	size_t guard;

	if (zdb_chain_read(json_object_get(root, "chain"), chain, err) ||
		take_text(root, "guard", &manifest->guard, err))
		return err->code;
	guard = manifest->guard ? strlen(manifest->guard) : 0;
	if (chain->count == 0)
		return manifest->guard ? wrong("chain", err) : ZDB_OK;
	if (guard < ZDB_GUARD_BYTES_MIN || guard > ZDB_GUARD_BYTES_MAX)
		return wrong("guard", err);
	if (!manifest->base ||
		strcmp(manifest->base, chain->list[chain->count - 1].id) != 0)
		return wrong("base", err);
	return ZDB_OK;
}

static zdb_rc
take_content(const json_t *root, zdb_manifest *manifest, zdb_err *err)
{
	const char *content = json_string_value(json_object_get(root, "content"));

	if (content && strcmp(content, "image") == 0)
		manifest->content = ZDB_CONTENT_IMAGE;
	else if (content && strcmp(content, "script") == 0)
		manifest->content = ZDB_CONTENT_SCRIPT;
	else
		return wrong("content", err);
	return ZDB_OK;
}

zdb_rc
zdb_manifest_decode(const void *json, size_t len, zdb_manifest *manifest,
					zdb_err *err)
{
	const struct
	{
		const char *key;
		char **slot;
	} needed[] = {
		{"tool", &manifest->tool},
		{"engine", &manifest->engine},
		{"engine_version", &manifest->engine_version},
		{"database", &manifest->database},
		{"type", &manifest->type},
		{"encoding", &manifest->encoding},
	};
	json_error_t where;
	json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &where);

	if (!root && json_error_code(&where) == json_error_out_of_memory)
		return zdb_err_nomem(err);
	if (!root)
		return zdb_err_set(err, ZDB_DAMAGED, "its manifest is not JSON");
	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (take_text(root, needed[i].key, needed[i].slot, err) == ZDB_OK &&
			!*needed[i].slot)
			wrong(needed[i].key, err);
	if (!err->code && take_text(root, "label", &manifest->label, err) == 0 &&
		take_text(root, "base", &manifest->base, err) == 0 &&
		take_chain(root, manifest, err) == 0 &&
		take_numbers(root, manifest, err) == 0 &&
		take_content(root, manifest, err) == 0)
		take_tables(json_object_get(root, "tables"), manifest, err);
	manifest->origin = json_incref(json_object_get(root, "origin"));
	manifest->partial = json_is_true(json_object_get(root, "partial"));
	json_decref(root);
	if (err->code)
		zdb_manifest_clear(manifest);
	return err->code;
}

void
zdb_manifest_clear(zdb_manifest *manifest)
{
	for (uint32_t i = 0; i < manifest->table_count; i++)
	{
		zdb_free(manifest->tables[i].schema);
		zdb_free(manifest->tables[i].name);
		json_decref(manifest->tables[i].origin);
	}
	json_decref(manifest->origin);
	zdb_free(manifest->tables);
	zdb_free(manifest->tool);
	zdb_free(manifest->engine);
	zdb_free(manifest->engine_version);
	zdb_free(manifest->database);
	zdb_free(manifest->type);
	zdb_free(manifest->encoding);
	zdb_free(manifest->label);
	zdb_free(manifest->base);
	zdb_free(manifest->guard);
	zdb_chain_clear(&manifest->chain);
	*manifest = (zdb_manifest){0};
}
