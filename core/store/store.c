/*
 * store - a place that holds files by name: a directory, or what a URL means
 */
#include "core/store/store.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/net/url.h"

#define DAY_CHARS 8 /* 20250904 */

typedef struct store_kind
{
	const char *scheme; /* "" for a path */
	zdb_rc (*open)(const zdb_store_options *options, zdb_store **out,
				   zdb_err *err);
} store_kind;

static const store_kind kinds[] = {
	{"", zdb_store_local_open},
	{"s3", zdb_store_cloud_open},
	{"gs", zdb_store_cloud_open},
	{"azure", zdb_store_cloud_open},
};

size_t
zdb_store_scheme(const char *where)
{
	return zdb_url_scheme(where);
}

/* "s3:/bucket" would become a directory "s3:" here. */
static bool
lacks_slash(const char *path, zdb_err *err)
{
	for (size_t i = 1; i < sizeof kinds / sizeof kinds[0]; i++)
	{
		size_t len = strlen(kinds[i].scheme);

		if (strncmp(path, kinds[i].scheme, len) != 0 || path[len] != ':')
			continue;
		zdb_err_set(err, ZDB_USAGE, "\"%.100s\" is neither a path nor a URL",
					path);
		zdb_err_hint(err, "A URL begins with %s://, a path with ./%s:.",
					 kinds[i].scheme, kinds[i].scheme);
		return true;
	}
	return false;
}

/* Also for "", the current directory. */
static zdb_rc
open_kind(const zdb_store_options *options, zdb_store **out, zdb_err *err)
{
	size_t len = zdb_store_scheme(options->where);

	*out = NULL;
	if (len == 0 && lacks_slash(options->where, err))
		return err->code;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strlen(kinds[i].scheme) == len &&
			memcmp(kinds[i].scheme, options->where, len) == 0)
			return kinds[i].open(options, out, err);
	zdb_err_set(err, ZDB_UNSUPPORTED, "cannot reach \"%.*s://\" destinations",
				(int) len, options->where);
	zdb_err_hint(err, "Give a path, or a URL that begins with s3://, gs:// or "
					  "azure://.");
	return err->code;
}

zdb_rc
zdb_store_open(const zdb_store_options *options, zdb_store **out, zdb_err *err)
{
	*out = NULL;
	if (!*options->where)
		return zdb_err_set(err, ZDB_USAGE, "the path is empty");
	if (open_kind(options, out, err) == ZDB_OK)
		(*out)->shallow = options->shallow;
	return err->code;
}

/* "dir" and "file", "s3://bucket" and "dir/file". */
static zdb_rc
split(const char *path, char **where, char **name, zdb_err *err)
{
	size_t scheme = zdb_store_scheme(path);
	const char *slash = scheme ? strchr(path + scheme + strlen("://"), '/')
							   : strrchr(path, '/');
	const char *base = slash ? slash + 1 : scheme ? "" : path;
	size_t len = slash ? (size_t) (slash - path) : scheme ? strlen(path) : 0;

	*name = zdb_strdup(base, err);
	*where = slash == path ? zdb_strdup("/", err)
						   : zdb_format(err, "%.*s", (int) len, path);
	return err->code;
}

zdb_rc
zdb_store_at(const zdb_store_options *options, zdb_store **out, char **name,
			 zdb_err *err)
{
	zdb_store_options of_store = *options;
	char *where = NULL;

	*out = NULL;
	*name = NULL;
	if (!*options->where)
		return zdb_err_set(err, ZDB_USAGE, "the path is empty");
	split(options->where, &where, name, err);
	if (!err->code && !**name)
		zdb_err_set(err, ZDB_USAGE, "\"%s\" names no file", options->where);
	if (!err->code)
	{
		of_store.where = where;
		open_kind(&of_store, out, err);
	}
	zdb_free(where);
	return err->code;
}

/* Whoever asked for a shallow listing. */
typedef struct shallow_visit
{
	zdb_store_visit visit;
	void *arg;
} shallow_visit;

static zdb_rc
visit_near(void *arg, const zdb_item *item, zdb_err *err)
{
	const shallow_visit *self = arg;
	const char *slash = strchr(item->name, '/');

	if (slash &&
		(!zdb_store_is_day(item->name, (size_t) (slash - item->name)) ||
		 strchr(slash + 1, '/')))
		return ZDB_OK;
	return self->visit(self->arg, item, err);
}

zdb_rc
zdb_store_list(zdb_store *store, const char *prefix, zdb_store_visit visit,
			   void *arg, zdb_err *err)
{
	shallow_visit near = {visit, arg};

	if (!prefix)
		prefix = "";
	if (store->shallow)
		return store->ops->list(store, prefix, visit_near, &near, err);
	return store->ops->list(store, prefix, visit, arg, err);
}

zdb_rc
zdb_store_source(zdb_store *store, const char *name, zdb_source **out,
				 zdb_err *err)
{
	return store->ops->open_source(store, name, out, err);
}

zdb_rc
zdb_store_source_at(const zdb_store_options *file, zdb_source **out,
					zdb_err *err)
{
	zdb_store *store;
	char *name;

	*out = NULL;
	if (zdb_store_at(file, &store, &name, err) == ZDB_OK)
		zdb_store_source(store, name, out, err);
	zdb_store_free(store);
	zdb_free(name);
	return err->code;
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
zdb_store_exists(zdb_store *store, const char *name, bool *exists,
				 zdb_err *err)
{
	return store->ops->exists(store, name, exists, err);
}

zdb_rc
zdb_store_check_free(zdb_store *store, const char *name, bool overwrite,
					 zdb_err *err)
{
	char *path = store->local ? zdb_store_path(store, name, err) : NULL;

	if (path)
		zdb_file_check_free(path, overwrite, err);
	zdb_free(path);
	return err->code;
}

zdb_rc
zdb_store_move(zdb_store *store, const char *from, const char *to,
			   zdb_err *err)
{
	return store->ops->move(store, from, to, err);
}

void
zdb_store_hurry(zdb_store *store)
{
	if (store->ops->hurry)
		store->ops->hurry(store);
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
	bool slash = len > 0 && store->where[len - 1] != '/';

	return zdb_format(err, "%s%s%s", store->where, slash ? "/" : "", name);
}

void
zdb_store_free(zdb_store *store)
{
	if (store)
		store->ops->free(store);
}
