/*
 * links - the files that an incremental backup stands on
 */
#include "core/archive/links.h"

#include <stdio.h>
#include <string.h>

#include "core/archive/reader_part.h"
#include "core/base/bytes.h"
#include "core/base/mem.h"

_Static_assert(ZDB_AGE_FILE_KEYS_MAX >= 2 * (ZDB_CHAIN_MAX + 1),
			   "helpers get the keys of a whole chain");

/* Length of the directory part, with its "/". */
static size_t
directory_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t) (slash - path) + 1 : 0;
}

/* May a chain name a file so? "name", "dir/name", "../name", "../dir/name". */
static bool
is_near(const char *file)
{
	const char *slash;

	if (strncmp(file, "../", 3) == 0)
		file += 3;
	slash = strchr(file, '/');
	if (slash && (slash == file || strncmp(file, "./", 2) == 0 ||
				  strncmp(file, "../", 3) == 0))
		return false;
	file = slash ? slash + 1 : file;
	return *file && !strchr(file, '/');
}

/* The path or URL of a file that was named as seen from where's directory;
 * NULL with err set. */
static char *
path_of(const char *where, const char *file, zdb_err *err)
{
	size_t len = directory_len(where), scheme = zdb_store_scheme(where);
	size_t least = scheme ? scheme + strlen("://") : 0;

	if (scheme && strncmp(file, "../", 3) == 0)
	{
		file += 3;
		for (len--; len > least && where[len - 1] != '/';)
			len--;
	}
	if (len < least || (scheme && len == least) || !is_near(file))
	{
		zdb_err_set(err, ZDB_DAMAGED, "it names its base as \"%s\"", file);
		return NULL;
	}
	return zdb_format(err, "%.*s%s", (int) len, where, file);
}

/* Names for a link, in the order in which they are tried. */
static char *
candidate(const char *where, const zdb_link *link, int number, zdb_err *err)
{
	switch (number)
	{
		case 0:
			return path_of(where, link->file, err);
		case 1:
			return path_of(where, link->file + directory_len(link->file), err);
		default:
			return link->path && !zdb_store_scheme(where)
					   ? zdb_strdup(link->path, err)
					   : NULL;
	}
}

/* Open the first that is there; *path is it, or the first one tried. */
static zdb_rc
open_link(const zdb_store_options *file, const zdb_link *link,
		  zdb_age_keys *keys, char **path, zdb_reader **out, zdb_err *err)
{
	zdb_rc rc = ZDB_NOT_FOUND;

	*out = NULL;
	*path = NULL;
	for (int i = 0; i < 3 && rc == ZDB_NOT_FOUND && !err->code; i++)
	{
		zdb_store_options there = *file;
		char *name = candidate(file->where, link, i, err);
		zdb_err why = {0};

		if (!name)
			continue;
		there.where = name;
		rc = zdb_reader_open_alone(&there, keys, out, &why);
		if (rc != ZDB_NOT_FOUND)
			*err = why;
		if (*path && rc == ZDB_NOT_FOUND)
		{
			zdb_free(name);
			continue;
		}
		zdb_free(*path);
		*path = name;
	}
	return rc == ZDB_NOT_FOUND && !err->code
			   ? zdb_err_set(err, rc, "it is missing")
			   : err->code;
}

/* Is it the backup that the chain names, link number i from 0? */
static zdb_rc
check_link(const zdb_reader *reader, const zdb_reader *link, uint32_t i,
		   zdb_err *err)
{
	const zdb_manifest *ours = &reader->manifest, *its = &link->manifest;
	const zdb_chain *chain = &ours->chain;
	char id[ZDB_HEX_BYTES];
	bool fits;

	zdb_hex(link->footer.root, ZDB_SHA256_BYTES, id);
	if (!link->tail || strcmp(id, chain->list[i].id) != 0)
		return zdb_err_set(err, ZDB_MISMATCH, "it is another backup");
	fits = its->chain.count == i && its->content == ours->content &&
		   its->page_size == ours->page_size;
	for (uint32_t j = 0; fits && j < i; j++)
		fits = strcmp(its->chain.list[j].id, chain->list[j].id) == 0;
	return fits ? ZDB_OK
				: zdb_err_set(err, ZDB_DAMAGED, "its chain is another one");
}

/* Name the link, what stands on it, and what can be done. */
static zdb_rc
tell_link(const char *name, const char *path, const zdb_err *why, zdb_err *err)
{
	if (why->code == ZDB_NOMEM || why->code == ZDB_CANCELLED)
	{
		*err = *why;
		return err->code;
	}
	zdb_err_set(err, why->code,
				"\"%s\" stands on \"%s\", which cannot be "
				"used: %s",
				name, path, why->msg);
	if (why->code == ZDB_NOT_FOUND || why->code == ZDB_MISMATCH)
		zdb_err_hint(err, "Put back the file that was there when it was made, "
						  "or use an older backup.");
	else if (*why->hint)
		zdb_err_hint(err, "%s", why->hint);
	return err->code;
}

static zdb_rc
link_one(zdb_reader *reader, const zdb_store_options *file, uint32_t i,
		 zdb_age_keys *keys, zdb_err *err)
{
	const zdb_link *link = &reader->manifest.chain.list[i];
	zdb_err why = {0};
	char *path;

	if (open_link(file, link, keys, &path, &reader->links[i], &why) == ZDB_OK)
		check_link(reader, reader->links[i], i, &why);
	if (why.code)
		tell_link(reader->source->name, path ? path : link->file, &why, err);
	zdb_free(path);
	return err->code;
}

/* Memory and cancelling end the call; other trouble is kept. */
static zdb_rc
keep_trouble(zdb_reader *reader, zdb_err *why, zdb_err *err)
{
	if (!why->code)
		return ZDB_OK;
	zdb_reader_unlink(reader);
	if (why->code == ZDB_NOMEM || why->code == ZDB_CANCELLED)
		*err = *why;
	else
		reader->unlinked = *why;
	return err->code;
}

zdb_rc
zdb_reader_link(zdb_reader *reader, const zdb_store_options *file,
				zdb_age_keys *keys, zdb_err *err)
{
	uint32_t count = reader->tail ? reader->manifest.chain.count : 0;
	zdb_err why = {0};

	if (count == 0)
		return ZDB_OK;
	zdb_reader_unlink(reader);
	reader->links = zdb_calloc(count, sizeof *reader->links);
	if (!reader->links)
		return zdb_err_nomem(err);
	for (uint32_t i = count; i-- > 0 && !why.code;)
		link_one(reader, file, i, keys, &why);
	return keep_trouble(reader, &why, err);
}

zdb_rc
zdb_reader_link_to(zdb_reader *reader, zdb_reader *base, zdb_err *err)
{
	uint32_t count = reader->manifest.chain.count;

	if (count == 0)
		return ZDB_OK;
	if (base->manifest.chain.count != count - 1 || (count > 1 && !base->links))
		return zdb_err_set(err, ZDB_INTERNAL, "the base is not linked");
	reader->links = zdb_calloc(count, sizeof *reader->links);
	if (!reader->links)
		return zdb_err_nomem(err);
	reader->borrowed = true;
	if (count > 1)
		memcpy(reader->links, base->links,
			   (count - 1) * sizeof *reader->links);
	reader->links[count - 1] = base;
	return check_link(reader, base, count - 1, err);
}

void
zdb_reader_unlink(zdb_reader *reader)
{
	for (uint32_t i = 0; reader->links && !reader->borrowed &&
						 i < reader->manifest.chain.count;
		 i++)
		zdb_reader_free(reader->links[i]);
	zdb_free(reader->links);
	reader->links = NULL;
	reader->borrowed = false;
}

zdb_rc
zdb_reader_linked(zdb_reader *reader, uint32_t link, zdb_reader **out,
				  zdb_err *err)
{
	*out = reader;
	if (link == 0)
		return ZDB_OK;
	*out = NULL;
	if (reader->unlinked.code)
		*err = reader->unlinked;
	else if (!reader->links || link > reader->manifest.chain.count)
		zdb_err_set(err, ZDB_MISMATCH,
					"\"%s\" stands on other backups, which were not looked "
					"for",
					reader->source->name);
	else
		*out = reader->links[link - 1];
	return err->code;
}

const zdb_err *
zdb_reader_trouble(const zdb_reader *reader)
{
	return reader->unlinked.code ? &reader->unlinked : NULL;
}
