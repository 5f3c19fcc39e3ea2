/*
 * ddl_server - pg_dump, served by our own backend
 *
 * We start the server's pg_dump, accept its connection and play server: each
 * query runs in our transaction, under our snapshot, with our privileges. So
 * there is no second session, no authentication, and what this transaction
 * changed is seen. (The protocol: PostgreSQL's documentation, "Frontend/
 * Backend Protocol", version 3.)
 *
 * pg_dump's script is kept in a spool. Where it asks for rows (COPY) or for a
 * large object, it gets a marker that nobody can guess; the rows are written
 * in its place later.
 */
#ifndef ZDB_PG_EXT_DDL_SERVER_H
#define ZDB_PG_EXT_DDL_SERVER_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/snapshot.h"

#include "pg_ext/ddl_child.h"
#include "pg_ext/spool.h"

/* 16 random bytes, and as the hexadecimal text that stands in the script. */
#define ZDBPG_MARKER_BYTES 16
#define ZDBPG_MARKER_TEXT (2 * ZDBPG_MARKER_BYTES)

typedef struct zdbpg_ddl
{
	Snapshot snapshot;
	zdbpg_child *child;
	zdbpg_spool *script;
	StringInfoData notes; /* what pg_dump wrote to its stderr */
	List *tables;         /* zdbpg_table *, one for each COPY, in order */
	bool ordered;         /* constraints stand when rows come: data only */
	uint8 marker[ZDBPG_MARKER_BYTES];
	char marker_text[ZDBPG_MARKER_TEXT + 1];
	/* private */
	StringInfoData in;
	StringInfoData out;
	bool greeted;
	bool in_transaction;
	bool said_goodbye;
	Oid large_object; /* the one that pg_dump has open, not yet read */
	List *prepared;   /* names of prepared statements */
} zdbpg_ddl;

/* Run pg_dump with these arguments (char *) to its end. */
extern zdbpg_ddl *zdbpg_ddl_run(List *arguments, Snapshot snapshot,
								bool ordered);

/* For ddl_query.c: append to what goes to pg_dump, sending when it is much. */
extern void zdbpg_ddl_begin(zdbpg_ddl *ddl, StringInfo message, char type);
extern void zdbpg_ddl_send(zdbpg_ddl *ddl, StringInfo message);

#endif
