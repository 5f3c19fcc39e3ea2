/*
 * page - the report of a repository as one page of HTML
 *
 * It needs nothing beside it: no script, no picture, no style from elsewhere,
 * and says so to the browser. Light or dark as the reader likes it.
 */
#ifndef ZDB_CORE_HTML_PAGE_H
#define ZDB_CORE_HTML_PAGE_H

#include <jansson.h>

#include "core/base/buf.h"

/* Append a page about the report of zdb_summary(), which also has "path".
 * Ends with a NUL that is not counted. */
zdb_rc zdb_page(const json_t *report, zdb_buf *page, zdb_err *err);

#endif
