/*
 * chain_upon - what an incremental backup that is about to be made stands on
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/links.h"
#include "core/archive/scan.h"
#include "core/archive/sums.h"
#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/io/file.h"

/* A directory, as it is compared: a URL as it is, a path without links. */
static char *
directory_of(const char *path, zdb_err *err)
{
	const char *slash = strrchr(path, '/');
	char *text = slash ? zdb_format(err, "%.*s", (int) (slash - path), path)
					   : zdb_strdup(".", err);
	char *real, *copy;

	if (!text || zdb_store_scheme(path))
		return text;
	real = realpath(*text ? text : "/", NULL);
	if (!real)
		return text;
	copy = zdb_strdup(strcmp(real, "/") == 0 ? "" : real, err);
	free(real);
	zdb_free(text);
	return copy;
}

/* Length of the parent's path, without its "/"; SIZE_MAX without a parent, as
 * a bucket is. */
static size_t
parent_len(const char *directory)
{
	const char *slash = strrchr(directory, '/');

	if (!slash || (slash > directory && slash[-1] == '/'))
		return SIZE_MAX;
	return (size_t) (slash - directory);
}

static bool
is_text(const char *text, size_t len, const char *other)
{
	return strlen(other) == len && memcmp(text, other, len) == 0;
}

/* How a file in directory to is named as seen from directory from; NULL when
 * they are no neighbours. */
static char *
seen_from(const char *from, const char *to, const char *name, zdb_err *err)
{
	size_t up = parent_len(from), down = parent_len(to);
	const char *last = to + down + 1;

	if (strcmp(from, to) == 0)
		return zdb_strdup(name, err);
	if (up != SIZE_MAX && is_text(from, up, to))
		return zdb_format(err, "../%s", name);
	if (down != SIZE_MAX && is_text(to, down, from))
		return zdb_format(err, "%s/%s", last, name);
	if (up != SIZE_MAX && up == down && memcmp(from, to, up) == 0)
		return zdb_format(err, "../%s/%s", last, name);
	return NULL;
}

static zdb_rc
refuse_place(const char *path, const char *where, zdb_err *err)
{
	zdb_err_set(err, ZDB_USAGE,
				"an incremental backup at \"%s\" cannot stand on \"%s\"",
				where, path);
	zdb_err_hint(err, "Its base lies beside it, in the same repository, or in "
					  "another directory of the same disk.");
	return err->code;
}

/* Set how the link, whose path or URL is path, is found from where. */
static zdb_rc
set_place(zdb_link *link, const char *path, const char *where, zdb_err *err)
{
	bool local = !zdb_store_scheme(where);
	bool same = local ? zdb_file_same(path, where) : strcmp(path, where) == 0;
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *from, *to;

	if (same)
		return zdb_err_set(err, ZDB_USAGE,
						   "\"%s\" cannot be replaced by a backup that stands "
						   "on it",
						   where);
	if (local != !zdb_store_scheme(path))
		return refuse_place(path, where, err);
	from = directory_of(where, err);
	to = directory_of(path, err);
	if (from && to)
		link->file = seen_from(from, to, name, err);
	if (!err->code && !link->file && !local)
		refuse_place(path, where, err);
	else if (!err->code && !link->file)
	{
		link->file = zdb_strdup(name, err);
		link->path = zdb_format(err, "%s/%s", to, name);
	}
	zdb_free(from);
	zdb_free(to);
	return err->code;
}

/* What stands beside the file; *known false when there is nothing usable. */
static zdb_rc
read_beside(const char *path, const zdb_store_options *reach,
			uint8_t digest[ZDB_SHA256_BYTES], bool *known, zdb_err *err)
{
	zdb_store_options there = *reach;
	char *name = zdb_format(err, "%s" ZDB_SUMS_SUFFIX, path);
	zdb_source *source = NULL;
	zdb_err why = {0};

	there.where = name;
	if (name && zdb_store_source_at(&there, &source, &why) == ZDB_OK)
		zdb_sums_read(source, path, digest, &why);
	*known = name && !why.code;
	if (why.code == ZDB_NOMEM || why.code == ZDB_CANCELLED)
		*err = why;
	zdb_source_free(source);
	zdb_free(name);
	return err->code;
}

static zdb_rc
set_sha256(zdb_link *link, zdb_reader *base, const zdb_store_options *reach,
		   zdb_err *err)
{
	zdb_source *source = zdb_source_outer(zdb_reader_source(base));
	uint8_t digest[ZDB_SHA256_BYTES];
	bool known;

	if (read_beside(source->name, reach, digest, &known, err) ||
		(!known && zdb_scan_sha256(source, reach->host, digest, err)))
		return err->code;
	zdb_hex(digest, ZDB_SHA256_BYTES, link->sha256);
	link->bytes = source->bytes;
	return ZDB_OK;
}

/* Add one link; of those that base stands on its manifest knows the rest. */
static zdb_rc
add_link(zdb_chain *chain, zdb_link *link, zdb_reader *of, const char *where,
		 zdb_err *err)
{
	link->file = link->path = NULL;
	if (set_place(link, zdb_reader_source(of)->name, where, err) == ZDB_OK)
		zdb_chain_add(chain, link, err);
	zdb_free(link->file);
	zdb_free(link->path);
	return err->code;
}

zdb_rc
zdb_chain_upon(zdb_reader *base, const zdb_store_options *where,
			   zdb_chain *chain, zdb_err *err)
{
	const zdb_chain *older = &zdb_reader_manifest(base)->chain;
	zdb_link link = {0};

	for (uint32_t i = 0; i < older->count; i++)
	{
		zdb_reader *of;

		link = older->list[i];
		if (zdb_reader_linked(base, i + 1, &of, err) ||
			add_link(chain, &link, of, where->where, err))
			return err->code;
	}
	zdb_hex(zdb_reader_footer(base)->root, ZDB_SHA256_BYTES, link.id);
	if (set_sha256(&link, base, where, err))
		return err->code;
	return add_link(chain, &link, base, where->where, err);
}

zdb_rc
zdb_chain_upon_check(zdb_reader *base, zdb_err *err)
{
	const char *name = base ? zdb_reader_source(base)->name : NULL;

	if (!name || zdb_store_scheme(name) || access(name, F_OK) == 0)
		return ZDB_OK;
	zdb_err_set(err, ZDB_BUSY, "the base \"%s\" was removed meanwhile", name);
	zdb_err_hint(err, "Try again: another base will do, or it becomes a full "
					  "backup.");
	return err->code;
}
