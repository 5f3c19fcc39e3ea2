/*
 * replaced - may a file be replaced, or does another backup stand on it?
 */
#include "core/job/replaced.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/job/inventory.h"

static bool
is_path(const zdb_inventory *inventory, const zdb_listed *listed,
		const char *path, zdb_err *err)
{
	char *own = zdb_store_path(inventory->store, listed->name, err);
	bool same = own && (inventory->store->local ? zdb_file_same(own, path)
												: strcmp(own, path) == 0);

	zdb_free(own);
	return same;
}

static const zdb_listed *
find(const zdb_inventory *inventory, const char *path, zdb_err *err)
{
	for (size_t i = 0; i < inventory->count && !err->code; i++)
		if (is_path(inventory, &inventory->list[i], path, err))
			return &inventory->list[i];
	return NULL;
}

/* A link is found by its bare name, wherever it has gone: a copy of the base
 * that is called otherwise is not it. */
static bool
is_base(const zdb_listed *listed, const zdb_listed *of)
{
	const char *slash = strrchr(listed->name, '/');

	if (!of->base || !of->base_file)
		return of->sealed && of->stands_on == listed;
	return strcmp(of->base_file, slash ? slash + 1 : listed->name) == 0 &&
		   (listed->id ? strcmp(of->base, listed->id) == 0 : listed->sealed);
}

static zdb_rc
check(const zdb_inventory *inventory, const char *path, zdb_err *err)
{
	const zdb_listed *listed = find(inventory, path, err);

	for (size_t i = 0; listed && i < inventory->count; i++)
		if (is_base(listed, &inventory->list[i]))
		{
			zdb_err_set(err, ZDB_EXISTS,
						"\"%s\" cannot be replaced: \"%s\" stands on it", path,
						inventory->list[i].name);
			zdb_err_hint(err, "Choose another name; or make a full backup of "
							  "what stands on it (zdb_consolidate), and "
							  "remove that first.");
		}
	return err->code;
}

static zdb_rc
exists(const zdb_repository *repository, const char *path, bool *found,
	   zdb_err *err)
{
	zdb_store_options file = {.where = path,
							  .host = repository->host,
							  .settings = repository->settings};
	zdb_store *store;
	char *name;

	*found = false;
	if (zdb_store_at(&file, &store, &name, err) == ZDB_OK)
		zdb_store_exists(store, name, found, err);
	zdb_store_free(store);
	zdb_free(name);
	return err->code;
}

zdb_rc
zdb_replaced_check(const zdb_repository *repository, const char *path,
				   zdb_err *err)
{
	zdb_repository near = *repository;
	zdb_inventory inventory;
	zdb_err why = {0};
	bool found;
	char *where;

	if (exists(repository, path, &found, err) || !found)
		return err->code;
	where = zdb_repository_of(path, err);
	if (!where)
		return err->code;
	near.where = where;
	near.shallow = true;
	if (zdb_inventory_open(&near, &inventory, &why) == ZDB_OK)
		check(&inventory, path, err);
	else if (why.code != ZDB_PERMISSION && why.code != ZDB_NOT_FOUND)
		*err = why;
	zdb_inventory_clear(&inventory);
	zdb_free(where);
	return err->code;
}
