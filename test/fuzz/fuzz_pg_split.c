/*
 * fuzz_pg_split - splitting does not depend on how the bytes arrive
 */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/pg_split.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static size_t
count_statements(const char *bytes, size_t len, size_t piece)
{
	zdb_pg_split split = {0};
	size_t count = 0;

	while (len > 0)
	{
		bool complete;
		size_t used = zdb_pg_split_feed(&split, bytes,
										len < piece ? len : piece, &complete);

		count += complete;
		bytes += used;
		len -= used;
	}
	return count * 2 + zdb_pg_split_inside(&split);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (count_statements((const char *) bytes, len, 1) !=
		count_statements((const char *) bytes, len, 1000000))
		abort();
	return 0;
}
