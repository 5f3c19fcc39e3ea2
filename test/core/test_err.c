/*
 * test_err - the first cause wins, and long texts are cut between characters
 */
#include <errno.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "test/core/test.h"

int
main(void)
{
	zdb_err err = {0};
	char longest[2000];

	zdb_err_set(&err, ZDB_DAMAGED, "chunk %d", 7);
	zdb_err_set(&err, ZDB_NOMEM, "later");
	test_err(&err, ZDB_DAMAGED, "chunk 7");

	zdb_err_hint(&err, "First.");
	zdb_err_hint(&err, "Second.");
	test_ok(strcmp(err.hint, "First.") == 0, "the first hint wins");

	zdb_err_clear(&err);
	test_ok(zdb_err_set_errno(&err, ENOSPC, "could not write \"%s\"", "x") ==
				ZDB_DISK_FULL,
			"ENOSPC is a full disk");
	test_err(&err, ZDB_DISK_FULL, "could not write \"x\": No space left");
	test_ok(err.sys_errno == ENOSPC, "errno is kept");

	for (int shift = 0; shift < 3; shift++)
	{
		memset(longest, 'x', sizeof longest);
		for (size_t i = (size_t) shift; i + 3 < sizeof longest; i += 3)
			memcpy(longest + i, "中", 3);
		longest[sizeof longest - 1] = '\0';
		zdb_err_clear(&err);
		zdb_err_set(&err, ZDB_IO, "%s", longest);
		test_ok(strlen(err.msg) < sizeof err.msg &&
					strcmp(err.msg + strlen(err.msg) - 3, "...") == 0 &&
					zdb_utf8_valid(err.msg, strlen(err.msg)),
				"a long text is cut between characters");
	}
	return test_done();
}
