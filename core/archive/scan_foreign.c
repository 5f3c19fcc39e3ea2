/*
 * scan_foreign - a file without an index, read as far as its format tells
 */
#include "core/archive/scan_foreign.h"

#include <string.h>

#include "core/archive/sqlite_header.h"
#include "core/base/mem.h"
#include "core/codec/inflate.h"

#define PIECE_BYTES (256 * 1024)

/* One pass over the plain bytes. */
static zdb_rc
read_all(zdb_inflate *inflate, zdb_source *source,
		 const zdb_scan_options *options, uint8_t *piece,
		 uint8_t header[ZDB_SQLITE_HEADER_BYTES], uint64_t *bytes,
		 zdb_err *err)
{
	size_t len;

	for (*bytes = 0;; *bytes += len)
	{
		if (zdb_host_check(options->host, zdb_inflate_offset(inflate),
						   source->bytes, err) ||
			zdb_inflate_read(inflate, piece, PIECE_BYTES, &len, err) ||
			len == 0)
			return err->code;
		if (*bytes < ZDB_SQLITE_HEADER_BYTES)
		{
			size_t room = ZDB_SQLITE_HEADER_BYTES - (size_t) *bytes;

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
	uint8_t header[ZDB_SQLITE_HEADER_BYTES] = {0};
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
		zdb_sqlite_header_check(source->name, header, result->raw_bytes, err);
	zdb_free(piece);
	zdb_inflate_free(inflate);
	if (err->code)
		return err->code;
	return zdb_scan_sha256(source, &quiet, result->file_sha256, err);
}
