/*
 * test_base - buffers, bytes, text, host
 */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/bytes.h"
#include "core/base/host.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "test/core/test.h"

static zdb_rc
fill_buffer(void *arg, zdb_err *err)
{
	zdb_buf buf = {0};

	(void) arg;
	for (int i = 0; i < 1000 && !err->code; i++)
		zdb_buf_append(&buf, "0123456789", 10, err);
	if (!err->code && buf.len != 10000)
		zdb_err_set(err, ZDB_INTERNAL, "wrong length");
	zdb_buf_clear(&buf);
	return err->code;
}

static zdb_rc
make_text(void *arg, zdb_err *err)
{
	char *copy = zdb_strdup(arg, err);
	char *text = copy ? zdb_format(err, "%s-%d", copy, 5) : NULL;

	if (text && strcmp(text, "abc-5") != 0)
		zdb_err_set(err, ZDB_INTERNAL, "wrong text");
	zdb_free(copy);
	zdb_free(text);
	return err->code;
}

static void
test_utf8(void)
{
	static const struct
	{
		const char *bytes;
		bool valid;
	} cases[] = {
		{"", true},
		{"plain", true},
		{"\xC3\xA9", true},
		{"中文", true},
		{"\xF0\x9F\x98\x80", true},
		{"\xFF", false},
		{"\xC3", false},
		{"\xC0\x80", false},
		{"\xE0\x80\x80", false},
		{"\xED\xA0\x80", false},
		{"\xF4\x90\x80\x80", false},
		{"a\x80", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		test_ok(zdb_utf8_valid(cases[i].bytes, strlen(cases[i].bytes)) ==
					cases[i].valid,
				"UTF-8 case %zu", i);
}

static void
test_utf8_repair(void)
{
	char text[] = "a\xC3\xA9\xFF\xE4\xB8-\xC3";

	zdb_utf8_repair(text);
	test_ok(strcmp(text, "a\xC3\xA9?\?\?-?") == 0,
			"what is no UTF-8 becomes question marks");
}

static bool
always(void *arg)
{
	(void) arg;
	return true;
}

static void
test_parse_time(void)
{
	static const struct
	{
		const char *text;
		int64_t us; /* -1: not a moment */
		int64_t unit_us;
	} cases[] = {
		{"1970-01-01", 0, 86400000000},
		{"2025-09-03", 1756857600000000, 86400000000},
		{"2025-09-03 12:00", 1756900800000000, 60000000},
		{"2025-09-03T12:00:30", 1756900830000000, 1000000},
		{"2025-09-03T12:00:30Z", 1756900830000000, 1000000},
		{"2025-09-03 12:00:30+02:00", 1756893630000000, 1000000},
		{"2025-09-03 12:00-0130", 1756906200000000, 60000000},
		{"2025-09-03 12:00+02", 1756893600000000, 60000000},
		{"2025-09-03 12:00:30.5Z", 1756900830500000, 100000},
		{"2025-09-03 12:00:30.1234567", 1756900830123456, 1},
		{"2024-02-29", 1709164800000000, 86400000000},
		{"2025-02-29", -1, 0},
		{"2100-02-29", -1, 0},
		{"2025-13-01", -1, 0},
		{"2025-00-01", -1, 0},
		{"2025-04-31", -1, 0},
		{"1969-12-31", -1, 0},
		{"1970-01-01 00:00+01", -1, 0},
		{"2025-09-03 24:00", -1, 0},
		{"2025-09-03 12:60", -1, 0},
		{"2025-09-03 12", -1, 0},
		{"2025-09-03 12:00 ", -1, 0},
		{"2025-09-03 12:00:30.", -1, 0},
		{"2025-09-03 12:00 UTC", -1, 0},
		{"2025-9-3", -1, 0},
		{"yesterday", -1, 0},
		{"", -1, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		int64_t us, unit_us;
		bool valid = zdb_text_parse_time(cases[i].text, &us, &unit_us);

		test_ok(valid ? us == cases[i].us && unit_us == cases[i].unit_us
					  : cases[i].us < 0,
				"\"%s\" (%lld, %lld)", cases[i].text,
				valid ? (long long) us : -1, valid ? (long long) unit_us : 0);
	}
}

int
main(void)
{
	test_parse_time();

	uint8_t bytes[8];
	zdb_host host = {.stop = always};
	char text[ZDB_ISO8601_BYTES], hex[5];
	zdb_err err = {0};

	test_break_each("buffer", fill_buffer, NULL);
	test_break_each("text", make_text, (void *) "abc");
	test_utf8();
	test_utf8_repair();

	zdb_put64(bytes, 0x0123456789abcdefull);
	test_ok(bytes[0] == 0xef && zdb_get64(bytes) == 0x0123456789abcdefull &&
				zdb_get16(bytes) == 0xcdef,
			"integers are little-endian");
	zdb_hex((const uint8_t *) "\x0f\xa0", 2, hex);
	test_ok(strcmp(hex, "0fa0") == 0, "hex");

	zdb_text_iso8601(1709164800000000, text);
	test_ok(strcmp(text, "2024-02-29T00:00:00Z") == 0, "a leap day: %s", text);
	zdb_text_iso8601(INT64_MAX, text);
	test_ok(strcmp(text, "9999-12-31T23:59:59Z") == 0, "clamped: %s", text);

	test_ok(zdb_host_check(NULL, 0, 0, &err) == ZDB_OK, "no host, no stop");
	zdb_host_check(&host, 1, 2, &err);
	test_err(&err, ZDB_CANCELLED, "interrupted");
	return test_done();
}
