/*
 * copies - a second place for the backups of a repository
 */
#include "core/job/copies.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/output.h"
#include "core/archive/sums.h"
#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/job/path.h"
#include "core/job/report.h"

#define PIECE_BYTES (1024 * 1024)

typedef struct there
{
	const char *name;
	uint64_t bytes;
} there;

struct zdb_copies
{
	zdb_store *store;
	zdb_arena arena;
	there *list; /* by name */
	size_t count;
	size_t room;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const there *) a)->name, ((const there *) b)->name);
}

static zdb_rc
take_item(void *arg, const zdb_item *item, zdb_err *err)
{
	zdb_copies *self = arg;

	if (self->count == self->room)
	{
		size_t room = self->room ? 2 * self->room : 64;
		there *grown = zdb_realloc(self->list, room * sizeof *grown);

		if (!grown)
			return zdb_err_nomem(err);
		self->list = grown;
		self->room = room;
	}
	self->list[self->count++] =
		(there){.name = zdb_arena_format(&self->arena, "%s", item->name),
				.bytes = item->bytes};
	return ZDB_OK;
}

/* A directory that is not there yet holds nothing. */
static zdb_rc
list_all(zdb_copies *self, zdb_err *err)
{
	zdb_err why = {0};

	zdb_store_list(self->store, NULL, take_item, self, &why);
	if (why.code && !(why.code == ZDB_NOT_FOUND && self->store->local))
		*err = why;
	else if (zdb_arena_failed(&self->arena))
		zdb_err_nomem(err);
	else if (self->count > 0)
		qsort(self->list, self->count, sizeof *self->list, by_name);
	return err->code;
}

zdb_rc
zdb_copies_open(const zdb_store_options *place, zdb_copies **out, zdb_err *err)
{
	zdb_copies *self = zdb_calloc(1, sizeof *self);

	*out = NULL;
	if (!self)
		return zdb_err_nomem(err);
	if (zdb_store_open(place, &self->store, err) || list_all(self, err))
		zdb_copies_free(self);
	else
		*out = self;
	return err->code;
}

static const there *
find(const zdb_copies *copies, const char *name)
{
	there key = {.name = name};

	return copies->count ? bsearch(&key, copies->list, copies->count,
								   sizeof key, by_name)
						 : NULL;
}

/* Does the .sha256 there say what the one here says? */
static zdb_rc
same_sums(const zdb_copies *copies, const zdb_listed *listed, bool *same,
		  zdb_err *err)
{
	char hex[2 * ZDB_SHA256_BYTES + 1];
	uint8_t digest[ZDB_SHA256_BYTES];
	bool known;

	zdb_listed_sums(copies->store, listed->name, digest, &known, err);
	if (known)
		zdb_hex(digest, sizeof digest, hex);
	*same = known && strcmp(hex, listed->sha256) == 0;
	return err->code;
}

static bool
is_listed(const zdb_copies *copies, const zdb_listed *listed)
{
	const there *found = find(copies, listed->name);

	return found && found->bytes == listed->stored_bytes;
}

zdb_rc
zdb_copies_has(const zdb_copies *copies, const zdb_listed *listed, bool *has,
			   zdb_err *err)
{
	*has = is_listed(copies, listed);
	if (!*has || !listed->sha256)
		return ZDB_OK;
	return same_sums(copies, listed, has, err);
}

void
zdb_copies_free(zdb_copies *copies)
{
	if (!copies)
		return;
	zdb_store_free(copies->store);
	zdb_arena_clear(&copies->arena);
	zdb_free(copies->list);
	zdb_free(copies);
}

/* What one run copies. */
typedef struct copying
{
	const zdb_host *host;
	zdb_store *from;
	zdb_store *to;
	uint8_t *piece;
	json_int_t copied;
	json_int_t bytes;
	json_int_t missing;
} copying;

static zdb_rc
pump(copying *self, zdb_source *source, zdb_sink *sink, zdb_err *err)
{
	for (uint64_t at = 0; at < source->bytes && !err->code;)
	{
		uint64_t left = source->bytes - at;
		size_t len = left < PIECE_BYTES ? (size_t) left : PIECE_BYTES;

		if (zdb_host_check(self->host, at, source->bytes, err) == ZDB_OK &&
			zdb_source_read(source, at, self->piece, len, err) == ZDB_OK)
			zdb_sink_write(sink, self->piece, len, err);
		at += len;
	}
	return err->code ? err->code : zdb_sink_finish(sink, err);
}

static zdb_rc
copy_one(copying *self, const char *name, zdb_err *err)
{
	zdb_source *source = NULL;
	zdb_sink *sink = NULL;

	if (zdb_store_source(self->from, name, &source, err) == ZDB_OK &&
		zdb_store_sink(self->to, name, true, &sink, err) == ZDB_OK &&
		pump(self, source, sink, err) == ZDB_OK)
		self->bytes += (json_int_t) source->bytes;
	zdb_sink_free(sink);
	zdb_source_free(source);
	return err->code;
}

/* What stands beside the file, if it does. */
static zdb_rc
copy_beside(copying *self, const char *name, const char *suffix, zdb_err *err)
{
	char *beside = zdb_format(err, "%s%s", name, suffix);
	zdb_err why = {0};

	if (beside)
		copy_one(self, beside, &why);
	if (why.code != ZDB_NOT_FOUND)
		*err = why;
	zdb_free(beside);
	return err->code;
}

/* Its .sha256 comes last: when it is there, all of it is. An older one goes
 * first, which would contradict the file. */
static zdb_rc
copy_backup(copying *self, const char *name, zdb_err *err)
{
	if (zdb_output_clear_beside(self->to, name, err) ||
		copy_beside(self, name, ZDB_SIDECAR_SUFFIX, err) ||
		copy_one(self, name, err) ||
		copy_beside(self, name, ZDB_SUMS_SUFFIX, err))
		return err->code;
	self->copied++;
	return ZDB_OK;
}

/* Copy one that is not there. */
static zdb_rc
copy_if_missing(copying *self, const zdb_listed *listed,
				const zdb_copies *copies, zdb_err *err)
{
	bool has = false;

	if (zdb_copies_has(copies, listed, &has, err) || has)
		return err->code;
	return copy_backup(self, listed->name, err);
}

/* All that are ours. The first that fails is enough: a place that does not
 * answer would be waited for again and again. But a name that cannot be there
 * stops no other. */
static zdb_rc
copy_missing(copying *self, const zdb_inventory *inventory,
			 const zdb_copies *copies, zdb_err *err)
{
	bool answers = true;

	self->from = inventory->store;
	self->to = copies->store;
	for (size_t i = 0; i < inventory->count; i++)
	{
		zdb_err why = {0};

		if (!inventory->list[i].indexed)
			continue;
		if (answers)
			copy_if_missing(self, &inventory->list[i], copies, &why);
		self->missing +=
			why.code || (!answers && !is_listed(copies, &inventory->list[i]));
		answers = answers && (!why.code || why.code == ZDB_USAGE);
		if (!err->code)
			*err = why;
	}
	return err->code;
}

static zdb_rc
copy_repository(copying *self, const zdb_repository *repository,
				const zdb_store_options *place, zdb_err *err)
{
	zdb_repository whole = *repository;
	char *where = zdb_repository_of(repository->where, err);
	zdb_inventory inventory = {0};
	zdb_copies *copies = NULL;

	whole.where = where;
	if (where && zdb_inventory_open(&whole, &inventory, err) == ZDB_OK)
	{
		self->missing = (json_int_t) inventory.count;
		if (zdb_copies_open(place, &copies, err) == ZDB_OK)
		{
			self->missing = 0;
			copy_missing(self, &inventory, copies, err);
		}
	}
	zdb_copies_free(copies);
	zdb_inventory_clear(&inventory);
	zdb_free(where);
	return err->code;
}

static zdb_rc
copy_file(copying *self, const zdb_store_options *file,
		  const zdb_store_options *place, zdb_err *err)
{
	char *name = NULL;

	self->missing = 1;
	if (zdb_store_at(file, &self->from, &name, err) == ZDB_OK &&
		zdb_store_open(place, &self->to, err) == ZDB_OK &&
		copy_backup(self, name, err) == ZDB_OK)
		self->missing = 0;
	zdb_store_free(self->from);
	zdb_store_free(self->to);
	zdb_free(name);
	return err->code;
}

static zdb_rc
copy_all(copying *self, const zdb_repository *repository,
		 const zdb_store_options *place, const char *path, zdb_err *err)
{
	zdb_store_options file = *place;

	self->piece = zdb_malloc(PIECE_BYTES);
	if (!self->piece)
		return zdb_err_nomem(err);
	file.where = path;
	if (strchr(repository->where, '{') ||
		zdb_path_is_directory(repository->where))
		copy_repository(self, repository, place, err);
	else
		copy_file(self, &file, place, err);
	zdb_free(self->piece);
	return err->code;
}

zdb_rc
zdb_copies_after(const zdb_repository *repository, json_t *report,
				 json_t *warnings, zdb_err *err)
{
	const char *place = repository->copy_to;
	const char *path = json_string_value(json_object_get(report, "path"));
	zdb_store_options to = {.where = place,
							.host = repository->host,
							.settings = repository->settings};
	copying self = {.host = repository->host};
	zdb_err why = {0};

	if (!place)
		return ZDB_OK;
	copy_all(&self, repository, &to, path, &why);
	if (why.code == ZDB_NOMEM || why.code == ZDB_CANCELLED)
		*err = why;
	else if (why.code &&
			 json_array_append_new(
				 warnings, json_sprintf("not every backup was copied to "
										"\"%s\": %s",
										place, why.msg)) != 0)
		zdb_err_nomem(err);
	json_object_set_new(report, "copies",
						json_pack("{s:o, s:I, s:I, s:I}", "url",
								  zdb_report_name(place), "copied",
								  self.copied, "copied_bytes", self.bytes,
								  "missing", self.missing));
	return err->code;
}

const char *
zdb_copies_place(const char *option, zdb_settings *settings, zdb_err *err)
{
	if (!option)
		return zdb_settings_get(settings, ZDB_SET_COPY_TO, err);
	return *option ? option : NULL;
}
