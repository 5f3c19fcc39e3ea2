/*
 * ddl - what the parsers of definitions share
 */
#ifndef ZDB_CORE_DUMP_DDL_H
#define ZDB_CORE_DUMP_DDL_H

#include "core/dump/catalog.h"
#include "core/dump/token.h"

/* PostgreSQL's limit; a script with more is none of its own. */
#define DDL_COLUMNS_MAX 1600

typedef struct ddl_parser
{
	zdb_catalog *catalog;
	zdb_arena *arena;
	zdb_tokens tokens;
} ddl_parser;

/* Is the present token this one; and go on if so (ddl_name.c). */
bool ddl_is(const ddl_parser *self, const char *word);
bool ddl_take(ddl_parser *self, const char *word);

/* Nothing more of this element of a list; go on until then. */
bool ddl_is_over(const ddl_parser *self);
void ddl_skip_rest(ddl_parser *self);

/* "schema.name"; schema is NULL, or the name too when there is none. */
const char *ddl_qualified(ddl_parser *self, const char **schema);

/* The schema of a name without one. */
const char *ddl_schema(const ddl_parser *self);

/* A table by its name, known or not. */
zdb_pg_table *ddl_table(ddl_parser *self);

/* "(a, b)"; NULL: not columns as they are. */
zdb_pg_name *ddl_columns(ddl_parser *self);
zdb_pg_name *ddl_append(ddl_parser *self, zdb_pg_name *list, const char *text);

/* A type, up to what cannot be part of one (ddl_type.c). */
zdb_pg_type ddl_type(ddl_parser *self);

/* A constraint of the table; false: none begins here (ddl_table.c). */
bool ddl_constraint(ddl_parser *self, zdb_pg_table *table);
void ddl_key(ddl_parser *self, zdb_pg_table *table, zdb_pg_name *columns,
			 bool primary);
void ddl_not_null(ddl_parser *self, zdb_pg_table *table);

/* A column with its type and constraints; "(...)" of a CREATE TABLE. */
void ddl_column(ddl_parser *self, zdb_pg_table *table);
void ddl_elements(ddl_parser *self, zdb_pg_table *table);

#endif
