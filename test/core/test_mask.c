/*
 * test_mask - rules of masks, and what they make of values
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/policy/mask.h"
#include "test/core/test.h"

static zdb_mask_column *
column(zdb_mask *mask, zdb_mask_table *table, const char *name,
	   zdb_mask_type type)
{
	zdb_mask_column *made = zdb_mask_add_column(mask, table, name);

	made->type = type;
	return made;
}

/* users(id key, email unique, name, born, code(8), len generated),
 * logins(user_email -> users.email, at), logins_1 part of logins,
 * old.users(email) */
static void
make(zdb_mask *mask)
{
	zdb_err err = {0};
	zdb_mask_table *users = zdb_mask_add_table(mask, "public", "users");
	zdb_mask_table *logins = zdb_mask_add_table(mask, "public", "logins");
	zdb_mask_table *part = zdb_mask_add_table(mask, "public", "logins_1");
	zdb_mask_table *old = zdb_mask_add_table(mask, "old", "users");
	zdb_mask_column *id = column(mask, users, "id", ZDB_MASK_INTEGER);
	zdb_mask_column *email = column(mask, users, "email", ZDB_MASK_TEXT);
	zdb_mask_column *from = column(mask, logins, "user_email", ZDB_MASK_TEXT);
	zdb_mask_column *to = column(mask, part, "user_email", ZDB_MASK_TEXT);

	id->not_null = id->unique = id->keyed = true;
	email->unique = email->keyed = true;
	column(mask, users, "name", ZDB_MASK_TEXT);
	column(mask, users, "born", ZDB_MASK_OTHER);
	column(mask, users, "code", ZDB_MASK_TEXT)->length_max = 8;
	column(mask, users, "len", ZDB_MASK_INTEGER)->generated = true;
	column(mask, users, "a.b \"c", ZDB_MASK_TEXT);
	column(mask, old, "mail", ZDB_MASK_TEXT);
	column(mask, old, "name", ZDB_MASK_TEXT);
	zdb_mask_link(mask, from, email, true, &err);
	zdb_mask_link(mask, to, from, false, &err);
}

static const struct
{
	const char *rules;
	zdb_rc code;
	const char *text; /* of the error; or of the report */
} cases[] = {
	{"{\"users.email\": \"email\"}", ZDB_OK,
	 "users email email, logins user_email email, logins_1 user_email email"},
	{"{\"logins.user_email\": \"hash\"}", ZDB_OK,
	 "users email hash, logins user_email hash, logins_1 user_email hash"},
	{"{\"logins.user_email\": null}", ZDB_OK,
	 "logins user_email null, logins_1 user_email null"},
	{"{\"users.email\": \"email\", \"logins.user_email\": \"null\"}", ZDB_OK,
	 "users email email, logins user_email null, logins_1 user_email null"},
	{"{\"public.users.name\": {\"value\": \"x\"}}", ZDB_OK,
	 "users name value"},
	{"{\"old.users.name\": {\"sql\": \"upper(name)\"}}", ZDB_OK,
	 "users name sql"},
	{"{\"users.a.b \\\"c\": \"hash\"}", ZDB_OK, "users a.b \"c hash"},
	{"{\"\\\"users\\\".\\\"a.b \\\"\\\"c\\\"\": \"hash\"}", ZDB_OK,
	 "users a.b \"c hash"},
	{"{\"old.\\\"users\\\".mail\": \"email\"}", ZDB_OK, "users mail email"},
	{"{\"users.born\": \"null\", \"users.id\": \"hash\"}", ZDB_OK,
	 "users id hash, users born null"},
	{"{\"users.name\": \"name\"}", ZDB_USAGE, "several tables"},
	{"{\"users.mial\": \"email\"}", ZDB_NOT_FOUND, "no column \"users.mial\""},
	{"{\"email\": \"email\"}", ZDB_USAGE, "no column \"email\""},
	{"{\"users.email\": \"emial\"}", ZDB_USAGE, "no such rule"},
	{"{\"users.email\": {\"value\": 1, \"sql\": \"1\"}}", ZDB_USAGE,
	 "no such rule"},
	{"{\"users.email\": {\"sql\": \"\"}}", ZDB_USAGE, "no such rule"},
	{"{\"users.email\": {\"value\": null}}", ZDB_USAGE, "no such rule"},
	{"{\"users.email\": \"hash\", \"public.users.email\": \"hash\"}",
	 ZDB_USAGE, "two rules"},
	{"{\"users.email\": \"email\", \"logins.user_email\": \"hash\"}",
	 ZDB_USAGE, "refers to \"users.email\", and their rules are different"},
	{"{\"logins.user_email\": {\"value\": \"x\"}}", ZDB_USAGE,
	 "a value would lead nowhere"},
	{"{\"users.email\": {\"sql\": \"lower(email)\"}}", ZDB_USAGE,
	 "refers to \"users.email\""},
	{"{\"users.id\": null}", ZDB_USAGE, "is NOT NULL"},
	{"{\"users.email\": {\"value\": \"x\"}}", ZDB_USAGE, "is unique"},
	{"{\"users.born\": \"hash\"}", ZDB_USAGE, "is of another type"},
	{"{\"users.id\": \"email\"}", ZDB_USAGE, "is of another type"},
	{"{\"users.code\": \"email\"}", ZDB_USAGE, "is too short"},
	{"{\"users.len\": \"hash\"}", ZDB_USAGE, "is generated"},
	{"{}", ZDB_USAGE, "must be an object"},
	{"\"email\"", ZDB_USAGE, "must be an object"},
};

static void
describe(const zdb_mask *mask, char *out)
{
	json_t *report = json_object(), *one;
	size_t i;

	*out = '\0';
	zdb_mask_report(mask, report);
	json_array_foreach (json_object_get(report, "masked"), i, one)
		out += sprintf(out, "%s%s %s %s", i ? ", " : "",
					   json_string_value(json_object_get(one, "table")),
					   json_string_value(json_object_get(one, "column")),
					   json_string_value(json_object_get(one, "rule")));
	json_decref(report);
}

static void
test_rules(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
	{
		zdb_mask mask = {0};
		zdb_err err = {0};
		char text[1000];

		make(&mask);
		zdb_mask_take(&mask, cases[i].rules, &err);
		describe(&mask, text);
		if (cases[i].code)
			test_err(&err, cases[i].code, cases[i].text);
		else
			test_ok(!err.code && strcmp(text, cases[i].text) == 0, "%s: %s%s",
					cases[i].rules, text, err.msg);
		zdb_mask_clear(&mask);
	}
}

static char *
fake(const zdb_mask *mask, const zdb_mask_column *column, const char *text)
{
	zdb_buf out = {0};
	zdb_err err = {0};
	char *copy;

	zdb_mask_fake(mask, column, text, strlen(text), &out, &err);
	zdb_buf_append(&out, "", 1, &err);
	copy = strdup(err.code ? err.msg : (char *) out.data);
	zdb_buf_clear(&out);
	return copy;
}

static void
test_fakes(void)
{
	static const struct
	{
		zdb_mask_column column;
		const char *from, *to;
	} values[] = {
		{{.kind = ZDB_MASK_HASH, .type = ZDB_MASK_TEXT}, "ann", NULL},
		{{.kind = ZDB_MASK_HASH, .type = ZDB_MASK_TEXT}, "", NULL},
		{{.kind = ZDB_MASK_HASH, .type = ZDB_MASK_TEXT, .length_max = 12},
		 "ann",
		 NULL},
		{{.kind = ZDB_MASK_HASH, .type = ZDB_MASK_UUID},
		 "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
		 NULL},
		{{.kind = ZDB_MASK_HASH, .type = ZDB_MASK_INTEGER}, "-70000", NULL},
		{{.kind = ZDB_MASK_EMAIL, .type = ZDB_MASK_TEXT}, "ann@a.org", NULL},
		{{.kind = ZDB_MASK_EMAIL, .length_max = 29}, "ann@a.org", NULL},
		{{.kind = ZDB_MASK_NAME}, "Ann", NULL},
		{{.kind = ZDB_MASK_NAME, .keyed = true}, "Ann", NULL},
		{{.kind = ZDB_MASK_NAME, .keyed = true, .length_max = 12},
		 "Ann",
		 NULL},
		{{.kind = ZDB_MASK_PHONE}, "+49 (171) 123-45.67", NULL},
		{{.kind = ZDB_MASK_PHONE}, "ask 5551234", NULL},
		{{.kind = ZDB_MASK_PHONE, .length_max = 12}, "", NULL},
	};
	zdb_mask mask = {0}, other = {0};
	zdb_err err = {0};

	zdb_mask_set_key(&mask, "secret", &err);
	zdb_mask_set_key(&other, NULL, &err);
	test_ok(!mask.random && other.random,
			"a key that is set, or a random one");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
	{
		const zdb_mask_column *column = &values[i].column;
		char *once = fake(&mask, column, values[i].from);
		char *again = fake(&mask, column, values[i].from);
		char *else_ = fake(&other, column, values[i].from);

		test_ok(strcmp(once, again) == 0 && strcmp(once, values[i].from) != 0,
				"%s of \"%s\" is the same each time: \"%s\"",
				zdb_mask_name(column->kind), values[i].from, once);
		test_ok(strcmp(once, else_) != 0, "another key, another value");
		test_ok(!column->length_max ||
					strlen(once) <= (size_t) column->length_max,
				"it fits");
		free(once);
		free(again);
		free(else_);
	}
	zdb_mask_clear(&mask);
	zdb_mask_clear(&other);
}

static void
test_integers(void)
{
	static bool taken[1 << 15];
	static const int64_t edges[] = {
		1 << 15,   INT32_MAX, (int64_t) INT32_MAX + 1,
		1ll << 53, INT64_MAX, INT64_MIN,
		-1,        INT32_MIN};
	static const int64_t limits[][2] = {
		{1 << 15, INT32_MAX},
		{1 << 15, INT32_MAX},
		{(int64_t) INT32_MAX + 1, (1ll << 53) - 1},
		{1ll << 53, INT64_MAX},
		{1ll << 53, INT64_MAX},
		{INT64_MIN, -(1ll << 53)},
		{-(1 << 15), -1},
		{INT32_MIN, -(1 << 15)}};
	zdb_mask mask = {0};
	zdb_err err = {0};
	int64_t out = 0;
	int met = 0;

	zdb_mask_set_key(&mask, "secret", &err);
	for (int64_t i = 0; i < 1 << 15; i++)
	{
		zdb_mask_integer(&mask, i, &out, &err);
		if (out >= 0 && out < 1 << 15 && !taken[out])
			taken[met++, out] = true;
	}
	test_ok(met == 1 << 15, "small integers: one to one");
	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
	{
		zdb_mask_integer(&mask, edges[i], &out, &err);
		test_ok(!err.code && out >= limits[i][0] && out <= limits[i][1] &&
					out != edges[i],
				"%lld stays in its range", (long long) edges[i]);
	}
	zdb_mask_clear(&mask);
}

static void
test_phones_differ(void)
{
	static bool taken[10000];
	const zdb_mask_column column = {.kind = ZDB_MASK_PHONE};
	zdb_mask mask = {0};
	zdb_err err = {0};
	int met = 0;

	zdb_mask_set_key(&mask, "secret", &err);
	for (int i = 0; i < 10000; i++)
	{
		char text[16], *to;

		snprintf(text, sizeof text, "%04d", i);
		to = fake(&mask, &column, text);
		if (strlen(to) == 4 && to[0] == text[0] && !taken[atoi(to)])
			taken[met++, atoi(to)] = true;
		free(to);
	}
	test_ok(met == 10000, "phone numbers stay apart");
	zdb_mask_clear(&mask);
}

static void
test_helper(void)
{
	zdb_mask mask = {0}, copy = {0};
	zdb_err err = {0};
	const zdb_mask_column *column;
	char *json;
	json_t *dump;

	make(&mask);
	zdb_mask_set_key(&mask, NULL, &err);
	zdb_mask_take(&mask,
				  "{\"users.email\": \"email\", \"users.code\": "
				  "{\"value\": \"'\"}}",
				  &err);
	dump = zdb_mask_dump(&mask);
	json = json_dumps(dump, 0);
	zdb_mask_load(&copy, json, &err);
	column = zdb_mask_column_of(&copy, zdb_mask_find(&copy, "public", "users"),
								"code");
	test_ok(column && column->kind == ZDB_MASK_VALUE &&
				column->length_max == 8 && strcmp(column->text, "'") == 0 &&
				memcmp(mask.key, copy.key, sizeof copy.key) == 0,
			"a helper gets rules and the key");
	test_ok(!zdb_mask_find(&copy, "old", "users") &&
				zdb_mask_find(&copy, "public", "logins_1"),
			"of the tables that are masked");
	json_decref(dump);
	free(json);
	zdb_mask_clear(&mask);
	zdb_mask_clear(&copy);
}

static void
test_suspects(void)
{
	static const char *const yes[] = {
		"email",     "userEmail",  "home_phone", "FirstName",
		"last_name", "birth_date", "ip",         "client_ip",
		"iban",      "客户姓名",   "手机号",     "password_hash"};
	static const char *const no[] = {"id",    "name",   "zipped", "hotel",
									 "title", "rental", "",       "价格"};

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		test_ok(zdb_mask_suspect("t", yes[i]), "%s is suspect", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		test_ok(!zdb_mask_suspect("t", no[i]), "\"%s\" is not", no[i]);
	test_ok(zdb_mask_suspect("app_users", "name") &&
				!zdb_mask_suspect("app_users", "file_name"),
			"people have names");
}

/* child refers to root, loose to exact. */
static void
test_equality(void)
{
	static const zdb_mask_column nocase = {
		.kind = ZDB_MASK_HASH, .type = ZDB_MASK_ANY, .nocase = true};
	static const zdb_mask_column rtrim = {
		.kind = ZDB_MASK_EMAIL, .type = ZDB_MASK_ANY, .rtrim = true};
	static const struct
	{
		const zdb_mask_column *column;
		const char *one, *other;
		bool same;
	} pairs[] = {
		{&nocase, "Anna", "aNNa", true},
		{&nocase, "Anna", "Anna ", false},
		{&nocase, "\xc3\x84", "\xc3\xa4", false},
		{&rtrim, "Anna", "Anna  ", true},
		{&rtrim, "", "  ", true},
		{&nocase, "", "", true},
		{&rtrim, "Anna", "anna", false},
		{&rtrim, "a b", "ab", false},
	};
	zdb_mask mask = {0};
	zdb_err err = {0};
	zdb_mask_table *table = zdb_mask_add_table(&mask, NULL, "t");
	zdb_mask_column *root = column(&mask, table, "root", ZDB_MASK_ANY);
	zdb_mask_column *child = column(&mask, table, "child", ZDB_MASK_ANY);
	zdb_mask_column *exact = column(&mask, table, "exact", ZDB_MASK_ANY);
	zdb_mask_column *loose = column(&mask, table, "loose", ZDB_MASK_ANY);

	zdb_mask_set_key(&mask, "secret", &err);
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
	{
		char *one = fake(&mask, pairs[i].column, pairs[i].one);
		char *other = fake(&mask, pairs[i].column, pairs[i].other);

		test_ok((strcmp(one, other) == 0) == pairs[i].same,
				"\"%s\" and \"%s\" are%s equal", pairs[i].one, pairs[i].other,
				pairs[i].same ? "" : " not");
		free(one);
		free(other);
	}
	root->nocase = loose->nocase = true;
	zdb_mask_link(&mask, child, root, true, &err);
	zdb_mask_link(&mask, loose, exact, true, &err);
	zdb_mask_take(&mask, "{\"t.root\": \"hash\", \"t.exact\": \"hash\"}",
				  &err);
	test_ok(!err.code && child->nocase && !loose->nocase && !exact->nocase,
			"what is equal is up to the column that is referred to");
	zdb_mask_clear(&mask);
}

int
main(void)
{
	test_rules();
	test_fakes();
	test_equality();
	test_integers();
	test_phones_differ();
	test_helper();
	test_suspects();
	return test_done();
}
