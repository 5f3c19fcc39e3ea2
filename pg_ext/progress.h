/*
 * progress - how far a call is, for other sessions to see
 *
 * Each running call keeps a small file below the server's temporary files,
 * which the view zdb_progress reads: that needs no preloaded library, and the
 * server sweeps it after a crash.
 */
#ifndef ZDB_PG_EXT_PROGRESS_H
#define ZDB_PG_EXT_PROGRESS_H

#include "postgres.h"

#include "utils/timestamp.h"

typedef struct zdbpg_progress
{
	int pid;
	Oid database;
	Oid user;
	TimestampTz started;
	TimestampTz updated;
	uint64 bytes; /* plain bytes written or read */
	uint64 done;  /* of total, in units of the phase's own; 0: not known */
	uint64 total;
	char phase[16];              /* "backup", "verify", "restore" */
	char table[2 * NAMEDATALEN]; /* or empty */
} zdbpg_progress;

/* Begin; it ends with the current memory context. notices: tell the caller,
 * too. */
extern void zdbpg_progress_begin(bool notices);

/* Enter a phase. */
extern void zdbpg_progress_phase(const char *phase);

/* Say where we are; cheap, most calls do nothing. */
extern void zdbpg_progress_table(const char *schema, const char *table);
extern void zdbpg_progress_share(uint64 done, uint64 total);
extern void zdbpg_progress_bytes(uint64 bytes);

#endif
