/*
 * chains - which backup of a repository stands on which
 */
#ifndef ZDB_CORE_JOB_CHAINS_H
#define ZDB_CORE_JOB_CHAINS_H

#include "core/job/inventory.h"

/* Set stands_on of every incremental backup, and error and damaged of those
 * whose chain is broken: a link is gone, or cannot be read. One that stands on
 * a file outside the repository is not judged. */
zdb_rc zdb_chains_connect(zdb_inventory *inventory, zdb_err *err);

#endif
