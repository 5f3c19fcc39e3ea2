/*
 * consolidate - the end of a chain as an ordinary full backup
 */
#include "core/archive/consolidate.h"

#include <string.h>

#include "core/archive/links.h"
#include "core/archive/row_patch.h"
#include "core/archive/tail.h"
#include "core/base/mem.h"
#include "core/base/version.h"
#include "core/io/file.h"

/* That of the reader, standing by itself. An incremental backup is one of all
 * there is, so it becomes a full one. */
static zdb_manifest
full_manifest(const zdb_reader *reader, const char *label)
{
	zdb_manifest manifest = *zdb_reader_manifest(reader);

	manifest.format = ZDB_FORMAT_VERSION;
	manifest.tool = (char *) "zdbackup " ZDB_VERSION;
	if (manifest.chain.count > 0)
		manifest.type = (char *) "full";
	manifest.label = (char *) label;
	manifest.base = NULL;
	manifest.guard = NULL;
	manifest.chain = (zdb_chain){0};
	return manifest;
}

/* The new file must not take the place of one that is read. */
static zdb_rc
check_place(zdb_reader *reader, const char *to, zdb_err *err)
{
	uint32_t count = zdb_reader_manifest(reader)->chain.count;

	for (uint32_t i = 0; i <= count; i++)
	{
		zdb_reader *link;
		const char *name;

		if (zdb_reader_linked(reader, i, &link, err))
			return err->code;
		name = zdb_reader_source(link)->name;
		if (strcmp(name, to) == 0 || zdb_file_same(name, to))
			return zdb_err_set(err, ZDB_USAGE,
							   "\"%s\" cannot be replaced: it is read", to);
	}
	return ZDB_OK;
}

/* The manifest gets tables of its own: they can become shorter. */
static zdb_rc
own_tables(zdb_consolidated *into, zdb_err *err)
{
	zdb_manifest *manifest = &into->manifest;
	size_t count = manifest->table_count;

	into->tables = zdb_calloc(count + 1, sizeof *into->tables);
	if (!into->tables)
		return zdb_err_nomem(err);
	for (size_t i = 0; i < count; i++)
		into->tables[i] = manifest->tables[i];
	manifest->tables = into->tables;
	return ZDB_OK;
}

/* The empty lines behind rows that were patched are not copied. */
static void
count_bytes(zdb_consolidated *into, const zdb_chunk *chunk)
{
	uint32_t table = chunk->entry.table, bytes = chunk->entry.raw_bytes, less;

	if (!zdb_entry_patches_rows(&chunk->entry) || table < 1 ||
		table > into->manifest.table_count)
		return;
	less = bytes - zdb_row_patch_trim(chunk->raw.data, bytes);
	if (into->tables[table - 1].bytes >= less)
		into->tables[table - 1].bytes -= less;
}

static zdb_rc
copy_chunks(zdb_reader *reader, const zdb_host *host, zdb_consolidated *into,
			zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	zdb_chunk chunk = {0};

	for (uint64_t i = 0; i < footer->chunks; i++)
	{
		bool copied;

		if (zdb_writer_copy(into->writer, reader, i, &chunk, &copied, err) ||
			zdb_host_check(host, chunk.entry.raw_offset, footer->raw_bytes,
						   err))
			break;
		count_bytes(into, &chunk);
		into->copied += copied;
		into->encoded += !copied;
	}
	zdb_chunk_clear(&chunk);
	return err->code;
}

zdb_rc
zdb_consolidate(zdb_reader *reader, const zdb_writer_options *options,
				const char *label, const zdb_host *host,
				zdb_consolidated *into, zdb_err *err)
{
	zdb_writer_options full = *options;

	*into = (zdb_consolidated){0};
	if (!zdb_reader_footer(reader))
		return zdb_err_set(err, ZDB_UNSUPPORTED,
						   "\"%s\" is no backup of ours: it has no index",
						   zdb_reader_source(reader)->name);
	full.page_sums = zdb_reader_manifest(reader)->content == ZDB_CONTENT_IMAGE;
	full.base = NULL;
	full.head_bytes = 0;
	into->manifest = full_manifest(reader, label);
	if (own_tables(into, err) || check_place(reader, full.to.where, err) ||
		zdb_writer_open(&full, &into->writer, err) ||
		copy_chunks(reader, host, into, err))
		return err->code;
	return zdb_writer_seal(into->writer, &into->manifest, err);
}

zdb_codec
zdb_consolidate_codec(zdb_reader *reader)
{
	zdb_reader *full = reader;
	zdb_err ignored = {0};
	zdb_codec codec;

	if (zdb_reader_footer(reader) &&
		zdb_reader_manifest(reader)->chain.count > 0 &&
		zdb_reader_linked(reader, 1, &full, &ignored))
		full = reader;
	zdb_codec_parse(zdb_codec_name(zdb_reader_codec(full)), &codec, &ignored);
	return codec;
}
