/*
 * archive_test - small backups for tests, and a full reading of them
 */
#include "test/core/archive_test.h"

#include <string.h>

#include "core/archive/tail.h"
#include "test/core/age_test.h"
#include "test/core/test.h"

#define PAGE 512
#define FOOTER_BLOCK (26 + ZDB_FOOTER_PAYLOAD)

uint8_t
sample_byte(uint64_t i)
{
	static const char start[] = "SQLite format 3";

	if (i < sizeof start)
		return (uint8_t) start[i];
	return (uint8_t) (i % 7 == 0 ? i * 2654435761u >> 13 : i / 64);
}

static zdb_rc
put_chunk(zdb_writer *writer, const sample *what, uint32_t at, uint32_t len,
		  zdb_err *err)
{
	zdb_chunk_about about = {.kind = ZDB_CHUNK_ROWS, .table = 1, .count = 1};
	uint8_t *raw;

	if (what->image)
		about = (zdb_chunk_about){.kind = ZDB_CHUNK_PAGES,
								  .first = at / PAGE + 1,
								  .count = len / PAGE};
	if (zdb_writer_lend(writer, len, &raw, err))
		return err->code;
	for (uint32_t i = 0; i < len; i++)
		raw[i] = sample_byte(at + i);
	return zdb_writer_chunk(writer, len, &about, err);
}

static zdb_rc
put_all(zdb_writer *writer, const sample *what, zdb_err *err)
{
	uint32_t start = what->image ? PAGE : 0, next;
	uint8_t page[PAGE];

	for (uint32_t at = start; at < what->bytes && !err->code; at = next)
	{
		next = (at / what->chunk + 1) * what->chunk;
		next = next < what->bytes ? next : what->bytes;
		put_chunk(writer, what, at, next - at, err);
	}
	for (uint32_t i = 0; i < PAGE; i++)
		page[i] = sample_byte(i);
	if (err->code || !what->image)
		return err->code;
	return zdb_writer_head(
		writer, page,
		&(zdb_chunk_about){.kind = ZDB_CHUNK_PAGES, .first = 1, .count = 1},
		err);
}

static zdb_rc
write_for(const sample *what, const char *path, zdb_runner *runner,
		  const zdb_age_recipients *recipients, zdb_err *err)
{
	zdb_table table = {(char *) "main", (char *) "users", 3, ZDB_UNKNOWN};
	zdb_manifest manifest = {
		.format = ZDB_FORMAT_VERSION,
		.tool = (char *) "test",
		.engine = (char *) "sqlite",
		.engine_version = (char *) "3",
		.database = (char *) "app",
		.type = (char *) "full",
		.encoding = (char *) "UTF-8",
		.content = what->image ? ZDB_CONTENT_IMAGE : ZDB_CONTENT_SCRIPT,
		.page_size = what->image ? PAGE : 0,
		.pages = what->bytes / PAGE,
		.tables = &table,
		.table_count = 1,
	};
	zdb_writer_options options = {.to.where = path,
								  .overwrite = true,
								  .runner = runner,
								  .recipients = recipients,
								  .hash = true,
								  .head_bytes = what->image ? PAGE : 0};
	uint8_t sha256[ZDB_SHA256_BYTES];
	bool known;
	zdb_writer *writer = NULL;

	if (zdb_codec_parse(what->codec, &options.codec, err) == ZDB_OK &&
		zdb_writer_open(&options, &writer, err) == ZDB_OK &&
		put_all(writer, what, err) == ZDB_OK &&
		zdb_writer_seal(writer, &manifest, err) == ZDB_OK &&
		zdb_writer_sha256(writer, NULL, sha256, &known, err) == ZDB_OK)
		zdb_writer_finish(writer, sha256, err);
	zdb_writer_free(writer);
	return err->code;
}

zdb_rc
sample_write(const sample *what, const char *path, zdb_runner *runner,
			 zdb_err *err)
{
	return write_for(what, path, runner, NULL, err);
}

zdb_rc
sample_encrypt(const sample *what, const char *path, zdb_runner *runner,
			   zdb_err *err)
{
	zdb_age_recipients recipients = {0};

	if (zdb_age_recipients_add(&recipients, ANN, err) == ZDB_OK)
		write_for(what, path, runner, &recipients, err);
	zdb_age_recipients_clear(&recipients);
	return err->code;
}

static zdb_rc
compare(void *arg, const zdb_entry *entry, const void *raw, size_t len,
		zdb_err *err)
{
	uint64_t *at = arg;
	const uint8_t *bytes = raw;

	(void) entry;
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != sample_byte(*at + i))
			return zdb_err_set(err, ZDB_INTERNAL, "byte %llu differs",
							   (unsigned long long) (*at + i));
	*at += len;
	return ZDB_OK;
}

zdb_rc
sample_scan(const char *path, zdb_runner *runner, uint64_t *bytes,
			zdb_err *err)
{
	uint64_t at = 0;
	zdb_scan_options options = {
		.runner = runner, .take = bytes ? compare : NULL, .arg = &at};
	zdb_store_options file = {.where = path};
	zdb_scan_result result;
	zdb_reader *reader = NULL;
	zdb_age_keys keys = {0};

	if (zdb_age_keys_parse(&keys, "ann", ANN_KEY, err) == ZDB_OK)
		zdb_reader_open(&file, &keys, &reader, err);
	zdb_age_keys_clear(&keys);
	if (!reader)
		return err->code;
	zdb_scan(reader, &options, &result, err);
	zdb_reader_free(reader);
	if (bytes)
		*bytes = at;
	return err->code;
}

void
forged_load(forged *file, const char *path)
{
	zdb_err err = {0};

	file->bytes = test_read(path, &file->len);
	zdb_footer_decode(file->bytes + file->len - FOOTER_BLOCK + 16,
					  &file->footer, &err);
	file->group = file->bytes + zdb_tail_group(&file->footer, 0) + 16;
}

void
forged_sign(forged *file)
{
	const zdb_footer *footer = &file->footer;
	unsigned char *directory = file->bytes + zdb_tail_directory(footer) + 16;
	unsigned char *json = file->bytes + footer->tail_offset + 16;
	zdb_sha256_stream *hash;
	zdb_err err = {0};

	zdb_sha256(file->group, footer->chunks * ZDB_ENTRY_BYTES, directory, &err);
	zdb_sha256_new(&hash, &err);
	zdb_sha256_update(hash, json, footer->manifest_bytes, &err);
	zdb_sha256_update(hash, directory, footer->directory_bytes, &err);
	zdb_sha256_final(hash, file->footer.root, &err);
	zdb_sha256_free(hash);
	zdb_footer_encode(footer, file->bytes + file->len - FOOTER_BLOCK + 16,
					  &err);
}
