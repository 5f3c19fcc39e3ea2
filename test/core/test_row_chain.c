/*
 * test_row_chain - incremental backups of patches of rows
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/consolidate.h"
#include "core/base/mem.h"
#include "test/core/archive_test.h"
#include "test/core/row_test.h"
#include "test/core/test.h"

#define LAST 6

static char *
name_of(const char *what, int number)
{
	char name[40];

	snprintf(name, sizeof name, "%s%d", what, number);
	return test_path(name);
}

/* Make what[0..LAST], the full one with the first of the codecs. */
static void
make_chain(const char *what, const char *full, const char *later, zdb_err *err)
{
	for (int i = 0; i <= LAST && !err->code; i++)
		rows_write(i ? later : full, i ? name_of(what, i - 1) : NULL, i,
				   name_of(what, i), err);
}

static zdb_reader *
open_file(const char *path, zdb_err *err)
{
	zdb_reader *reader = NULL;

	zdb_reader_open(&(zdb_store_options){.where = path}, NULL, &reader, err);
	return reader;
}

/* Read chunk number of the reader, and compare rows and map. */
static bool
is_table(zdb_reader *reader, zdb_chunk *chunk, int version, int table,
		 uint64_t number, zdb_err *err)
{
	zdb_buf raw = {0}, map = {0};
	rows expected;
	bool same;

	rows_of(version, table, &expected);
	rows_chunk(&expected, &raw, &map, err);
	same = zdb_chunk_read(chunk, reader, number, err) == ZDB_OK &&
		   rows_are(&expected, chunk->raw.data, chunk->entry.raw_bytes) &&
		   chunk->entry.flags == ZDB_CHUNK_MAPPED &&
		   chunk->map.len == map.len &&
		   (map.len == 0 || memcmp(chunk->map.data, map.data, map.len) == 0);
	zdb_buf_clear(&raw);
	zdb_buf_clear(&map);
	return same;
}

/* Are all tables of the file those of the version? */
static bool
are_tables(const char *path, int version, zdb_err *err)
{
	zdb_reader *reader = open_file(path, err);
	zdb_chunk chunk = {0};
	bool same = reader != NULL;

	for (int i = 0; i < ROW_TABLES && same; i++)
		same = is_table(reader, &chunk, version, i,
						(uint64_t) ROW_CHUNK(version, i), err);
	zdb_chunk_clear(&chunk);
	zdb_reader_free(reader);
	return same;
}

static zdb_rc
scan(const char *path, bool own, zdb_err *err)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_scan_options options = {.runner = &runner, .own = own};
	zdb_reader *reader = open_file(path, err);
	zdb_scan_result result;

	if (reader)
		zdb_scan(reader, &options, &result, err);
	zdb_reader_free(reader);
	return err->code;
}

static void
test_round_trip(const char *full, const char *later)
{
	zdb_err err = {0};

	make_chain("r", full, later, &err);
	for (int i = 0; i <= LAST && !err.code; i++)
	{
		test_ok(are_tables(name_of("r", i), i, &err), "%s, %s: version %d: %s",
				full, later, i, err.msg);
		test_ok(scan(name_of("r", i), false, &err) == ZDB_OK &&
					scan(name_of("r", i), true, &err) == ZDB_OK,
				"all of it, and what it holds itself: %s", err.msg);
	}
	test_ok(!err.code, "made: %s", err.msg);
}

/* How deep chunks are, and what their entries count. */
static void
test_pieces(void)
{
	zdb_chunk chunk = {0};
	zdb_err err = {0};
	zdb_reader *reader;
	uint32_t patched = 0;

	make_chain("p", "gzip", "gzip", &err);
	reader = open_file(name_of("p", LAST), &err);
	zdb_chunk_load(&chunk, reader, ROW_CHUNK(LAST, 0), &err);
	test_ok(!err.code && chunk.piece_count == 1 && chunk.entry.link == 1,
			"what never changed is the full backup's: %s", err.msg);
	zdb_chunk_load(&chunk, reader, ROW_CHUNK(LAST, 1), &err);
	test_ok(!err.code && chunk.piece_count == LAST + 1,
			"what always changed is in every file: %s", err.msg);
	for (uint32_t i = 0; i < chunk.piece_count; i++)
	{
		const zdb_entry *entry = &chunk.pieces[i].entry;

		test_ok(i == 0 || entry->patched < patched,
				"%u rows were patched since it was whole", entry->patched);
		patched = entry->patched;
	}
	zdb_chunk_load(&chunk, reader, ROW_CHUNK(LAST, ROW_TABLES - 1), &err);
	test_ok(!err.code && chunk.piece_count == LAST / 2 + 1 &&
				chunk.entry.link == LAST,
			"what did not change lately is an older file's: %s", err.msg);
	zdb_chunk_clear(&chunk);
	zdb_reader_free(reader);
}

static void
change_byte(const char *path, uint64_t at)
{
	size_t len;
	unsigned char *bytes = test_read(path, &len);

	bytes[at] ^= 1;
	unlink(path);
	test_write(path, bytes, len);
	free(bytes);
}

/* Damage in any piece: the message names its file. */
static void
test_damage(const char *codec)
{
	zdb_chunk chunk = {0};
	zdb_err err = {0};
	zdb_reader *reader;

	make_chain("d", codec, codec, &err);
	reader = open_file(name_of("d", LAST), &err);
	zdb_chunk_load(&chunk, reader, ROW_CHUNK(LAST, 1), &err);
	for (uint32_t i = 0; i < chunk.piece_count; i++)
	{
		const zdb_entry *entry = &chunk.pieces[i].entry;
		int number = entry->link ? (int) entry->link - 1 : LAST;
		uint64_t at = entry->file_offset + entry->stored_bytes / 2;
		char text[40];

		snprintf(text, sizeof text, "/d%d\" is damaged: chunk ", number);
		change_byte(name_of("d", number), at);
		are_tables(name_of("d", LAST), LAST, &err);
		test_err(&err, ZDB_DAMAGED, text);
		change_byte(name_of("d", number), at);
		zdb_err_clear(&err);
	}
	zdb_chunk_clear(&chunk);
	zdb_reader_free(reader);
}

static void
consolidate(const char *from, const char *to, const char *codec, zdb_err *err)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_writer_options options = {
		.to.where = to, .overwrite = true, .runner = &runner};
	zdb_reader *reader = open_file(from, err);
	zdb_consolidated into = {0};

	if (reader && zdb_codec_parse(codec, &options.codec, err) == ZDB_OK &&
		zdb_consolidate(reader, &options, NULL, NULL, &into, err) == ZDB_OK)
		zdb_writer_finish(into.writer, NULL, err);
	zdb_writer_free(into.writer);
	zdb_free(into.tables);
	zdb_reader_free(reader);
}

/* A chunk with its rows and nothing behind them. */
static bool
is_trim(const zdb_entry *entry, int version, int table)
{
	zdb_buf raw = {0}, map = {0};
	zdb_err err = {0};
	rows expected;
	bool same;

	rows_of(version, table, &expected);
	rows_chunk(&expected, &raw, &map, &err);
	same = entry->raw_bytes == raw.len && !entry->patched;
	zdb_buf_clear(&raw);
	zdb_buf_clear(&map);
	return same;
}

/* The chain in one file; and that can be stood upon. */
static void
test_consolidated(const char *codec, const char *into)
{
	const char *path = test_path("c-all"), *next = test_path("c-next");
	zdb_err err = {0};
	zdb_reader *reader;
	bool trim = true;

	make_chain("c", codec, codec, &err);
	consolidate(name_of("c", LAST), path, into, &err);
	test_ok(!err.code && are_tables(path, LAST, &err), "%s into %s: %s", codec,
			into, err.msg);
	reader = open_file(path, &err);
	for (int i = 0; reader && i < ROW_TABLES; i++)
	{
		zdb_entry entry = {0};

		zdb_reader_entry(reader, (uint64_t) ROW_CHUNK(LAST, i), &entry, &err);
		trim = trim && is_trim(&entry, LAST, i);
	}
	zdb_reader_free(reader);
	test_ok(trim && scan(path, false, &err) == ZDB_OK,
			"all are whole, without empty lines: %s", err.msg);
	rows_write(into, path, LAST + 1, next, &err);
	test_ok(!err.code && are_tables(next, LAST + 1, &err),
			"an incremental upon it: %s", err.msg);
}

/* Into a plain file: the same script, which has no maps. */
static void
test_plain(void)
{
	const char *path = test_path("c-plain");
	zdb_err err = {0};
	zdb_reader *reader;
	zdb_entry entry = {0};

	make_chain("c", "gzip", "zstd", &err);
	consolidate(name_of("c", LAST), path, "none", &err);
	scan(path, false, &err);
	reader = open_file(path, &err);
	if (reader)
		zdb_reader_entry(reader, ROW_CHUNK(LAST, 1), &entry, &err);
	zdb_reader_free(reader);
	test_ok(!err.code && entry.flags == 0 && is_trim(&entry, LAST, 1),
			"into a plain file: %s", err.msg);
}

/* A signed index that says what cannot be: of chunk 1's patch in the last
 * file. */
static void
test_hostile(void)
{
	static const struct
	{
		int at;
		uint8_t byte;
		const char *error;
		const char *what;
	} changes[] = {
		{52, 0, "of another kind", "a patch of the script"},
		{52, ROW_CHUNK(LAST - 1, 0), "", "a patch of another table"},
		{52, 200, "what is not there", "a patch of a chunk that is not"},
		{44, 5, "", "a shorter patch"},
		{44, 255, "", "a longer patch"},
		{29, 0, "is not valid", "a patch without the flag"},
		{29, 5, "is not valid", "a patch of what is continued"},
		{28, 2, "is not valid", "a patch of a script"},
		{30, 0, "", "a patch as a whole chunk"},
		{56, 1, "wrong SHA-256", "another hash"},
		{20, 1, "", "another length"},
		{21, 0, "of another kind", "a length below the one before"},
		{36, 2, "", "the place in another file"},
	};
	zdb_err err = {0};

	make_chain("h", "gzip", "gzip", &err);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
	{
		unsigned char *at;
		forged file;

		forged_load(&file, name_of("h", LAST));
		at = file.group + ROW_CHUNK(LAST, 1) * ZDB_ENTRY_BYTES + changes[i].at;
		test_ok(*at != changes[i].byte, "%s is a change", changes[i].what);
		*at = changes[i].byte;
		forged_sign(&file);
		test_write(test_path("forged"), file.bytes, file.len);
		free(file.bytes);
		zdb_err_clear(&err);
		scan(test_path("forged"), false, &err);
		test_err(&err, ZDB_DAMAGED, changes[i].error);
		zdb_err_clear(&err);
		scan(test_path("forged"), true, &err);
		test_err(&err, ZDB_DAMAGED, changes[i].error);
	}
}

/* What a patch cannot be for is refused while it is written. */
static void
test_refused(void)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_writer_options options = {.to.where = test_path("refused"),
								  .codec = {ZDB_CODEC_GZIP, 3},
								  .runner = &runner};
	zdb_entry sound = {.kind = ZDB_CHUNK_ROWS,
					   .flags = ZDB_CHUNK_MAPPED,
					   .stored_bytes = 1,
					   .patched = 1,
					   .patch_bytes = 4,
					   .first = 1,
					   .patch_of = ROW_CHUNK(0, 1)};
	zdb_writer *writer = NULL;
	zdb_err err = {0};

	rows_write("gzip", NULL, 0, test_path("f"), &err);
	options.base = open_file(test_path("f"), &err);
	zdb_writer_open(&options, &writer, &err);
	test_ok(!err.code, "opened: %s", err.msg);
	for (int i = 0; i < 5; i++)
	{
		zdb_entry entry = sound;

		if (i == 0)
			entry.patch_of = 0;
		if (i == 1)
			entry.patch_of = 100;
		if (i == 2)
			entry.flags |= ZDB_CHUNK_CONTINUED;
		if (i == 3)
			entry.raw_bytes = ZDB_CHUNK_BYTES_MAX;
		if (i == 4)
			entry.first = 1ull << 32;
		zdb_writer_patch(writer, &entry, "x", &err);
		test_err(&err, ZDB_INTERNAL, "a patch of rows ");
		zdb_err_clear(&err);
	}
	zdb_writer_free(writer);
	zdb_reader_free(options.base);
}

static zdb_rc
write_and_scan(void *arg, zdb_err *err)
{
	const char *path = test_path("m");

	return rows_write(arg, name_of("p", 2), 3, path, err)
			   ? err->code
			   : scan(path, false, err);
}

static zdb_rc
consolidate_all(void *arg, zdb_err *err)
{
	consolidate(name_of("p", 3), test_path("m-all"), arg, err);
	return err->code;
}

int
main(void)
{
	test_round_trip("gzip", "gzip");
	test_round_trip("zstd", "zstd");
	test_round_trip("gzip", "zstd");
	test_round_trip("zstd", "gzip:9");
	test_pieces();
	test_damage("gzip");
	test_damage("zstd");
	test_consolidated("gzip", "gzip");
	test_consolidated("zstd", "zstd");
	test_consolidated("gzip", "zstd");
	test_plain();
	test_hostile();
	test_refused();
	test_break_each("an incremental of rows, gzip", write_and_scan, "gzip");
	test_break_each("an incremental of rows, zstd", write_and_scan, "zstd");
	test_break_each("a chain of rows in one file", consolidate_all, "gzip");
	return test_done();
}
