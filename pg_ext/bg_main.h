/*
 * bg_main - a background worker's life
 */
#ifndef ZDB_PG_EXT_BG_MAIN_H
#define ZDB_PG_EXT_BG_MAIN_H

#include "postgres.h"

#include "pg_ext/bg.h"

/* What a worker is started with. */
typedef struct zdbpg_bg_extra
{
	zdbpg_bg_kind kind;
	int number;     /* among its like, from 0 */
	uint32 segment; /* the job's; 0: none */
	Oid database;   /* where to work */
	Oid session_user;
	char victim[NAMEDATALEN]; /* database to drop */
} zdbpg_bg_extra;

extern PGDLLEXPORT void zdbpg_bg_main(Datum arg);

#endif
