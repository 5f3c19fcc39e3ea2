/*
 * entries - what is in a backup, as rows of zdb_entries()
 */
#include "core/job/entries.h"

#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/job/report.h"

/* What the index says of one table. */
typedef struct sums
{
	uint64_t chunks;
	uint64_t bytes;
	zdb_sha256_stream *hash;
} sums;

static zdb_rc
add_chunk(sums *to, const zdb_entry *entry, zdb_err *err)
{
	if (!to->hash && zdb_sha256_new(&to->hash, err))
		return err->code;
	to->chunks++;
	to->bytes += entry->raw_bytes;
	return zdb_sha256_update(to->hash, entry->sha256, ZDB_SHA256_BYTES, err);
}

/* Sum up the chunks that belong to a table. */
static zdb_rc
add_up(zdb_reader *reader, sums *all, uint32_t tables, const zdb_host *host,
	   zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(reader);

	for (uint64_t i = 0; footer && i < footer->chunks; i++)
	{
		zdb_entry entry;

		if (zdb_host_check(host, i, footer->chunks, err) ||
			zdb_reader_entry(reader, i, &entry, err) ||
			(entry.table > 0 && entry.table <= tables &&
			 add_chunk(&all[entry.table - 1], &entry, err)))
			return err->code;
	}
	return ZDB_OK;
}

static json_t *
table_row(const zdb_table *table, const sums *of, zdb_err *err)
{
	uint8_t digest[ZDB_SHA256_BYTES];
	char hex[2 * ZDB_SHA256_BYTES + 1];

	if (!of->chunks)
		return json_pack("{s:s, s:s, s:o, s:o}", "schema", table->schema,
						 "table", table->name, "rows",
						 zdb_report_count(table->rows), "bytes",
						 zdb_report_count(table->bytes));
	if (zdb_sha256_final(of->hash, digest, err))
		return NULL;
	zdb_hex(digest, sizeof digest, hex);
	return json_pack("{s:s, s:s, s:o, s:I, s:I, s:s}", "schema", table->schema,
					 "table", table->name, "rows",
					 zdb_report_count(table->rows), "bytes",
					 (json_int_t) of->bytes, "chunks", (json_int_t) of->chunks,
					 "sha256", hex);
}

zdb_rc
zdb_entries_rows(zdb_reader *reader, const zdb_manifest *manifest,
				 const zdb_host *host, json_t *rows, zdb_err *err)
{
	uint32_t tables = manifest->table_count;
	sums *all = zdb_calloc((size_t) tables + 1, sizeof *all);

	if (!all)
		return zdb_err_nomem(err);
	add_up(reader, all, tables, host, err);
	for (uint32_t i = 0; i < tables; i++)
	{
		if (!err->code &&
			json_array_append_new(
				rows, table_row(&manifest->tables[i], &all[i], err)) != 0)
			zdb_err_nomem(err);
		zdb_sha256_free(all[i].hash);
	}
	zdb_free(all);
	return err->code;
}
