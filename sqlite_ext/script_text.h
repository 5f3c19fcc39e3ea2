/*
 * script_text - SQL text on its way into chunks
 *
 * Chunks are cut at statement boundaries where they come in time; a longer
 * statement goes on in chunks flagged as continued, so that memory stays flat.
 */
#ifndef ZDB_SQLITE_EXT_SCRIPT_TEXT_H
#define ZDB_SQLITE_EXT_SCRIPT_TEXT_H

#include "core/archive/writer.h"

typedef struct zdblite_text
{
	zdb_writer *writer;
	uint32_t chunk_bytes;
	uint32_t used;  /* bytes in the chunk being filled */
	uint32_t table; /* 1-based in the manifest; 0: script */
	uint64_t first; /* number of the chunk's first row */
	uint64_t rows;  /* rows that begin in this chunk */
	bool inside;    /* the chunk being filled begins inside a statement */
	uint8_t *raw;
	zdb_err *err; /* sticky: after an error nothing is done */
} zdblite_text;

void zdblite_text_put(zdblite_text *text, const void *bytes, size_t len);
void zdblite_text_puts(zdblite_text *text, const char *string);

/* Like printf of sqlite3_mprintf: %w and %Q quote. */
void zdblite_text_printf(zdblite_text *text, const char *fmt, ...);

/* x'...' */
void zdblite_text_hex(zdblite_text *text, const void *bytes, size_t len);

/* A row begins here. */
void zdblite_text_row(zdblite_text *text);

/* A statement ended: cut here when the chunk is nearly full. */
void zdblite_text_end(zdblite_text *text);

/* What follows belongs to another table (0: to none): cut here. */
void zdblite_text_table(zdblite_text *text, uint32_t table);

/* Hand on what is left. */
zdb_rc zdblite_text_flush(zdblite_text *text);

#endif
