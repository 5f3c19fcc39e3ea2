/*
 * local - a directory as a store
 *
 * Symbolic links inside are not followed, so that nobody who may write there
 * can show us a file from elsewhere, or have one removed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/store/store.h"

#define DEPTH_MAX 16

/* One listing. */
typedef struct walk
{
	const zdb_store *store;
	const zdb_host *host;
	const char *prefix;
	zdb_store_visit visit;
	void *arg;
	int depth;
} walk;

typedef struct local_store
{
	zdb_store base;
	const zdb_host *host;
} local_store;

static zdb_rc walk_directory(walk *self, int fd, const char *inside,
							 zdb_err *err);

/* Does one of them begin with the other? */
static bool
may_match(const char *prefix, const char *name)
{
	size_t a = strlen(prefix), b = strlen(name);

	return strncmp(prefix, name, a < b ? a : b) == 0;
}

static zdb_rc
visit_file(walk *self, const char *name, const struct stat *st, zdb_err *err)
{
	zdb_item item = {
		.name = name,
		.bytes = (uint64_t) st->st_size,
		.modified_us = (int64_t) st->st_mtim.tv_sec * 1000000 +
					   st->st_mtim.tv_nsec / 1000,
	};

	if (strncmp(self->prefix, name, strlen(self->prefix)) != 0)
		return ZDB_OK;
	return self->visit(self->arg, &item, err);
}

/* One that only root may read (lost+found) does not hide the others. */
static zdb_rc
visit_trouble(walk *self, const char *name, int errnum, zdb_err *err)
{
	zdb_err trouble = {0};

	zdb_err_set_errno(&trouble, errnum, "could not read directory \"%s/%s\"",
					  self->store->where, name);
	return self->visit(self->arg,
					   &(zdb_item){.name = name, .trouble = &trouble}, err);
}

static zdb_rc
enter_directory(walk *self, int parent, const char *base, const char *name,
				zdb_err *err)
{
	int fd;

	if (self->depth == DEPTH_MAX || !may_match(self->prefix, name) ||
		(self->store->shallow && !zdb_store_is_day(name, strlen(name))))
		return ZDB_OK;
	fd = openat(parent, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ZDB_OK
							   : visit_trouble(self, name, errno, err);
	self->depth++;
	walk_directory(self, fd, name, err);
	self->depth--;
	return err->code;
}

static zdb_rc
visit_entry(walk *self, int parent, const char *inside, const char *base,
			zdb_err *err)
{
	struct stat st;
	char *name;

	if (zdb_host_check(self->host, 0, 0, err) ||
		fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return err->code; /* gone meanwhile */
	name = zdb_format(err, "%s%s%s", inside, *inside ? "/" : "", base);
	if (!name)
		return err->code;
	if (S_ISDIR(st.st_mode))
		enter_directory(self, parent, base, name, err);
	else if (S_ISREG(st.st_mode))
		visit_file(self, name, &st, err);
	zdb_free(name);
	return err->code;
}

/* Takes fd over. */
static zdb_rc
walk_directory(walk *self, int fd, const char *inside, zdb_err *err)
{
	DIR *directory = fdopendir(fd);
	struct dirent *entry;

	if (!directory)
	{
		close(fd);
		return zdb_err_nomem(err);
	}
	errno = 0;
	while (!err->code && (entry = readdir(directory)))
	{
		if (strcmp(entry->d_name, ".") != 0 &&
			strcmp(entry->d_name, "..") != 0)
			visit_entry(self, fd, inside, entry->d_name, err);
		errno = 0;
	}
	if (!err->code && errno)
		zdb_err_set_errno(err, errno, "could not read directory \"%s/%s\"",
						  self->store->where, inside);
	closedir(directory);
	return err->code;
}

static zdb_rc
local_list(zdb_store *store, const char *prefix, zdb_store_visit visit,
		   void *arg, zdb_err *err)
{
	walk self = {.store = store,
				 .host = ((local_store *) store)->host,
				 .prefix = prefix,
				 .visit = visit,
				 .arg = arg};
	int fd = open(store->where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return zdb_err_set_errno(err, errno, "could not read directory \"%s\"",
								 store->where);
	return walk_directory(&self, fd, "", err);
}

/* Does one of the parts of a name lead out of the directory? */
static bool
leads_out(const char *name)
{
	while (name)
	{
		size_t len = strcspn(name, "/");

		if (len == 2 && memcmp(name, "..", 2) == 0)
			return true;
		name = name[len] ? name + len + 1 : NULL;
	}
	return false;
}

/* To be freed. Names may come from a bucket, where "../x" is one. */
static char *
path_of(zdb_store *store, const char *name, zdb_err *err)
{
	if (!leads_out(name))
		return zdb_store_path(store, name, err);
	zdb_err_set(err, ZDB_USAGE, "\"%s\" would not be in \"%s\"", name,
				store->where);
	zdb_err_hint(err, "A file cannot have this name here; rename the object.");
	return NULL;
}

static zdb_rc
local_source(zdb_store *store, const char *name, zdb_source **out,
			 zdb_err *err)
{
	char *path = path_of(store, name, err);

	*out = NULL;
	if (path)
		zdb_source_file_open(path, out, err);
	zdb_free(path);
	return err->code;
}

static zdb_rc
local_sink(zdb_store *store, const char *name, bool overwrite, zdb_sink **out,
		   zdb_err *err)
{
	char *path = path_of(store, name, err);

	*out = NULL;
	if (path)
		zdb_sink_file_open(path, overwrite, out, err);
	zdb_free(path);
	return err->code;
}

/* Is the last directory in path, up to slash, one that our layout makes? */
static bool
is_day(const char *path, const char *slash)
{
	const char *name = slash;

	while (name > path && name[-1] != '/')
		name--;
	return zdb_store_is_day(name, (size_t) (slash - name));
}

static zdb_rc
local_remove(zdb_store *store, const char *name, zdb_err *err)
{
	char *path = path_of(store, name, err);
	char *slash;

	if (!path)
		return err->code;
	slash = strrchr(path, '/');
	if (unlink(path) != 0 && errno != ENOENT)
		zdb_err_set_errno(err, errno, "could not remove \"%s\"", path);
	else if (strchr(name, '/') && is_day(path, slash))
	{
		*slash = '\0';
		(void) rmdir(path); /* succeeds when it is empty */
	}
	zdb_free(path);
	return err->code;
}

static zdb_rc
local_exists(zdb_store *store, const char *name, bool *exists, zdb_err *err)
{
	char *path = path_of(store, name, err);
	struct stat st;

	*exists = path && lstat(path, &st) == 0;
	zdb_free(path);
	return err->code;
}

static zdb_rc
local_space(zdb_store *store, zdb_space *space, zdb_err *err)
{
	struct statvfs of;

	if (statvfs(store->where, &of) != 0)
		return zdb_err_set_errno(err, errno, "could not look at \"%s\"",
								 store->where);
	/* as df has it: what is kept for root is neither used nor free */
	space->known = of.f_blocks > 0;
	space->free_bytes = (uint64_t) of.f_bavail * of.f_frsize;
	space->total_bytes =
		(uint64_t) (of.f_blocks - of.f_bfree + of.f_bavail) * of.f_frsize;
	return ZDB_OK;
}

static void
local_free(zdb_store *store)
{
	zdb_free(store->where);
	zdb_free(store);
}

static const zdb_store_ops local_ops = {
	.list = local_list,
	.open_source = local_source,
	.open_sink = local_sink,
	.remove = local_remove,
	.exists = local_exists,
	.space = local_space,
	.free = local_free,
};

zdb_rc
zdb_store_local_open(const zdb_store_options *options, zdb_store **out,
					 zdb_err *err)
{
	local_store *self = zdb_calloc(1, sizeof *self);

	*out = NULL;
	if (!self)
		return zdb_err_nomem(err);
	self->base.ops = &local_ops;
	self->base.local = true;
	self->host = options->host;
	self->base.where = zdb_strdup(options->where, err);
	if (self->base.where)
		*out = &self->base;
	else
		local_free(&self->base);
	return err->code;
}
