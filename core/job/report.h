/*
 * report - what both engines say about a backup, with the same keys
 *
 * Sizes are bytes, times ISO 8601 UTC, durations seconds; unknown counts are
 * null. Nothing here fails for lack of memory but silently leaves out a key.
 */
#ifndef ZDB_CORE_JOB_REPORT_H
#define ZDB_CORE_JOB_REPORT_H

#include <jansson.h>

#include "core/age/source.h"
#include "core/archive/scan.h"
#include "core/archive/writer.h"
#include "core/job/options.h"

/* A count, null when it is ZDB_UNKNOWN; a moment, likewise; a name of a file,
 * whose bytes may be anything. */
json_t *zdb_report_count(int64_t count);
json_t *zdb_report_time(int64_t us);
json_t *zdb_report_name(const char *name);

/* What a reader's file is: engine, type, database, created, bytes,
 * stored_bytes, ratio, chunks, indexed, ... */
zdb_rc zdb_report_file(zdb_reader *reader, json_t *into, zdb_err *err);

/* Of an encrypted file (facts; NULL: of a plain one): encrypted, recipients,
 * recipient_types. */
void zdb_report_encryption(const zdb_age_facts *facts, json_t *into);

/* How many bytes of an encrypted file were decrypted; null for a plain one. */
json_t *zdb_report_decrypted(const zdb_reader *reader);

/* What zdb_info says beyond that: tables, rows, duration. */
void zdb_report_contents(const zdb_manifest *manifest, json_t *into);

/* What a backup was, when it is done. */
typedef struct zdb_report_facts
{
	const char *path;
	zdb_codec codec;
	const zdb_manifest *manifest;
	zdb_writer_totals totals;
	int jobs;
	zdb_level verified;
	const uint8_t *sha256;    /* of the file; NULL: not known */
	int recipients;           /* 0: it is not encrypted */
	const char *base;         /* path of what it stands on, or NULL, */
	const char *base_id;      /* and its identity */
	const char *full_because; /* why it is no incremental one, or NULL */
} zdb_report_facts;

void zdb_report_backup(const zdb_report_facts *facts, json_t *into);

/* The manifest's tables: [{"schema": ..., "table": ..., "rows": ...}]. */
json_t *zdb_report_tables(const zdb_manifest *manifest);

/* The sum of all known rows. */
int64_t zdb_report_rows(const zdb_manifest *manifest);

/* The file's SHA-256 in hex; null when not all of it was read. */
json_t *zdb_report_sha256(const zdb_scan_result *result);

/* With "raise": false a bad backup is a result, not an error; a bad call
 * still is one. Returns whether *err was the former; then the report says so
 * and *err is clear. */
bool zdb_report_failure(zdb_err *err, json_t *into);

#endif
