/*
 * fuzz_age - any bytes as an encrypted file, as identities, as recipients
 *
 * The first byte says which. A header that is taken must be the only way to
 * write what it says: encoded again it is the same. Most MACs are made right
 * again after a change, by a file key that the reader has, so that what lies
 * behind them is reached too.
 */
#include <stdlib.h>
#include <string.h>

#include "core/age/open.h"
#include "test/core/age_test.h"

#define MAC_DIGITS 43

static const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES] = "YELLOW SUBMARIN";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t len, size_t cap);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t len, size_t cap,
							   unsigned int seed);

static void
encode_again(const zdb_age_header *header)
{
	zdb_buf text = {0};
	zdb_err err = {0};

	zdb_age_header_begin(&text, &err);
	for (const zdb_age_stanza *each = header->stanzas; each; each = each->next)
	{
		const char *args[32] = {NULL};

		if (each->arg_count < 32)
			memcpy(args, each->args, (size_t) each->arg_count * sizeof *args);
		else
			goto done;
		zdb_age_header_stanza(&text, args, each->body, each->body_bytes, &err);
	}
	if (!err.code && (text.len + 3 != header->signed_bytes ||
					  memcmp(text.data, header->text, text.len) != 0))
		abort();

done:
	zdb_buf_clear(&text);
}

static void
read_file(const uint8_t *bytes, size_t len)
{
	zdb_age_keys keys = {.files.count = 1};
	zdb_source *source = NULL;
	zdb_age_header header;
	zdb_age_facts facts;
	bool encrypted;
	zdb_err err = {0};
	char start[100];

	memcpy(keys.files.key[0], file_key, sizeof file_key);
	if (zdb_age_keys_parse(&keys, "ann", ANN_KEY, &err) ||
		zdb_source_memory_open("data", bytes, len, &source, &err))
		return;
	if (zdb_age_header_read(source, &header, &err) == ZDB_OK)
		encode_again(&header);
	zdb_age_header_clear(&header);
	zdb_err_clear(&err);
	zdb_age_inspect(source, &encrypted, &facts, &err);
	zdb_err_clear(&err);
	if (zdb_age_open(&source, &keys, &err) == ZDB_OK)
		zdb_source_read(
			source, 0, start,
			source->bytes < sizeof start ? source->bytes : sizeof start, &err);
	zdb_source_free(source);
	zdb_age_keys_clear(&keys);
}

static void
read_text(const uint8_t *bytes, size_t len, bool identities)
{
	zdb_age_recipients recipients = {0};
	zdb_age_keys keys = {0};
	char *text = malloc(len + 1);
	zdb_err err = {0};

	memcpy(text, bytes, len);
	text[len] = '\0';
	if (identities)
		zdb_age_keys_parse(&keys, "ring", text, &err);
	else
		zdb_age_recipients_add(&recipients, text, &err);
	zdb_age_keys_clear(&keys);
	zdb_age_recipients_clear(&recipients);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (len == 0)
		return 0;
	switch (*bytes % 4)
	{
		case 0:
			read_text(bytes + 1, len - 1, true);
			break;
		case 1:
			read_text(bytes + 1, len - 1, false);
			break;
		default:
			read_file(bytes + 1, len - 1);
	}
	return 0;
}

/* Put the right MAC where one stands. */
static void
sign(uint8_t *file, size_t len)
{
	uint8_t *end = memmem(file, len, "\n--- ", 5);
	zdb_buf text = {0};
	zdb_err err = {0};

	if (!end || end + 5 + MAC_DIGITS > file + len)
		return;
	if (zdb_buf_append(&text, file, (size_t) (end + 1 - file), &err) ==
			ZDB_OK &&
		zdb_age_header_end(&text, file_key, &err) == ZDB_OK)
		memcpy(end + 5, text.data + text.len - MAC_DIGITS - 1, MAC_DIGITS);
	zdb_buf_clear(&text);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *bytes, size_t len, size_t cap,
						unsigned int seed)
{
	len = LLVMFuzzerMutate(bytes, len, cap);
	if (len > 1 && *bytes % 4 > 1 && seed % 4 != 0)
		sign(bytes + 1, len - 1);
	return len;
}
