/*
 * script - a psql script, read statement by statement
 *
 * Ours or anybody's: pg_dump's plain output, compressed or not. Memory holds
 * one statement, and a piece of the rows of a COPY block.
 */
#ifndef ZDB_PG_EXT_SCRIPT_H
#define ZDB_PG_EXT_SCRIPT_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"

#include "core/archive/stream.h"
#include "core/base/pg_split.h"

typedef struct zdbpg_script
{
	zdb_reader *reader;
	zdb_stream *stream;
	uint64 end;              /* chunk to stop before, of an indexed file */
	uint64 line;             /* of the statement; counts from 1, where */
	bool counted;            /* the script was read from its first line on */
	RawStmt *raw;            /* the statement; NULL: there was nothing in it */
	char *text;              /* its text, in the server's encoding */
	int encoding;            /* the script's */
	struct zdbpg_mask *mask; /* its rows are masked so; or NULL */
	/* private */
	uint64 read; /* plain bytes, of total */
	uint64 total;
	char *bytes; /* read, not yet taken: from at to len */
	size_t at;
	size_t len;
	size_t cap;
	bool ended;
	bool in_rows;
	bool line_begins; /* where at is */
	uint64 next_line;
	zdb_pg_split split;
	StringInfoData statement;
	MemoryContext statement_context; /* reset with each statement */
} zdbpg_script;

/* Begin with chunk first and end before chunk end; for a foreign file both
 * are ignored. Owned by the current memory context, as the reader must be. */
extern zdbpg_script *zdbpg_script_open(zdb_reader *reader, uint64 first,
									   uint64 end);

/* Go to the next statement. Returns false at the end. What only psql can run
 * is an error. */
extern bool zdbpg_script_next(zdbpg_script *script);

/* Is it a COPY block, whose rows follow? */
extern bool zdbpg_script_has_rows(const zdbpg_script *script);

/* The next bytes of these rows, up to max; 0 at their end. */
extern size_t zdbpg_script_rows(zdbpg_script *script, void *into, size_t max);

/* Pass over these rows. Returns how many there were. */
extern uint64 zdbpg_script_skip_rows(zdbpg_script *script);

/* Say in errors where in the script we are, if that is known; arg is the
 * script. */
extern void zdbpg_script_context(void *arg);

#endif
