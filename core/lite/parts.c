/*
 * parts - what CREATE TABLE and CREATE INDEX say and no pragma tells
 */
#include "core/lite/parts.h"

#include <string.h>

#include "core/lite/token.h"

typedef struct reading
{
	zdb_arena *arena;
	const char *at; /* what comes after token */
	zdb_lite_token token;
	zdb_lite_part *first, **end;
	zdb_lite_part *foreign; /* the last one */
	const char *name;       /* of the constraint that begins */
	const char *column;
	int columns;
} reading;

static void
advance(reading *self)
{
	self->token = zdb_lite_next(&self->at);
}

static bool
is(const reading *self, const char *text)
{
	return zdb_lite_is(&self->token, text);
}

/* Is the present token this one? Then go on behind it. */
static bool
take(reading *self, const char *text)
{
	if (!is(self, text))
		return false;
	advance(self);
	return true;
}

static bool
at_end(const reading *self)
{
	return self->token.kind == ZDB_LITE_END;
}

static const char *
slice(reading *self, const char *from, const char *end)
{
	return zdb_arena_format(self->arena, "%.*s",
							end > from ? (int) (end - from) : 0, from);
}

static void
add(reading *self, zdb_lite_part_kind kind, const char *sql)
{
	zdb_lite_part *part = zdb_arena_alloc(self->arena, sizeof *part);

	if (!part)
		return;
	*part = (zdb_lite_part){
		.kind = kind, .name = self->name, .column = self->column, .sql = sql};
	*self->end = part;
	self->end = &part->next;
	if (kind == ZDB_LITE_FOREIGN)
		self->foreign = part;
}

/* From the opening parenthesis to behind its closing one; what is inside. */
static const char *
take_group(reading *self)
{
	const char *from = self->at, *end;
	int depth = 1;

	if (!take(self, "("))
		return "";
	while (!at_end(self))
	{
		depth += is(self, "(") - is(self, ")");
		if (depth == 0)
			break;
		advance(self);
	}
	end = self->token.at;
	advance(self);
	return slice(self, from, end);
}

static void
take_default(reading *self)
{
	if (is(self, "("))
	{
		take_group(self);
		return;
	}
	if (is(self, "+") || is(self, "-"))
		advance(self);
	advance(self);
}

/* [NOT] DEFERRABLE [INITIALLY DEFERRED | IMMEDIATE], after NOT. */
static void
take_deferrable(reading *self, bool deferrable)
{
	bool deferred = take(self, "INITIALLY") && is(self, "DEFERRED");

	if (self->foreign)
		self->foreign->deferred = deferrable && deferred;
}

static void
take_on(reading *self)
{
	if (take(self, "CONFLICT"))
	{
		if (!is(self, "ABORT"))
			add(self, ZDB_LITE_CONFLICT,
				zdb_lite_text(self->arena, &self->token));
		advance(self);
	}
}

/* One word of a constraint, or of a type. */
static void
take_word(reading *self)
{
	if (take(self, "CONSTRAINT"))
	{
		self->name = zdb_lite_text(self->arena, &self->token);
		advance(self);
		return;
	}
	if (take(self, "FOREIGN"))
	{
		take(self, "KEY");
		take_group(self);
		return; /* the name is for REFERENCES */
	}
	if (take(self, "CHECK"))
		add(self, ZDB_LITE_CHECK, take_group(self));
	else if (take(self, "AS"))
	{
		if (self->column && is(self, "("))
			add(self, ZDB_LITE_GENERATED, take_group(self));
	}
	else if (take(self, "DEFAULT"))
		take_default(self);
	else if (take(self, "COLLATE"))
		advance(self);
	else if (take(self, "REFERENCES"))
	{
		add(self, ZDB_LITE_FOREIGN, NULL);
		advance(self); /* the parent may be called anything */
	}
	else if (take(self, "DEFERRABLE"))
		take_deferrable(self, true);
	else if (take(self, "NOT"))
	{
		if (take(self, "DEFERRABLE"))
			take_deferrable(self, false);
	}
	else if (take(self, "ON"))
		take_on(self);
	else if (is(self, "("))
		take_group(self); /* of a type */
	else
		advance(self);
	self->name = NULL;
}

static bool
begins_constraint(const reading *self)
{
	return is(self, "CONSTRAINT") || is(self, "PRIMARY") ||
		   is(self, "UNIQUE") || is(self, "CHECK") || is(self, "FOREIGN");
}

/* A column, or constraints of the table. */
static void
take_item(reading *self)
{
	self->name = self->column = NULL;
	if (!begins_constraint(self) || self->columns == 0)
	{
		self->column = zdb_lite_text(self->arena, &self->token);
		self->columns++;
		advance(self);
	}
	while (!at_end(self) && !is(self, ",") && !is(self, ")"))
		take_word(self);
}

static void
begin(reading *self, zdb_arena *arena, const char *sql)
{
	*self = (reading){.arena = arena, .at = sql};
	self->end = &self->first;
	advance(self);
}

zdb_lite_part *
zdb_lite_table_parts(zdb_arena *arena, const char *sql)
{
	reading self;

	begin(&self, arena, sql);
	while (!at_end(&self) && !is(&self, "("))
		advance(&self);
	do
	{
		advance(&self);
		take_item(&self);
	} while (is(&self, ","));
	return self.first;
}

/* The ends of the last tokens, to leave off COLLATE x DESC. */
typedef struct tail
{
	const char *ends[4];
	zdb_lite_token tokens[3];
} tail;

static void
remember(tail *self, const zdb_lite_token *token)
{
	memmove(self->ends, self->ends + 1, 3 * sizeof *self->ends);
	memmove(self->tokens, self->tokens + 1, 2 * sizeof *self->tokens);
	self->ends[3] = token->at + token->len;
	self->tokens[2] = *token;
}

static const char *
expression_end(const tail *self)
{
	int last = 3;

	if (zdb_lite_is(&self->tokens[2], "ASC") ||
		zdb_lite_is(&self->tokens[2], "DESC"))
		last = 2;
	if (zdb_lite_is(&self->tokens[last - 2], "COLLATE"))
		last -= 2;
	return self->ends[last];
}

static void
take_element(reading *self)
{
	const char *from = self->token.at;
	tail last = {.ends = {from, from, from, from}};

	for (int depth = 0; !at_end(self); advance(self))
	{
		if (depth == 0 && (is(self, ",") || is(self, ")")))
			break;
		depth += is(self, "(") - is(self, ")");
		remember(&last, &self->token);
	}
	add(self, ZDB_LITE_ELEMENT, slice(self, from, expression_end(&last)));
}

zdb_lite_part *
zdb_lite_index_parts(zdb_arena *arena, const char *sql)
{
	reading self;

	begin(&self, arena, sql);
	while (!at_end(&self) && !is(&self, "("))
		advance(&self);
	do
	{
		advance(&self);
		take_element(&self);
	} while (is(&self, ","));
	advance(&self);
	if (is(&self, "WHERE"))
		add(&self, ZDB_LITE_WHERE, slice(&self, self.at, strchr(sql, '\0')));
	return self.first;
}
