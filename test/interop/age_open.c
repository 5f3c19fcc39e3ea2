/*
 * age_open - decrypt a file to standard output, for tests
 *
 * usage: age_open FILE [IDENTITIES|-] [PASSPHRASE]
 *
 * With a passphrase or identities in files. What is wrong with FILE is the
 * first line of standard error, behind the number of its error code.
 */
#include <stdio.h>
#include <string.h>

#include "core/age/open.h"

#define PIECE_BYTES 100000

static zdb_rc
copy_out(zdb_source *source, zdb_err *err)
{
	static char piece[PIECE_BYTES];

	for (uint64_t at = 0; at < source->bytes && !err->code; at += PIECE_BYTES)
	{
		uint64_t left = source->bytes - at;
		size_t len = left < PIECE_BYTES ? (size_t) left : PIECE_BYTES;

		if (zdb_source_read(source, at, piece, len, err) == ZDB_OK)
			fwrite(piece, 1, len, stdout);
	}
	return err->code;
}

int
main(int argc, char **argv)
{
	zdb_age_keys keys = {0};
	zdb_source *source = NULL;
	zdb_err err = {0};

	if (argc > 2 && strcmp(argv[2], "-") != 0)
		keys.identity_path = argv[2];
	if (argc > 3)
		keys.passphrase_path = argv[3];
	if (zdb_source_file_open(argv[1], &source, &err) == ZDB_OK &&
		zdb_age_open(&source, &keys, &err) == ZDB_OK)
	{
		if (zdb_age_source_facts(source))
			copy_out(source, &err);
		else
			zdb_err_set(&err, ZDB_FORMAT, "not encrypted");
	}
	if (err.code)
		fprintf(stderr, "%d %s\n%s\n", err.code, err.msg, err.hint);
	zdb_source_free(source);
	zdb_age_keys_clear(&keys);
	return err.code != ZDB_OK;
}
