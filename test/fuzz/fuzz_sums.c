/*
 * fuzz_sums - a .sha256 file of any origin is read or refused, no more; what
 * we write for a name is found again
 */
#include <stdlib.h>
#include <string.h>

#include "core/archive/sums.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint8_t digest[ZDB_SHA256_BYTES] = {1, 2, 3};
	uint8_t found[ZDB_SHA256_BYTES];
	char name[200] = {0};
	zdb_buf line = {0};
	zdb_err err = {0};

	zdb_sums_find(bytes, len, "a.db", found);
	memcpy(name, bytes, len < sizeof name ? len : sizeof name - 1);
	if (strchr(name, '/') || !*name)
		return 0;
	zdb_sums_format(name, digest, &line, &err);
	if (!zdb_sums_find(line.data, line.len, name, found) ||
		memcmp(found, digest, sizeof found) != 0)
		abort();
	zdb_buf_clear(&line);
	return 0;
}
