/*
 * expr - an expression of SQLite in PostgreSQL's words
 */
#include "core/lite/expr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/lite/token.h"

/* Longer ones are not worth it. */
#define EXPRESSION_BYTES 16384

typedef struct writing
{
	zdb_arena *arena;
	const zdb_lite_scope *scope;
	const char *at; /* what comes after token */
	zdb_lite_token token;
	zdb_buf out;
	zdb_err err;
	const char *reason;
	zdb_lite_type last; /* of the column before */
	bool ordered;       /* something is compared by order */
	bool joins, counts; /* || and arithmetic */
	int cases;          /* CASE that are open */
} writing;

/* Functions that mean the same, and what they are called there. */
static const struct
{
	const char *lite, *name;
} functions[] = {
	{"abs", "abs"},          {"coalesce", "coalesce"}, {"ifnull", "coalesce"},
	{"instr", "strpos"},     {"length", "length"},     {"lower", "lower"},
	{"ltrim", "ltrim"},      {"nullif", "nullif"},     {"replace", "replace"},
	{"round", "round"},      {"rtrim", "rtrim"},       {"substr", "substr"},
	{"substring", "substr"}, {"trim", "btrim"},        {"upper", "upper"},
};

/* Words and signs that are written as they are, or otherwise. */
static const struct
{
	const char *lite, *written;
} words[] = {
	{"AND", "AND"},
	{"OR", "OR"},
	{"NULL", "NULL"},
	{"IN", "IN"},
	{"BETWEEN", "BETWEEN"},
	{"WHEN", "WHEN"},
	{"THEN", "THEN"},
	{"ELSE", "ELSE"},
	{"ISNULL", "IS NULL"},
	{"NOTNULL", "IS NOT NULL"},
	{"TRUE", "true"},
	{"FALSE", "false"},
	{"(", "("},
	{")", ")"},
	{",", ","},
	{"=", "="},
	{"==", "="},
	{"<>", "<>"},
	{"!=", "<>"},
	{"<", "<"},
	{"<=", "<="},
	{">", ">"},
	{">=", ">="},
	{"||", "||"},
	{"+", "+"},
	{"-", "-"},
	{"*", "*"},
	{"/", "/"},
	{"%", "%"},
	{"&", "&"},
	{"|", "|"},
	{"~", "~"},
	{"<<", "<<"},
	{">>", ">>"},
};

static const struct
{
	const char *lite, *written;
} casts[] = {
	{"TEXT", "text"},
	{"REAL", "double precision"},
	{"NUMERIC", "numeric"},
};

static void
fail(writing *self, const char *fmt, const char *what)
{
	if (!self->reason)
		self->reason = zdb_arena_format(self->arena, fmt, what);
}

static void
write_text(writing *self, const char *text)
{
	zdb_buf_append(&self->out, " ", 1, &self->err);
	zdb_buf_append(&self->out, text, strlen(text), &self->err);
}

static void
advance(writing *self)
{
	self->token = zdb_lite_next(&self->at);
}

static zdb_lite_token
peek(const writing *self)
{
	const char *at = self->at;

	return zdb_lite_next(&at);
}

static bool
is(const writing *self, const char *text)
{
	return zdb_lite_is(&self->token, text);
}

static bool
comes(const writing *self, const char *text)
{
	zdb_lite_token next = peek(self);

	return zdb_lite_is(&next, text);
}

static const char *
text_of(writing *self)
{
	return zdb_lite_text(self->arena, &self->token);
}

static const zdb_lite_column *
find_column(const writing *self, const char *name)
{
	for (int i = 0; i < self->scope->count; i++)
		if (zdb_lite_same(self->scope->columns[i].name, name))
			return &self->scope->columns[i];
	return NULL;
}

static bool
write_column(writing *self)
{
	const zdb_lite_column *column = find_column(self, text_of(self));
	bool text;

	if (!column)
		return false;
	text = column->type == ZDB_LITE_TEXT || column->type == ZDB_LITE_VARCHAR;
	write_text(self, column->sql);
	if (text && self->ordered)
		write_text(self, "COLLATE \"C\"");
	self->last = column->type;
	return true;
}

static void
write_literal(writing *self)
{
	write_text(self, zdb_arena_literal(self->arena, text_of(self)));
}

/* table.column, of this table only. */
static void
write_qualified(writing *self)
{
	if (!self->scope->table ||
		!zdb_lite_same(self->scope->table, text_of(self)))
	{
		fail(self, "there is no table \"%s\" to look at", text_of(self));
		return;
	}
	advance(self);
	advance(self);
	if (!write_column(self))
		fail(self, "there is no column \"%s\"", text_of(self));
}

static void
write_number(writing *self)
{
	const char *at = self->token.at;
	bool digit = self->token.len == 1;

	if (digit && self->last == ZDB_LITE_BOOLEAN && (*at == '0' || *at == '1'))
		write_text(self, *at == '1' ? "true" : "false");
	else if (!digit && (at[1] == 'x' || at[1] == 'X'))
		write_text(self,
				   zdb_arena_format(self->arena, "%lld",
									(long long) strtoull(at + 2, NULL, 16)));
	else
		write_text(self, text_of(self));
}

/* x'00ff' as '\x00ff'. */
static void
write_blob(writing *self)
{
	const char *digits = self->token.at + 2;
	size_t count = strspn(digits, "0123456789abcdefABCDEF");

	if (digits[count] != '\'' || count % 2 != 0)
		fail(self, "%s is no bytes", text_of(self));
	else
		write_text(self, zdb_arena_format(self->arena, "'\\x%.*s'::bytea",
										  (int) count, digits));
}

/* What is valid JSON already can be nothing else. */
static void
write_json_valid(writing *self)
{
	const zdb_lite_column *column;

	advance(self);
	advance(self);
	column = find_column(self, text_of(self));
	if (!column || !comes(self, ")") ||
		(column->type != ZDB_LITE_JSON && column->type != ZDB_LITE_JSONB))
		fail(self, "%s() of what is no JSON column", "json_valid");
	else
		write_text(self, "true");
	advance(self);
}

static void
write_function(writing *self)
{
	const char *name = text_of(self);

	if (zdb_lite_same(name, "json_valid"))
	{
		write_json_valid(self);
		return;
	}
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (zdb_lite_same(functions[i].lite, name))
		{
			write_text(self, functions[i].name);
			return;
		}
	fail(self, "the function %s() has no like here", name);
}

static void
write_is(writing *self)
{
	bool not = comes(self, "NOT");

	if (not )
		advance(self);
	if (comes(self, "NULL"))
		write_text(self, not ? "IS NOT NULL" : "IS NULL");
	else if (self->last == ZDB_LITE_BOOLEAN && comes(self, "TRUE"))
		write_text(self, not ? "IS NOT TRUE" : "IS TRUE");
	else if (self->last == ZDB_LITE_BOOLEAN && comes(self, "FALSE"))
		write_text(self, not ? "IS NOT FALSE" : "IS FALSE");
	else
		fail(self, "%s with a value has no like here", "IS");
	advance(self);
}

static void
write_not(writing *self)
{
	if (!comes(self, "NULL"))
	{
		write_text(self, "NOT");
		return;
	}
	advance(self);
	write_text(self, "IS NOT NULL");
}

/* A backslash is nothing special to SQLite. */
static void
write_like(writing *self)
{
	write_text(self, "ILIKE");
	advance(self);
	if (self->token.kind != ZDB_LITE_STRING)
	{
		fail(self, "%s with a pattern that is no constant", "LIKE");
		return;
	}
	write_literal(self);
	write_text(self, "ESCAPE");
	if (!comes(self, "ESCAPE"))
	{
		write_text(self, "''");
		return;
	}
	advance(self);
	advance(self);
	write_literal(self);
}

/* CAST(... AS type): the type, at AS. */
static void
write_cast_type(writing *self)
{
	advance(self);
	for (size_t i = 0; i < sizeof casts / sizeof casts[0]; i++)
		if (is(self, casts[i].lite) && comes(self, ")"))
		{
			write_text(self, "AS");
			write_text(self, casts[i].written);
			return;
		}
	fail(self, "CAST as %s means something else here", text_of(self));
}

static void
write_collate(writing *self)
{
	advance(self);
	if (!zdb_lite_same(text_of(self), "BINARY"))
		fail(self, "COLLATE %s has no like here", text_of(self));
}

/* A word or sign of the table. */
static bool
write_word(writing *self)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (is(self, words[i].lite))
		{
			self->joins = self->joins || is(self, "||");
			self->counts =
				self->counts ||
				(self->token.kind == ZDB_LITE_SIGN &&
				 strchr("+-*/%&|~", *self->token.at) && !is(self, "||"));
			write_text(self, words[i].written);
			return true;
		}
	return false;
}

static void
write_keyword(writing *self)
{
	if (is(self, "NOT"))
		write_not(self);
	else if (is(self, "IS"))
		write_is(self);
	else if (is(self, "LIKE"))
		write_like(self);
	else if (is(self, "COLLATE"))
		write_collate(self);
	else if (is(self, "CAST") && comes(self, "("))
		write_text(self, "CAST");
	else if (is(self, "AS"))
		write_cast_type(self);
	else if (is(self, "CASE") || is(self, "END"))
	{
		self->cases += is(self, "CASE") ? 1 : -1;
		write_text(self, is(self, "CASE") ? "CASE" : "END");
	}
	else if (write_word(self))
		;
	else if (self->token.kind == ZDB_LITE_WORD && comes(self, "("))
		write_function(self);
	else
		fail(self, "%s has no like here", text_of(self));
}

/* A name can be a column, a text in double quotes, or a keyword. */
static void
write_name(writing *self)
{
	if (comes(self, "."))
		write_qualified(self);
	else if (is(self, "END") && self->cases > 0)
		write_keyword(self);
	else if (write_column(self))
		;
	else if (self->token.kind == ZDB_LITE_WORD)
		write_keyword(self);
	else if (*self->token.at == '"')
		write_literal(self);
	else
		fail(self, "there is no column \"%s\"", text_of(self));
}

static void
write_token(writing *self)
{
	switch (self->token.kind)
	{
		case ZDB_LITE_END:
			break;
		case ZDB_LITE_WORD:
		case ZDB_LITE_NAME:
			write_name(self);
			break;
		case ZDB_LITE_STRING:
			write_literal(self);
			break;
		case ZDB_LITE_BLOB:
			write_blob(self);
			break;
		case ZDB_LITE_NUMBER:
			write_number(self);
			break;
		case ZDB_LITE_SIGN:
			write_keyword(self);
			break;
	}
}

static bool
compares_order(const char *sql)
{
	zdb_lite_token token;

	while ((token = zdb_lite_next(&sql)).kind != ZDB_LITE_END)
		if (zdb_lite_is(&token, "BETWEEN") || zdb_lite_is(&token, "<") ||
			zdb_lite_is(&token, "<=") || zdb_lite_is(&token, ">") ||
			zdb_lite_is(&token, ">="))
			return true;
	return false;
}

/* What was written, or NULL. */
static const char *
finish(writing *self)
{
	const char *text;

	/* || binds more tightly than arithmetic there, and less here */
	if (self->joins && self->counts)
		fail(self, "%s beside arithmetic means something else here", "||");
	if (self->err.code)
		self->arena->failed = true;
	text =
		self->reason || self->err.code
			? NULL
			: zdb_arena_format(self->arena, "%.*s", (int) self->out.len,
							   self->out.data ? (char *) self->out.data : "");
	zdb_buf_clear(&self->out);
	return text;
}

const char *
zdb_lite_expr(zdb_arena *arena, const zdb_lite_scope *scope, const char *sql,
			  const char **reason)
{
	writing self = {.arena = arena, .scope = scope, .at = sql};
	const char *text;

	self.ordered = compares_order(sql);
	if (strlen(sql) > EXPRESSION_BYTES)
		fail(&self, "the expression is %s", "too long");
	for (advance(&self); self.token.kind != ZDB_LITE_END && !self.reason;
		 advance(&self))
		write_token(&self);
	text = finish(&self);
	*reason = self.reason;
	return text;
}
