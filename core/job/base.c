/*
 * base - what a new incremental backup can stand on
 */
#include "core/job/base.h"

#include <string.h>

#include "core/archive/links.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/inventory.h"
#include "core/job/path.h"
#include "core/policy/health.h"

/* Does it end all, or only this candidate? */
static bool
is_fatal(const zdb_err *why)
{
	return why->code == ZDB_NOMEM || why->code == ZDB_CANCELLED;
}

static zdb_rc
check_manifest(const zdb_base_wanted *wanted, const zdb_reader *reader,
			   bool named, zdb_err *why)
{
	const zdb_manifest *manifest = zdb_reader_manifest(reader);

	if (!manifest)
		return zdb_err_set(why, ZDB_UNSUPPORTED, "it has no index of ours");
	if (strcmp(manifest->engine, wanted->engine) != 0 ||
		strcmp(manifest->database, wanted->database) != 0)
		return zdb_err_set(why, ZDB_UNSUPPORTED,
						   "it is a backup of \"%s\" (%s)", manifest->database,
						   manifest->engine);
	if (strcmp(manifest->type, "full") != 0 &&
		strcmp(manifest->type, "incremental") != 0)
		return zdb_err_set(why, ZDB_UNSUPPORTED, "its type is \"%s\"",
						   manifest->type);
	if (manifest->partial && !wanted->partial && !named)
		return zdb_err_set(why, ZDB_UNSUPPORTED, "it is of some tables only");
	if (manifest->chain.count == ZDB_CHAIN_MAX)
		return zdb_err_set(why, ZDB_UNSUPPORTED,
						   "its chain has %d links already", ZDB_CHAIN_MAX);
	return ZDB_OK;
}

/* Take reader, or close it and say why not. A broken chain is an error when
 * the file was named. */
static zdb_rc
take(const zdb_base_wanted *wanted, zdb_reader *reader, bool named,
	 zdb_reader **out, zdb_err *why, zdb_err *err)
{
	const char *name = zdb_reader_source(reader)->name;
	const zdb_err *trouble = zdb_reader_trouble(reader);
	zdb_err cause = {0};

	if (trouble && named)
		*err = *trouble;
	else if (trouble)
		cause = *trouble;
	else if (check_manifest(wanted, reader, named, &cause) == ZDB_OK)
		wanted->fits(wanted->arg, reader, &cause);
	if (is_fatal(&cause))
		*err = cause;
	if (cause.code)
		zdb_err_set(why, cause.code, "\"%s\" cannot be its base: %s", name,
					cause.msg);
	if (!cause.code && !err->code)
		*out = reader;
	else
		zdb_reader_free(reader);
	return err->code;
}

static bool
is_text(const char *text, const char *wanted)
{
	return text && strcmp(text, wanted) == 0;
}

/* A backup of this database, as far as the file says (of a sealed one its
 * name), that is not set aside. */
static bool
is_wanted(const zdb_base_wanted *wanted, const zdb_listed *listed)
{
	return (is_text(listed->engine, wanted->engine) ||
			(listed->sealed && !listed->engine)) &&
		   is_text(listed->database, wanted->database) &&
		   (is_text(listed->type, "full") ||
			is_text(listed->type, "incremental")) &&
		   !is_text(listed->label, ZDB_LABEL_PREBACKUP) &&
		   listed->created_us <= zdb_now_us() + ZDB_HEALTH_AHEAD_US;
}

static bool
can_serve(const zdb_listed *listed)
{
	return listed->indexed && !listed->sealed && !listed->damaged;
}

static zdb_rc
try_listed(const zdb_base_wanted *wanted, const zdb_repository *repository,
		   const zdb_inventory *inventory, const zdb_listed *listed,
		   zdb_reader **out, zdb_err *why, zdb_err *err)
{
	zdb_err cause = {0};
	zdb_reader *reader;

	if (zdb_listed_open_chain(inventory->store, repository, listed, &reader,
							  &cause) == ZDB_OK)
		return take(wanted, reader, false, out, why, err);
	if (is_fatal(&cause))
		*err = cause;
	else
		*why = why->code ? *why : cause;
	return err->code;
}

/* The newest one in a repository; one that is not there yet holds none. */
static zdb_rc
search(const zdb_base_wanted *wanted, const char *where, zdb_reader **out,
	   zdb_err *why, zdb_err *err)
{
	zdb_repository repository = wanted->repository;
	zdb_inventory inventory;
	zdb_err first = {0};

	repository.where = where;
	if (zdb_inventory_read(&repository, &inventory, err) == ZDB_NOT_FOUND &&
		!zdb_store_scheme(where))
		zdb_err_clear(err);
	for (size_t i = 0; i < inventory.count && !*out && !err->code; i++)
	{
		const zdb_listed *listed = &inventory.list[i];

		if (!is_wanted(wanted, listed))
			continue;
		if (can_serve(listed))
			try_listed(wanted, &repository, &inventory, listed, out, &first,
					   err);
		else if (!first.code && listed->error)
			zdb_err_set(&first, ZDB_UNSUPPORTED, "%s", listed->error);
	}
	zdb_inventory_clear(&inventory);
	if (first.code)
		*why = first;
	else
		zdb_err_set(why, ZDB_NOT_FOUND,
					"\"%s\" holds no backup of \"%s\" that it could stand on",
					where, wanted->database);
	return err->code;
}

zdb_rc
zdb_base_open(const zdb_base_wanted *wanted, zdb_reader **out, zdb_err *why,
			  zdb_err *err)
{
	const zdb_repository *repository = &wanted->repository;
	zdb_store_options file = {.where = wanted->base,
							  .host = repository->host,
							  .settings = repository->settings};
	zdb_reader *reader;
	char *where;

	*out = NULL;
	*why = (zdb_err){0};
	if (wanted->base && !zdb_path_is_directory(wanted->base))
		return zdb_reader_open(&file, repository->keys, &reader, err)
				   ? err->code
				   : take(wanted, reader, true, out, why, err);
	where = wanted->base ? zdb_strdup(wanted->base, err)
						 : zdb_repository_of(repository->where, err);
	if (where)
		search(wanted, where, out, why, err);
	zdb_free(where);
	if (*out)
		*why = (zdb_err){0}; /* of those that were passed over */
	return err->code;
}
