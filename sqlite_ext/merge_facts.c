/*
 * merge_facts - a SQLite schema as core/policy/merge.h wants it
 */
#include "sqlite_ext/merge_facts.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/dump/value.h"
#include "sqlite_ext/index_sql.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/vtab_rows.h"

typedef struct facts
{
	zdblite_call *call;
	sqlite3 *db;
	const char *schema;
	zdb_arena arena;
} facts;

static const char *
text_at(sqlite3_stmt *stmt, int column)
{
	return (const char *) sqlite3_column_text(stmt, column);
}

static const char *
qualified(facts *self, const char *schema, const char *table)
{
	return zdb_arena_format(&self->arena, "%s.%s",
							zdb_arena_ident(&self->arena, schema),
							zdb_arena_ident(&self->arena, table));
}

/* Step through a query's rows. */
static bool
next(facts *self, sqlite3_stmt *stmt)
{
	bool row = false;

	return zdblite_step(self->db, stmt, &row, &self->call->err) == ZDB_OK &&
		   row;
}

static const char *
collation_of(facts *self, const char *table, const char *column)
{
	const char *collation = NULL;

	sqlite3_table_column_metadata(self->db, self->schema, table, column, NULL,
								  &collation, NULL, NULL, NULL);
	return collation ? collation : "BINARY";
}

static json_t *
column_fact(facts *self, const char *table, sqlite3_stmt *stmt, bool alias)
{
	const char *name = text_at(stmt, 0), *type = text_at(stmt, 1);
	int hidden = sqlite3_column_int(stmt, 5);
	zdb_affinity affinity = zdb_affinity_of(type);
	const char *collation = collation_of(self, table, name);
	bool binary = strcmp(collation, "BINARY") == 0;

	return json_pack("{s:s, s:b, s:b, s:b, s:b, s:b, s:s*}", "name", name,
					 "not_null", alias || sqlite3_column_int(stmt, 2) != 0,
					 "has_default",
					 alias || sqlite3_column_type(stmt, 3) != SQLITE_NULL,
					 "generated", hidden == 2 || hidden == 3, "integer",
					 affinity == ZDB_AFFINITY_INTEGER, "text",
					 affinity == ZDB_AFFINITY_TEXT && binary, "collate",
					 binary ? NULL : collation);
}

/* The column that is another name of rowid, or NULL. */
static char *
rowid_alias(facts *self, const char *table)
{
	return zdblite_query_text(
		self->db, &self->call->err,
		"SELECT max(x.name) FROM pragma_table_xinfo(%Q, %Q) x"
		" WHERE x.pk > 0 AND NOT EXISTS (SELECT 1 FROM pragma_index_list(%Q,"
		" %Q) WHERE origin = 'pk') AND (SELECT wr FROM pragma_table_list"
		" WHERE schema = %Q AND name = %Q) = 0",
		table, self->schema, table, self->schema, self->schema, table);
}

static json_t *
columns_of(facts *self, const char *table, const char *alias)
{
	json_t *list = json_array();
	sqlite3_stmt *stmt;

	if (zdblite_prepare(self->db, &stmt, &self->call->err,
						"SELECT name, type, \"notnull\", dflt_value, pk, "
						"hidden FROM pragma_table_xinfo(%Q, %Q) WHERE hidden "
						"<> 1",
						table, self->schema))
		return list;
	while (next(self, stmt))
		json_array_append_new(
			list, column_fact(
					  self, table, stmt,
					  alias && sqlite3_stricmp(alias, text_at(stmt, 0)) == 0));
	sqlite3_finalize(stmt);
	return list;
}

static json_t *
plain_element(facts *self, const char *table, const char *column,
			  const char *collation)
{
	bool plain = strcmp(collation, "BINARY") == 0 &&
				 strcmp(collation_of(self, table, column), "BINARY") == 0;
	const char *sql = zdb_arena_ident(&self->arena, column);

	if (!plain)
		sql = zdb_arena_format(&self->arena, "%s COLLATE %s", sql,
							   zdb_arena_ident(&self->arena, collation));
	return json_pack("{s:s, s:s, s:b}", "sql", sql, "column", column, "plain",
					 plain);
}

/* The only column that an expression mentions, or NULL. */
static const char *
mentioned(json_t *columns, const char *expression)
{
	const char *found = NULL;
	json_t *column;
	size_t i;

	json_array_foreach (columns, i, column)
	{
		const char *name = json_string_value(json_object_get(column, "name"));

		if (!zdblite_index_mentions(expression, name))
			continue;
		if (found)
			return NULL;
		found = name;
	}
	return found;
}

static json_t *
expression_element(facts *self, json_t *columns, const char *sql, int place)
{
	const char *text = zdblite_index_element(&self->arena, sql, place);
	const char *of = text ? mentioned(columns, text) : NULL;

	return json_pack("{s:s, s:s*, s:b}", "sql", text ? text : "NULL", "of", of,
					 "plain", 0);
}

static json_t *
elements_of(facts *self, const char *table, json_t *columns, const char *index,
			const char *sql)
{
	json_t *list = json_array();
	sqlite3_stmt *stmt;

	if (zdblite_prepare(self->db, &stmt, &self->call->err,
						"SELECT seqno, name, coll FROM pragma_index_xinfo(%Q, "
						"%Q) WHERE key = 1 ORDER BY seqno",
						index, self->schema))
		return list;
	while (next(self, stmt))
		json_array_append_new(
			list, sqlite3_column_type(stmt, 1) == SQLITE_NULL
					  ? expression_element(self, columns, sql ? sql : "",
										   sqlite3_column_int(stmt, 0))
					  : plain_element(self, table, text_at(stmt, 1),
									  text_at(stmt, 2)));
	sqlite3_finalize(stmt);
	return list;
}

static json_t *
index_fact(facts *self, const char *table, json_t *columns, sqlite3_stmt *stmt)
{
	const char *sql = text_at(stmt, 2);

	return json_pack("{s:s, s:b, s:s*, s:o}", "name", text_at(stmt, 0),
					 "primary", strcmp(text_at(stmt, 1), "pk") == 0, "where",
					 sql ? zdblite_index_where(&self->arena, sql) : NULL,
					 "elements",
					 elements_of(self, table, columns, text_at(stmt, 0), sql));
}

static json_t *
indexes_of(facts *self, const char *table, json_t *columns, const char *alias)
{
	json_t *list = json_array();
	sqlite3_stmt *stmt;

	if (alias)
		json_array_append_new(
			list, json_pack("{s:s, s:b, s:[o]}", "name", "primary key",
							"primary", 1, "elements",
							plain_element(self, table, alias,
										  collation_of(self, table, alias))));
	if (zdblite_prepare(
			self->db, &stmt, &self->call->err,
			"SELECT i.name, i.origin, s.sql FROM pragma_index_list(%Q, %Q) i"
			" LEFT JOIN %s.sqlite_schema s ON s.type = 'index' AND s.name ="
			" i.name WHERE i.\"unique\" ORDER BY i.seq DESC",
			table, self->schema, zdb_arena_ident(&self->arena, self->schema)))
		return list;
	while (next(self, stmt))
		json_array_append_new(list, index_fact(self, table, columns, stmt));
	sqlite3_finalize(stmt);
	return list;
}

static json_t *
foreign_of(facts *self, const char *table)
{
	json_t *list = json_array(), *key = NULL;
	sqlite3_stmt *stmt;
	int id = -1;

	if (zdblite_prepare(self->db, &stmt, &self->call->err,
						"SELECT id, \"table\", \"from\", \"to\" FROM "
						"pragma_foreign_key_list(%Q, %Q) ORDER BY id, seq",
						table, self->schema))
		return list;
	while (next(self, stmt))
	{
		if (sqlite3_column_int(stmt, 0) != id)
		{
			key = json_pack("{s:s, s:s, s:s, s:[], s:[], s:b}", "name",
							text_at(stmt, 1), "schema", self->schema, "parent",
							text_at(stmt, 1), "columns", "parent_columns",
							"deferrable", 1);
			json_array_append_new(list, key);
		}
		id = sqlite3_column_int(stmt, 0);
		json_array_append_new(json_object_get(key, "columns"),
							  json_string(text_at(stmt, 2)));
		if (sqlite3_column_type(stmt, 3) != SQLITE_NULL)
			json_array_append_new(json_object_get(key, "parent_columns"),
								  json_string(text_at(stmt, 3)));
	}
	sqlite3_finalize(stmt);
	return list;
}

/* A name of rowid that no column has taken. */
static const char *
rowid_name(json_t *columns)
{
	static const char *const names[] = {"rowid", "_rowid_", "oid"};

	for (int n = 0; n < 3; n++)
	{
		bool taken = false;
		json_t *column;
		size_t i;

		json_array_foreach (columns, i, column)
			taken = taken ||
					sqlite3_stricmp(
						json_string_value(json_object_get(column, "name")),
						names[n]) == 0;
		if (!taken)
			return names[n];
	}
	return "rowid";
}

static json_t *
live_table(facts *self, const char *table)
{
	char *alias = rowid_alias(self, table);
	json_t *columns = columns_of(self, table, alias), *fact;
	const char *last_id = NULL;
	int autoincrement = 0;

	if (alias)
		sqlite3_table_column_metadata(self->db, self->schema, table, alias,
									  NULL, NULL, NULL, NULL, &autoincrement);
	if (autoincrement)
		last_id = zdb_arena_format(
			&self->arena,
			"(SELECT seq FROM %s.sqlite_sequence WHERE name = %s)",
			zdb_arena_ident(&self->arena, self->schema),
			zdb_arena_literal(&self->arena, table));
	fact = json_pack(
		"{s:s, s:s, s:s, s:s, s:s*, s:O, s:o, s:o}", "schema", self->schema,
		"name", table, "sql", qualified(self, self->schema, table), "identity",
		rowid_name(columns), "last_id", last_id, "columns", columns, "unique",
		indexes_of(self, table, columns, alias), "foreign",
		foreign_of(self, table));
	json_decref(columns);
	zdb_free(alias);
	return fact;
}

/* The sets of columns that the backup's own indexes keep unique. */
static json_t *
unique_sets(facts *self, const char *table, json_t *columns, const char *alias)
{
	json_t *indexes = indexes_of(self, table, columns, alias), *index,
		   *element;
	json_t *sets = json_array();
	size_t i, k;

	json_array_foreach (indexes, i, index)
	{
		json_t *set = json_array();
		bool plain = !json_object_get(index, "where");

		json_array_foreach (json_object_get(index, "elements"), k, element)
		{
			plain = plain && json_is_true(json_object_get(element, "plain"));
			json_array_append(set, json_object_get(element, "column"));
		}
		if (plain)
			json_array_append(sets, set);
		json_decref(set);
	}
	json_decref(indexes);
	return sets;
}

static json_t *
backup_table(facts *self, const char *table, const char *into)
{
	char *alias = rowid_alias(self, table);
	json_t *columns = columns_of(self, table, alias), *names = json_array();
	const char *shown =
		zdb_arena_format(&self->arena, ZDBLITE_ROWS_PREFIX "%s", table);
	json_t *column, *fact;
	size_t i;

	json_array_foreach (columns, i, column)
		json_array_append(names, json_object_get(column, "name"));
	fact =
		json_pack("{s:s, s:s, s:s, s:o, s:o}", "schema", into, "name", table,
				  "sql", qualified(self, "temp", shown), "columns", names,
				  "unique", unique_sets(self, table, columns, alias));
	json_decref(columns);
	zdb_free(alias);
	return fact;
}

/* into: NULL for the facts of live tables. */
static json_t *
tables_of(zdblite_call *call, sqlite3 *db, const char *schema,
		  const char *into)
{
	facts self = {.call = call, .db = db, .schema = schema};
	json_t *list = json_array();
	sqlite3_stmt *stmt;

	if (zdblite_prepare(db, &stmt, &call->err,
						"SELECT name FROM pragma_table_list WHERE schema = %Q "
						"AND type = 'table' AND name NOT LIKE 'sqlite\\_%%' "
						"ESCAPE '\\' ORDER BY name",
						schema) == ZDB_OK)
	{
		while (next(&self, stmt))
			json_array_append_new(
				list, into ? backup_table(&self, text_at(stmt, 0), into)
						   : live_table(&self, text_at(stmt, 0)));
		sqlite3_finalize(stmt);
	}
	if (!call->err.code && (!list || zdb_arena_failed(&self.arena)))
		zdb_err_nomem(&call->err);
	zdb_arena_clear(&self.arena);
	return list;
}

json_t *
zdblite_merge_live(zdblite_call *call, const char *schema)
{
	return tables_of(call, call->db, schema, NULL);
}

json_t *
zdblite_merge_backup(zdblite_call *call, sqlite3 *db, const char *schema)
{
	return tables_of(call, db, "main", schema);
}
