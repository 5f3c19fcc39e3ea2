/*
 * script - a psql script, read statement by statement
 */
#include "pg_ext/script.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "pg_ext/zdbpg.h"
#include "pg_ext/progress.h"

static void
free_stream(void *stream)
{
	zdb_stream_free(stream);
}

/* Have at least wanted unread bytes, if there are. */
static bool
fill(zdbpg_script *script, size_t wanted)
{
	while (script->len - script->at < wanted && !script->ended)
	{
		const uint8_t *piece;
		size_t len;
		zdb_err err = {0};

		CHECK_FOR_INTERRUPTS();
		if (zdb_stream_at(script->stream) >= script->end)
			len = 0;
		else
			zdbpg_check(zdb_stream_next(script->stream, &piece, &len, &err),
						&err);
		script->ended = len == 0;
		script->read += len;
		zdbpg_progress_share(script->read, script->total);
		zdbpg_progress_bytes(script->read);
		script->len -= script->at;
		memmove(script->bytes, script->bytes + script->at, script->len);
		script->at = 0;
		if (script->cap < script->len + len)
		{
			script->cap = script->len + len;
			script->bytes = repalloc_huge(script->bytes, script->cap);
		}
		if (len > 0)
			memcpy(script->bytes + script->len, piece, len);
		script->len += len;
	}
	return script->len - script->at >= wanted;
}

zdbpg_script *
zdbpg_script_open(zdb_reader *reader, uint64 first, uint64 end)
{
	zdbpg_script *script = palloc0(sizeof *script);
	zdb_err err = {0};

	script->reader = reader;
	script->counted = first == 0 || !zdb_reader_footer(reader);
	script->end = end;
	if (zdb_reader_footer(reader))
		script->total = zdb_reader_footer(reader)->raw_bytes;
	script->encoding = GetDatabaseEncoding();
	script->next_line = 1;
	initStringInfo(&script->statement);
	script->statement_context = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup statement", ALLOCSET_DEFAULT_SIZES);
	script->cap = 64 * 1024;
	script->bytes = palloc(script->cap);
	zdbpg_own((void **) &script->stream, free_stream);
	zdbpg_check(zdb_stream_open(reader, &script->stream, &err), &err);
	zdb_stream_seek(script->stream, first);
	if (first == 0 && fill(script, 3) &&
		memcmp(script->bytes, "\xEF\xBB\xBF", 3) == 0)
		script->at = 3; /* a byte order mark, as psql sees it */
	return script;
}

/* A line that psql itself would obey. */
static void
take_meta_command(zdbpg_script *script)
{
	char command[80] = "";
	size_t len = 0;

	while (fill(script, 1))
	{
		char c = script->bytes[script->at++];

		if (c == '\n')
			break;
		if (len < sizeof command - 1)
			command[len++] = c;
	}
	script->next_line++;
	if (strncmp(command, "\\restrict ", 10) == 0 ||
		strncmp(command, "\\unrestrict ", 12) == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("line " UINT64_FORMAT " of the script is for psql: \"%s\"",
					script->next_line - 1,
					pg_verify_mbstr(GetDatabaseEncoding(), command,
									(int) strlen(command), true)
						? command
						: "\\"),
			 errhint("Run it with psql, or dump without --create.")));
}

/* Let the splitter have bytes up to the end of the line or statement. */
static bool
take_line(zdbpg_script *script)
{
	const char *begin = script->bytes + script->at;
	const char *newline = memchr(begin, '\n', script->len - script->at);
	size_t len =
		newline ? (size_t) (newline - begin) + 1 : script->len - script->at;
	bool complete;
	size_t used = zdb_pg_split_feed(&script->split, begin, len, &complete);

	if ((Size) script->statement.len + used > MaxAllocSize - 1)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a statement of the script is longer than "
							   "1 GB")));
	appendBinaryStringInfo(&script->statement, begin, (int) used);
	script->next_line += used > 0 && begin[used - 1] == '\n';
	script->at += used;
	return complete;
}

/* Leave out what precedes a statement: empty lines and comments on lines of
 * their own. */
static void
forget_blank(zdbpg_script *script)
{
	if (zdb_pg_split_inside(&script->split))
		return;
	resetStringInfo(&script->statement);
	script->line = script->next_line;
}

static void
parse(zdbpg_script *script)
{
	MemoryContext before;
	List *parsed;

	MemoryContextReset(script->statement_context);
	before = MemoryContextSwitchTo(script->statement_context);
	script->text = pg_any_to_server(script->statement.data,
									script->statement.len, script->encoding);
	if (script->text == script->statement.data)
		script->text = pnstrdup(script->text, (Size) script->statement.len);
	parsed = pg_parse_query(script->text);
	script->raw = parsed == NIL ? NULL : linitial_node(RawStmt, parsed);
	MemoryContextSwitchTo(before);
	resetStringInfo(&script->statement);
}

bool
zdbpg_script_next(zdbpg_script *script)
{
	script->line_begins = true;
	resetStringInfo(&script->statement);
	script->line = script->next_line;
	while (fill(script, 1))
	{
		if (script->line_begins && !zdb_pg_split_inside(&script->split) &&
			script->bytes[script->at] == '\\')
		{
			take_meta_command(script);
			script->line = script->next_line;
			continue;
		}
		if (take_line(script))
		{
			parse(script);
			return true;
		}
		script->line_begins = script->bytes[script->at - 1] == '\n';
		if (script->line_begins)
			forget_blank(script);
	}
	if (zdb_pg_split_inside(&script->split))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the script ends inside a statement that begins at "
						"line " UINT64_FORMAT,
						script->line)));
	return false;
}

bool
zdbpg_script_has_rows(const zdbpg_script *script)
{
	const CopyStmt *copy;

	if (!script->raw || !IsA(script->raw->stmt, CopyStmt))
		return false;
	copy = (const CopyStmt *) script->raw->stmt;
	return copy->is_from && !copy->filename && !copy->is_program;
}

/* How many of the first max unread bytes are rows; 0: the terminator is here.
 * A line that consists of \. ends the rows, and COPY's escapes keep any other
 * from looking so. */
static size_t
rows_span(const zdbpg_script *script, size_t max)
{
	const char *begin = script->bytes + script->at;
	size_t unread = script->len - script->at;
	size_t len = Min(unread, max + 3); /* a terminator begins before max */
	const char *found;

	if (script->line_begins && len >= 2 && memcmp(begin, "\\.", 2) == 0)
		return 0;
	found = memmem(begin, len, "\n\\.", 3);
	if (found)
		return (size_t) (found - begin) + 1;
	/* what follows may complete the terminator */
	return (script->ended && len == unread) || len < 3 ? len : len - 2;
}

static void
end_line(zdbpg_script *script)
{
	while (fill(script, 1))
		if (script->bytes[script->at++] == '\n')
			break;
	script->next_line++;
}

static uint64
count_lines(const char *bytes, size_t len)
{
	const char *end = bytes + len;
	uint64 lines = 0;

	while ((bytes = memchr(bytes, '\n', (size_t) (end - bytes))) != NULL)
	{
		lines++;
		bytes++;
	}
	return lines;
}

size_t
zdbpg_script_rows(zdbpg_script *script, void *into, size_t max)
{
	size_t len;

	if (!script->in_rows)
		end_line(script); /* that of the statement */
	script->line_begins = script->line_begins || !script->in_rows;
	script->in_rows = true;
	if (!fill(script, 3) && script->len == script->at)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("the script ends inside the rows of a COPY "
							   "block")));
	len = Min(rows_span(script, max), max);
	if (len == 0)
	{
		end_line(script);
		script->in_rows = false;
		return 0;
	}
	memcpy(into, script->bytes + script->at, len);
	script->next_line += count_lines(into, len);
	script->at += len;
	script->line_begins = script->bytes[script->at - 1] == '\n';
	return len;
}

uint64
zdbpg_script_skip_rows(zdbpg_script *script)
{
	char piece[8192];
	uint64 rows = 0;
	size_t len;

	while ((len = zdbpg_script_rows(script, piece, sizeof piece)) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		rows += count_lines(piece, len);
	}
	return rows;
}

void
zdbpg_script_context(void *arg)
{
	const zdbpg_script *script = arg;

	errposition(0); /* in the script, not in the caller's query */
	if (script->counted)
		errcontext("line " UINT64_FORMAT " of \"%s\"", script->line,
				   zdb_reader_source(script->reader)->name);
}
