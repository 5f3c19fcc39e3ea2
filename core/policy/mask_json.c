/*
 * mask_json - masks in a report, and handed to a helper
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/policy/mask.h"

static json_t *
optional(const char *text)
{
	return text ? json_string(text) : json_null();
}

/* {"schema", "table", "column"}; SQLite's tables have no schema. */
static json_t *
place_of(const zdb_mask_column *column)
{
	json_t *place = json_pack("{}");

	if (column->table->schema)
		json_object_set_new(place, "schema",
							json_string(column->table->schema));
	json_object_set_new(place, "table", json_string(column->table->name));
	json_object_set_new(place, "column", json_string(column->name));
	return place;
}

static void
report_column(const zdb_mask_column *column, json_t *masked, json_t *suspects)
{
	const zdb_mask_table *table = column->table;
	json_t *place;

	if (!column->kind &&
		(column->generated || !zdb_mask_suspect(table->name, column->name)))
		return;
	place = place_of(column);
	if (!column->kind)
	{
		json_array_append_new(suspects, place);
		return;
	}
	json_object_set_new(place, "rule",
						json_string(zdb_mask_name(column->kind)));
	json_object_set_new(place, "rows",
						table->rows < 0 ? json_null()
										: json_integer(table->rows));
	json_array_append_new(masked, place);
}

void
zdb_mask_report(const zdb_mask *mask, json_t *report)
{
	json_t *masked = json_array(), *suspects = json_array();

	for (const zdb_mask_table *table = mask->tables; table;
		 table = table->next)
		for (const zdb_mask_column *column = table->columns; column;
			 column = column->next)
			report_column(column, masked, suspects);
	json_object_set_new(report, "masked", masked);
	json_object_set_new(report, "unmasked_suspects", suspects);
	json_object_set_new(report, "mask_key",
						json_string(mask->random ? "random" : "setting"));
}

static json_t *
dump_table(const zdb_mask_table *table)
{
	json_t *columns = json_array();

	for (const zdb_mask_column *column = table->columns; column;
		 column = column->next)
		if (column->kind)
			json_array_append_new(
				columns,
				json_pack("{s:s, s:i, s:i, s:i, s:b, s:b, s:b, s:o}", "name",
						  column->name, "kind", column->kind, "type",
						  column->type, "length", column->length_max, "keyed",
						  column->keyed, "nocase", column->nocase, "rtrim",
						  column->rtrim, "text", optional(column->text)));
	return json_pack("{s:o, s:s, s:o}", "schema", optional(table->schema),
					 "name", table->name, "columns", columns);
}

json_t *
zdb_mask_dump(const zdb_mask *mask)
{
	json_t *tables = json_array();
	char key[2 * ZDB_MASK_KEY_BYTES + 1];

	zdb_hex(mask->key, sizeof mask->key, key);
	for (const zdb_mask_table *table = mask->tables; table;
		 table = table->next)
		if (table->masked)
			json_array_append_new(tables, dump_table(table));
	return json_pack("{s:s, s:o}", "key", key, "tables", tables);
}

static void
load_column(zdb_mask *mask, zdb_mask_table *table, const json_t *from)
{
	const char *text = json_string_value(json_object_get(from, "text"));
	zdb_mask_column *column = zdb_mask_add_column(
		mask, table, json_string_value(json_object_get(from, "name")));

	if (!column)
		return;
	column->kind =
		(zdb_mask_kind) json_integer_value(json_object_get(from, "kind"));
	column->type =
		(zdb_mask_type) json_integer_value(json_object_get(from, "type"));
	column->length_max =
		(int) json_integer_value(json_object_get(from, "length"));
	column->keyed = json_is_true(json_object_get(from, "keyed"));
	column->nocase = json_is_true(json_object_get(from, "nocase"));
	column->rtrim = json_is_true(json_object_get(from, "rtrim"));
	column->text = text ? zdb_arena_format(&mask->arena, "%s", text) : NULL;
}

static int
digit_of(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void
load_key(zdb_mask *mask, const char *hex)
{
	for (size_t i = 0; i < sizeof mask->key; i++)
		mask->key[i] =
			(uint8_t) (digit_of(hex[2 * i]) << 4 | digit_of(hex[2 * i + 1]));
}

zdb_rc
zdb_mask_load(zdb_mask *mask, const char *json, zdb_err *err)
{
	json_t *from = json_loads(json, 0, NULL), *tables, *table, *column;
	size_t i, j;

	if (!from)
		return zdb_err_nomem(err);
	load_key(mask, json_string_value(json_object_get(from, "key")));
	tables = json_object_get(from, "tables");
	json_array_foreach (tables, i, table)
	{
		zdb_mask_table *to = zdb_mask_add_table(
			mask, json_string_value(json_object_get(table, "schema")),
			json_string_value(json_object_get(table, "name")));
		json_t *columns = json_object_get(table, "columns");

		json_array_foreach (columns, j, column)
			if (to)
				load_column(mask, to, column);
	}
	json_decref(from);
	return zdb_arena_failed(&mask->arena) ? zdb_err_nomem(err) : ZDB_OK;
}
