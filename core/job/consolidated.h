/*
 * consolidated - where the full backup of a chain goes
 */
#ifndef ZDB_CORE_JOB_CONSOLIDATED_H
#define ZDB_CORE_JOB_CONSOLIDATED_H

#include "core/archive/consolidate.h"
#include "core/job/options.h"
#include "core/job/run.h"

/* Decide how it is compressed (as the name says; in a directory, as most of
 * the chain is) and return its path, to be freed; NULL with err set.
 * repository says how to see which names are taken, and what stands on them.
 */
char *zdb_consolidated_path(const char *to, const zdb_options *options,
							zdb_reader *reader,
							const zdb_repository *repository, bool encrypted,
							zdb_codec *codec, zdb_err *err);

/* Append a warning if the chain is encrypted and its copy will not be. */
zdb_rc zdb_consolidated_warn(const zdb_reader *reader, bool encrypted,
							 json_t *warnings, zdb_err *err);

#endif
