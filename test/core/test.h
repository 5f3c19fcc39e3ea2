/*
 * test - a few words for unit tests, in TAP
 *
 * Memory comes from mem_test.c, which counts blocks and can break any
 * allocation.
 */
#ifndef ZDB_TEST_CORE_TEST_H
#define ZDB_TEST_CORE_TEST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

/* Report one promise: kept or not. Returns ok. */
bool test_ok(bool ok, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The error has this code, and its message holds this text. */
bool test_err(const zdb_err *err, zdb_rc code, const char *text);

/* Print the plan; return main()'s result. Leaked blocks are a failure. */
int test_done(void);

/* A directory of this test's own, emptied when the test ends. */
const char *test_dir(void);

/* "<test_dir>/<name>"; valid until the program ends. */
char *test_path(const char *name);

/* Read a whole file into fresh memory (malloc); NULL when there is none. */
unsigned char *test_read(const char *path, size_t *len);
void test_write(const char *path, const void *bytes, size_t len);

/* mem_test.c: live blocks; let the n-th allocation from now fail (0: none);
 * did it? */
size_t test_mem_live(void);
void test_mem_break(long n);
bool test_mem_broke(void);

/* Run operation again and again, with its 1st, 2nd, ... allocation failing,
 * until it gets through. Each time it must fail with ZDB_NOMEM and leave no
 * block behind. */
void test_break_each(const char *what,
					 zdb_rc (*operation)(void *arg, zdb_err *err), void *arg);

#endif
