/*
 * script_dump - a database as an SQL script: its schema, its rows
 *
 * The script is one that the sqlite3 shell runs. Rows come back exactly:
 * values, types, rowids, AUTOINCREMENT counters; triggers of the loaded
 * tables are dropped and created again around them, so that they do not fire.
 * Virtual tables travel as the tables behind them. Planner statistics
 * (sqlite_stat*) are left out: ANALYZE makes them again.
 */
#ifndef ZDB_SQLITE_EXT_SCRIPT_DUMP_H
#define ZDB_SQLITE_EXT_SCRIPT_DUMP_H

#include "core/archive/manifest.h"
#include "core/archive/writer.h"
#include "core/job/options.h"
#include "sqlite_ext/zdblite.h"

typedef struct zdblite_script_options
{
	sqlite3 *db;
	const char *schema; /* the attached database's name */
	const char *encoding;
	bool want_data;           /* rows; else the schema */
	const zdb_names *tables;  /* count 0: all */
	const zdb_names *exclude; /* count 0: none */
	uint32_t chunk_bytes;
	zdb_writer *writer;
	zdb_manifest *manifest; /* gets the tables, with rows */
	const zdb_host *host;
} zdblite_script_options;

/* Write the script as the writer's chunks. The caller holds the snapshot.
 * An unknown table in tables or exclude is ZDB_NOT_FOUND. */
zdb_rc zdblite_script_dump(const zdblite_script_options *options,
						   zdb_err *err);

#endif
