/*
 * test_index - entries come back from memory and from the spool
 */
#include <stdlib.h>
#include <string.h>

#include "core/archive/index.h"
#include "test/core/test.h"

static zdb_entry
entry_number(uint64_t i)
{
	return (zdb_entry){.file_offset = 100 * i,
					   .raw_offset = 200 * i,
					   .stored_bytes = 100,
					   .raw_bytes = 200,
					   .kind = ZDB_CHUNK_SCRIPT};
}

/* Is entry i in the place where a reader would look for it? */
static bool
is_there(zdb_index *index, uint64_t i, uint64_t file_offset)
{
	const uint8_t *payload;
	zdb_entry entry;
	zdb_err err = {0};
	uint32_t len;

	return zdb_index_group(index, i / ZDB_GROUP_ENTRIES, &payload, &len,
						   &err) == ZDB_OK &&
		   len >= (i % ZDB_GROUP_ENTRIES + 1) * ZDB_ENTRY_BYTES &&
		   zdb_entry_decode(payload + i % ZDB_GROUP_ENTRIES * ZDB_ENTRY_BYTES,
							&entry) &&
		   entry.file_offset == file_offset;
}

static void
test_count(uint64_t count)
{
	static zdb_index index;
	zdb_entry first = entry_number(0);
	zdb_err err = {0};
	uint64_t missing = 0;

	zdb_index_init(&index);
	for (uint64_t i = 0; i < count; i++)
	{
		zdb_entry entry = entry_number(i);

		zdb_index_add(&index, &entry, &err);
	}
	first.file_offset = 77;
	zdb_index_set_first(&index, &first);
	for (uint64_t i = 1; i < count; i++)
		missing += !is_there(&index, i, 100 * i);
	/* and again out of order: a group that was loaded is not mixed up */
	for (uint64_t i = count - 1; i >= 1; i -= i > 300 ? 300 : i)
		missing += !is_there(&index, i, 100 * i);
	test_ok(!err.code && missing == 0 && is_there(&index, 0, 77),
			"%llu entries, the first one late (%s)",
			(unsigned long long) count, err.msg);
	zdb_index_clear(&index);
}

int
main(void)
{
	static const uint64_t counts[] = {1, 511, 512, 513, 1024, 1025, 3000};

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		test_count(counts[i]);
	setenv("TMPDIR", "/nowhere", 1);
	test_count(1100);
	return test_done();
}
