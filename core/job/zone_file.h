/*
 * zone_file - a time zone by its name
 */
#ifndef ZDB_CORE_JOB_ZONE_FILE_H
#define ZDB_CORE_JOB_ZONE_FILE_H

#include "core/policy/zone.h"

/* Read the zone from the system's files: "Europe/Berlin". *zone is to be
 * freed; NULL for UTC, which needs no file. */
zdb_rc zdb_zone_load(const char *name, zdb_zone **zone, zdb_err *err);

#endif
