/*
 * sqlite_index - indexes of a SQLite database, in PostgreSQL
 */
#include "pg_ext/sqlite_index.h"

#include "catalog/namespace.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "pg_ext/query.h"
#include "pg_ext/sqlite_expr.h"
#include "pg_ext/sqlite_names.h"

#include "core/lite/token.h"

/* An index as it will be written. */
typedef struct writing
{
	const zdbpg_lite_table *table;
	StringInfoData elements;
	List *expressions;
	const char *where;
	const char *reason; /* it cannot be; or NULL */
	bool plain;         /* columns only, as they are */
} writing;

/* What compares as a collation of SQLite does. */
static const char *
function_for(const char *collation)
{
	if (zdb_lite_same(collation, "NOCASE"))
		return "lower";
	return zdb_lite_same(collation, "RTRIM") ? "rtrim" : NULL;
}

static bool
is_text(const zdbpg_lite_column *column)
{
	return column->chosen.type == ZDB_LITE_TEXT ||
		   column->chosen.type == ZDB_LITE_VARCHAR;
}

static const char *
write_expression(writing *self, const char *sql)
{
	const char *written = zdbpg_lite_expr(self->table, sql, &self->reason);

	self->expressions = lappend(self->expressions, (char *) written);
	return written ? psprintf("(%s)", written) : "";
}

static void
write_element(writing *self, const zdbpg_lite_element *element)
{
	const char *text, *function = NULL;
	bool compares =
		element->collation && (!element->column || is_text(element->column));

	text = element->column ? quote_identifier(element->column->here)
						   : write_expression(self, element->expression);
	if (compares)
	{
		function = function_for(element->collation);
		if (!function)
			self->reason =
				psprintf("COLLATE %s has no like here", element->collation);
	}
	if (function)
		text = psprintf("%s(%s)", function, text);
	appendStringInfo(&self->elements, "%s%s%s", self->elements.len ? ", " : "",
					 text, element->descends ? " DESC" : "");
	self->plain =
		self->plain && element->column && !function && !element->descends;
}

static void
write_index(writing *self, const zdbpg_lite_index *index)
{
	ListCell *cell;

	initStringInfo(&self->elements);
	self->plain = true;
	foreach(cell, index->elements)
	{
		if (!self->reason)
			write_element(self, lfirst(cell));
	}
	if (index->where && !self->reason)
		self->where =
			psprintf(" WHERE %s", write_expression(self, index->where));
}

/* Its name, unless something else here has it. */
static const char *
name_clause(zdbpg_source *source, const zdbpg_lite_table *table,
			const char *name)
{
	char *here = name ? zdbpg_sqlite_cut(name) : "";

	if (!*here)
		return "";
	if (!OidIsValid(
			get_relname_relid(here, get_namespace_oid(table->schema, false))))
		return psprintf("%s ", quote_identifier(here));
	zdbpg_warn(source->call,
			   "index \"%s\" has another name: there is a \"%s\" already",
			   name, here);
	return "";
}

static bool
has_nulls(const zdbpg_lite_index *index)
{
	ListCell *cell;

	foreach(cell, zdbpg_lite_indexed(index))
	{
		const zdbpg_lite_column *column = lfirst(cell);

		if (column->nulls > 0)
			return true;
	}
	return false;
}

static char *
statement(zdbpg_source *source, const writing *self,
		  const zdbpg_lite_index *index)
{
	char *table = zdbpg_lite_full_name(self->table);

	if (index->primary && self->plain && !has_nulls(index))
		return psprintf("ALTER TABLE %s ADD PRIMARY KEY (%s)", table,
						self->elements.data);
	if (index->unique && !index->name && self->plain)
		return psprintf("ALTER TABLE %s ADD UNIQUE (%s)", table,
						self->elements.data);
	return psprintf("CREATE %sINDEX %sON %s (%s)%s",
					index->unique ? "UNIQUE " : "",
					name_clause(source, self->table, index->name), table,
					self->elements.data, self->where ? self->where : "");
}

static void
make_index(zdbpg_source *source, const zdbpg_lite_table *table,
		   const zdbpg_lite_index *index)
{
	writing self = {.table = table};
	const char *kind = index->primary  ? "primary key"
					   : index->unique ? "unique"
									   : "index";

	write_index(&self, index);
	if (!self.reason)
		self.reason = zdbpg_lite_attempt(statement(source, &self, index),
										 self.expressions);
	if (!self.reason && index->primary && has_nulls(index))
		self.reason = "some rows have a NULL there: it is made unique";
	if (self.reason)
		zdbpg_lite_untranslated(source, table->name, kind, index->name,
								index->sql, self.reason);
}

void
zdbpg_lite_indexes(zdbpg_source *source, const zdbpg_lite_table *table,
				   bool unique)
{
	ListCell *cell;

	foreach(cell, table->indexes)
	{
		const zdbpg_lite_index *index = lfirst(cell);

		if (index->unique == unique && !(index->primary && table->has_primary))
			make_index(source, table, index);
	}
}
