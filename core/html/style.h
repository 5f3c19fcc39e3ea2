/*
 * style - how the page of a report looks
 */
#ifndef ZDB_CORE_HTML_STYLE_H
#define ZDB_CORE_HTML_STYLE_H

extern const char *const zdb_page_style; /* CSS */

#endif
