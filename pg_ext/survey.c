/*
 * survey - what a backup's script will do, before it does anything
 */
#include "pg_ext/survey.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "pg_ext/objects.h"
#include "pg_ext/script_run.h"
#include "pg_ext/zdbpg.h"

zdbpg_layout
zdbpg_layout_of(zdb_reader *reader)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	zdbpg_layout layout = {0};
	zdb_err err = {0};

	if (!footer)
		return layout;
	layout.chunks = footer->chunks;
	layout.begin = layout.end = footer->chunks;
	for (uint64 i = 0; i < footer->chunks; i++)
	{
		zdb_entry entry;

		CHECK_FOR_INTERRUPTS();
		zdbpg_check(zdb_reader_entry(reader, i, &entry, &err), &err);
		if (entry.kind != ZDB_CHUNK_ROWS)
			continue;
		layout.begin = Min(layout.begin, i);
		layout.end = i + 1;
	}
	return layout;
}

static void
need_role(void *arg, const char *role)
{
	zdbpg_survey *survey = arg;
	ListCell *cell;

	if (OidIsValid(get_role_oid(role, true)))
		return;
	foreach(cell, survey->roles) if (strcmp(lfirst(cell), role) == 0) return;
	survey->roles = lappend(survey->roles, pstrdup(role));
}

zdbpg_survey *
zdbpg_survey_new(void)
{
	zdbpg_survey *survey = palloc0(sizeof *survey);

	survey->context = CurrentMemoryContext;
	survey->objects = new_object_addresses();
	return survey;
}

zdbpg_loaded *
zdbpg_survey_find(const zdbpg_survey *survey, const char *schema,
				  const char *name)
{
	ListCell *cell;

	foreach(cell, survey->tables)
	{
		zdbpg_loaded *table = lfirst(cell);

		if (strcmp(table->name, name) == 0 &&
			strcmp(table->schema, schema) == 0)
			return table;
	}
	return NULL;
}

zdbpg_loaded *
zdbpg_survey_table(zdbpg_survey *survey, const char *schema, const char *name)
{
	zdbpg_loaded *table = zdbpg_survey_find(survey, schema, name);
	MemoryContext before;

	if (table)
		return table;
	before = MemoryContextSwitchTo(survey->context);
	table = palloc0(sizeof *table);
	table->schema = pstrdup(schema);
	table->name = pstrdup(name);
	table->rows_before = -1;
	survey->tables = lappend(survey->tables, table);
	MemoryContextSwitchTo(before);
	return table;
}

static void
look_at(zdbpg_survey *survey, zdbpg_script *script)
{
	MemoryContext before = CurrentMemoryContext;
	Node *stmt;
	ObjectAddress found;

	if (zdbpg_script_is_skipped(script))
		return;
	stmt = script->raw->stmt;
	zdbpg_roles_of(stmt, need_role, survey);
	MemoryContextSwitchTo(script->statement_context);
	if (zdbpg_object_of(stmt, &found))
	{
		MemoryContextSwitchTo(before);
		add_exact_object_address(&found, survey->objects);
		survey->object_count++;
	}
	MemoryContextSwitchTo(before);
	if (zdbpg_script_has_rows(script))
	{
		const RangeVar *range = ((CopyStmt *) stmt)->relation;

		zdbpg_survey_table(survey,
						   range->schemaname ? range->schemaname : "public",
						   range->relname);
		zdbpg_script_skip_rows(script);
	}
}

static void
read_range(zdbpg_survey *survey, zdb_reader *reader, uint64 first, uint64 end)
{
	zdbpg_script *script = zdbpg_script_open(reader, first, end);
	ErrorContextCallback context = {error_context_stack, zdbpg_script_context,
									script};

	error_context_stack = &context;
	while (zdbpg_script_next(script))
		look_at(survey, script);
	error_context_stack = context.previous;
}

static void
refuse_missing_roles(const zdbpg_survey *survey)
{
	StringInfoData names;
	ListCell *cell;

	if (survey->roles == NIL)
		return;
	initStringInfo(&names);
	foreach(cell, survey->roles) appendStringInfo(
		&names, "%s\"%s\"", names.len ? ", " : "", (char *) lfirst(cell));
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
					errmsg("the backup needs roles that do not exist: %s",
						   names.data),
					errhint("Create them first (CREATE ROLE); nothing was "
							"changed.")));
}

zdbpg_survey *
zdbpg_survey_script(zdb_reader *reader)
{
	zdbpg_survey *survey = zdbpg_survey_new();
	const zdb_manifest *manifest = zdb_reader_manifest(reader);
	zdbpg_layout layout = zdbpg_layout_of(reader);

	for (uint32 i = 0; manifest && i < manifest->table_count; i++)
		zdbpg_survey_table(survey, zdbpg_from_utf8(manifest->tables[i].schema),
						   zdbpg_from_utf8(manifest->tables[i].name));
	if (manifest)
	{
		read_range(survey, reader, 0, layout.begin);
		read_range(survey, reader, layout.end, layout.chunks);
	}
	else
		read_range(survey, reader, 0, PG_UINT64_MAX);
	refuse_missing_roles(survey);
	return survey;
}
