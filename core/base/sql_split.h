/*
 * sql_split - where one SQL statement ends and the next begins
 *
 * Looks at each byte once, so that a statement of 100 MB costs no more than
 * as many small ones. Knows strings, quoted identifiers, comments, and that a
 * CREATE TRIGGER ends at ";END;" (as
 * https://www.sqlite.org/c3ref/complete.html has it).
 */
#ifndef ZDB_CORE_BASE_SQL_SPLIT_H
#define ZDB_CORE_BASE_SQL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#define ZDB_SQL_WORD_MAX 12

/* {0} is ready for the first statement. */
typedef struct zdb_sql_split
{
	int state;   /* of the grammar */
	char inside; /* the closing quote; '-' or '*' in a comment; 0 outside */
	char last;   /* the byte before, for two-byte tokens */
	char word[ZDB_SQL_WORD_MAX];
	size_t word_len; /* of the word being read, also when it is longer */
} zdb_sql_split;

/* Look at up to len bytes. Returns how many belong to the present statement;
 * *complete tells that it ends there, with its semicolon. */
size_t zdb_sql_split_feed(zdb_sql_split *split, const char *bytes, size_t len,
						  bool *complete);

/* Has anything but white space and comments been seen of the present
 * statement? */
bool zdb_sql_split_inside(const zdb_sql_split *split);

#endif
