/*
 * script_text - SQL text on its way into chunks
 */
#include "sqlite_ext/script_text.h"

#include <stdarg.h>
#include <string.h>

#include "core/base/bytes.h"
#include "sqlite_ext/zdblite.h"

/* A chunk this close to full is cut at the end of a statement. */
#define NEARLY_FULL_BYTES (16 * 1024)

#define HEX_AT_ONCE 2048

static zdb_rc
flush(zdblite_text *text, bool inside)
{
	zdb_chunk_about about = {
		.kind = text->table ? ZDB_CHUNK_ROWS : ZDB_CHUNK_SCRIPT,
		.flags = text->inside ? ZDB_CHUNK_CONTINUED : 0,
		.table = text->table,
		.first = text->first,
		.count = text->rows,
	};

	if (text->err->code || text->used == 0)
		return text->err->code;
	if (zdb_writer_chunk(text->writer, text->used, &about, text->err))
		return text->err->code;
	text->used = 0;
	text->first += text->rows;
	text->rows = 0;
	text->inside = inside;
	return ZDB_OK;
}

zdb_rc
zdblite_text_flush(zdblite_text *text)
{
	return flush(text, false);
}

void
zdblite_text_put(zdblite_text *text, const void *bytes, size_t len)
{
	const char *from = bytes;

	while (len > 0 && !text->err->code)
	{
		uint32_t room = text->chunk_bytes - text->used;
		uint32_t part = len < room ? (uint32_t) len : room;

		if (text->used == 0 && zdb_writer_lend(text->writer, text->chunk_bytes,
											   &text->raw, text->err))
			return;
		memcpy(text->raw + text->used, from, part);
		text->used += part;
		from += part;
		len -= part;
		if (text->used == text->chunk_bytes)
			flush(text, true);
	}
}

void
zdblite_text_puts(zdblite_text *text, const char *string)
{
	zdblite_text_put(text, string, strlen(string));
}

void
zdblite_text_printf(zdblite_text *text, const char *fmt, ...)
{
	va_list args;
	char *string;

	va_start(args, fmt);
	string = sqlite3_vmprintf(fmt, args);
	va_end(args);
	if (string)
		zdblite_text_puts(text, string);
	else
		zdb_err_nomem(text->err);
	sqlite3_free(string);
}

void
zdblite_text_hex(zdblite_text *text, const void *bytes, size_t len)
{
	const uint8_t *from = bytes;
	char hex[2 * HEX_AT_ONCE + 1];

	zdblite_text_puts(text, "x'");
	while (len > 0 && !text->err->code)
	{
		size_t part = len < HEX_AT_ONCE ? len : HEX_AT_ONCE;

		zdb_hex(from, part, hex);
		zdblite_text_put(text, hex, 2 * part);
		from += part;
		len -= part;
	}
	zdblite_text_puts(text, "'");
}

void
zdblite_text_row(zdblite_text *text)
{
	text->rows++;
}

void
zdblite_text_end(zdblite_text *text)
{
	if (text->used == 0)
		text->inside = false;
	else if (text->used + NEARLY_FULL_BYTES > text->chunk_bytes)
		flush(text, false);
}

void
zdblite_text_table(zdblite_text *text, uint32_t table)
{
	flush(text, false);
	text->table = table;
	text->first = table ? 1 : 0;
	text->inside = false;
}
