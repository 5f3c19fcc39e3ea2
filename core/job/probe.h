/*
 * probe - is a destination fit for the night it is needed?
 *
 * A small object is written, read back, listed and removed, as a backup would
 * be. The first thing that goes wrong is the error: without retries, so that
 * trouble that comes and goes is seen, too.
 */
#ifndef ZDB_CORE_JOB_PROBE_H
#define ZDB_CORE_JOB_PROBE_H

#include <jansson.h>

#include "core/store/store.h"

/* Probe the directory or URL where->where. The report gets "url", "ok" and
 * the duration of each step, as far as it went. */
zdb_rc zdb_probe(const zdb_store_options *where, json_t *report, zdb_err *err);

#endif
