/*
 * store - a place that holds files by name: a directory, or what a URL means
 */
#include "core/store/store.h"

#include <ctype.h>
#include <string.h>

#include "core/base/mem.h"

#define DAY_CHARS 8 /* 20250904 */

typedef struct store_kind
{
	const char *scheme; /* "" for a path */
	zdb_rc (*open)(const zdb_store_options *options, zdb_store **out,
				   zdb_err *err);
} store_kind;

static const store_kind kinds[] = {
	{"", zdb_store_local_open},
};

size_t
zdb_store_scheme(const char *where)
{
	size_t len = 0;

	while (isalnum((unsigned char) where[len]))
		len++;
	return strncmp(where + len, "://", 3) == 0 ? len : 0;
}

zdb_rc
zdb_store_open(const zdb_store_options *options, zdb_store **out, zdb_err *err)
{
	size_t len = zdb_store_scheme(options->where);

	*out = NULL;
	if (!*options->where)
		return zdb_err_set(err, ZDB_USAGE, "the path is empty");
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strlen(kinds[i].scheme) == len &&
			memcmp(kinds[i].scheme, options->where, len) == 0)
			return kinds[i].open(options, out, err);
	zdb_err_set(err, ZDB_UNSUPPORTED, "cannot reach \"%.*s://\" destinations",
				(int) len, options->where);
	zdb_err_hint(err, "Give the path of a local file or directory.");
	return err->code;
}

zdb_rc
zdb_store_list(zdb_store *store, const char *prefix, zdb_store_visit visit,
			   void *arg, zdb_err *err)
{
	return store->ops->list(store, prefix ? prefix : "", visit, arg, err);
}

zdb_rc
zdb_store_source(zdb_store *store, const char *name, zdb_source **out,
				 zdb_err *err)
{
	return store->ops->open_source(store, name, out, err);
}

zdb_rc
zdb_store_sink(zdb_store *store, const char *name, bool overwrite,
			   zdb_sink **out, zdb_err *err)
{
	return store->ops->open_sink(store, name, overwrite, out, err);
}

zdb_rc
zdb_store_remove(zdb_store *store, const char *name, zdb_err *err)
{
	return store->ops->remove(store, name, err);
}

zdb_rc
zdb_store_space(zdb_store *store, zdb_space *space, zdb_err *err)
{
	*space = (zdb_space){0};
	return store->ops->space ? store->ops->space(store, space, err) : ZDB_OK;
}

bool
zdb_store_is_day(const char *name, size_t len)
{
	return len == DAY_CHARS && strspn(name, "0123456789") >= DAY_CHARS;
}

char *
zdb_store_path(const zdb_store *store, const char *name, zdb_err *err)
{
	size_t len = strlen(store->where);
	bool slash = len > 0 && store->where[len - 1] == '/';

	return zdb_format(err, "%s%s%s", store->where, slash ? "" : "/", name);
}

void
zdb_store_free(zdb_store *store)
{
	if (store)
		store->ops->free(store);
}
