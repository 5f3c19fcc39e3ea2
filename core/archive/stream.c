/*
 * stream - the plain bytes of a backup, in order, as they are asked for
 */
#include "core/archive/stream.h"

#include "core/archive/chunk.h"
#include "core/base/mem.h"
#include "core/codec/inflate.h"

#define PIECE_BYTES (256 * 1024)

struct zdb_stream
{
	zdb_reader *reader;
	uint64_t next; /* chunk */
	zdb_chunk chunk;
	zdb_inflate *inflate; /* of a foreign file */
	uint8_t *piece;
};

zdb_rc
zdb_stream_open(zdb_reader *reader, zdb_stream **out, zdb_err *err)
{
	zdb_stream *stream = zdb_calloc(1, sizeof *stream);

	*out = NULL;
	if (!stream)
		return zdb_err_nomem(err);
	stream->reader = reader;
	if (!zdb_reader_footer(reader))
	{
		stream->piece = zdb_malloc(PIECE_BYTES);
		if (!stream->piece)
			zdb_err_nomem(err);
		else
			zdb_inflate_open(zdb_reader_source(reader),
							 zdb_reader_codec(reader), &stream->inflate, err);
	}
	if (err->code)
		zdb_stream_free(stream);
	else
		*out = stream;
	return err->code;
}

zdb_rc
zdb_stream_next(zdb_stream *stream, const uint8_t **bytes, size_t *len,
				zdb_err *err)
{
	*len = 0;
	if (stream->inflate)
	{
		*bytes = stream->piece;
		return zdb_inflate_read(stream->inflate, stream->piece, PIECE_BYTES,
								len, err);
	}
	if (stream->next == zdb_reader_footer(stream->reader)->chunks ||
		zdb_chunk_read(&stream->chunk, stream->reader, stream->next, err))
		return err->code;
	stream->next++;
	*bytes = stream->chunk.raw.data;
	*len = stream->chunk.entry.raw_bytes;
	return ZDB_OK;
}

void
zdb_stream_seek(zdb_stream *stream, uint64_t i)
{
	stream->next = i;
}

uint64_t
zdb_stream_at(const zdb_stream *stream)
{
	return stream->next;
}

void
zdb_stream_free(zdb_stream *stream)
{
	if (!stream)
		return;
	zdb_chunk_clear(&stream->chunk);
	zdb_inflate_free(stream->inflate);
	zdb_free(stream->piece);
	zdb_free(stream);
}
