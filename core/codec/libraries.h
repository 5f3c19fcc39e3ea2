/*
 * libraries - what does the work, and in which version
 */
#ifndef ZDB_CORE_CODEC_LIBRARIES_H
#define ZDB_CORE_CODEC_LIBRARIES_H

#include <jansson.h>

/* {"isal": "2.30", ...}, a new reference; NULL without memory. */
json_t *zdb_libraries_json(void);

#endif
