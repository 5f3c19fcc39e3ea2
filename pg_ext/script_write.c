/*
 * script_write - what is not rows, as chunks of the backup
 */
#include "pg_ext/script_write.h"

#include "libpq/be-fsstubs.h"
#include "libpq/libpq-fs.h"
#include "miscadmin.h"
#include "storage/large_object.h"
#include "utils/fmgrprotos.h"

#include "pg_ext/zdbpg.h"

#define CHUNK_BYTES (1u << 20)
#define PIECE_BYTES (64 * 1024)
#define LARGE_OBJECT_PIECE 16384 /* as pg_dump */

void
zdbpg_script_text(zdbpg_script_out *out, const char *text, size_t len)
{
	while (len > 0)
	{
		uint32_t part;
		zdb_err err = {0};

		if (!out->raw)
			zdbpg_check(
				zdb_writer_lend(out->writer, CHUNK_BYTES, &out->raw, &err),
				&err);
		part = (uint32_t) Min(len, CHUNK_BYTES - out->used);
		memcpy(out->raw + out->used, text, part);
		out->used += part;
		text += part;
		len -= part;
		if (out->used == CHUNK_BYTES)
			zdbpg_script_flush(out);
	}
}

void
zdbpg_script_flush(zdbpg_script_out *out)
{
	zdb_chunk_about about = {.kind = ZDB_CHUNK_SCRIPT};
	zdb_err err = {0};

	if (out->used > 0)
		zdbpg_check(zdb_writer_chunk(out->writer, out->used, &about, &err),
					&err);
	out->raw = NULL;
	out->used = 0;
}

void
zdbpg_script_spooled(zdbpg_script_out *out, zdbpg_spool *spool, uint64 begin,
					 uint64 end)
{
	char *piece = palloc(PIECE_BYTES);

	while (begin < end)
	{
		size_t len = Min(end - begin, PIECE_BYTES);

		CHECK_FOR_INTERRUPTS();
		zdbpg_spool_read(spool, begin, piece, len);
		zdbpg_script_text(out, piece, len);
		begin += len;
	}
	pfree(piece);
}

static void
write_piece(zdbpg_script_out *out, const unsigned char *bytes, int len)
{
	static const char digits[] = "0123456789abcdef";
	static const char begin[] = "SELECT pg_catalog.lowrite(0, '\\x";
	char hex[2 * LARGE_OBJECT_PIECE];

	for (int i = 0; i < len; i++)
	{
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	zdbpg_script_text(out, begin, strlen(begin));
	zdbpg_script_text(out, hex, 2 * (size_t) len);
	zdbpg_script_text(out, "');\n", 4);
}

/* By the functions that clean up after an error. */
void
zdbpg_script_large_object(zdbpg_script_out *out, Oid loid)
{
	unsigned char bytes[LARGE_OBJECT_PIECE];
	Datum fd = DirectFunctionCall2(be_lo_open, ObjectIdGetDatum(loid),
								   Int32GetDatum(INV_READ));
	int len;

	while ((len = lo_read(DatumGetInt32(fd), (char *) bytes, sizeof bytes)) >
		   0)
	{
		CHECK_FOR_INTERRUPTS();
		write_piece(out, bytes, len);
	}
	DirectFunctionCall1(be_lo_close, fd);
}
