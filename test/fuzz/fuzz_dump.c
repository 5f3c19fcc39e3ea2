/*
 * fuzz_dump - any bytes as a script of PostgreSQL, read for SQLite
 *
 * Statements go into the catalog, rows are split and converted: by the types
 * that the script gives them, for a column of every kind.
 */
#include <stdlib.h>
#include <string.h>

#include "core/dump/catalog.h"
#include "core/dump/script.h"
#include "core/dump/value.h"

#define FIELDS 8

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const zdb_target targets[] = {
	{.affinity = ZDB_AFFINITY_NONE, .blob = true},
	{.affinity = ZDB_AFFINITY_TEXT},
	{.affinity = ZDB_AFFINITY_NUMERIC,
	 .time = {.unit = ZDB_TIME_MILLISECONDS}},
	{.affinity = ZDB_AFFINITY_INTEGER, .only = ZDB_CELL_INTEGER},
	{.affinity = ZDB_AFFINITY_REAL, .time = {.unit = ZDB_TIME_JULIAN}},
	{.affinity = ZDB_AFFINITY_NUMERIC,
	 .time = {.letter = true, .zone = "Z", .digits = 3}},
};

static void
convert(const zdb_pg_type *type, zdb_copy_field *field, zdb_buf *buffer)
{
	static char kept[65536];

	if (field->len > sizeof kept)
		return;
	memcpy(kept, field->bytes, field->len);
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
	{
		zdb_err err = {0};
		zdb_cell cell;

		if (zdb_value_convert(type, &targets[i], field, buffer, &cell, &err) ==
				ZDB_OK &&
			cell.kind == ZDB_CELL_TEXT && memchr(cell.bytes, 0, cell.len))
			abort(); /* a text with a zero byte got through */
		memcpy(field->bytes, kept, field->len);
	}
}

static void
take_rows(zdb_script *script, const zdb_catalog *catalog,
		  const zdb_pg_copy *copy, zdb_err *err)
{
	const zdb_pg_table *table =
		zdb_catalog_find(catalog, copy->schema, copy->name);
	zdb_copy_field fields[FIELDS];
	zdb_buf buffer = {0};
	char *row;
	size_t len;

	while (zdb_script_row(script, &row, &len, err) == ZDB_OK && row)
	{
		size_t count = zdb_copy_split(row, len, fields, FIELDS);
		const zdb_pg_name *name = copy->columns;

		for (size_t i = 0; i < count && i < FIELDS; i++)
		{
			const zdb_pg_column *column =
				table && name ? zdb_pg_table_column(table, name->text) : NULL;
			zdb_pg_type type = {.kind = (zdb_pg_kind) i};

			convert(column ? &column->type : &type, &fields[i], &buffer);
			name = name ? name->next : NULL;
		}
	}
	zdb_buf_clear(&buffer);
}

static void
take_script(zdb_script *script, zdb_catalog *catalog)
{
	zdb_script_item item;
	zdb_err err = {0};

	while (zdb_script_next(script, &item, &err) == ZDB_OK &&
		   item.kind != ZDB_SCRIPT_END)
	{
		zdb_arena arena = {0};
		zdb_pg_copy copy;

		if (zdb_catalog_copy(catalog, item.text, item.len, &arena, &copy))
			take_rows(script, catalog, &copy, &err);
		else
			zdb_catalog_take(catalog, item.text, item.len, &err);
		zdb_arena_clear(&arena);
	}
	for (zdb_pg_table *table = catalog->tables; table; table = table->next)
	{
		zdb_pg_table_root(table);
		zdb_pg_table_column(table, "no such column");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	zdb_catalog catalog = {0};
	zdb_source *source = NULL;
	zdb_reader *reader = NULL;
	zdb_script *script = NULL;
	zdb_err err = {0};
	bool postgres;

	if (zdb_source_memory_open("script", bytes, len, &source, &err) ==
			ZDB_OK &&
		zdb_reader_open_source(source, NULL, NULL, &reader, &err) == ZDB_OK &&
		zdb_script_is_postgres(reader, &postgres, &err) == ZDB_OK &&
		zdb_script_open(reader, 0, 0, NULL, &script, &err) == ZDB_OK)
		take_script(script, &catalog);
	zdb_script_free(script);
	zdb_reader_free(reader);
	zdb_catalog_clear(&catalog);
	return 0;
}
