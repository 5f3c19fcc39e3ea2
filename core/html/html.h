/*
 * html - a page under construction
 *
 * Two ways in: what we wrote ourselves (raw), and what comes from elsewhere
 * (text), which is escaped; so is what is not ASCII, so that a page fits into
 * a database of any encoding. Failure is sticky and told at the end. Numbers
 * are put together from integers: printf's decimal point is the locale's.
 */
#ifndef ZDB_CORE_HTML_HTML_H
#define ZDB_CORE_HTML_HTML_H

#include <stdint.h>

#include "core/base/buf.h"

typedef struct zdb_html
{
	zdb_buf buf;
	zdb_err err;
} zdb_html;

#define ZDB_HTML_WORD 40 /* enough for any of the words below */

/* Append markup; arguments are numbers and words of ours. */
void zdb_html_raw(zdb_html *html, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Append text of any origin, escaped; NULL is nothing. */
void zdb_html_text(zdb_html *html, const char *text);

/* Words for people: "1.5 MB", "2 h 5 min", "2.1 h", "93.3 %". */
void zdb_word_bytes(double bytes, char out[ZDB_HTML_WORD]);
void zdb_word_seconds(double seconds, char out[ZDB_HTML_WORD]);
void zdb_word_seconds_short(double seconds, char out[ZDB_HTML_WORD]);
void zdb_word_percent(double share, char out[ZDB_HTML_WORD]);

/* "4 Sep 11:35", or without the time of the day. */
void zdb_word_moment(int64_t us, bool time, char out[ZDB_HTML_WORD]);

#endif
