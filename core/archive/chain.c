/*
 * chain - what an incremental backup stands on, as its manifest has it
 */
#include "core/archive/chain.h"

#include <jansson.h>

#include <string.h>

#include "core/base/mem.h"

zdb_rc
zdb_chain_add(zdb_chain *chain, const zdb_link *link, zdb_err *err)
{
	zdb_link *to;

	if (chain->count == ZDB_CHAIN_MAX)
		return zdb_err_set(err, ZDB_UNSUPPORTED,
						   "its chain has %d links, more are too many",
						   ZDB_CHAIN_MAX);
	to = zdb_realloc(chain->list, (chain->count + 1) * sizeof *to);
	if (!to)
		return zdb_err_nomem(err);
	chain->list = to;
	to += chain->count;
	*to = *link;
	to->path = NULL;
	to->file = zdb_strdup(link->file, err);
	if (to->file && link->path)
		to->path = zdb_strdup(link->path, err);
	if (err->code)
		zdb_free(to->file);
	else
		chain->count++;
	return err->code;
}

json_t *
zdb_chain_json(const zdb_chain *chain)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < chain->count; i++)
	{
		const zdb_link *link = &chain->list[i];
		json_t *item =
			json_pack("{s:s, s:s?, s:s, s:s, s:I}", "file", link->file, "path",
					  link->path, "id", link->id, "sha256", link->sha256,
					  "bytes", (json_int_t) link->bytes);

		if (!item || json_array_append_new(list, item) != 0)
		{
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* 64 lower-case digits, or *failed is set. */
static void
take_hex(const json_t *item, const char *key, char hex[ZDB_HEX_BYTES],
		 bool *failed)
{
	const char *text = json_string_value(json_object_get(item, key));

	if (text && strlen(text) == ZDB_HEX_BYTES - 1 &&
		strspn(text, "0123456789abcdef") == ZDB_HEX_BYTES - 1)
		memcpy(hex, text, ZDB_HEX_BYTES);
	else
		*failed = true;
}

static zdb_rc
take_link(const json_t *item, zdb_chain *chain, zdb_err *err)
{
	const char *file = json_string_value(json_object_get(item, "file"));
	const char *path = json_string_value(json_object_get(item, "path"));
	zdb_link link = {
		.file = (char *) file,
		.path = (char *) path,
		.bytes = (uint64_t) json_integer_value(json_object_get(item, "bytes")),
	};
	bool failed = !file || !*file;

	take_hex(item, "id", link.id, &failed);
	take_hex(item, "sha256", link.sha256, &failed);
	if (failed)
		return zdb_err_set(err, ZDB_DAMAGED,
						   "its manifest has no valid \"chain\"");
	return zdb_chain_add(chain, &link, err);
}

zdb_rc
zdb_chain_read(const json_t *list, zdb_chain *chain, zdb_err *err)
{
	size_t count = json_array_size(list);

	if (list && (!json_is_array(list) || count > ZDB_CHAIN_MAX))
		return zdb_err_set(err, ZDB_DAMAGED,
						   "its manifest has no valid \"chain\"");
	for (size_t i = 0; i < count; i++)
		if (take_link(json_array_get(list, i), chain, err))
			return err->code;
	return ZDB_OK;
}

void
zdb_chain_clear(zdb_chain *chain)
{
	for (uint32_t i = 0; i < chain->count; i++)
	{
		zdb_free(chain->list[i].file);
		zdb_free(chain->list[i].path);
	}
	zdb_free(chain->list);
	*chain = (zdb_chain){0};
}
