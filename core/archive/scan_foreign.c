/*
 * scan_foreign - a file without an index, read as far as its format tells
 */
#include "core/archive/scan_foreign.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/codec/inflate.h"

#define PIECE_BYTES (256 * 1024)
#define SQLITE_HEADER_BYTES 100

static uint32_t
big32(const uint8_t *p)
{
	return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 |
		   (uint32_t) p[2] << 8 | p[3];
}

/* https://www.sqlite.org/fileformat2.html, 1.3: the size in pages is valid
 * when the change counter equals the version-valid-for number. */
static zdb_rc
check_sqlite(const char *name, const uint8_t *header, uint64_t bytes,
			 zdb_err *err)
{
	uint32_t page_size = (uint32_t) header[16] << 8 | header[17];
	uint64_t pages = big32(header + 28);

	page_size = page_size == 1 ? 65536 : page_size;
	if (page_size < 512 || (page_size & (page_size - 1)) != 0)
		return zdb_err_set(err, ZDB_DAMAGED,
						   "\"%s\" is damaged: its header has page size %u",
						   name, page_size);
	if (bytes % page_size != 0)
		return zdb_err_set(err, ZDB_DAMAGED,
						   "\"%s\" is damaged: the database has %llu bytes, "
						   "not a whole number of pages of %u",
						   name, (unsigned long long) bytes, page_size);
	if (big32(header + 24) == big32(header + 92) && pages > 0 &&
		pages * page_size > bytes)
		return zdb_err_set(err, ZDB_DAMAGED,
						   "\"%s\" is damaged: the database has %llu pages, "
						   "its header says %llu",
						   name, (unsigned long long) (bytes / page_size),
						   (unsigned long long) pages);
	return ZDB_OK;
}

/* One pass over the plain bytes. */
static zdb_rc
read_all(zdb_inflate *inflate, zdb_source *source,
		 const zdb_scan_options *options, uint8_t *piece,
		 uint8_t header[SQLITE_HEADER_BYTES], uint64_t *bytes, zdb_err *err)
{
	size_t len;

	for (*bytes = 0;; *bytes += len)
	{
		if (zdb_host_check(options->host, zdb_inflate_offset(inflate),
						   source->bytes, err) ||
			zdb_inflate_read(inflate, piece, PIECE_BYTES, &len, err) ||
			len == 0)
			return err->code;
		if (*bytes < SQLITE_HEADER_BYTES)
		{
			size_t room = SQLITE_HEADER_BYTES - (size_t) *bytes;

			memcpy(header + *bytes, piece, len < room ? len : room);
		}
		if (options->take &&
			options->take(options->arg, NULL, piece, len, err))
			return err->code;
	}
}

zdb_rc
zdb_scan_foreign(zdb_reader *reader, const zdb_scan_options *options,
				 zdb_scan_result *result, zdb_err *err)
{
	zdb_source *source = zdb_reader_source(reader);
	uint8_t header[SQLITE_HEADER_BYTES] = {0};
	zdb_inflate *inflate = NULL;
	zdb_content content;
	zdb_host quiet = {0}; /* the second pass can be stopped, not seen */
	uint8_t *piece;

	if (options->host)
		quiet = *options->host;
	quiet.progress = NULL;
	if (zdb_reader_content(reader, &content, err) ||
		zdb_inflate_open(source, zdb_reader_codec(reader), &inflate, err))
		return err->code;
	piece = zdb_malloc(PIECE_BYTES);
	if (!piece)
		zdb_err_nomem(err);
	else if (read_all(inflate, source, options, piece, header,
					  &result->raw_bytes, err) == ZDB_OK &&
			 content == ZDB_CONTENT_IMAGE)
		check_sqlite(source->name, header, result->raw_bytes, err);
	zdb_free(piece);
	zdb_inflate_free(inflate);
	if (err->code)
		return err->code;
	return zdb_scan_sha256(source, &quiet, result->file_sha256, err);
}
