/*
 * plan - whose rows a backup holds, and how the work is shared out
 *
 * A table's work is cut into units: ranges of its blocks, numbered through
 * all tables in the order of the script. Participants take the next unit from
 * one counter. Where order matters (a table whose foreign keys already stand
 * when its rows are restored) the counter stops until all before is written.
 *
 * The plan lies in one piece of memory without pointers, so that parallel
 * workers read it where it is.
 */
#ifndef ZDB_PG_EXT_PLAN_H
#define ZDB_PG_EXT_PLAN_H

#include "postgres.h"

#include "access/xlogdefs.h"
#include "nodes/pg_list.h"
#include "port/atomics.h"
#include "storage/block.h"
#include "storage/condition_variable.h"

#include "core/codec/codec.h"

/* Length of the id of what text depends on, with its NUL. */
#define ZDBPG_TEXT_ID 33

/* A chunk of the base. */
typedef struct zdbpg_base_chunk
{
	uint32 number;    /* in the base's index */
	uint32 raw_bytes; /* its length */
	uint16 block;     /* where in its unit the blocks begin it stands for */
	uint16 patched;   /* see zdb_entry; or */
} zdbpg_base_chunk;

/* zdbpg_base_chunk.patched: it cannot be patched. */
#define ZDBPG_NO_PATCH PG_UINT16_MAX

/* A table as the script names it. */
typedef struct zdbpg_table
{
	Oid relid;
	char *schema;
	char *name;
	char *header;     /* "COPY schema.table (columns) FROM stdin;\n" */
	List *attnums;    /* of the columns in the header, int */
	char *query;      /* a SELECT that gives the rows, or NULL: the table */
	bool after;       /* all that precede it must be written before */
	bool leader_only; /* by the leader, in one run of chunks */
	BlockNumber blocks;
	Oid file;                 /* relfilenode */
	char text[ZDBPG_TEXT_ID]; /* id of all that the text of its rows depends
								 on but the rows; "": on more than that */
	/* The table's chunks in the base, in the order of its units, and for each
	 * of base_units where its chunks begin in them; then where the last ones
	 * end. NULL: none. */
	zdbpg_base_chunk *base_chunks;
	uint32 *base;
	uint32 base_units;
	BlockNumber base_blocks;
} zdbpg_table;

/* The same in the plan. Offsets count from the plan's beginning. */
typedef struct zdbpg_plan_table
{
	Oid relid;
	bool after;
	bool leader_only; /* one unit, without block ranges */
	BlockNumber blocks;
	uint64 first_unit;
	uint64 units;
	uint32 natts;
	uint32 header_bytes;
	Size attnums; /* offset of natts int16 */
	Size header;  /* offset of the text */
	Size base;    /* offsets of those of zdbpg_table */
	Size base_chunks;
	uint32 base_units;
	BlockNumber base_blocks;
} zdbpg_plan_table;

/* Blocks of a unit that chunks of the base stand for, or that none does. */
typedef struct zdbpg_range
{
	BlockNumber first;
	BlockNumber count;
	const zdbpg_base_chunk *chunks; /* all of them together */
	uint32 chunk_count;
	bool same_blocks; /* no more and no less than the base had */
} zdbpg_range;

/* Before it, a change of the page is in the base; see settled.h. */
typedef struct zdbpg_moment
{
	XLogRecPtr lsn;
	TransactionId xmin;
} zdbpg_moment;

typedef struct zdbpg_plan
{
	zdb_codec codec;
	uint32 chunk_bytes;
	uint32 unit_blocks;
	uint32 table_count;
	zdbpg_moment base; /* of the base, if there is one */
	uint64 units;
	pg_atomic_uint64 next;   /* unit */
	pg_atomic_uint64 limit;  /* units below it may be taken */
	pg_atomic_uint64 done;   /* units whose rows were handed on */
	ConditionVariable moved; /* limit was */
	zdbpg_plan_table tables[FLEXIBLE_ARRAY_MEMBER];
} zdbpg_plan;

/* Blocks a unit has. */
extern uint32 zdbpg_plan_unit_blocks(zdb_codec codec);

/* Open tables (of zdbpg_table *) long enough to see how large they are and
 * what may be done in parallel. */
extern void zdbpg_plan_survey(List *tables);

extern Size zdbpg_plan_bytes(List *tables);

/* Lay the plan out in memory of zdbpg_plan_bytes(). base: NULL for none. */
extern zdbpg_plan *zdbpg_plan_init(void *memory, List *tables, zdb_codec codec,
								   const zdbpg_moment *base);

/* Which table a unit belongs to. */
extern uint32 zdbpg_plan_table_of(const zdbpg_plan *plan, uint64 unit);

/* Its blocks: the first, and how many. */
extern BlockNumber zdbpg_plan_blocks_of(const zdbpg_plan *plan, uint64 unit,
										BlockNumber *count);

/* The range that begins at block at of a unit, from 0; a unit without blocks
 * has one, too. Returns false behind the last one. */
extern bool zdbpg_plan_range(const zdbpg_plan *plan, uint64 unit,
							 BlockNumber at, zdbpg_range *range);

/* Take the next unit. Returns false when there is none below the limit. */
extern bool zdbpg_plan_take(zdbpg_plan *plan, uint64 *unit);

/* Move the limit to the end of what may be done next (leader only). *mine is
 * set to the table that only the leader may do. Returns false at the end. */
extern bool zdbpg_plan_advance(zdbpg_plan *plan, int *mine);

#endif
