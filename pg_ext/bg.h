/*
 * bg - work in background workers, in another database
 *
 * What cannot be done in the caller's transaction: CREATE DATABASE, and
 * loading a database that is not ours. The job lies in shared memory; a
 * worker's error comes back in it and is raised by the leader.
 */
#ifndef ZDB_PG_EXT_BG_H
#define ZDB_PG_EXT_BG_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "port/atomics.h"
#include "storage/spin.h"

#include "core/age/keys.h"

typedef enum zdbpg_bg_kind
{
	ZDBPG_BG_SQL = 1,     /* one statement, outside a transaction block */
	ZDBPG_BG_QUERY,       /* a query of one text, which comes back */
	ZDBPG_BG_DROP,        /* drop the scratch database; nobody waits */
	ZDBPG_BG_SCRIPT,      /* run chunks first to end as a script */
	ZDBPG_BG_ROWS,        /* load chunks of rows, with others */
	ZDBPG_BG_CONSTRAINTS, /* primary keys and the like, with others */
	ZDBPG_BG_INDEXES,     /* with others */
	ZDBPG_BG_REST,        /* what is neither, in order */
	ZDBPG_BG_CHECK,       /* compare with the manifest */
} zdbpg_bg_kind;

#define ZDBPG_BG_CLAIMS 4096

typedef struct zdbpg_bg_job
{
	uint32 segment; /* dsm_handle of the shared memory it lies in */
	Oid session_user;
	Oid current_user;
	char path[MAXPGPATH];    /* of the backup, */
	char sidecar[MAXPGPATH]; /* and of its index, or empty */
	zdb_age_file_keys keys;  /* of these files only; wiped by the leader */
	bool try_inserts;        /* prove that sequences are not behind */
	uint64 first;            /* chunks */
	uint64 end;
	pg_atomic_uint64 next;                    /* chunk of rows */
	pg_atomic_uint32 claims[ZDBPG_BG_CLAIMS]; /* who does what; 0: nobody */
	slock_t lock;
	/* under lock: how many came to their end, the first error, and what is
	 * worth a warning */
	int ended;
	int sqlstate;
	char message[1024];
	char detail[1024];
	char hint[512];
	char context[512];
	char warnings[4096];
	char sql[4096];
	/* of text, in UTF-8: a query, then its answer; or a mask
	 * (core/policy/mask.h), wiped by the leader */
	Size text_bytes;
	char text[FLEXIBLE_ARRAY_MEMBER];
} zdbpg_bg_job;

/* Make a job for the present user. It lives as long as the current memory
 * context. text_bytes is 0 unless it is a query or has a mask. */
extern zdbpg_bg_job *zdbpg_bg_job_new(Size text_bytes);

/* Run count workers of a kind in a database and wait for them. Returns false
 * when one failed: its error stands in the job. Ends them when we are
 * interrupted. */
extern bool zdbpg_bg_run(zdbpg_bg_job *job, zdbpg_bg_kind kind, Oid database,
						 int count);

/* Raise the error that stands in the job. */
extern void zdbpg_bg_raise(const zdbpg_bg_job *job) pg_attribute_noreturn();

/* Run one statement in the present database, outside our transaction. */
extern void zdbpg_bg_sql(zdbpg_bg_job *job, const char *sql);

/* Run a SELECT of one row and one text in any database, outside our
 * transaction; the text, or NULL for none. */
extern char *zdbpg_bg_query(Oid database, const char *sql);

/* Have a database dropped, whatever happens to us. Never raises. */
extern void zdbpg_bg_drop(const char *database);

/* In a worker: add a line to the job's warnings. */
extern void zdbpg_bg_warn(zdbpg_bg_job *job, const char *text);

/* In a worker, in a transaction: do the job (bg_work.c). */
extern void zdbpg_bg_work(zdbpg_bg_job *job, zdbpg_bg_kind kind, int number);

#endif
