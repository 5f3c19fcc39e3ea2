/*
 * inventory - what backups a repository holds
 */
#include "core/job/inventory.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/sums.h"
#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/job/chains.h"
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
	zdb_inventory *inventory;
	zdb_age_keys *keys;
	found *list; /* by name, once all is collected */
	size_t count;
	size_t room;
} collection;

static zdb_rc
take_item(void *arg, const zdb_item *item, zdb_err *err)
{
	collection *self = arg;
	zdb_arena *arena = &self->inventory->arena;
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

/* Of two of one moment first the one that stands on no other: it is the other
 * one, consolidated. */
static int
newest_first(const void *a, const void *b)
{
	const zdb_listed *one = a, *other = b;
	int64_t first = zdb_listed_us(one), second = zdb_listed_us(other);

	if (first != second)
		return first < second ? 1 : -1;
	if (!one->base != !other->base)
		return one->base ? 1 : -1;
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
		zdb_arena_format(&self->inventory->arena, "%s%s", name, suffix);

	return bsearch(&(found){.name = beside}, self->list, self->count,
				   sizeof *self->list, by_name) != NULL;
}

static zdb_rc
list_file(const collection *self, const found *file, zdb_err *err)
{
	zdb_inventory *inventory = self->inventory;
	zdb_listed *into = &inventory->list[inventory->count];
	zdb_err why = {0};

	*into = (zdb_listed){
		.name = file->name,
		.stored_bytes = file->bytes,
		.modified_us = file->modified_us,
		.has_index = has_beside(self, file->name, ZDB_SIDECAR_SUFFIX),
		.has_sums = has_beside(self, file->name, ZDB_SUMS_SUFFIX)};
	if (zdb_listed_read(inventory->store, self->keys, &inventory->arena, into,
						&why) == ZDB_OK)
		inventory->count++;
	else if (why.code != ZDB_NOT_FOUND) /* removed meanwhile */
		*err = why;
	return err->code;
}

static void
list_trouble(zdb_inventory *inventory, const found *directory)
{
	inventory->list[inventory->count++] =
		(zdb_listed){.name = directory->name,
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
	zdb_inventory *inventory = self->inventory;
	size_t room = self->count + 1;

	inventory->list =
		zdb_arena_alloc(&inventory->arena, room * sizeof *inventory->list);
	inventory->leftovers = zdb_arena_alloc(
		&inventory->arena, room * sizeof *inventory->leftovers);
	if (zdb_arena_failed(&inventory->arena))
		return zdb_err_nomem(err);
	for (size_t i = 0; i < self->count; i++)
	{
		const found *file = &self->list[i];

		if (zdb_host_check(host, i, self->count, err))
			return err->code;
		if (file->trouble)
			list_trouble(inventory, file);
		else if (zdb_file_is_temp(file->name))
			inventory->leftovers[inventory->leftover_count++] =
				(zdb_leftover){file->name, file->bytes, file->modified_us};
		else if (!is_aside(file->name) && list_file(self, file, err))
			return err->code;
	}
	return ZDB_OK;
}

zdb_rc
zdb_inventory_open(const zdb_repository *repository, zdb_inventory *inventory,
				   zdb_err *err)
{
	const zdb_host *host = repository->host;
	zdb_store_options store = {.where = repository->where,
							   .host = host,
							   .settings = repository->settings,
							   .shallow = repository->shallow};
	collection self = {.inventory = inventory, .keys = repository->keys};
	zdb_host quiet = {0}; /* can be stopped, not seen */

	*inventory = (zdb_inventory){0};
	if (host)
		quiet = (zdb_host){.stop = host->stop, .arg = host->arg};
	if (zdb_store_open(&store, &inventory->store, err))
		return err->code;
	if (zdb_store_list(inventory->store, NULL, take_item, &self, err) ==
		ZDB_OK)
	{
		if (self.count > 0)
			qsort(self.list, self.count, sizeof *self.list, by_name);
		list_all(&self, &quiet, err);
	}
	zdb_free(self.list);
	if (!err->code && zdb_arena_failed(&inventory->arena))
		zdb_err_nomem(err);
	if (!err->code && inventory->count > 0)
		qsort(inventory->list, inventory->count, sizeof *inventory->list,
			  newest_first);
	return err->code ? err->code : zdb_chains_connect(inventory, err);
}

void
zdb_inventory_clear(zdb_inventory *inventory)
{
	zdb_arena_clear(&inventory->arena);
	zdb_store_free(inventory->store);
	*inventory = (zdb_inventory){0};
}

zdb_rc
zdb_inventory_rows(const zdb_inventory *inventory, json_t *rows, zdb_err *err)
{
	for (size_t i = 0; i < inventory->count; i++)
		if (json_array_append_new(
				rows, zdb_listed_row(inventory->store, &inventory->list[i])) !=
			0)
			return zdb_err_nomem(err);
	return ZDB_OK;
}
