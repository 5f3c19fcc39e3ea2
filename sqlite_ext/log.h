/*
 * log - what one read transaction sees of a write-ahead log
 *
 * Of each page the newest frame up to the transaction's end counts; a page
 * without one lies in the database file. While the transaction lasts nobody
 * changes either: who copies frames into the file copies none of later
 * transactions, and who begins the log anew waits. Who makes the index anew,
 * after a writer has died, keeps to that; it may only look as if less had been
 * copied, so that frames are copied again.
 *
 * Where which bytes are: https://www.sqlite.org/walformat.html
 */
#ifndef ZDB_SQLITE_EXT_LOG_H
#define ZDB_SQLITE_EXT_LOG_H

#include "sqlite_ext/zdblite.h"

#define ZDBLITE_LOG_END 24

typedef struct zdblite_log
{
	bool known;      /* what the transaction sees */
	uint32_t frames; /* the first ones of the log; 0: the file has them all */
	/* where it ends: how many frames and pages, their checksum, the log's
	 * salts; another transaction, another end. Zeros without any frame. */
	uint8_t end[ZDBLITE_LOG_END];

	/* once opened */
	sqlite3_file *file;
	uint32_t page_size;
	struct zdblite_log_place
	{
		uint32_t page;
		uint32_t frame;
	} * places;    /* by page, the newest frame last */
	uint32_t next; /* the place that was asked for last */
} zdblite_log;

/* Begin anew the read transaction that pin holds, a statement on its first
 * row, so that log->known. It goes on, unknown, if other statements hold it,
 * too; a new one stays unknown if others write whenever one begins, or if
 * another connection may have begun it. */
zdb_rc zdblite_log_settle(zdblite_log *log, sqlite3 *db, const char *schema,
						  sqlite3_stmt *pin, zdb_err *err);

/* Find the places of a known one. ZDB_UNSUPPORTED: read through SQLite. */
zdb_rc zdblite_log_open(zdblite_log *log, sqlite3_file *file,
						uint32_t page_size, zdb_err *err);

/* Put the log's pages over those from first to before end, which lie at
 * pages. The ranges ascend. */
zdb_rc zdblite_log_lay_over(zdblite_log *log, uint32_t first, uint32_t end,
							uint8_t *pages, zdb_err *err);

void zdblite_log_close(zdblite_log *log);

#endif
