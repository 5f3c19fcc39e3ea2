/*
 * script_plan - pg_dump's script, cut where rows and large objects belong
 *
 * In a script the rows' marker stands as a line of a COPY block,
 *
 *     COPY public.t (a, b) FROM stdin;
 *     <marker>
 *     \.
 *
 * and a large object's as its only write, after which its number follows:
 *
 *     SELECT pg_catalog.lowrite(0, '\x<marker><number>');
 */
#include "pg_ext/script_plan.h"

#include "pg_ext/plan.h"

#define WINDOW_BYTES (1 << 20)
#define LOWRITE "SELECT pg_catalog.lowrite(0, '\\x"
#define LOWRITE_END "');\n"
#define NUMBER_DIGITS 8
#define ROWS_END "\n\\.\n"
#define HEADER_MAX (1 << 20)

typedef struct plan
{
	zdbpg_ddl *ddl;
	List *pieces;
	int tables;   /* markers of rows found so far */
	uint64 begin; /* of the text that no piece covers yet */
	bool placed;  /* the tables have their piece */
} plan;

static void
add_piece(plan *self, zdbpg_piece_kind kind, uint64 begin, uint64 end,
		  Oid loid)
{
	zdbpg_piece *piece = palloc0(sizeof *piece);

	if (kind == ZDBPG_PIECE_TEXT && begin == end)
		return;
	*piece = (zdbpg_piece){kind, begin, end, loid};
	self->pieces = lappend(self->pieces, piece);
}

static void
raise_unexpected(uint64 at)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
		 errmsg("pg_dump's script is not as expected at byte " UINT64_FORMAT,
				at)));
}

/* Do these bytes stand at this place? */
static bool
stands_at(plan *self, uint64 at, const char *text)
{
	zdbpg_spool *script = self->ddl->script;
	size_t len = strlen(text);
	char *there = palloc(len);
	bool same;

	if (at + len > script->bytes)
		return false;
	zdbpg_spool_read(script, at, there, len);
	same = memcmp(there, text, len) == 0;
	pfree(there);
	return same;
}

/* Where the header begins when it is not what pg_dump asked with: it asked
 * with a query, or loads a partition by way of its root. */
static uint64
find_header(plan *self, zdbpg_table *table, uint64 marker)
{
	static const char before[] = "\n\nCOPY ";
	uint64 len = Min(marker - self->begin, HEADER_MAX);
	char *text = palloc(len + 1), *at, *found = NULL;

	zdbpg_spool_read(self->ddl->script, marker - len, text, len);
	text[len] = '\0';
	for (at = text; (at = strstr(at, before)) != NULL; at++)
		found = at;
	if (!found)
		raise_unexpected(marker);
	found += strlen(before) - strlen("COPY ");
	table->header = pstrdup(found);
	return marker - strlen(found);
}

/* Is there nothing but comments and empty lines between begin and end? */
static bool
is_comment(plan *self, uint64 begin, uint64 end)
{
	uint64 len = end - begin;
	char *text;
	bool line_begins = true, comment = false;

	if (len > HEADER_MAX)
		return false;
	text = palloc(len + 1);
	zdbpg_spool_read(self->ddl->script, begin, text, len);
	text[len] = '\0';
	for (const char *at = text; *at; at++)
	{
		if (line_begins)
			comment = at[0] == '-' && at[1] == '-';
		if (!comment && *at != '\n')
			return false;
		line_begins = *at == '\n';
	}
	return true;
}

/* All tables' rows go to the first table's place; between two tables there
 * is nothing to keep. */
static void
take_rows(plan *self, uint64 marker)
{
	zdbpg_ddl *ddl = self->ddl;
	uint64 end = marker + ZDBPG_MARKER_TEXT;
	zdbpg_table *table;
	uint64 header;

	if (self->tables == list_length(ddl->tables) ||
		!stands_at(self, end, ROWS_END))
		raise_unexpected(marker);
	table = list_nth(ddl->tables, self->tables++);
	header = table->header ? marker - strlen(table->header) : 0;
	if (!table->header || header < self->begin ||
		!stands_at(self, header, table->header))
		header = find_header(self, table, marker);
	if (!self->placed)
	{
		add_piece(self, ZDBPG_PIECE_TEXT, self->begin, header, InvalidOid);
		add_piece(self, ZDBPG_PIECE_TABLES, 0, 0, InvalidOid);
		self->placed = true;
	}
	else if (!is_comment(self, self->begin, header))
		raise_unexpected(header);
	self->begin = end + strlen(ROWS_END);
}

static void
take_large_object(plan *self, uint64 marker)
{
	uint64 begin = marker - strlen(LOWRITE);
	uint64 end = marker + ZDBPG_MARKER_TEXT + NUMBER_DIGITS;
	char number[NUMBER_DIGITS + 1] = "";

	if (begin < self->begin || !stands_at(self, begin, LOWRITE) ||
		!stands_at(self, end, LOWRITE_END))
		raise_unexpected(marker);
	zdbpg_spool_read(self->ddl->script, end - NUMBER_DIGITS, number,
					 NUMBER_DIGITS);
	add_piece(self, ZDBPG_PIECE_TEXT, self->begin, begin, InvalidOid);
	add_piece(self, ZDBPG_PIECE_LARGE_OBJECT, 0, 0,
			  (Oid) strtoul(number, NULL, 16));
	self->begin = end + strlen(LOWRITE_END);
}

static void
take_marker(plan *self, uint64 marker)
{
	if (stands_at(self, marker + ZDBPG_MARKER_TEXT, "\n"))
		take_rows(self, marker);
	else
		take_large_object(self, marker);
}

/* Look through a window that begins at offset; returns where the next one
 * should begin. */
static uint64
search(plan *self, const char *window, size_t len, uint64 offset)
{
	const char *at = window, *end = window + len;

	while ((at = memmem(at, (size_t) (end - at), self->ddl->marker_text,
						ZDBPG_MARKER_TEXT)) != NULL)
	{
		take_marker(self, offset + (uint64) (at - window));
		at += ZDBPG_MARKER_TEXT;
	}
	return offset + len - Min(len, ZDBPG_MARKER_TEXT - 1);
}

List *
zdbpg_script_plan(zdbpg_ddl *ddl)
{
	plan self = {.ddl = ddl};
	zdbpg_spool *script = ddl->script;
	char *window = palloc(WINDOW_BYTES);
	uint64 offset = 0;

	while (script->bytes - offset >= ZDBPG_MARKER_TEXT)
	{
		size_t len = Min(script->bytes - offset, WINDOW_BYTES);

		zdbpg_spool_read(script, offset, window, len);
		offset = search(&self, window, len, offset);
	}
	if (self.tables != list_length(ddl->tables))
		raise_unexpected(script->bytes);
	add_piece(&self, ZDBPG_PIECE_TEXT, self.begin, script->bytes, InvalidOid);
	pfree(window);
	return self.pieces;
}
