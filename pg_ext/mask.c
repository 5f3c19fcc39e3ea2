/*
 * mask - rows of a COPY block, masked on their way into a table
 */
#include "pg_ext/mask.h"

#include "catalog/pg_collation.h"
#include "executor/executor.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/formatting.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "core/dump/copy.h"
#include "pg_ext/copy_row.h"
#include "pg_ext/zdbpg.h"

#define PIECE_BYTES 8192

/* A field of the lines. */
typedef struct field
{
	const zdb_mask_column *column; /* NULL: it stays as it is */
	const char *value;             /* of the rule, as COPY's text */
	ExprState *expression;
	FmgrInfo output; /* of the expression's type */
	AttrNumber attnum;
} field;

struct zdbpg_mask
{
	zdb_mask rules;
	ErrorContextCallback context;
	/* of the present COPY */
	MemoryContext block;
	MemoryContext line;
	const zdb_mask_table *table;
	List *fields;
	bool evaluates; /* expressions, so that rows are read */
	zdbpg_copy_row row;
	TupleTableSlot *slot;
	ExprContext *expressions;
	StringInfoData in, out; /* unmasked and masked lines */
	size_t given;           /* of out */
	bool ended;
	zdb_buf made;
};

static void
release(void *object)
{
	zdbpg_mask *self = object;

	if (!self)
		return;
	zdb_buf_clear(&self->made);
	zdb_mask_clear(&self->rules);
}

zdbpg_mask *
zdbpg_mask_open(const char *dump)
{
	zdbpg_mask **slot = palloc0(sizeof *slot);
	zdb_err err = {0};

	zdbpg_own((void **) slot, release);
	*slot = palloc0(sizeof **slot);
	(*slot)->block = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup mask", ALLOCSET_DEFAULT_SIZES);
	(*slot)->line = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup line", ALLOCSET_DEFAULT_SIZES);
	zdbpg_check(zdb_mask_load(&(*slot)->rules, dump, &err), &err);
	return *slot;
}

/* Which rules an error may come from. */
static void
name_rules(void *arg)
{
	const zdbpg_mask *self = arg;
	StringInfoData list;

	initStringInfo(&list);
	for (const zdb_mask_column *column = self->table->columns; column;
		 column = column->next)
		appendStringInfo(&list, "%s%s (%s)", list.len ? ", " : "",
						 zdbpg_from_utf8(column->name),
						 zdb_mask_name(column->kind));
	errcontext("masked columns of table \"%s\": %s",
			   zdbpg_from_utf8(self->table->name), list.data);
}

static void
append_escaped(StringInfo out, const char *text)
{
	static const char plain[] = "\b\f\n\r\t\v\\", names[] = "bfnrtv\\";

	for (; *text; text++)
	{
		const char *found = strchr(plain, *text);

		if (found)
			appendStringInfoChar(out, '\\');
		appendStringInfoChar(out, found ? names[found - plain] : *text);
	}
}

static field *
new_field(zdbpg_mask *self, Relation rel, const char *name)
{
	field *one = palloc0(sizeof *one);
	StringInfoData text;
	Oid output;
	bool varlena;

	one->attnum = get_attnum(RelationGetRelid(rel), name);
	one->column =
		zdb_mask_column_of(&self->rules, self->table, zdbpg_to_utf8(name));
	if (!one->column || one->attnum <= 0)
		return one;
	if (one->column->kind == ZDB_MASK_VALUE)
	{
		initStringInfo(&text);
		append_escaped(&text, zdbpg_from_utf8(one->column->text));
		one->value = text.data;
	}
	if (one->column->kind != ZDB_MASK_SQL)
		return one;
	one->expression = zdbpg_mask_prepare(one->column, rel, one->attnum);
	getTypeOutputInfo(
		TupleDescAttr(RelationGetDescr(rel), one->attnum - 1)->atttypid,
		&output, &varlena);
	fmgr_info(output, &one->output);
	self->evaluates = true;
	return one;
}

/* The columns that lines have: those that COPY lists, or all. */
static List *
columns_of(const CopyStmt *stmt, Relation rel)
{
	TupleDesc desc = RelationGetDescr(rel);
	List *names = NIL;
	ListCell *cell;

	foreach(cell, stmt->attlist) names = lappend(names, strVal(lfirst(cell)));
	for (int i = 0; stmt->attlist == NIL && i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped &&
			!TupleDescAttr(desc, i)->attgenerated)
			names = lappend(names, NameStr(TupleDescAttr(desc, i)->attname));
	return names;
}

static void
prepare_rows(zdbpg_mask *self, Relation rel, List *names)
{
	self->row = (zdbpg_copy_row){.desc = RelationGetDescr(rel),
								 .encoding = GetDatabaseEncoding()};
	self->row.input = TupleDescGetAttInMetadata(self->row.desc);
	zdbpg_copy_row_columns(&self->row, RelationGetRelid(rel), names);
	self->slot = MakeSingleTupleTableSlot(self->row.desc, &TTSOpsVirtual);
	self->expressions = CreateStandaloneExprContext();
	self->expressions->ecxt_scantuple = self->slot;
}

static void
check_format(const zdbpg_script *script, const CopyStmt *stmt)
{
	if (stmt->options != NIL)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("rows of a COPY with options cannot be "
							   "masked"),
						errhint("Dump with pg_dump.")));
	if (!PG_VALID_BE_ENCODING(script->encoding))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("rows in encoding %s cannot be masked",
							   pg_encoding_to_char(script->encoding)),
						errhint("Dump with --encoding=UTF8.")));
}

bool
zdbpg_mask_begin(zdbpg_mask *self, zdbpg_script *script, Relation rel)
{
	const CopyStmt *stmt = castNode(CopyStmt, script->raw->stmt);
	MemoryContext before;
	List *names;
	ListCell *cell;

	self->table = zdb_mask_find(
		&self->rules,
		zdbpg_to_utf8(get_namespace_name(RelationGetNamespace(rel))),
		zdbpg_to_utf8(RelationGetRelationName(rel)));
	if (!self->table)
		return false;
	check_format(script, stmt);
	MemoryContextReset(self->block);
	before = MemoryContextSwitchTo(self->block);
	self->fields = NIL;
	self->evaluates = self->ended = false;
	self->given = 0;
	initStringInfo(&self->in);
	initStringInfo(&self->out);
	names = columns_of(stmt, rel);
	foreach(cell, names) self->fields =
		lappend(self->fields, new_field(self, rel, lfirst(cell)));
	if (self->evaluates)
		prepare_rows(self, rel, names);
	MemoryContextSwitchTo(before);
	self->context =
		(ErrorContextCallback){error_context_stack, name_rules, self};
	error_context_stack = &self->context;
	return true;
}

void
zdbpg_mask_end(zdbpg_mask *self)
{
	error_context_stack = self->context.previous;
	if (!self->evaluates)
		return;
	FreeExprContext(self->expressions, true);
	ExecDropSingleTupleTableSlot(self->slot);
}

static void
append_evaluated(zdbpg_mask *self, field *one)
{
	bool null;
	Datum value =
		ExecEvalExprSwitchContext(one->expression, self->expressions, &null);

	if (null)
		appendStringInfoString(&self->out, "\\N");
	else
		append_escaped(&self->out, OutputFunctionCall(&one->output, value));
}

static void
append_fake(zdbpg_mask *self, const zdb_mask_column *column, const char *raw,
			size_t len)
{
	char *copy = pnstrdup(raw, len), *text;
	zdb_copy_field value;
	zdb_err err = {0};

	zdb_copy_split(copy, len, &value, 1);
	if (value.null)
	{
		appendStringInfoString(&self->out, "\\N");
		return;
	}
	value.bytes[value.len] = '\0';
	text = value.bytes;
	if (column->nocase) /* as citext compares */
		text = str_tolower(text, value.len, DEFAULT_COLLATION_OID);
	text = zdbpg_to_utf8(text);
	self->made.len = 0;
	zdbpg_check(zdb_mask_fake(&self->rules, column, text, strlen(text),
							  &self->made, &err),
				&err);
	zdbpg_check(zdb_buf_append(&self->made, "", 1, &err), &err);
	append_escaped(&self->out,
				   zdbpg_from_utf8((const char *) self->made.data));
}

static void
append_field(zdbpg_mask *self, field *one, const char *raw, size_t len)
{
	zdb_mask_kind kind = one->column ? one->column->kind : ZDB_MASK_NONE;

	switch (kind)
	{
		case ZDB_MASK_NONE:
			appendBinaryStringInfo(&self->out, raw, (int) len);
			break;
		case ZDB_MASK_NULL:
			appendStringInfoString(&self->out, "\\N");
			break;
		case ZDB_MASK_VALUE:
			appendStringInfoString(&self->out, one->value);
			break;
		case ZDB_MASK_SQL:
			append_evaluated(self, one);
			break;
		case ZDB_MASK_HASH:
		case ZDB_MASK_EMAIL:
		case ZDB_MASK_NAME:
		case ZDB_MASK_PHONE:
			append_fake(self, one->column, raw, len);
			break;
	}
}

/* Where the field ends that begins here: at a tab, or with the line. */
static const char *
field_end(const char *at, const char *end)
{
	while (at < end && *at != '\t')
		at += *at == '\\' && at + 1 < end ? 2 : 1;
	return at;
}

static void
mask_line(zdbpg_mask *self, const char *line, size_t len)
{
	const char *end = line + len, *at = line;
	ListCell *cell;

	if (self->evaluates)
	{
		ResetExprContext(self->expressions);
		ExecClearTuple(self->slot);
		zdbpg_copy_row_read(&self->row, pnstrdup(line, len), len,
							self->slot->tts_values, self->slot->tts_isnull);
		ExecStoreVirtualTuple(self->slot);
	}
	foreach(cell, self->fields)
	{
		const char *stop = field_end(at, end);

		append_field(self, lfirst(cell), at, (size_t) (stop - at));
		if (stop == end)
			break; /* with too few fields, COPY says so */
		appendStringInfoChar(&self->out, '\t');
		at = stop + 1;
	}
	if (cell == NULL && at < end) /* too many: COPY says so, too */
		appendStringInfoString(&self->out, "\t");
	appendStringInfoChar(&self->out, '\n');
}

/* A complete line, or 0 bytes: more is needed. */
static size_t
line_length(const StringInfo in, size_t from)
{
	const char *begin = in->data + from, *at = begin;
	size_t left = (size_t) in->len - from;

	for (;;)
	{
		const char *newline = memchr(at, '\n', left - (size_t) (at - begin));

		if (!newline)
			return 0;
		if (!zdb_copy_continues(begin, (size_t) (newline - begin)))
			return (size_t) (newline - begin) + 1;
		at = newline + 1;
	}
}

static void
mask_lines(zdbpg_mask *self, const zdbpg_script *script)
{
	MemoryContext before = MemoryContextSwitchTo(self->line);
	size_t from = 0, len;

	while ((len = line_length(&self->in, from)) > 0)
	{
		size_t bytes = len - 1;
		char *line;

		if (bytes > 0 && self->in.data[from + bytes - 1] == '\r')
			bytes--;
		line = pg_any_to_server(self->in.data + from, (int) bytes,
								script->encoding);
		if (line != self->in.data + from)
			bytes = strlen(line);
		mask_line(self, line, bytes);
		from += len;
		MemoryContextReset(self->line);
	}
	MemoryContextSwitchTo(before);
	self->in.len -= (int) from;
	memmove(self->in.data, self->in.data + from, (size_t) self->in.len + 1);
}

/* Have masked lines to give, if there are more. */
static void
fill(zdbpg_mask *self, zdbpg_script *script)
{
	resetStringInfo(&self->out);
	self->given = 0;
	while (self->out.len == 0 && !self->ended)
	{
		size_t len;

		enlargeStringInfo(&self->in, PIECE_BYTES);
		len = zdbpg_script_rows(script, self->in.data + self->in.len,
								PIECE_BYTES);
		self->in.len += (int) len;
		self->in.data[self->in.len] = '\0';
		self->ended = len == 0;
		mask_lines(self, script);
	}
}

size_t
zdbpg_mask_rows(zdbpg_mask *self, zdbpg_script *script, void *into, size_t max)
{
	size_t len;

	if (self->given == (size_t) self->out.len)
		fill(self, script);
	len = Min(max, (size_t) self->out.len - self->given);
	memcpy(into, self->out.data + self->given, len);
	self->given += len;
	return len;
}
