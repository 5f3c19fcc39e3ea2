/*
 * check_sums - compare a file with the .sha256 that stands beside it
 */
#ifndef ZDB_CORE_JOB_CHECK_SUMS_H
#define ZDB_CORE_JOB_CHECK_SUMS_H

#include <jansson.h>

#include "core/archive/scan.h"

/* Compare the digest of a complete scan of the file at file->where with the
 * "<file>.sha256", if there is one: ZDB_DAMAGED when they differ. The report
 * gets "sha256_file" (true: it agrees, false: not compared), and a warning is
 * added when that file cannot be used. */
zdb_rc zdb_check_sums(const zdb_store_options *file,
					  const zdb_scan_result *scan, json_t *report,
					  json_t *warnings, zdb_err *err);

#endif
