/*
 * fuzz_lite - whatever stands in a SQLite file's schema, what we write from it
 * is one expression: it neither ends a statement nor opens a comment
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pg_split.h"
#include "core/lite/expr.h"
#include "core/lite/parts.h"
#include "core/lite/token.h"
#include "core/lite/values.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const zdb_lite_column columns[] = {
	{"a", "\"A;\"", ZDB_LITE_TEXT},
	{"b", "b", ZDB_LITE_BOOLEAN},
	{"c", "c", ZDB_LITE_JSON},
};

/* Between its words there are spaces only, and a semicolon behind it is the
 * first that ends anything; of an expression with open parentheses PostgreSQL
 * sees no end at all. */
static void
check(zdb_arena *arena, const char *written)
{
	zdb_pg_split split = {0};
	const char *statement, *at = written, *end = written;
	bool complete;
	size_t used;

	if (!written)
		return;
	for (zdb_lite_token token = zdb_lite_next(&at); token.kind != ZDB_LITE_END;
		 token = zdb_lite_next(&at))
	{
		if (strspn(end, " ") != (size_t) (token.at - end))
			abort();
		end = at;
	}
	statement = zdb_arena_format(arena, "SELECT (%s);", written);
	used = zdb_pg_split_feed(&split, statement, strlen(statement), &complete);
	if (used != strlen(statement))
		abort();
}

static void
see(const char *declared, const char *text, size_t len)
{
	zdb_lite_values values = {.declared = zdb_lite_declared_of(declared)};
	char name[ZDB_LITE_TYPE_BYTES], summary[ZDB_LITE_SUMMARY_BYTES];
	double real = 0;

	memcpy(&real, text, len < sizeof real ? len : sizeof real);
	zdb_lite_see_text(&values, text, len);
	zdb_lite_see_real(&values, real);
	zdb_lite_see_integer(&values, (int64_t) len);
	zdb_lite_see_blob(&values, text, len);
	zdb_lite_type_name(zdb_lite_choose(&values), name);
	zdb_lite_summary(&values, summary);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const zdb_lite_scope scope = {"t", columns, 3};
	static const char *const declared[] = {"DATETIME", "JSONB", "BOOLEAN",
										   "DECIMAL(10,2)", "VARCHAR(3)"};
	zdb_arena arena = {0};
	const char *text =
		zdb_arena_format(&arena, "%.*s", (int) len, (const char *) bytes);
	const char *reason;

	check(&arena, zdb_lite_expr(&arena, &scope, text, &reason));
	check(&arena, zdb_lite_default(&arena, ZDB_LITE_TEXT, text, &reason));
	for (const zdb_lite_part *part = zdb_lite_table_parts(&arena, text); part;
		 part = part->next)
		if (part->sql)
			check(&arena, zdb_lite_expr(&arena, &scope, part->sql, &reason));
	zdb_lite_index_parts(&arena, text);
	see(text, text, strlen(text));
	for (size_t i = 0; i < sizeof declared / sizeof declared[0]; i++)
		see(declared[i], text, strlen(text));
	zdb_arena_clear(&arena);
	return 0;
}
