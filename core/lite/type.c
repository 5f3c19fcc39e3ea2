/*
 * type - the declared type of a column of SQLite, and its like in PostgreSQL
 */
#include "core/lite/type.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A declared type, in upper case, without what stands in parentheses. */
#define NAME_BYTES 40

/* PostgreSQL's limits. */
#define PRECISION_MAX 1000
#define LENGTH_MAX 10485760

/* What ORMs and people write; SQLite itself knows none of them. */
static const struct
{
	const char *name;
	zdb_lite_type type;
} names[] = {
	{"BOOLEAN", ZDB_LITE_BOOLEAN},
	{"BOOL", ZDB_LITE_BOOLEAN},
	{"DATE", ZDB_LITE_DATE},
	{"TIME", ZDB_LITE_TIME},
	{"TIME WITHOUT TIME ZONE", ZDB_LITE_TIME},
	{"DATETIME", ZDB_LITE_TIMESTAMP},
	{"TIMESTAMP", ZDB_LITE_TIMESTAMP},
	{"TIMESTAMP WITHOUT TIME ZONE", ZDB_LITE_TIMESTAMP},
	{"TIMESTAMP WITH TIME ZONE", ZDB_LITE_TIMESTAMPTZ},
	{"TIMESTAMPTZ", ZDB_LITE_TIMESTAMPTZ},
	{"DECIMAL", ZDB_LITE_NUMERIC},
	{"DEC", ZDB_LITE_NUMERIC},
	{"NUMERIC", ZDB_LITE_NUMERIC},
	{"NUMBER", ZDB_LITE_NUMERIC},
	{"MONEY", ZDB_LITE_NUMERIC},
	{"CURRENCY", ZDB_LITE_NUMERIC},
	{"JSON", ZDB_LITE_JSON},
	{"JSONB", ZDB_LITE_JSONB},
	{"UUID", ZDB_LITE_TEXT},
	{"UNIQUEIDENTIFIER", ZDB_LITE_TEXT},
	{"STRING", ZDB_LITE_TEXT},
	{"BYTEA", ZDB_LITE_BYTEA},
	{"BINARY", ZDB_LITE_BYTEA},
	{"VARBINARY", ZDB_LITE_BYTEA},
	{"SERIAL", ZDB_LITE_BIGINT},
	{"BIGSERIAL", ZDB_LITE_BIGINT},
};

/* In SQLite's order: the first that is part of the name. */
static const struct
{
	const char *part;
	zdb_lite_type type;
} affinities[] = {
	{"INT", ZDB_LITE_BIGINT},  {"CHAR", ZDB_LITE_VARCHAR},
	{"CLOB", ZDB_LITE_TEXT},   {"TEXT", ZDB_LITE_TEXT},
	{"BLOB", ZDB_LITE_BYTEA},  {"REAL", ZDB_LITE_DOUBLE},
	{"FLOA", ZDB_LITE_DOUBLE}, {"DOUB", ZDB_LITE_DOUBLE},
};

static int
number_in(const char *text, int limit)
{
	long number = text ? strtol(text, NULL, 10) : 0;

	return number > 0 && number <= limit ? (int) number : 0;
}

/* "varchar ( 10 )" is VARCHAR; white space once. */
static void
plain_name(const char *text, char name[NAME_BYTES])
{
	size_t len = 0;
	bool space = false;

	for (; *text && *text != '(' && len < NAME_BYTES - 2; text++)
	{
		if (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r')
		{
			space = len > 0;
			continue;
		}
		if (space)
			name[len++] = ' ';
		space = false;
		name[len++] =
			(char) (*text >= 'a' && *text <= 'z' ? *text - 32 : *text);
	}
	name[len] = '\0';
}

static zdb_lite_type
type_named(const char *name)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].type;
	for (size_t i = 0; i < sizeof affinities / sizeof affinities[0]; i++)
		if (strstr(name, affinities[i].part))
			return affinities[i].type;
	return ZDB_LITE_ANY;
}

zdb_lite_declared
zdb_lite_declared_of(const char *text)
{
	zdb_lite_declared declared = {ZDB_LITE_ANY, 0, 0};
	const char *paren = strchr(text, '('), *comma;
	char name[NAME_BYTES];

	plain_name(text, name);
	declared.type = type_named(name);
	comma = paren ? strchr(paren, ',') : NULL;
	if (declared.type == ZDB_LITE_NUMERIC && paren)
	{
		declared.length = number_in(paren + 1, PRECISION_MAX);
		declared.scale = number_in(comma ? comma + 1 : NULL, PRECISION_MAX);
		if (declared.scale > declared.length)
			declared.length = declared.scale = 0;
	}
	if (declared.type != ZDB_LITE_VARCHAR)
		return declared;
	declared.length = number_in(paren ? paren + 1 : NULL, LENGTH_MAX);
	if (declared.length == 0)
		declared.type = ZDB_LITE_TEXT;
	return declared;
}

void
zdb_lite_type_name(zdb_lite_declared type, char out[ZDB_LITE_TYPE_BYTES])
{
	static const char *const texts[] = {"text",
										"boolean",
										"bigint",
										"double precision",
										"numeric",
										"text",
										"varchar",
										"bytea",
										"date",
										"time",
										"timestamp without time zone",
										"timestamp with time zone",
										"json",
										"jsonb"};
	int len = snprintf(out, ZDB_LITE_TYPE_BYTES, "%s", texts[type.type]);

	if (type.length > 0 && type.type == ZDB_LITE_NUMERIC)
		snprintf(out + len, ZDB_LITE_TYPE_BYTES - (size_t) len, "(%d,%d)",
				 type.length, type.scale);
	else if (type.length > 0)
		snprintf(out + len, ZDB_LITE_TYPE_BYTES - (size_t) len, "(%d)",
				 type.length);
}
