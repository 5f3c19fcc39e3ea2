/*
 * entries - what is in a backup, as rows of zdb_entries()
 */
#ifndef ZDB_CORE_JOB_ENTRIES_H
#define ZDB_CORE_JOB_ENTRIES_H

#include <jansson.h>

#include "core/archive/reader.h"
#include "core/base/host.h"

/* Append a row for each of the manifest's tables (the reader's, or what a
 * foreign file was found to hold). bytes, chunks and sha256 are known where a
 * table has chunks of its own; sha256 is that of the chunks' SHA-256 in
 * order. host may be NULL. */
zdb_rc zdb_entries_rows(zdb_reader *reader, const zdb_manifest *manifest,
						const zdb_host *host, json_t *rows, zdb_err *err);

#endif
