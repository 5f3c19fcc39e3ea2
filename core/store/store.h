/*
 * store - a place that holds files by name: a directory, or what a URL means
 *
 * Names are relative to the store, with "/" between their parts:
 * "20250904/app_full_20250904_113523.db.gz". Bytes come out through sources
 * and go in through sinks, so a file appears when it is complete. A kind of
 * store is one file in this directory and a row in store.c.
 *
 * One owner, one thread at a time; a source may be read by several threads if
 * its kind says so.
 */
#ifndef ZDB_CORE_STORE_STORE_H
#define ZDB_CORE_STORE_STORE_H

#include "core/base/host.h"
#include "core/base/settings.h"
#include "core/io/sink.h"
#include "core/io/source.h"

typedef struct zdb_store zdb_store;

/* One thing in a store. Valid during the visit only. */
typedef struct zdb_item
{
	const char *name;
	uint64_t bytes;
	int64_t modified_us;    /* microseconds since 1970 */
	const zdb_err *trouble; /* a directory that could not be read, or NULL */
} zdb_item;

/* Called for each item; an error ends the listing. */
typedef zdb_rc (*zdb_store_visit)(void *arg, const zdb_item *item,
								  zdb_err *err);

typedef struct zdb_space
{
	bool known; /* a cloud has no end */
	uint64_t total_bytes;
	uint64_t free_bytes;
} zdb_space;

typedef struct zdb_store_ops
{
	zdb_rc (*list)(zdb_store *store, const char *prefix, zdb_store_visit visit,
				   void *arg, zdb_err *err);
	zdb_rc (*open_source)(zdb_store *store, const char *name, zdb_source **out,
						  zdb_err *err);
	zdb_rc (*open_sink)(zdb_store *store, const char *name, bool overwrite,
						zdb_sink **out, zdb_err *err);
	zdb_rc (*remove)(zdb_store *store, const char *name, zdb_err *err);
	/* Is there anything of this name? */
	zdb_rc (*exists)(zdb_store *store, const char *name, bool *exists,
					 zdb_err *err);
	/* NULL: sinks can be read before they are finished, so nothing needs it.
	 */
	zdb_rc (*move)(zdb_store *store, const char *from, const char *to,
				   zdb_err *err);
	void (*hurry)(zdb_store *store); /* NULL: has no need to */
	zdb_rc (*space)(zdb_store *store, zdb_space *space, zdb_err *err);
	void (*free)(zdb_store *store);
} zdb_store_ops;

struct zdb_store
{
	const zdb_store_ops *ops;
	char *where; /* for messages and paths: no secret; owned by the store */
	bool local;  /* where is a directory */
	bool shallow;
};

typedef struct zdb_store_options
{
	const char *where;      /* a directory or a URL */
	const zdb_host *host;   /* or NULL; outlives the store */
	zdb_settings *settings; /* for a URL: addresses, keys */
	bool once;              /* for a URL: no request is tried again */
	bool shallow; /* list what lies in it and in its days (20250904) only */
} zdb_store_options;

/* The length of "s3" in "s3://bucket/key", 0 for a path. */
size_t zdb_store_scheme(const char *where);

/* Open a store. A directory need not exist yet. A scheme that nobody serves
 * is ZDB_UNSUPPORTED. */
zdb_rc zdb_store_open(const zdb_store_options *options, zdb_store **out,
					  zdb_err *err);

/* Open the store that holds one file, whose path or URL is options->where;
 * *name is the file's name in it: of "dir/file" "file", of
 * "s3://bucket/dir/file" "dir/file". Both are to be freed, also after an
 * error. */
zdb_rc zdb_store_at(const zdb_store_options *options, zdb_store **out,
					char **name, zdb_err *err);

/* Visit every file whose name begins with prefix (NULL: all), in no order;
 * links and devices are left out. A directory inside that cannot be read is
 * visited with its trouble; a store that is not there is ZDB_NOT_FOUND. */
zdb_rc zdb_store_list(zdb_store *store, const char *prefix,
					  zdb_store_visit visit, void *arg, zdb_err *err);

/* Open a file for reading; ZDB_NOT_FOUND when there is none. */
zdb_rc zdb_store_source(zdb_store *store, const char *name, zdb_source **out,
						zdb_err *err);

/* Open the one file whose path or URL is file->where. */
zdb_rc zdb_store_source_at(const zdb_store_options *file, zdb_source **out,
						   zdb_err *err);

/* Open a file for writing; as zdb_sink_file_open() has it. */
zdb_rc zdb_store_sink(zdb_store *store, const char *name, bool overwrite,
					  zdb_sink **out, zdb_err *err);

/* Does name stand for anything? What may not be looked at does not exist. */
zdb_rc zdb_store_exists(zdb_store *store, const char *name, bool *exists,
						zdb_err *err);

/* May a new file take the name, as zdb_file_check_free() has it? A cloud says
 * so when the sink opens and when it finishes. */
zdb_rc zdb_store_check_free(zdb_store *store, const char *name, bool overwrite,
							zdb_err *err);

/* Give a file another name, in place of what has it; that stays until the file
 * has it. Clouds only, within the bucket; it costs a copy there. */
zdb_rc zdb_store_move(zdb_store *store, const char *from, const char *to,
					  zdb_err *err);

/* Remove a file; a missing one is fine. A directory for a day (20250904) that
 * is empty then goes too. */
zdb_rc zdb_store_remove(zdb_store *store, const char *name, zdb_err *err);

/* What follows cleans up after a failure: the host is not asked whether to
 * stop, and a cloud is given seconds only; one, if the host wanted to stop. */
void zdb_store_hurry(zdb_store *store);

/* How large the store is, and how much is free. */
zdb_rc zdb_store_space(zdb_store *store, zdb_space *space, zdb_err *err);

/* Is a part of a path, of len bytes, the name of a day of our layout? */
bool zdb_store_is_day(const char *name, size_t len);

/* Return "<where>/<name>", to be freed; NULL with err set. */
char *zdb_store_path(const zdb_store *store, const char *name, zdb_err *err);

void zdb_store_free(zdb_store *store);

/* The kinds; *out has ops, where and local set. */
zdb_rc zdb_store_local_open(const zdb_store_options *options, zdb_store **out,
							zdb_err *err);
zdb_rc zdb_store_cloud_open(const zdb_store_options *options, zdb_store **out,
							zdb_err *err);

#endif
