/*
 * script_plan - pg_dump's script, cut where rows and large objects belong
 */
#ifndef ZDB_PG_EXT_SCRIPT_PLAN_H
#define ZDB_PG_EXT_SCRIPT_PLAN_H

#include "pg_ext/ddl_server.h"

typedef enum zdbpg_piece_kind
{
	ZDBPG_PIECE_TEXT,         /* bytes begin to end of the script */
	ZDBPG_PIECE_TABLES,       /* the rows of all tables */
	ZDBPG_PIECE_LARGE_OBJECT, /* the statements that write loid's bytes */
} zdbpg_piece_kind;

typedef struct zdbpg_piece
{
	zdbpg_piece_kind kind;
	uint64 begin;
	uint64 end;
	Oid loid;
} zdbpg_piece;

/* Find the markers. Returns a list of zdbpg_piece *; the tables' headers are
 * complete then. */
extern List *zdbpg_script_plan(zdbpg_ddl *ddl);

#endif
