/*
 * script - a script for psql, statement by statement and row by row
 */
#include "core/dump/script.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/pg_split.h"
#include "core/dump/copy.h"

/* Of a statement, so much is held. */
#define STATEMENT_BYTES_MAX (4u << 20)

/* PostgreSQL's limit, and almost SQLite's. */
#define ROW_BYTES_MAX (1u << 30)

struct zdb_script
{
	zdb_reader *reader;
	const zdb_host *host;
	zdb_stream *stream;
	uint64_t end; /* chunk */
	bool indexed;
	const char *piece;
	size_t len, at; /* of the piece */
	bool ended;
	uint64_t bytes; /* of the plain text, before the piece */
	uint64_t line;  /* at which we are, from 1 */
	uint64_t begin_byte, begin_line;
	bool line_begins;
	zdb_pg_split split;
	zdb_buf held; /* of the present statement or row, NUL behind it */
	bool whole;
	bool in_rows;
	bool dump, complete; /* pg_dump's first and last words were seen */
};

static const char *
name_of(const zdb_script *script)
{
	return zdb_reader_source(script->reader)->name;
}

/* Have unread bytes, or know that there are none. */
static zdb_rc
fill(zdb_script *script, zdb_err *err)
{
	const uint8_t *piece = NULL;
	size_t len = 0;

	while (script->at == script->len && !script->ended)
	{
		script->bytes += script->len;
		script->at = script->len = 0;
		if (zdb_host_check(script->host, script->bytes, 0, err))
			return err->code;
		if ((!script->indexed ||
			 zdb_stream_at(script->stream) < script->end) &&
			zdb_stream_next(script->stream, &piece, &len, err))
			return err->code;
		script->piece = (const char *) piece;
		script->len = len;
		script->ended = len == 0;
	}
	return ZDB_OK;
}

/* Keep bytes of the present statement or row. */
static zdb_rc
hold(zdb_script *script, const char *bytes, size_t len, zdb_err *err)
{
	if (zdb_buf_reserve(&script->held, len + 1, err))
		return err->code;
	memcpy(script->held.data + script->held.len, bytes, len);
	script->held.len += len;
	script->held.data[script->held.len] = '\0';
	return ZDB_OK;
}

static void
move(zdb_script *script, size_t len)
{
	script->line_begins = script->piece[script->at + len - 1] == '\n';
	script->line += script->line_begins;
	script->at += len;
}

/* Unread bytes of the piece up to the end of the line. */
static size_t
line_length(const zdb_script *script)
{
	const char *begin = script->piece + script->at;
	const char *newline = memchr(begin, '\n', script->len - script->at);

	return newline ? (size_t) (newline - begin) + 1 : script->len - script->at;
}

static void
begin_item(zdb_script *script)
{
	script->held.len = 0;
	script->whole = true;
	script->begin_byte = script->bytes + script->at;
	script->begin_line = script->line;
}

static bool
held_has(const zdb_script *script, const char *text)
{
	return script->held.len > 0 &&
		   memmem(script->held.data, script->held.len, text, strlen(text));
}

/* What precedes a statement: empty lines, and comments, of which those are of
 * interest that pg_dump begins and ends with. */
static void
forget_blank(zdb_script *script)
{
	if (zdb_pg_split_inside(&script->split))
		return;
	if (held_has(script, "-- PostgreSQL database dump complete") ||
		held_has(script, "-- PostgreSQL database cluster dump complete"))
		script->complete = true;
	else if (held_has(script, "-- PostgreSQL database dump") ||
			 held_has(script, "-- PostgreSQL database cluster dump"))
		script->dump = true;
	begin_item(script);
}

/* Read on to the end of the line, holding it. */
static zdb_rc
hold_line(zdb_script *script, size_t max, zdb_err *err)
{
	do
	{
		size_t len = line_length(script), room = max - script->held.len;

		if (hold(script, script->piece + script->at, len < room ? len : room,
				 err))
			return err->code;
		script->whole = script->whole && len <= room;
		move(script, len);
		if (!script->line_begins && fill(script, err))
			return err->code;
	} while (!script->line_begins && !script->ended);
	return ZDB_OK;
}

static zdb_rc
fail_at_end(zdb_script *script, const char *inside, zdb_err *err)
{
	char place[ZDB_SCRIPT_PLACE_BYTES];

	zdb_script_place(script, place);
	zdb_err_set(err, ZDB_DAMAGED, "\"%s\" is damaged: it ends inside %s %s",
				name_of(script), inside, place);
	zdb_err_hint(err, "It was cut short: use another copy or an older "
					  "backup.");
	return err->code;
}

static zdb_rc
check_end(zdb_script *script, zdb_err *err)
{
	if (zdb_pg_split_inside(&script->split))
		return fail_at_end(script, "the statement of", err);
	if (script->indexed || !script->dump || script->complete)
		return ZDB_OK;
	zdb_err_set(err, ZDB_DAMAGED,
				"\"%s\" is damaged: it begins as pg_dump's scripts do, but "
				"lacks their last line",
				name_of(script));
	zdb_err_hint(err, "It was cut short: use another copy or an older "
					  "backup.");
	return err->code;
}

static void
give(zdb_script *script, zdb_script_kind kind, zdb_script_item *item)
{
	item->kind = kind;
	item->text = (const char *) script->held.data;
	item->len = script->held.len;
	item->whole = script->whole;
}

/* Let the splitter have bytes up to the end of the line or statement. */
static zdb_rc
take_line(zdb_script *script, bool *complete, zdb_err *err)
{
	const char *begin = script->piece + script->at;
	size_t room = STATEMENT_BYTES_MAX - script->held.len;
	size_t used = zdb_pg_split_feed(&script->split, begin, line_length(script),
									complete);

	if (hold(script, begin, used < room ? used : room, err))
		return err->code;
	script->whole = script->whole && used <= room;
	move(script, used);
	if (script->line_begins && !*complete)
		forget_blank(script);
	return ZDB_OK;
}

zdb_rc
zdb_script_next(zdb_script *script, zdb_script_item *item, zdb_err *err)
{
	bool complete = false;

	*item = (zdb_script_item){0};
	begin_item(script);
	while (fill(script, err) == ZDB_OK && !script->ended)
	{
		if (script->line_begins && script->piece[script->at] == '\\' &&
			!zdb_pg_split_inside(&script->split))
		{
			begin_item(script);
			if (hold_line(script, STATEMENT_BYTES_MAX, err) == ZDB_OK)
				give(script, ZDB_SCRIPT_COMMAND, item);
			return err->code;
		}
		if (take_line(script, &complete, err))
			return err->code;
		if (complete)
		{
			give(script, ZDB_SCRIPT_STATEMENT, item);
			return ZDB_OK;
		}
	}
	if (!err->code)
	{
		forget_blank(script); /* the last line may lack its end */
		check_end(script, err);
	}
	return err->code;
}

/* psql takes rows from the line behind the statement on. */
static zdb_rc
end_line(zdb_script *script, zdb_err *err)
{
	while (!script->line_begins && fill(script, err) == ZDB_OK &&
		   !script->ended)
		move(script, line_length(script));
	return err->code;
}

/* One line of rows, with those that it goes on with behind a backslash. */
static zdb_rc
hold_row(zdb_script *script, zdb_err *err)
{
	zdb_buf *held = &script->held;

	do
	{
		if (hold_line(script, ROW_BYTES_MAX, err))
			return err->code;
		if (!script->whole)
			return zdb_err_set(err, ZDB_UNSUPPORTED,
							   "\"%s\" has a row longer than 1 GB",
							   name_of(script));
	} while (script->line_begins &&
			 zdb_copy_continues((const char *) held->data, held->len - 1) &&
			 fill(script, err) == ZDB_OK && !script->ended);
	if (err->code)
		return err->code;
	if (script->line_begins)
		held->len--;
	if (held->len > 0 && held->data[held->len - 1] == '\r')
		held->len--;
	held->data[held->len] = '\0';
	return ZDB_OK;
}

zdb_rc
zdb_script_row(zdb_script *script, char **row, size_t *len, zdb_err *err)
{
	*row = NULL;
	*len = 0;
	if (!script->in_rows && end_line(script, err))
		return err->code;
	if (!script->in_rows)
		begin_item(script); /* of the rows, in case there are none */
	script->in_rows = true;
	if (fill(script, err))
		return err->code;
	if (script->ended)
		return fail_at_end(script, "the rows of a COPY block, at", err);
	begin_item(script);
	if (hold_row(script, err))
		return err->code;
	if (script->held.len == 2 && memcmp(script->held.data, "\\.", 2) == 0)
	{
		script->in_rows = false;
		return ZDB_OK;
	}
	if (!script->line_begins) /* its end is missing, and so is the rest */
		return fail_at_end(script, "the row of", err);
	*row = (char *) script->held.data;
	*len = script->held.len;
	return ZDB_OK;
}

zdb_rc
zdb_script_pass_rows(zdb_script *script, zdb_err *err)
{
	char *row;
	size_t len;

	while (zdb_script_row(script, &row, &len, err) == ZDB_OK && row)
		;
	return err->code;
}

void
zdb_script_place(const zdb_script *script, char out[ZDB_SCRIPT_PLACE_BYTES])
{
	snprintf(out, ZDB_SCRIPT_PLACE_BYTES, "%s %llu",
			 script->indexed ? "byte" : "line",
			 (unsigned long long) (script->indexed ? script->begin_byte
												   : script->begin_line));
}

static zdb_rc
begin(zdb_script *script, uint64_t first, zdb_err *err)
{
	zdb_entry entry;

	if (zdb_stream_open(script->reader, &script->stream, err))
		return err->code;
	if (script->indexed && first < script->end)
	{
		if (zdb_reader_entry(script->reader, first, &entry, err))
			return err->code;
		script->bytes = entry.raw_offset;
		zdb_stream_seek(script->stream, first);
	}
	if (fill(script, err) == ZDB_OK && script->bytes == 0 &&
		script->len >= 3 && memcmp(script->piece, "\xEF\xBB\xBF", 3) == 0)
		script->at = 3; /* a byte order mark, as psql sees it */
	return err->code;
}

zdb_rc
zdb_script_open(zdb_reader *reader, uint64_t first, uint64_t end,
				const zdb_host *host, zdb_script **out, zdb_err *err)
{
	zdb_script *script = zdb_calloc(1, sizeof *script);

	*out = NULL;
	if (!script)
		return zdb_err_nomem(err);
	script->reader = reader;
	script->host = host;
	script->end = end;
	script->indexed = zdb_reader_footer(reader) != NULL;
	script->line = 1;
	script->line_begins = true;
	if (begin(script, first, err))
		zdb_script_free(script);
	else
		*out = script;
	return err->code;
}

void
zdb_script_free(zdb_script *script)
{
	if (!script)
		return;
	zdb_stream_free(script->stream);
	zdb_buf_clear(&script->held);
	zdb_free(script);
}

/* A line that begins so and has the other within it, whatever their case. */
static bool
has_line(const char *text, size_t len, const char *start, const char *within)
{
	const char *end = text + len;
	size_t first = strlen(start), second = strlen(within);

	for (const char *at = text; at < end;)
	{
		const char *newline = memchr(at, '\n', (size_t) (end - at));
		size_t line = (size_t) ((newline ? newline : end) - at);

		if (line >= first + second && strncasecmp(at, start, first) == 0)
			for (size_t i = first; i + second <= line; i++)
				if (strncasecmp(at + i, within, second) == 0)
					return true;
		at += line + 1;
	}
	return false;
}

zdb_rc
zdb_script_is_postgres(zdb_reader *reader, bool *postgres, zdb_err *err)
{
	const zdb_manifest *manifest = zdb_reader_manifest(reader);
	const uint8_t *bytes;
	zdb_stream *stream;
	size_t len;

	*postgres = manifest && strcmp(manifest->engine, "postgresql") == 0;
	if (manifest || zdb_stream_open(reader, &stream, err))
		return err->code;
	if (zdb_stream_next(stream, &bytes, &len, err) == ZDB_OK)
	{
		const char *text = (const char *) bytes;

		*postgres = has_line(text, len, "-- PostgreSQL database", "dump") ||
					has_line(text, len, "\\restrict ", "") ||
					has_line(text, len, "COPY ", " FROM stdin");
	}
	zdb_stream_free(stream);
	return err->code;
}
