/*
 * manifest - what a backup is: JSON inside the file's tail
 *
 * Plain data owned by the struct. Unknown keys are ignored when read, so that
 * a newer version may add some.
 */
#ifndef ZDB_CORE_ARCHIVE_MANIFEST_H
#define ZDB_CORE_ARCHIVE_MANIFEST_H

#include <stdint.h>

#include "core/archive/chain.h"
#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/codec/codec.h"

#define ZDB_UNKNOWN (-1) /* a count that was not taken */

typedef struct zdb_table
{
	char *schema;
	char *name;
	int64_t rows;          /* or ZDB_UNKNOWN */
	int64_t bytes;         /* or ZDB_UNKNOWN */
	struct json_t *origin; /* what the host wants to know of it when this is a
							* base; or NULL */
} zdb_table;

typedef enum zdb_content
{
	ZDB_CONTENT_IMAGE = 1, /* a database file */
	ZDB_CONTENT_SCRIPT,    /* SQL text */
} zdb_content;

typedef struct zdb_manifest
{
	int format;
	char *tool;           /* "zdbackup 1.0.0" */
	char *engine;         /* "sqlite", "postgresql" */
	char *engine_version; /* "3.40.1" */
	char *database;
	char *type;     /* "full", "incremental", "schema", "data" */
	char *encoding; /* "UTF-8", "UTF-16le", ... */
	char *label;    /* or NULL */
	bool partial;   /* it is of some tables only */
	char *base;     /* id of the chain's last link, or NULL */
	char *guard;    /* the text of its first member; NULL without a chain */
	zdb_chain chain;
	zdb_content content;
	uint32_t page_size; /* 0 for scripts */
	int64_t pages;      /* 0 for scripts */
	int64_t created_us; /* microseconds since 1970, UTC */
	double duration_s;
	struct json_t *origin; /* likewise, of the database */
	zdb_table *tables;
	uint32_t table_count;
} zdb_manifest;

/* Copy a table onto the end of the list. Names are copied. */
zdb_rc zdb_manifest_add_table(zdb_manifest *manifest, const char *schema,
							  const char *name, int64_t rows, int64_t bytes,
							  zdb_err *err);

/* Plain length of the guard, 0 without one. */
uint32_t zdb_manifest_guard_bytes(const zdb_manifest *manifest);

/* Append the manifest as JSON (UTF-8, no NUL). Strings that are not UTF-8 are
 * an error naming the key. */
zdb_rc zdb_manifest_encode(const zdb_manifest *manifest, zdb_buf *json,
						   zdb_err *err);

/* Read JSON into *manifest (an empty struct). Nothing in it is trusted. */
zdb_rc zdb_manifest_decode(const void *json, size_t len,
						   zdb_manifest *manifest, zdb_err *err);

/* Free what the struct owns and empty it. */
void zdb_manifest_clear(zdb_manifest *manifest);

#endif
