/*
 * test_manifest - what goes in comes out, and nothing in a file is trusted
 */
#include <stdio.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "test/core/test.h"

static zdb_rc
round_trip(void *arg, zdb_err *err)
{
	zdb_manifest manifest = {.format = 1,
							 .tool = (char *) "zdbackup 1",
							 .engine = (char *) "sqlite",
							 .engine_version = (char *) "3.40.1",
							 .database = (char *) "app \"q\" 中文",
							 .type = (char *) "full",
							 .encoding = (char *) "UTF-8",
							 .label = arg,
							 .content = ZDB_CONTENT_IMAGE,
							 .page_size = 4096,
							 .pages = 7,
							 .created_us = 1756985723123456,
							 .duration_s = 0.5};
	zdb_table tables[] = {
		{(char *) "main", (char *) "a b", 3, ZDB_UNKNOWN, NULL},
		{(char *) "main", (char *) "c", ZDB_UNKNOWN, 9, NULL}};
	zdb_manifest back = {0};
	zdb_buf json = {0};

	manifest.tables = tables;
	manifest.table_count = 2;
	if (zdb_manifest_encode(&manifest, &json, err) == ZDB_OK &&
		zdb_manifest_decode(json.data, json.len, &back, err) == ZDB_OK &&
		(strcmp(back.database, manifest.database) != 0 ||
		 back.created_us != manifest.created_us || back.pages != 7 ||
		 back.table_count != 2 || back.tables[0].rows != 3 ||
		 back.tables[0].bytes != ZDB_UNKNOWN || back.tables[1].bytes != 9 ||
		 (arg == NULL) != (back.label == NULL)))
		zdb_err_set(err, ZDB_INTERNAL, "it came back different");
	zdb_buf_clear(&json);
	zdb_manifest_clear(&back);
	return err->code;
}

static void
test_hostile(const char *change, const char *message)
{
	char json[700];
	zdb_manifest back = {0};
	zdb_err err = {0};

	/* the last key wins where the JSON parser allows it; here it refuses */
	snprintf(json, sizeof json,
			 "{\"format\":1,\"tool\":\"t\",\"engine\":\"sqlite\","
			 "\"engine_version\":\"3\",\"type\":\"full\","
			 "\"encoding\":\"UTF-8\",\"unknown\":[1],%s}",
			 change);
	zdb_manifest_decode(json, strlen(json), &back, &err);
	test_err(&err, ZDB_DAMAGED, message);
	zdb_manifest_clear(&back);
}

/* Chains that no file may have; @ stands for a hash. */
static void
test_chains(void)
{
	static const char hex[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static const char *const changes[] = {
		"\"chain\":1",
		"\"chain\":[1]",
		"\"chain\":[{\"file\":\"a\"}]",
		"\"guard\":\"text\"",
		"\"chain\":[{\"file\":\"\",\"id\":\"@\",\"sha256\":\"@\"}]",
		"\"chain\":[{\"file\":\"a\",\"id\":\"@a\",\"sha256\":\"@\"}]",
		"\"chain\":[{\"file\":\"a\",\"id\":\"@\",\"sha256\":\"@\"}]"};
	static const char *const messages[] = {
		"\"chain\"", "\"chain\"", "\"chain\"", "\"chain\"",
		"\"chain\"", "\"chain\"", "\"guard\""};
	char text[500];

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
	{
		size_t used = (size_t) snprintf(
			text, sizeof text,
			"\"database\":\"x\",\"content\":\"image\",\"tables\":[],");

		for (const char *at = changes[i]; *at; at++)
			if (*at == '@')
				used += (size_t) snprintf(text + used, sizeof text - used,
										  "%s", hex);
			else
				text[used++] = *at;
		text[used] = '\0';
		test_hostile(text, messages[i]);
	}
}

int
main(void)
{
	zdb_manifest back = {0};
	zdb_err err = {0};

	test_break_each("with a label", round_trip, (void *) "label");
	test_break_each("without", round_trip, NULL);
	test_hostile("\"content\":\"image\",\"tables\":[]", "\"database\"");
	test_hostile("\"database\":\"x\",\"tables\":[]", "\"content\"");
	test_hostile("\"database\":\"x\",\"content\":\"film\"", "\"content\"");
	test_hostile("\"database\":\"x\",\"content\":\"image\"", "\"tables\"");
	test_hostile("\"database\":\"x\",\"content\":\"image\",\"tables\":[1]",
				 "\"tables\"");
	test_hostile("\"database\":\"x\",\"content\":\"image\",\"tables\":[],"
				 "\"page_size\":-1",
				 "\"page_size\"");
	test_hostile("\"database\":1,\"content\":\"image\",\"tables\":[]",
				 "\"database\"");
	test_hostile("\"format\":2", "not JSON");
	test_chains();
	zdb_manifest_decode("[", 1, &back, &err);
	test_err(&err, ZDB_DAMAGED, "not JSON");
	return test_done();
}
