/*
 * restore - a backup back into a database
 */
#ifndef ZDB_PG_EXT_RESTORE_H
#define ZDB_PG_EXT_RESTORE_H

#include "pg_ext/call.h"
#include "pg_ext/survey.h"

typedef struct zdbpg_restore
{
	zdbpg_call *call;
	zdb_reader *reader;
	zdbpg_survey *survey; /* NULL for a target of its own */
	bool data_only;       /* the backup holds rows, no definitions */
} zdbpg_restore;

/* The whole backup replaces what it holds, in the present transaction. */
extern void zdbpg_restore_replace(zdbpg_restore *restore);

/* Its rows replace those of tables (count 0: of all it has). */
extern void zdbpg_restore_rows(zdbpg_restore *restore,
							   const zdb_names *tables);

/* Into a new database of this name, by background workers. */
extern void zdbpg_restore_new(zdbpg_restore *restore, const char *database);

/* Run the statements of chunks first to end; COPY blocks count into the
 * survey's tables. */
extern void zdbpg_restore_run(zdbpg_restore *restore, uint64 first,
							  uint64 end);

/* After all has run: count the rows of partitions that came through the root
 * (pg_dump's --load-via-partition-root, and what is hashed by an enum). */
extern void zdbpg_restore_count_partitions(zdbpg_restore *restore);

#endif
