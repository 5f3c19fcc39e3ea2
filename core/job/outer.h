/*
 * outer - an encrypted file for which there is no key
 *
 * Its outside can be checked: the header, the length, the SHA-256 that stands
 * beside it. Nobody may take that for a proof that it restores.
 */
#ifndef ZDB_CORE_JOB_OUTER_H
#define ZDB_CORE_JOB_OUTER_H

#include <jansson.h>

#include "core/age/keys.h"
#include "core/job/options.h"
#include "core/store/store.h"

/* Is the file encrypted, and no key named that could open it? Then *outer is
 * set, and the report says what can be seen. A wrong key is no such case: it
 * is the error of who opens the file. */
zdb_rc zdb_outer_look(const zdb_store_options *file, const zdb_age_keys *keys,
					  bool *outer, json_t *report, zdb_err *err);

/* After that: compare the file with the SHA-256 beside it. The report's
 * verified is "outer", or false when there is none to compare with; ok is
 * null; a warning says that the inside was not looked at. ZDB_LEVEL_RESTORE is
 * ZDB_PERMISSION. */
zdb_rc zdb_outer_verify(const zdb_store_options *file, zdb_level level,
						json_t *report, json_t *warnings, zdb_err *err);

#endif
