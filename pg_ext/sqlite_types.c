/*
 * sqlite_types - the types of columns that are made for SQLite's
 */
#include "pg_ext/sqlite_types.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "pg_ext/attempt.h"
#include "pg_ext/progress.h"
#include "pg_ext/query.h"
#include "pg_ext/sqlite_file.h"
#include "pg_ext/sqlite_names.h"

#include "core/lite/token.h"

static zdbpg_lite_table *
table_named(List *tables, const char *name)
{
	ListCell *cell;

	foreach(cell, tables)
	{
		zdbpg_lite_table *table = lfirst(cell);

		if (zdb_lite_same(table->name, name))
			return table;
	}
	return NULL;
}

static void
bind(zdbpg_lite_column *child, zdbpg_lite_column *parent)
{
	child = zdbpg_lite_leader(child);
	parent = zdbpg_lite_leader(parent);
	if (child != parent && !child->identity && !parent->identity)
		child->leader = parent;
}

/* Are these columns, in any order, what the index keeps unique? */
static bool
is_key(const zdbpg_lite_index *index, List *columns)
{
	ListCell *cell;

	if (!index->unique || index->where ||
		list_length(index->elements) != list_length(columns))
		return false;
	foreach(cell, index->elements)
	{
		const zdbpg_lite_element *element = lfirst(cell);

		if (element->collation || !list_member_ptr(columns, element->column))
			return false;
	}
	return true;
}

static bool
has_key(const zdbpg_lite_table *table, List *columns)
{
	ListCell *cell;

	if (list_length(columns) == 1 &&
		((zdbpg_lite_column *) linitial(columns))->identity)
		return true;
	foreach(cell, table->indexes)
	{
		if (is_key(lfirst(cell), columns))
			return true;
	}
	return false;
}

/* The parent's columns that a foreign key names; those that are not there are
 * NULL. */
static List *
columns_named(const zdbpg_lite_table *table, List *names)
{
	List *columns = NIL;
	ListCell *cell;

	foreach(cell, names) columns =
		lappend(columns, zdbpg_lite_column_of(table, lfirst(cell)));
	return columns;
}

/* The parent is made, too. */
static void
meet_made(zdbpg_lite_foreign *foreign)
{
	List *columns =
		foreign->parent_columns == NIL
			? zdbpg_lite_primary(foreign->made)
			: columns_named(foreign->made, foreign->parent_columns);
	ListCell *child, *parent;

	if (list_length(columns) != list_length(foreign->columns) ||
		list_member_ptr(columns, NULL))
		return;
	foreign->certain = has_key(foreign->made, columns);
	forboth(child, foreign->columns, parent, columns)
	{
		zdbpg_lite_column *column = lfirst(parent);

		foreign->parent_here = lappend(foreign->parent_here, column->here);
		bind(lfirst(child), column);
	}
}

#define PRIMARY                                                           \
	"SELECT a.attname::text FROM pg_index i, pg_attribute a WHERE "       \
	"i.indrelid = %u AND i.indisprimary AND a.attrelid = i.indrelid AND " \
	"a.attnum = ANY (i.indkey) ORDER BY array_position(i.indkey::int2[]," \
	" a.attnum)"

/* The parent is here already. */
static void
meet_live(zdbpg_lite_foreign *foreign)
{
	ListCell *cell;

	if (foreign->parent_columns == NIL)
		foreign->parent_here =
			zdbpg_query_texts(psprintf(PRIMARY, foreign->relid));
	foreach(cell, foreign->parent_columns) foreign->parent_here =
		lappend(foreign->parent_here,
				zdbpg_sqlite_column(foreign->relid, lfirst(cell)));
	foreach(cell, foreign->parent_here)
	{
		if (get_attnum(foreign->relid, lfirst(cell)) <= 0)
			return;
	}
	foreign->certain =
		list_length(foreign->parent_here) == list_length(foreign->columns);
}

static void
meet_parents(zdbpg_source *source, List *tables, zdbpg_lite_table *table)
{
	ListCell *cell;

	foreach(cell, table->foreign)
	{
		zdbpg_lite_foreign *foreign = lfirst(cell);

		foreign->made = table_named(tables, foreign->parent);
		if (foreign->made)
			meet_made(foreign);
		else
			foreign->relid = zdbpg_sqlite_find(source, foreign->parent);
		if (OidIsValid(foreign->relid))
			meet_live(foreign);
	}
}

static void
see_bytes(zdb_lite_values *values, sqlite3_stmt *stmt, int column)
{
	bool text = sqlite3_column_type(stmt, column) == SQLITE_TEXT;
	const char *bytes = text ? (const char *) sqlite3_column_text(stmt, column)
							 : sqlite3_column_blob(stmt, column);
	size_t len = (size_t) sqlite3_column_bytes(stmt, column);

	if (!bytes && len > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	if (text)
		zdb_lite_see_text(values, bytes, len);
	else
		zdb_lite_see_blob(values, bytes ? bytes : "", len);
}

static void
see_value(zdbpg_lite_column *column, sqlite3_stmt *stmt, int place)
{
	zdb_lite_values *values = &zdbpg_lite_leader(column)->values;

	switch (sqlite3_column_type(stmt, place))
	{
		case SQLITE_NULL:
			column->nulls++;
			break;
		case SQLITE_INTEGER:
			zdb_lite_see_integer(values, sqlite3_column_int64(stmt, place));
			break;
		case SQLITE_FLOAT:
			zdb_lite_see_real(values, sqlite3_column_double(stmt, place));
			break;
		default:
			see_bytes(values, stmt, place);
			break;
	}
}

static sqlite3_stmt *
select_all(zdbpg_source *source, const zdbpg_lite_table *table)
{
	StringInfoData list;
	ListCell *cell;

	initStringInfo(&list);
	foreach(cell, table->columns)
	{
		const zdbpg_lite_column *column = lfirst(cell);

		appendStringInfo(&list, "%s%s", list.len ? ", " : "",
						 zdbpg_sqlite_quote(column->name));
	}
	return zdbpg_sqlite_prepare(source->image, "SELECT %s FROM main.%s",
								list.data, zdbpg_sqlite_quote(table->name));
}

/* Read all rows; what they are goes to the columns' leaders. */
static void
scan(zdbpg_source *source, const zdbpg_lite_table *table)
{
	sqlite3_stmt *stmt = select_all(source, table);
	ListCell *cell;

	zdbpg_progress_table(table->schema, table->here);
	while (zdbpg_sqlite_step(stmt))
	{
		int place = 0;

		CHECK_FOR_INTERRUPTS();
		foreach(cell, table->columns) see_value(lfirst(cell), stmt, place++);
	}
}

/* Asked for by its own declaration, or got from another column? */
static bool
is_as_declared(const zdbpg_lite_column *column)
{
	zdb_lite_declared own = column->values.declared;

	return own.type == ZDB_LITE_ANY || own.type == column->chosen.type;
}

static void
choose(zdbpg_source *source, const zdbpg_lite_table *table,
	   zdbpg_lite_column *column)
{
	zdb_lite_values *values = &zdbpg_lite_leader(column)->values;
	char name[ZDB_LITE_TYPE_BYTES], summary[ZDB_LITE_SUMMARY_BYTES];

	column->chosen = zdb_lite_choose(values);
	zdb_lite_type_name(column->chosen, name);
	column->type = pstrdup(name);
	if (!zdb_lite_is_widened(values, column->chosen) && is_as_declared(column))
		return;
	zdb_lite_summary(values, summary);
	json_array_append_new(json_object_get(source->call->report, "widened"),
						  json_pack("{s:s, s:s, s:s, s:s, s:s}", "table",
									zdbpg_to_utf8(table->name), "column",
									zdbpg_to_utf8(column->name), "declared",
									zdbpg_to_utf8(column->declared), "type",
									name, "values", summary));
}

/* Columns that refer to a table that is here already take the types there
 * when they could not be compared otherwise. */
static void
meet_types(const zdbpg_lite_foreign *foreign)
{
	ListCell *child, *name;

	forboth(child, foreign->columns, name, foreign->parent_here)
	{
		zdbpg_lite_column *column = lfirst(child);
		AttrNumber number = get_attnum(foreign->relid, lfirst(name));
		char *type =
			format_type_be_qualified(get_atttype(foreign->relid, number));

		if (zdbpg_attempt_sql(
				psprintf("SELECT NULL::%s = NULL::%s", column->type, type)))
			column->type = type;
	}
}

/* Can rows be held against the parent? Only what compares alike. */
static void
be_certain(zdbpg_lite_foreign *foreign)
{
	ListCell *child, *name, *cell;

	if (OidIsValid(foreign->relid))
	{
		meet_types(foreign);
		return;
	}
	if (!foreign->certain)
		return;
	forboth(child, foreign->columns, name, foreign->parent_here)
	{
		const zdbpg_lite_column *column = lfirst(child);

		foreach(cell, foreign->made->columns)
		{
			const zdbpg_lite_column *parent = lfirst(cell);

			if (strcmp(parent->here, lfirst(name)) == 0 &&
				(parent->collation || strcmp(parent->type, column->type) != 0))
				foreign->certain = false;
		}
	}
}

void
zdbpg_lite_types(zdbpg_source *source, List *tables)
{
	ListCell *cell, *part;

	foreach(cell, tables) meet_parents(source, tables, lfirst(cell));
	foreach(cell, tables) scan(source, lfirst(cell));
	foreach(cell, tables)
	{
		const zdbpg_lite_table *table = lfirst(cell);

		foreach(part, table->columns) choose(source, table, lfirst(part));
	}
	foreach(cell, tables)
	{
		const zdbpg_lite_table *table = lfirst(cell);

		foreach(part, table->foreign) be_certain(lfirst(part));
	}
}
