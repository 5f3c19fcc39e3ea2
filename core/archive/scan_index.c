/*
 * scan_index - what a scan checks besides the chunks
 */
#include "core/archive/scan_index.h"

#include <string.h>

#include "core/archive/guard.h"
#include "core/archive/links.h"
#include "core/archive/scan.h"
#include "core/archive/seek_table.h"

zdb_place
zdb_scan_first(zdb_reader *reader)
{
	const char *guard = zdb_reader_manifest(reader)->guard;

	return (zdb_place){
		.file = zdb_guard_stored_bytes(guard, zdb_reader_codec(reader)),
		.members = guard != NULL};
}

zdb_rc
zdb_scan_order(zdb_reader *reader, uint64_t i, zdb_place *next,
			   const zdb_entry *entry, zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	const zdb_manifest *manifest = zdb_reader_manifest(reader);
	bool here = entry->link == 0;
	bool fits = (!here || entry->file_offset == next->file) &&
				entry->raw_offset == next->raw &&
				entry->table <= manifest->table_count;

	if (here)
		next->file += entry->stored_bytes;
	next->raw += entry->raw_bytes;
	next->members += here;
	if (i == footer->chunks - 1)
		fits = fits && next->file == footer->data_bytes &&
			   next->raw == footer->raw_bytes &&
			   next->members == footer->members;
	if (entry->kind == ZDB_CHUNK_PAGES)
		fits = fits && manifest->page_size > 0 &&
			   entry->raw_offset % manifest->page_size == 0 &&
			   entry->raw_bytes % manifest->page_size == 0 &&
			   entry->first == entry->raw_offset / manifest->page_size + 1 &&
			   entry->count == entry->raw_bytes / manifest->page_size;
	if (fits)
		return ZDB_OK;
	zdb_err_set(err, ZDB_DAMAGED, "its index entry contradicts the others");
	zdb_reader_blame(reader, i, entry, err);
	return err->code;
}

static zdb_rc
entry_of(void *arg, uint64_t i, zdb_entry *entry, zdb_err *err)
{
	return zdb_reader_entry(arg, i, entry, err);
}

/* Compare a piece of the seek table with the file. */
static zdb_rc
compare_seek(void *arg, uint64_t offset, const void *bytes, size_t len,
			 zdb_err *err)
{
	zdb_source *source = zdb_reader_tail(arg);
	uint64_t start =
		source->bytes - zdb_seek_bytes(zdb_reader_footer(arg)) + offset;
	uint8_t there[4096];

	if (zdb_source_read(source, start, there, len, err))
		return err->code;
	if (memcmp(there, bytes, len) != 0)
		return zdb_err_set(err, ZDB_DAMAGED,
						   "\"%s\" is damaged: the seek table near byte %llu "
						   "is not what was written",
						   source->name, (unsigned long long) start);
	return ZDB_OK;
}

static zdb_rc
check_seek_table(zdb_reader *reader, zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	uint32_t guard = zdb_manifest_guard_bytes(zdb_reader_manifest(reader));

	if (footer->codec != ZDB_CODEC_ZSTD)
		return ZDB_OK;
	return zdb_seek_table(footer, guard, entry_of, reader, compare_seek,
						  reader, err);
}

/* The page sums, against the entries. */
static zdb_rc
check_sums(zdb_reader *reader, zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	zdb_buf sums = {0};

	for (uint64_t i = 0; footer->sums_bytes && i < footer->chunks; i++)
	{
		zdb_entry entry;

		if (zdb_reader_entry(reader, i, &entry, err) ||
			zdb_buf_reserve(&sums, entry.count * ZDB_PAGE_SUM_BYTES, err) ||
			zdb_reader_sums(reader, &entry, sums.data, err))
			break;
	}
	zdb_buf_clear(&sums);
	return err->code;
}

zdb_rc
zdb_scan_tail(zdb_reader *reader, zdb_err *err)
{
	return check_sums(reader, err) ? err->code : check_seek_table(reader, err);
}

zdb_rc
zdb_scan_index(zdb_reader *reader, const zdb_host *host, zdb_err *err)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	zdb_reader *link;
	zdb_place next;

	if (!footer)
		return ZDB_OK;
	if (zdb_reader_linked(reader, zdb_reader_manifest(reader)->chain.count,
						  &link, err))
		return err->code;
	next = zdb_scan_first(reader);
	for (uint64_t i = 0; i < footer->chunks; i++)
	{
		zdb_entry entry;

		if (zdb_reader_entry(reader, i, &entry, err) ||
			zdb_scan_order(reader, i, &next, &entry, err) ||
			zdb_host_check(host, entry.raw_offset, footer->raw_bytes, err))
			return err->code;
	}
	return zdb_scan_tail(reader, err);
}
