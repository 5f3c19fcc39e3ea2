/*
 * sqlite_facts - what a merge must know of tables that were made just now
 */
#include "pg_ext/sqlite_create.h"

/* The fact about a table. */
static json_t *
fact_of(json_t *live, const char *schema, const char *name)
{
	json_t *fact;
	size_t i;

	json_array_foreach (live, i, fact)
		if (strcmp(json_string_value(json_object_get(fact, "schema")),
				   zdbpg_to_utf8(schema)) == 0 &&
			strcmp(json_string_value(json_object_get(fact, "name")),
				   zdbpg_to_utf8(name)) == 0)
			return fact;
	return NULL;
}

/* Nobody checks it while rows are written: it can wait. */
static json_t *
foreign_fact(const zdbpg_lite_foreign *foreign)
{
	return json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:b, s:b}", "name",
		zdbpg_to_utf8(foreign->name ? foreign->name : foreign->parent),
		"schema", zdbpg_to_utf8(zdbpg_lite_parent_schema(foreign)), "parent",
		zdbpg_to_utf8(zdbpg_lite_parent_name(foreign)), "columns",
		zdbpg_names_json(zdbpg_lite_here(foreign->columns)), "parent_columns",
		zdbpg_names_json(foreign->parent_here), "deferrable", 1, "planned", 1);
}

void
zdbpg_sqlite_add_facts(const zdbpg_source *source, json_t *live)
{
	ListCell *cell, *part;

	foreach(cell, source->made)
	{
		const zdbpg_lite_table *table = lfirst(cell);
		json_t *fact = fact_of(live, table->schema, table->here);

		json_object_set_new(fact, "fresh", json_true());
		foreach(part, table->foreign)
		{
			const zdbpg_lite_foreign *foreign = lfirst(part);

			if (foreign->certain)
				json_array_append_new(json_object_get(fact, "foreign"),
									  foreign_fact(foreign));
		}
	}
}
