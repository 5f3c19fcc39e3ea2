/*
 * catalog - the tables that a script of PostgreSQL makes
 *
 * Statement by statement, as pg_dump writes them: what CREATE TABLE, ALTER
 * TABLE, CREATE UNIQUE INDEX and CREATE DOMAIN say about columns, types and
 * keys. Nothing is run; what is not understood is passed over.
 */
#ifndef ZDB_CORE_DUMP_CATALOG_H
#define ZDB_CORE_DUMP_CATALOG_H

#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/dump/type.h"

#define ZDB_CATALOG_BUCKETS 1024

/* Names in order. */
typedef struct zdb_pg_name
{
	const char *text;
	struct zdb_pg_name *next;
} zdb_pg_name;

typedef struct zdb_pg_column
{
	const char *name;
	zdb_pg_type type;
	bool not_null;
	bool generated; /* its values are computed and not dumped */
	struct zdb_pg_column *next;
} zdb_pg_column;

/* Columns that are unique together. */
typedef struct zdb_pg_key
{
	bool primary;
	zdb_pg_name *columns;
	struct zdb_pg_key *next;
} zdb_pg_key;

typedef struct zdb_pg_foreign
{
	zdb_pg_name *columns;
	struct zdb_pg_table *parent;
	zdb_pg_name *parent_columns; /* NULL: its primary key */
	const char *on_delete;       /* "CASCADE", "SET NULL", ..., or NULL */
	const char *on_update;
	struct zdb_pg_foreign *next;
} zdb_pg_foreign;

typedef struct zdb_pg_parent
{
	struct zdb_pg_table *table;
	struct zdb_pg_parent *next;
} zdb_pg_parent;

typedef struct zdb_pg_table
{
	const char *schema;
	const char *name;
	bool made;   /* its CREATE TABLE was seen, not only its name */
	bool copied; /* a COPY block was; the catalog's user sets it */
	zdb_pg_column *columns;
	zdb_pg_key *keys;
	zdb_pg_foreign *foreign;
	struct zdb_pg_table *partition_of;
	zdb_pg_parent *inherits;
	void *user;                /* the catalog's user's; */
	uint64_t rows;             /* so, too: how many were read */
	struct zdb_pg_table *next; /* in the order of the script */
	struct zdb_pg_table *bucket;
} zdb_pg_table;

typedef struct zdb_pg_domain
{
	const char *schema;
	const char *name;
	zdb_pg_type type;
	struct zdb_pg_domain *next;
} zdb_pg_domain;

/* {0} is an empty one. */
typedef struct zdb_catalog
{
	zdb_arena arena;
	zdb_pg_table *tables, *last;
	zdb_pg_table *buckets[ZDB_CATALOG_BUCKETS];
	zdb_pg_domain *domains;
	const char *schema;   /* of names without one; NULL: "public" */
	const char *encoding; /* client_encoding, or NULL */
} zdb_catalog;

/* Learn from a statement. */
zdb_rc zdb_catalog_take(zdb_catalog *catalog, const char *sql, size_t len,
						zdb_err *err);

/* Like zdb_catalog_take(), but only of what SET says. */
void zdb_catalog_setting(zdb_catalog *catalog, const char *sql, size_t len);

/* A table's entry; NULL: nothing has named it. */
zdb_pg_table *zdb_catalog_find(const zdb_catalog *catalog, const char *schema,
							   const char *name);

/* Like zdb_catalog_find(), but made when there is none; NULL without memory.
 * The names are the catalog's own. */
zdb_pg_table *zdb_catalog_table(zdb_catalog *catalog, const char *schema,
								const char *name);

/* The table that a partition's rows belong to; any other table itself. */
zdb_pg_table *zdb_pg_table_root(zdb_pg_table *table);

/* A column by name, inherited ones too; NULL: there is none. */
const zdb_pg_column *zdb_pg_table_column(const zdb_pg_table *table,
										 const char *name);

/* "COPY schema.table (columns) FROM stdin;" */
typedef struct zdb_pg_copy
{
	const char *schema;
	const char *name;
	zdb_pg_name *columns; /* NULL: none were listed */
	bool plain;           /* without options: in text format */
} zdb_pg_copy;

/* Is the statement one that rows follow? Names are the arena's. */
bool zdb_catalog_copy(const zdb_catalog *catalog, const char *sql, size_t len,
					  zdb_arena *arena, zdb_pg_copy *copy);

void zdb_catalog_clear(zdb_catalog *catalog);

#endif
