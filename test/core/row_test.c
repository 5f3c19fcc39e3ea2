/*
 * row_test - small tables, as chunks of rows and as patches of them
 */
#include "test/core/row_test.h"

#include <string.h>

#include "core/archive/writer.h"

static unsigned int
next(unsigned int *seed, unsigned int below)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % below;
}

void
rows_make(rows *table, unsigned int seed)
{
	*table = (rows){.blocks = 1 + (int) next(&seed, ROW_BLOCKS)};
	for (int i = 0; i < table->blocks; i++)
	{
		bool full = next(&seed, 2);

		for (int j = 0; j < ROW_SLOTS; j++)
			table->version[i][j] = full ? 1 : (int) next(&seed, 2);
	}
}

void
rows_change(rows *table, unsigned int seed)
{
	table->blocks = (int) next(&seed, ROW_BLOCKS + 1);
	for (int i = 0; i < ROW_BLOCKS; i++)
		for (int j = 0; j < ROW_SLOTS; j++)
		{
			int *version = &table->version[i][j];

			if (i >= table->blocks || next(&seed, 10) == 0)
				*version = 0;
			else if (next(&seed, 10) == 0)
				*version += 1 + (int) next(&seed, 3);
		}
}

/* Some rows are empty lines, as of a table of one column. */
static void
put_row(zdb_buf *to, int block, int slot, int version, zdb_err *err)
{
	if (version % 4 == 2)
		zdb_buf_append(to, "\n", 1, err);
	else
		zdb_buf_format(to, err, "%d.%d, %.*s%d\n", block, slot, version % 7,
					   "-------", version);
}

static void
add_block(zdb_buf *map, const bool has[ROW_SLOTS], zdb_err *err)
{
	zdb_row_slots slots = {0};

	for (uint32_t j = 0; j < ROW_SLOTS; j++)
		if (has[j])
			zdb_row_slots_set(&slots, j + 1);
	zdb_row_map_add(map, &slots, err);
}

zdb_rc
rows_chunk(const rows *table, zdb_buf *raw, zdb_buf *map, zdb_err *err)
{
	map->len = 0;
	zdb_buf_append(raw, ROW_HEADER, strlen(ROW_HEADER), err);
	for (int i = 0; i < table->blocks && !err->code; i++)
	{
		bool has[ROW_SLOTS];

		for (int j = 0; j < ROW_SLOTS; j++)
		{
			has[j] = table->version[i][j] > 0;
			if (has[j])
				put_row(raw, i, j, table->version[i][j], err);
		}
		add_block(map, has, err);
	}
	return zdb_buf_append(raw, "\\.\n", 3, err);
}

zdb_rc
rows_patch(const rows *before, const rows *after, zdb_buf *patch, zdb_err *err)
{
	zdb_buf raw = {0}, map = {0}, kept = {0}, text = {0};

	rows_chunk(after, &raw, &map, err);
	for (int i = 0; i < after->blocks && !err->code; i++)
	{
		bool same[ROW_SLOTS];

		for (int j = 0; j < ROW_SLOTS; j++)
		{
			int version = after->version[i][j];

			same[j] = i < before->blocks && version > 0 &&
					  version == before->version[i][j];
			if (version > 0 && !same[j])
				put_row(&text, i, j, version, err);
		}
		add_block(&kept, same, err);
	}
	if (!err->code)
		zdb_row_patch_make(&map, &kept, text.data, (uint32_t) text.len, patch,
						   err);
	zdb_buf_clear(&raw);
	zdb_buf_clear(&map);
	zdb_buf_clear(&kept);
	zdb_buf_clear(&text);
	return err->code;
}

bool
rows_are(const rows *table, const uint8_t *raw, size_t raw_bytes)
{
	zdb_buf expected = {0}, map = {0};
	zdb_err err = {0};
	bool same;

	same = rows_chunk(table, &expected, &map, &err) == ZDB_OK &&
		   expected.len <= raw_bytes &&
		   memcmp(raw, expected.data, expected.len) == 0;
	for (size_t i = expected.len; same && i < raw_bytes; i++)
		same = raw[i] == '\n';
	zdb_buf_clear(&expected);
	zdb_buf_clear(&map);
	return same;
}

void
rows_of(int version, int table, rows *out)
{
	rows_make(out, (unsigned int) table + 5);
	for (int i = 1; i <= version; i++)
		if (table > 0 && (table < ROW_TABLES - 1 || i % 2 == 1))
			rows_change(out, (unsigned int) (100 * i + table));
}

static zdb_rc
put_script(zdb_writer *writer, int number, zdb_err *err)
{
	zdb_chunk_about about = {.kind = ZDB_CHUNK_SCRIPT};
	uint8_t *raw;

	if (zdb_writer_lend(writer, 20, &raw, err))
		return err->code;
	memset(raw, ' ', 20);
	raw[number % 19] = ';';
	raw[19] = '\n';
	return zdb_writer_chunk(writer, 20, &about, err);
}

static zdb_entry
entry_of(const rows *table, int number)
{
	zdb_entry entry = {.kind = ZDB_CHUNK_ROWS,
					   .table = (uint32_t) number + 1,
					   .first = 16 * (uint64_t) number + 1};

	for (int i = 0; i < table->blocks; i++)
		for (int j = 0; j < ROW_SLOTS; j++)
			entry.count += table->version[i][j] > 0;
	return entry;
}

static zdb_rc
put_whole(zdb_writer *writer, zdb_encoder *encoder, int number, zdb_err *err)
{
	zdb_buf raw = {0}, map = {0}, stored = {0};
	zdb_entry entry;
	rows table;

	rows_of(0, number, &table);
	entry = entry_of(&table, number);
	rows_chunk(&table, &raw, &map, err);
	entry.raw_bytes = (uint32_t) raw.len;
	if (!err->code && zdb_chunk_encode_mapped(encoder, raw.data, &map, &entry,
											  &stored, err) == ZDB_OK)
		zdb_writer_append(writer, &entry, stored.data, err);
	zdb_buf_clear(&raw);
	zdb_buf_clear(&map);
	zdb_buf_clear(&stored);
	return err->code;
}

static zdb_rc
put_patch(zdb_writer *writer, zdb_encoder *encoder, const rows *before,
		  const rows *after, int version, int number, zdb_err *err)
{
	zdb_buf patch = {0}, stored = {0};
	zdb_entry entry = entry_of(after, number);

	entry.patch_of = ROW_CHUNK(version - 1, number);
	if (rows_patch(before, after, &patch, err) == ZDB_OK &&
		zdb_chunk_encode_patch(encoder, &patch, &entry, &stored, err) ==
			ZDB_OK)
		zdb_writer_patch(writer, &entry, stored.data, err);
	zdb_buf_clear(&patch);
	zdb_buf_clear(&stored);
	return err->code;
}

/* The rows of the base, or what is new of them. */
static zdb_rc
put_later(zdb_writer *writer, zdb_encoder *encoder, zdb_reader *base,
		  int version, int number, zdb_err *err)
{
	zdb_chunk_about about = {.kind = ZDB_CHUNK_ROWS,
							 .table = (uint32_t) number + 1};
	zdb_entry entry;
	rows before, after;

	rows_of(version - 1, number, &before);
	rows_of(version, number, &after);
	if (memcmp(&before, &after, sizeof after) != 0)
		return put_patch(writer, encoder, &before, &after, version, number,
						 err);
	if (zdb_reader_entry(base, (uint64_t) ROW_CHUNK(version - 1, number),
						 &entry, err))
		return err->code;
	about.first = entry.first;
	about.count = entry.count;
	return zdb_writer_refer(writer, &entry, &about, err);
}

static zdb_rc
put_all(zdb_writer *writer, zdb_encoder *encoder, zdb_reader *base,
		int version, zdb_err *err)
{
	for (int i = 0; i <= version && !err->code; i++)
		put_script(writer, i, err);
	for (int i = 0; i < ROW_TABLES && !err->code; i++)
		if (base)
			put_later(writer, encoder, base, version, i, err);
		else
			put_whole(writer, encoder, i, err);
	return err->code;
}

zdb_rc
rows_write(const char *codec, const char *base, int version, const char *path,
		   zdb_err *err)
{
	zdb_table tables[ROW_TABLES];
	zdb_manifest manifest = {.format = ZDB_FORMAT_VERSION,
							 .tool = (char *) "test",
							 .engine = (char *) "postgresql",
							 .engine_version = (char *) "16",
							 .database = (char *) "app",
							 .type = (char *) (base ? "incremental" : "full"),
							 .encoding = (char *) "UTF-8",
							 .content = ZDB_CONTENT_SCRIPT,
							 .tables = tables,
							 .table_count = ROW_TABLES};
	zdb_runner runner = zdb_runner_inline();
	zdb_writer_options options = {
		.to.where = path, .overwrite = true, .runner = &runner};
	zdb_encoder *encoder = NULL;
	zdb_writer *writer = NULL;

	for (int i = 0; i < ROW_TABLES; i++)
		tables[i] =
			(zdb_table){(char *) "public", (char *) "t", 0, ZDB_UNKNOWN, NULL};
	if (zdb_codec_parse(codec, &options.codec, err) == ZDB_OK &&
		(!base || zdb_reader_open(&(zdb_store_options){.where = base}, NULL,
								  &options.base, err) == ZDB_OK) &&
		zdb_encoder_new(options.codec, &encoder, err) == ZDB_OK &&
		zdb_writer_open(&options, &writer, err) == ZDB_OK &&
		put_all(writer, encoder, options.base, version, err) == ZDB_OK &&
		zdb_writer_seal(writer, &manifest, err) == ZDB_OK)
		zdb_writer_finish(writer, NULL, err);
	zdb_writer_free(writer);
	zdb_encoder_free(encoder);
	zdb_reader_free(options.base);
	return err->code;
}
