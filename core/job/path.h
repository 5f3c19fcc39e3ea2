/*
 * path - the name a backup gets, and what a name says
 *
 * A path that ends in "/" or is a directory gets the repository's layout:
 *   <path>/20250904/app_full_20250904_113523.db.gz        (UTC)
 * with "_2", "_3", ... before the suffix when that second is taken. Elsewhere
 * {db} {type} {date} {time} {timestamp} are replaced. Whatever is encrypted
 * gets a name that ends in ".age".
 */
#ifndef ZDB_CORE_JOB_PATH_H
#define ZDB_CORE_JOB_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/codec/codec.h"
#include "core/store/store.h"

/* Follows the type of a backup of some tables only. */
#define ZDB_PARTIAL_SUFFIX "-partial"

/* Names of our own files in a repository begin so. */
#define ZDB_OWN_PREFIX "zdbackup_"

typedef struct zdb_path_facts
{
	const char *database;    /* without directory and suffix */
	const char *type;        /* "full", "incremental", "schema", "data" */
	bool partial;            /* of some tables: "full-partial", ... */
	const char *suffix;      /* ".db" or ".sql" */
	int64_t now_us;          /* microseconds since 1970 */
	bool encrypted;          /* so the name ends in ".age" */
	zdb_store_options reach; /* how to see which names are taken */
} zdb_path_facts;

/* Decide how to compress: as compress says (zdb_codec_parse), or when it is
 * NULL as the path's suffix says; gzip for a directory. */
zdb_rc zdb_path_codec(const char *path, const char *compress, zdb_codec *codec,
					  zdb_err *err);

/* Does it end in "/", is it a bucket, or is there a directory? */
bool zdb_path_is_directory(const char *path);

/* Return the path of the file to write, to be freed; NULL with err set. A name
 * that says ".age" for what is not encrypted is ZDB_USAGE. */
char *zdb_path_resolve(const char *path, const zdb_path_facts *facts,
					   zdb_codec_kind kind, zdb_err *err);

/* Return a free name "<directory>/app_prebackup_20250904_113523.db.gz", to be
 * freed; facts->type is the word in the middle. */
char *zdb_path_in(const char *directory, const zdb_path_facts *facts,
				  zdb_codec_kind kind, zdb_err *err);

/* Return "app" for "/data/app.db", to be freed. Without a name: "memory". */
char *zdb_path_database(const char *file, zdb_err *err);

/* Return the directory part, "." for a bare name, to be freed. */
char *zdb_path_directory(const char *file, zdb_err *err);

/* Does the name say another compression than kind? Then warning says so. */
bool zdb_path_suffix_lies(const char *path, zdb_codec_kind kind, char *warning,
						  size_t cap);

/* For what is written here and nowhere else: ZDB_UNSUPPORTED when it is a URL.
 */
zdb_rc zdb_path_check_local(const char *path, zdb_err *err);

#endif
