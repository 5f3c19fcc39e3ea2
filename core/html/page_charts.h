/*
 * page_charts - the charts of a report's page
 */
#ifndef ZDB_CORE_HTML_PAGE_CHARTS_H
#define ZDB_CORE_HTML_PAGE_CHARTS_H

#include <jansson.h>

#include "core/html/html.h"

/* Append sizes, durations, outcomes and storage. */
void zdb_page_charts(zdb_html *html, const json_t *report);

#endif
