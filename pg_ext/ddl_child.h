/*
 * ddl_child - pg_dump as a child process that can talk to nobody but us
 *
 * The child connects to a socket in a directory of its own (0700) below the
 * server's temporary files, which the server sweeps after a crash. Listener
 * and directory go as soon as the child has connected. Nothing from SQL is
 * among its arguments but quoted names of tables, and no shell is involved.
 */
#ifndef ZDB_PG_EXT_DDL_CHILD_H
#define ZDB_PG_EXT_DDL_CHILD_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

typedef struct zdbpg_child
{
	pid_t pid;    /* 0: none, or waited for */
	int listener; /* each is -1 when closed */
	int connection;
	int out; /* its stdout and stderr, non-blocking */
	int err;
	int status; /* as waitpid() gives it */
	char dir[MAXPGPATH];
	char socket[MAXPGPATH];
} zdbpg_child;

/* Start the server's pg_dump with arguments (char *) after those that tell
 * where to connect. Owned by the current memory context. */
extern zdbpg_child *zdbpg_child_start(List *arguments);

/* The child knocks: accept it, and nobody else. */
extern void zdbpg_child_accept(zdbpg_child *child);

/* Wait for its end, which must be near. */
extern void zdbpg_child_wait(zdbpg_child *child);

/* Kill it and remove every trace. Never fails. */
extern void zdbpg_child_end(zdbpg_child *child);

#endif
