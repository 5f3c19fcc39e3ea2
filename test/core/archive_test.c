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

uint8_t
sample_byte_of(uint64_t i, int version)
{
	uint64_t page = i / PAGE;

	for (int at = version; at > 0 && i >= 100; at--)
		if (page % 20 == (uint64_t) at % 20 || page == 0)
			return (uint8_t) (sample_byte(i) + at);
	return sample_byte(i);
}

static zdb_rc
put_chunk(zdb_writer *writer, const sample *what, int version, uint32_t at,
		  uint32_t len, zdb_err *err)
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
		raw[i] = sample_byte_of(at + i, version);
	return zdb_writer_chunk(writer, len, &about, err);
}

static zdb_rc
put_all(zdb_writer *writer, const sample *what, int version, zdb_err *err)
{
	uint32_t start = what->image ? PAGE : 0, next;
	uint8_t page[PAGE];

	for (uint32_t at = start; at < what->bytes && !err->code; at = next)
	{
		next = (at / what->chunk + 1) * what->chunk;
		next = next < what->bytes ? next : what->bytes;
		put_chunk(writer, what, version, at, next - at, err);
	}
	for (uint32_t i = 0; i < PAGE; i++)
		page[i] = sample_byte_of(i, version);
	if (err->code || !what->image)
		return err->code;
	return zdb_writer_head(
		writer, page,
		&(zdb_chunk_about){.kind = ZDB_CHUNK_PAGES, .first = 1, .count = 1},
		err);
}

static zdb_rc
open_reader(const char *path, zdb_reader **out, zdb_err *err)
{
	zdb_store_options file = {.where = path};
	zdb_age_keys keys = {0};

	*out = NULL;
	if (zdb_age_keys_parse(&keys, "ann", ANN_KEY, err) == ZDB_OK)
		zdb_reader_open(&file, &keys, out, err);
	zdb_age_keys_clear(&keys);
	return err->code;
}

static zdb_rc
write_for(const sample *what, const char *base, int version, const char *path,
		  zdb_runner *runner, const zdb_age_recipients *recipients,
		  zdb_err *err)
{
	zdb_table table = {(char *) "main", (char *) "users", 3, ZDB_UNKNOWN,
					   NULL};
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
								  .page_sums = what->image,
								  .head_bytes = what->image ? PAGE : 0};
	uint8_t sha256[ZDB_SHA256_BYTES];
	bool known;
	zdb_writer *writer = NULL;

	if (base && open_reader(base, &options.base, err))
		return err->code;
	if (zdb_codec_parse(what->codec, &options.codec, err) == ZDB_OK &&
		zdb_writer_open(&options, &writer, err) == ZDB_OK &&
		put_all(writer, what, version, err) == ZDB_OK &&
		zdb_writer_seal(writer, &manifest, err) == ZDB_OK &&
		zdb_writer_sha256(writer, NULL, sha256, &known, err) == ZDB_OK)
		zdb_writer_finish(writer, sha256, err);
	zdb_writer_free(writer);
	zdb_reader_free(options.base);
	return err->code;
}

zdb_rc
sample_upon(const sample *what, const char *base, int version, bool encrypted,
			const char *path, zdb_runner *runner, zdb_err *err)
{
	zdb_age_recipients recipients = {0};

	if (!encrypted || zdb_age_recipients_add(&recipients, ANN, err) == ZDB_OK)
		write_for(what, base, version, path, runner, &recipients, err);
	zdb_age_recipients_clear(&recipients);
	return err->code;
}

zdb_rc
sample_write(const sample *what, const char *path, zdb_runner *runner,
			 zdb_err *err)
{
	return sample_upon(what, NULL, 0, false, path, runner, err);
}

zdb_rc
sample_encrypt(const sample *what, const char *path, zdb_runner *runner,
			   zdb_err *err)
{
	return sample_upon(what, NULL, 0, true, path, runner, err);
}

typedef struct comparison
{
	int version;
	uint64_t at;
} comparison;

static zdb_rc
compare(void *arg, const zdb_entry *entry, const void *raw, size_t len,
		zdb_err *err)
{
	comparison *self = arg;
	const uint8_t *bytes = raw;

	(void) entry;
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != sample_byte_of(self->at + i, self->version))
			return zdb_err_set(err, ZDB_INTERNAL, "byte %llu differs",
							   (unsigned long long) (self->at + i));
	self->at += len;
	return ZDB_OK;
}

zdb_rc
sample_scan_of(const char *path, zdb_runner *runner, int version, bool own,
			   uint64_t *bytes, zdb_err *err)
{
	comparison self = {.version = version};
	zdb_scan_options options = {.runner = runner,
								.take = bytes ? compare : NULL,
								.arg = &self,
								.own = own};
	zdb_scan_result result;
	zdb_reader *reader;

	if (open_reader(path, &reader, err))
		return err->code;
	zdb_scan(reader, &options, &result, err);
	zdb_reader_free(reader);
	if (bytes)
		*bytes = self.at;
	return err->code;
}

zdb_rc
sample_scan(const char *path, zdb_runner *runner, uint64_t *bytes,
			zdb_err *err)
{
	return sample_scan_of(path, runner, 0, false, bytes, err);
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
