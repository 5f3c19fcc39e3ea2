/*
 * catalog - what backups a repository holds
 */
#include "core/job/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/sums.h"
#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/job/path.h"

/* What the store holds. */
typedef struct found
{
	const char *name;
	uint64_t bytes;
	int64_t modified_us;
	const char *trouble; /* or NULL */
} found;

typedef struct collection
{
	zdb_catalog *catalog;
	zdb_age_keys *keys;
	found *list; /* by name, once all is collected */
	size_t count;
	size_t room;
} collection;

static zdb_rc
take_item(void *arg, const zdb_item *item, zdb_err *err)
{
	collection *self = arg;
	zdb_arena *arena = &self->catalog->arena;
	found *one;

	if (self->count == self->room)
	{
		size_t room = self->room ? 2 * self->room : 64;
		found *grown = zdb_realloc(self->list, room * sizeof *grown);

		if (!grown)
			return zdb_err_nomem(err);
		self->list = grown;
		self->room = room;
	}
	one = &self->list[self->count++];
	*one = (found){.name = zdb_arena_format(arena, "%s", item->name),
				   .bytes = item->bytes,
				   .modified_us = item->modified_us};
	if (item->trouble)
		one->trouble = zdb_arena_format(arena, "%s", item->trouble->msg);
	return ZDB_OK;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const found *) a)->name, ((const found *) b)->name);
}

static int
newest_first(const void *a, const void *b)
{
	const zdb_listed *one = a, *other = b;
	int64_t first = zdb_listed_us(one), second = zdb_listed_us(other);

	if (first != second)
		return first < second ? 1 : -1;
	return strcmp(other->name, one->name);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Does it belong to another file, or to us? */
static bool
is_aside(const char *name)
{
	static const char *const suffixes[] = {ZDB_SIDECAR_SUFFIX, ZDB_SUMS_SUFFIX,
										   "-wal", "-shm", "-journal"};
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;

	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
		if (ends_with(name, suffixes[i]))
			return true;
	return strncmp(base, ZDB_OWN_PREFIX, strlen(ZDB_OWN_PREFIX)) == 0;
}

/* Is there "<name><suffix>"? */
static bool
has_beside(const collection *self, const char *name, const char *suffix)
{
	const char *beside =
		zdb_arena_format(&self->catalog->arena, "%s%s", name, suffix);

	return bsearch(&(found){.name = beside}, self->list, self->count,
				   sizeof *self->list, by_name) != NULL;
}

static zdb_rc
list_file(const collection *self, const found *file, zdb_err *err)
{
	zdb_catalog *catalog = self->catalog;
	zdb_listed *into = &catalog->list[catalog->count];
	zdb_err why = {0};

	*into = (zdb_listed){
		.name = file->name,
		.stored_bytes = file->bytes,
		.modified_us = file->modified_us,
		.has_index = has_beside(self, file->name, ZDB_SIDECAR_SUFFIX),
		.has_sums = has_beside(self, file->name, ZDB_SUMS_SUFFIX)};
	if (zdb_listed_read(catalog->store, self->keys, &catalog->arena, into,
						&why) == ZDB_OK)
		catalog->count++;
	else if (why.code != ZDB_NOT_FOUND) /* removed meanwhile */
		*err = why;
	return err->code;
}

static void
list_trouble(zdb_catalog *catalog, const found *directory)
{
	catalog->list[catalog->count++] = (zdb_listed){.name = directory->name,
												   .modified_us = ZDB_UNKNOWN,
												   .verified_us = ZDB_UNKNOWN,
												   .error = directory->trouble,
												   .bytes = ZDB_UNKNOWN,
												   .created_us = ZDB_UNKNOWN,
												   .rows = ZDB_UNKNOWN,
												   .tables = ZDB_UNKNOWN};
}

static zdb_rc
list_all(const collection *self, const zdb_host *host, zdb_err *err)
{
	zdb_catalog *catalog = self->catalog;
	size_t room = self->count + 1;

	catalog->list =
		zdb_arena_alloc(&catalog->arena, room * sizeof *catalog->list);
	catalog->leftovers =
		zdb_arena_alloc(&catalog->arena, room * sizeof *catalog->leftovers);
	if (zdb_arena_failed(&catalog->arena))
		return zdb_err_nomem(err);
	for (size_t i = 0; i < self->count; i++)
	{
		const found *file = &self->list[i];

		if (zdb_host_check(host, i, self->count, err))
			return err->code;
		if (file->trouble)
			list_trouble(catalog, file);
		else if (zdb_file_is_temp(file->name))
			catalog->leftovers[catalog->leftover_count++] =
				(zdb_leftover){file->name, file->bytes, file->modified_us};
		else if (!is_aside(file->name) && list_file(self, file, err))
			return err->code;
	}
	return ZDB_OK;
}

zdb_rc
zdb_catalog_open(const zdb_repository *repository, zdb_catalog *catalog,
				 zdb_err *err)
{
	const zdb_host *host = repository->host;
	zdb_store_options store = {.where = repository->where,
							   .host = host,
							   .settings = repository->settings};
	collection self = {.catalog = catalog, .keys = repository->keys};
	zdb_host quiet = {0}; /* can be stopped, not seen */

	*catalog = (zdb_catalog){0};
	if (host)
		quiet = (zdb_host){.stop = host->stop, .arg = host->arg};
	if (zdb_store_open(&store, &catalog->store, err))
		return err->code;
	if (zdb_store_list(catalog->store, NULL, take_item, &self, err) == ZDB_OK)
	{
		if (self.count > 0)
			qsort(self.list, self.count, sizeof *self.list, by_name);
		list_all(&self, &quiet, err);
	}
	zdb_free(self.list);
	if (!err->code && zdb_arena_failed(&catalog->arena))
		zdb_err_nomem(err);
	if (!err->code && catalog->count > 0)
		qsort(catalog->list, catalog->count, sizeof *catalog->list,
			  newest_first);
	return err->code;
}

void
zdb_catalog_clear(zdb_catalog *catalog)
{
	zdb_arena_clear(&catalog->arena);
	zdb_store_free(catalog->store);
	*catalog = (zdb_catalog){0};
}

zdb_rc
zdb_catalog_rows(const zdb_catalog *catalog, json_t *rows, zdb_err *err)
{
	for (size_t i = 0; i < catalog->count; i++)
		if (json_array_append_new(
				rows, zdb_listed_row(catalog->store, &catalog->list[i])) != 0)
			return zdb_err_nomem(err);
	return ZDB_OK;
}
