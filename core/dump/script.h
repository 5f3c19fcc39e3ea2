/*
 * script - a script for psql, statement by statement and row by row
 *
 * What psql would send to a server comes as statements, what it would obey
 * itself as commands, and behind COPY ... FROM stdin come rows. Memory is
 * flat: one statement (of long ones the beginning) or one row is held.
 */
#ifndef ZDB_CORE_DUMP_SCRIPT_H
#define ZDB_CORE_DUMP_SCRIPT_H

#include "core/archive/stream.h"
#include "core/base/host.h"

typedef struct zdb_script zdb_script;

typedef enum zdb_script_kind
{
	ZDB_SCRIPT_END,
	ZDB_SCRIPT_STATEMENT,
	ZDB_SCRIPT_COMMAND, /* a line that begins with a backslash */
} zdb_script_kind;

typedef struct zdb_script_item
{
	zdb_script_kind kind;
	const char *text; /* valid until the next call */
	size_t len;
	bool whole; /* the statement is not longer than what is held of it */
} zdb_script_item;

/* Does the reader's file, which is a script, speak PostgreSQL's SQL? */
zdb_rc zdb_script_is_postgres(zdb_reader *reader, bool *postgres,
							  zdb_err *err);

/* Read an indexed file's chunks first to end - 1; a foreign file as a whole,
 * whatever first and end are. The reader and the host outlive the script. */
zdb_rc zdb_script_open(zdb_reader *reader, uint64_t first, uint64_t end,
					   const zdb_host *host, zdb_script **out, zdb_err *err);

/* What comes next. A script that ends in the middle is ZDB_DAMAGED; so is one
 * that begins as pg_dump's do and does not end so. */
zdb_rc zdb_script_next(zdb_script *script, zdb_script_item *item,
					   zdb_err *err);

/* Behind a COPY ... FROM stdin: the next line of rows, without its end, NUL
 * behind it, to be changed at will; NULL after the last one. To be called
 * until then. */
zdb_rc zdb_script_row(zdb_script *script, char **row, size_t *len,
					  zdb_err *err);

/* Pass all that is left of them. */
zdb_rc zdb_script_pass_rows(zdb_script *script, zdb_err *err);

#define ZDB_SCRIPT_PLACE_BYTES 64

/* Where the present statement or row begins, for messages: "line 12" of a
 * foreign file, "byte 3456" of the plain text of an indexed one. */
void zdb_script_place(const zdb_script *script,
					  char out[ZDB_SCRIPT_PLACE_BYTES]);

void zdb_script_free(zdb_script *script);

#endif
