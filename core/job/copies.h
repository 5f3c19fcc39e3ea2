/*
 * copies - a second place for the backups of a repository
 *
 * A directory or a URL that holds the same files under the same names. What
 * is not there, or with another size or another .sha256 beside it, is copied
 * by the next backup: so a place that could not be reached for a night is in
 * step again after the next one.
 */
#ifndef ZDB_CORE_JOB_COPIES_H
#define ZDB_CORE_JOB_COPIES_H

#include <jansson.h>

#include "core/job/inventory.h"

typedef struct zdb_copies zdb_copies;

/* Look at what is there. */
zdb_rc zdb_copies_open(const zdb_store_options *place, zdb_copies **out,
					   zdb_err *err);

/* Is the backup there, as far as size and .sha256 tell? */
zdb_rc zdb_copies_has(const zdb_copies *copies, const zdb_listed *listed,
					  bool *has, zdb_err *err);

void zdb_copies_free(zdb_copies *copies);

/* After a backup that report is about, to repository->where as it was given:
 * a file is copied to repository->copy_to, of a repository all that is missing
 * there; nothing when that is NULL.
 * The report gets "copies": url, copied, copied_bytes, missing. What fails is
 * a warning: the backup is made. Only a cancelled run, and one without memory,
 * fail. */
zdb_rc zdb_copies_after(const zdb_repository *repository, json_t *report,
						json_t *warnings, zdb_err *err);

/* The second place of a call: as its option says ("": none), or the settings.
 * NULL: none, or with err set. */
const char *zdb_copies_place(const char *option, zdb_settings *settings,
							 zdb_err *err);

#endif
