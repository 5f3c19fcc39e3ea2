/*
 * sqlite_finish - what made tables get when their rows are known
 */
#include "pg_ext/sqlite_create.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_constraint.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "pg_ext/attempt.h"
#include "pg_ext/progress.h"
#include "pg_ext/query.h"
#include "pg_ext/sqlite_expr.h"
#include "pg_ext/sqlite_index.h"
#include "pg_ext/sqlite_names.h"

typedef struct comparing
{
	const char *sql;
	int64 others;
} comparing;

static void
compare(void *arg)
{
	comparing *self = arg;

	self->others = zdbpg_query_int64(self->sql);
}

/* Why the column cannot be generated here; NULL: it can. */
static const char *
differs(const zdbpg_lite_column *column, const char *rows)
{
	comparing self = {psprintf("SELECT pg_catalog.count(*) FROM %s WHERE "
							   "((%s)::%s) IS DISTINCT FROM %s",
							   rows, column->written, column->type,
							   quote_identifier(column->here)),
					  0};
	const ErrorData *error = zdbpg_attempt(compare, &self, true);

	if (error)
		return zdbpg_error_text(error);
	if (self.others > 0)
		return psprintf("it would give " INT64_FORMAT
						" rows another value here",
						self.others);
	return NULL;
}

static void
settle_table(zdbpg_source *source, const zdbpg_lite_table *table,
			 const char *rows)
{
	ListCell *cell;

	foreach(cell, table->columns)
	{
		zdbpg_lite_column *column = lfirst(cell);
		const char *reason = column->written ? differs(column, rows) : NULL;

		if (!reason)
			continue;
		zdbpg_query_exec(psprintf("ALTER TABLE %s ALTER %s DROP EXPRESSION",
								  zdbpg_lite_full_name(table),
								  quote_identifier(column->here)));
		zdbpg_lite_untranslated(source, table->name, "generated column",
								column->name, column->expression, reason);
	}
}

void
zdbpg_sqlite_settle(zdbpg_source *source)
{
	ListCell *cell, *part;

	foreach(cell, source->made)
	{
		const zdbpg_lite_table *table = lfirst(cell);

		foreach(part, source->tables)
		{
			const zdbpg_source_table *entry = lfirst(part);

			if (entry->relid == table->relid && entry->raw)
				settle_table(source, table, entry->raw);
		}
	}
}

/* "CONSTRAINT name ", if the table has none of that name. */
static const char *
constraint_clause(const zdbpg_lite_table *table, const char *name)
{
	char *here = name ? zdbpg_sqlite_cut(name) : NULL;

	if (!here || !*here ||
		OidIsValid(get_relation_constraint_oid(table->relid, here, true)))
		return "";
	return psprintf("CONSTRAINT %s ", quote_identifier(here));
}

/* Change the table, or say why not. */
static void
alter(zdbpg_source *source, const zdbpg_lite_table *table, const char *change,
	  List *expressions, const char *kind, const char *name, const char *sql)
{
	const char *reason = zdbpg_lite_attempt(
		psprintf("ALTER TABLE %s %s", zdbpg_lite_full_name(table), change),
		expressions);

	if (reason)
		zdbpg_lite_untranslated(source, table->name, kind, name, sql, reason);
}

static void
set_defaults(zdbpg_source *source, const zdbpg_lite_table *table)
{
	ListCell *cell;

	foreach(cell, table->columns)
	{
		const zdbpg_lite_column *column = lfirst(cell);
		const char *reason, *written;

		if (!column->preset || column->identity || column->expression)
			continue;
		written = zdbpg_lite_default(column, &reason);
		if (!written)
			zdbpg_lite_untranslated(source, table->name, "default",
									column->name, column->preset, reason);
		else
			alter(source, table,
				  psprintf("ALTER %s SET DEFAULT (%s)",
						   quote_identifier(column->here), written),
				  list_make1((char *) written), "default", column->name,
				  column->preset);
	}
}

static void
add_checks(zdbpg_source *source, const zdbpg_lite_table *table)
{
	for (const zdb_lite_part *part = table->parts; part; part = part->next)
	{
		const char *reason, *written;

		if (part->kind != ZDB_LITE_CHECK)
			continue;
		written = zdbpg_lite_expr(table, part->sql, &reason);
		if (!written)
			zdbpg_lite_untranslated(source, table->name, "check", part->name,
									part->sql, reason);
		else
			alter(source, table,
				  psprintf("ADD %sCHECK (%s)",
						   constraint_clause(table, part->name), written),
				  list_make1((char *) written), "check", part->name,
				  part->sql);
	}
}

static void
add_foreign(zdbpg_source *source, const zdbpg_lite_table *table,
			const zdbpg_lite_foreign *foreign)
{
	char *columns = zdbpg_quoted(zdbpg_lite_here(foreign->columns));
	char *sql = psprintf("FOREIGN KEY (%s) REFERENCES %s", columns,
						 quote_identifier(foreign->parent));

	if (foreign->parent_here == NIL)
	{
		zdbpg_lite_untranslated(source, table->name, "foreign key",
								foreign->name, sql,
								foreign->made || OidIsValid(foreign->relid)
									? "it refers to no columns that are there"
									: "it refers to a table that is not here");
		return;
	}
	alter(
		source, table,
		psprintf("ADD %sFOREIGN KEY (%s) REFERENCES %s (%s) ON UPDATE %s "
				 "ON DELETE %s%s",
				 constraint_clause(table, foreign->name), columns,
				 quote_qualified_identifier(zdbpg_lite_parent_schema(foreign),
											zdbpg_lite_parent_name(foreign)),
				 zdbpg_quoted(foreign->parent_here), foreign->on_update,
				 foreign->on_delete,
				 foreign->deferred ? " DEFERRABLE INITIALLY DEFERRED" : ""),
		NIL, "foreign key", foreign->name, sql);
}

static void
finish_table(zdbpg_source *source, const zdbpg_lite_table *table)
{
	add_checks(source, table);
	zdbpg_lite_indexes(source, table, false);
	set_defaults(source, table);
}

void
zdbpg_sqlite_finish(zdbpg_source *source)
{
	ListCell *cell, *part;

	zdbpg_progress_phase("indexes");
	foreach(cell, source->made) zdbpg_lite_indexes(source, lfirst(cell), true);
	foreach(cell, source->made)
	{
		const zdbpg_lite_table *table = lfirst(cell);

		foreach(part, table->foreign) add_foreign(source, table, lfirst(part));
	}
	foreach(cell, source->made) finish_table(source, lfirst(cell));
}
