/*
 * pg_split - where one statement of a psql script ends
 *
 * For PostgreSQL's SQL what sql_split is for SQLite's; as psql does it
 * (src/fe_utils/psqlscan.l), with standard_conforming_strings on: strings,
 * E'' strings, dollar quotes, quoted identifiers, nested comments,
 * parentheses, and the BEGIN ATOMIC ... END bodies of functions. Each byte is
 * looked at once, and it does not matter how the bytes are cut into pieces.
 */
#ifndef ZDB_CORE_BASE_PG_SPLIT_H
#define ZDB_CORE_BASE_PG_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#define ZDB_PG_WORD_MAX 64

/* {0} is ready for the first statement. */
typedef struct zdb_pg_split
{
	int state;   /* what the bytes are inside of */
	char last;   /* the byte before, for two-byte tokens; 0 when it is used */
	int nesting; /* of comments */
	int parens;
	bool begun; /* the statement has something in it */
	/* the word being read, upper case; longer ones are cut */
	char word[ZDB_PG_WORD_MAX];
	size_t word_len;
	char tag[ZDB_PG_WORD_MAX]; /* of a dollar quote, without the dollars */
	size_t tag_len;
	size_t tag_at; /* bytes of the closing tag seen */
	int words;     /* of the statement so far */
	bool creates;  /* it is CREATE [OR REPLACE] FUNCTION or PROCEDURE */
	int begins;    /* BEGIN and CASE that are open in a body */
} zdb_pg_split;

/* Look at up to len bytes. Returns how many belong to the present statement;
 * *complete tells that it ends there, with its semicolon. */
size_t zdb_pg_split_feed(zdb_pg_split *split, const char *bytes, size_t len,
						 bool *complete);

/* Has anything but white space and comments been seen of the present
 * statement, or is a comment of several lines open? */
bool zdb_pg_split_inside(const zdb_pg_split *split);

#endif
