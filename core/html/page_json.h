/*
 * page_json - what the page reads out of a report
 */
#ifndef ZDB_CORE_HTML_PAGE_JSON_H
#define ZDB_CORE_HTML_PAGE_JSON_H

#include <jansson.h>
#include <stdint.h>

/* A text under a key, or NULL; a moment, or 0. */
const char *zdb_page_text(const json_t *object, const char *key);
int64_t zdb_page_time(const json_t *object, const char *key);

#endif
