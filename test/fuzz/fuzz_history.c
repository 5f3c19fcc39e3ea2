/*
 * fuzz_history - any file is read line by line: no line is lost, none twice
 */
#include <stdint.h>
#include <stdlib.h>

#include "core/history/history.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static zdb_rc
count(void *arg, size_t line, const json_t *record, zdb_err *err)
{
	size_t *seen = arg;

	(void) record;
	if (line <= *seen)
		abort();
	*seen = line;
	return err->code;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	zdb_err err = {0};
	size_t seen = 0, lines = 1;

	for (size_t i = 0; i < len; i++)
		lines += bytes[i] == '\n';
	if (zdb_history_parse((const char *) bytes, len, count, &seen, &err) ||
		seen > lines)
		abort();
	return 0;
}
