/*
 * replaced - may a file be replaced, or does another backup stand on it?
 */
#ifndef ZDB_CORE_JOB_REPLACED_H
#define ZDB_CORE_JOB_REPLACED_H

#include "core/job/run.h"

/* What lies in the directory of path, or in the days of its repository, is
 * looked at; repository says how to reach it. ZDB_EXISTS when one of these
 * stands on path, which is about to be replaced. Where nobody may look, nobody
 * knows: that is no error. */
zdb_rc zdb_replaced_check(const zdb_repository *repository, const char *path,
						  zdb_err *err);

#endif
