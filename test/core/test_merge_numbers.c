/*
 * test_merge_numbers - numbers of a policy stay as they were written
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/policy/merge.h"
#include "test/core/test.h"

/* Through the parser and back; to be freed; NULL: it is refused. */
static char *
through(const char *json)
{
	zdb_buf marked = {0};
	zdb_err err = {0};
	json_t *value;
	char *text;

	test_ok(zdb_merge_mark_numbers(json, &marked, &err) == ZDB_OK, "marked");
	value = json_loads((char *) marked.data, JSON_DECODE_ANY, NULL);
	zdb_buf_clear(&marked);
	if (!value)
		return NULL;
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(value);
	zdb_merge_unmark_numbers(text);
	return text;
}

static void
test_numbers_stay(void)
{
	static const char *const cases[] = {
		"0",
		"-7",
		"123456789012345678",
		"-123456789012345678901234567890",
		"10.55",
		"1e-20",
		"-1.50E+300",
		"[1,2.50,\"3.50\",null,true]",
		"{\"rows\":{\"t\":[0.10,{\"a\":1e5}]},\"n\":12}",
		"\"text 1.5\"",
		"{\"a \\\"1.5\\\" 2.5\":\"\\\\\"}",
		"{}",
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		char *text = through(cases[i]);

		test_ok(text && strcmp(text, cases[i]) == 0, "%s: %s", cases[i],
				text ? text : "refused");
		free(text);
	}
}

static void
test_what_is_no_json_is_refused(void)
{
	static const char *const cases[] = {
		"", "-", "1.", "1e", "[1.5", "\"1.5", "{\"a\":1.5,}", "1.5.5", "\"\\",
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		char *text = through(cases[i]);

		test_ok(!text, "%s", cases[i]);
		free(text);
	}
}

int
main(void)
{
	test_numbers_stay();
	test_what_is_no_json_is_refused();
	return test_done();
}
