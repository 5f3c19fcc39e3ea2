/*
 * header - the text at the beginning of an age file
 */
#include "core/age/header.h"

#include <string.h>

#include <openssl/crypto.h>

#include "core/age/base64.h"
#include "core/base/mem.h"

#define FIRST_READ_BYTES 4096
#define COLUMNS 64
#define COLUMN_BYTES 48 /* what a full line of a body holds */
#define MAC_DIGITS 43
#define STANZAS_MAX 256

/* Where the parser is, and why it stopped. */
typedef struct cursor
{
	zdb_age_header *header;
	zdb_age_stanza **next; /* where the next one is linked */
	const char *text;
	size_t len;
	size_t at;
	int line;  /* number of the last one */
	bool more; /* the text ended too soon */
	const char *why;
} cursor;

static bool
stop(cursor *self, const char *why)
{
	if (!self->why)
		self->why = why;
	return false;
}

/* The next line, without its end. */
static bool
next_line(cursor *self, const char **line, size_t *len)
{
	const char *start = self->text + self->at;
	const char *end = memchr(start, '\n', self->len - self->at);

	self->line++;
	if (!end)
	{
		self->more = true;
		return stop(self, "the file ends inside the header");
	}
	*line = start;
	*len = (size_t) (end - start);
	self->at += *len + 1;
	return true;
}

static bool
begins_with(const char *line, size_t len, const char *start)
{
	size_t start_len = strlen(start);

	return len >= start_len && memcmp(line, start, start_len) == 0;
}

/* "X25519 abc" into two texts. */
static bool
split_args(cursor *self, zdb_age_stanza *stanza, const char *line, size_t len)
{
	char *copy = zdb_arena_alloc(&self->header->arena, len + 1);
	int spaces = 0;

	for (size_t i = 0; i < len; i++)
		spaces += line[i] == ' ';
	stanza->args = zdb_arena_alloc(&self->header->arena,
								   ((size_t) spaces + 1) * sizeof(char *));
	if (!copy || !stanza->args)
		return false;
	memcpy(copy, line, len);
	for (char *end = copy + len, *word = copy; word <= end;)
	{
		size_t span = 0;

		while (word[span] >= 0x21 && word[span] <= 0x7e)
			span++;
		if (span == 0 || (word + span < end && word[span] != ' '))
			return stop(self, "an argument is empty or has a character that "
							  "is not allowed");
		word[span] = '\0';
		stanza->args[stanza->arg_count++] = word;
		word += span + 1;
	}
	return true;
}

/* Lines of base64, of which only the last is shorter than a full one. */
static bool
read_body(cursor *self, zdb_age_stanza *stanza)
{
	size_t start = self->at, len = COLUMNS, got;
	const char *line;

	while (len == COLUMNS)
		if (!next_line(self, &line, &len))
			return false;
	stanza->body = zdb_arena_alloc(&self->header->arena, self->at - start);
	if (!stanza->body)
		return false;
	self->at = start;
	for (len = COLUMNS; len == COLUMNS; stanza->body_bytes += got)
	{
		(void) next_line(self, &line, &len);
		if (len > COLUMNS)
			return stop(self, "a line is longer than 64 characters");
		if (!zdb_age_base64_decode(line, len,
								   stanza->body + stanza->body_bytes, &got))
			return stop(self, "it is not canonical base64");
	}
	return true;
}

static bool
read_stanza(cursor *self, const char *line, size_t len)
{
	zdb_age_header *header = self->header;
	zdb_age_stanza *stanza = zdb_arena_alloc(&header->arena, sizeof *stanza);

	if (header->stanza_count == STANZAS_MAX)
		return stop(self, "there are too many recipients");
	if (!stanza || !split_args(self, stanza, line + 3, len - 3) ||
		!read_body(self, stanza))
		return false;
	*self->next = stanza;
	self->next = &stanza->next;
	header->stanza_count++;
	return true;
}

static bool
read_mac(cursor *self, const char *line, size_t len)
{
	size_t got;

	self->header->signed_bytes = (size_t) (line - self->text) + 3;
	if (len != 4 + MAC_DIGITS || line[3] != ' ' ||
		!zdb_age_base64_decode(line + 4, MAC_DIGITS, self->header->mac, &got))
		return stop(self, "the MAC is not well formed");
	return true;
}

/* A passphrase opens all or nothing: beside it, other recipients would let
 * their holders forge the file. */
static bool
check_alone(cursor *self)
{
	const zdb_age_stanza *each = self->header->stanzas;

	if (self->header->stanza_count == 0)
		return stop(self, "there is no recipient");
	for (; each; each = each->next)
		if (strcmp(each->args[0], "scrypt") == 0 &&
			self->header->stanza_count > 1)
			return stop(self, "a passphrase is not the only recipient");
	return true;
}

static bool
parse(cursor *self)
{
	const char *line;
	size_t len;

	if (!next_line(self, &line, &len))
		return false;
	if (len != strlen(ZDB_AGE_INTRO "v1") ||
		memcmp(line, ZDB_AGE_INTRO "v1", len) != 0)
		return stop(self, "it does not begin with " ZDB_AGE_INTRO "v1");
	for (;;)
	{
		if (!next_line(self, &line, &len))
			return false;
		if (begins_with(line, len, "---"))
			break;
		if (!begins_with(line, len, "-> "))
			return stop(self, "neither a recipient nor the MAC begins here");
		if (!read_stanza(self, line, len))
			return false;
	}
	return read_mac(self, line, len) && check_alone(self);
}

static zdb_rc
refuse(const zdb_source *source, const cursor *self, zdb_err *err)
{
	const char *version = ZDB_AGE_INTRO "v1\n";

	if (begins_with(self->text, self->len, ZDB_AGE_INTRO) &&
		!begins_with(self->text, self->len, version) && self->line == 1 &&
		!self->more)
	{
		zdb_err_set(err, ZDB_FORMAT,
					"\"%s\" cannot be read: it is age-encrypted in another "
					"version than 1",
					source->name);
		zdb_err_hint(err, "Decrypt it with age -d.");
		return err->code;
	}
	zdb_err_set(err, ZDB_DAMAGED,
				"\"%s\" is damaged: its age header, line %d: %s", source->name,
				self->line, self->why);
	zdb_err_hint(err, "Use another copy or an older backup.");
	return err->code;
}

/* Parse the first len bytes of the source. */
static zdb_rc
parse_start(zdb_source *source, size_t len, zdb_age_header *header, bool *more,
			zdb_err *err)
{
	char *text = zdb_arena_alloc(&header->arena, len + 1);
	cursor self = {
		.header = header, .next = &header->stanzas, .text = text, .len = len};
	bool ok;

	if (!text)
		return zdb_err_nomem(err);
	if (zdb_source_read(source, 0, text, len, err))
		return err->code;
	header->name = source->name;
	header->text = (const uint8_t *) text;
	ok = parse(&self);
	header->bytes = self.at;
	*more = self.more && len < source->bytes && len < ZDB_AGE_HEADER_BYTES_MAX;
	if (zdb_arena_failed(&header->arena))
		return zdb_err_nomem(err);
	return ok || *more ? ZDB_OK : refuse(source, &self, err);
}

zdb_rc
zdb_age_header_read(zdb_source *source, zdb_age_header *header, zdb_err *err)
{
	size_t len = FIRST_READ_BYTES;
	bool more = true;

	*header = (zdb_age_header){0};
	for (; more; len *= 8)
	{
		zdb_age_header_clear(header);
		len = len < ZDB_AGE_HEADER_BYTES_MAX ? len : ZDB_AGE_HEADER_BYTES_MAX;
		len = len < source->bytes ? len : (size_t) source->bytes;
		if (parse_start(source, len, header, &more, err))
			break;
	}
	return err->code;
}

static zdb_rc
compute_mac(const uint8_t *text, size_t len,
			const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
			uint8_t mac[ZDB_AGE_KEY_BYTES], zdb_err *err)
{
	uint8_t key[ZDB_AGE_KEY_BYTES];

	if (zdb_age_hkdf(file_key, ZDB_AGE_FILE_KEY_BYTES, "", 0, "header", key,
					 err) == ZDB_OK)
		zdb_age_hmac(key, sizeof key, text, len, mac, err);
	zdb_age_wipe(key, sizeof key);
	return err->code;
}

zdb_rc
zdb_age_header_check(const zdb_age_header *header,
					 const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
					 bool *match, zdb_err *err)
{
	uint8_t mac[ZDB_AGE_KEY_BYTES] = {0};

	*match = compute_mac(header->text, header->signed_bytes, file_key, mac,
						 err) == ZDB_OK &&
			 CRYPTO_memcmp(mac, header->mac, sizeof mac) == 0;
	return err->code;
}

zdb_rc
zdb_age_header_bad_stanza(const zdb_age_header *header,
						  const zdb_age_stanza *stanza, const char *why,
						  zdb_err *err)
{
	zdb_err_set(err, ZDB_DAMAGED,
				"\"%s\" is damaged: its age header has a recipient of type "
				"%.40s that is not well formed: %s",
				header->name, stanza->args[0], why);
	zdb_err_hint(err, "Use another copy or an older backup.");
	return err->code;
}

zdb_rc
zdb_age_header_share(const zdb_age_header *header,
					 const zdb_age_stanza *stanza, uint8_t *share,
					 size_t bytes, zdb_err *err)
{
	size_t digits = zdb_age_base64_digits(bytes), got;

	if (stanza->arg_count != 2)
		return zdb_age_header_bad_stanza(header, stanza,
										 "it has not two parts", err);
	if (strlen(stanza->args[1]) != digits ||
		!zdb_age_base64_decode(stanza->args[1], digits, share, &got))
		return zdb_age_header_bad_stanza(header, stanza, "its share", err);
	if (stanza->body_bytes != ZDB_AGE_WRAPPED_BYTES)
		return zdb_age_header_bad_stanza(header, stanza, "its length", err);
	return ZDB_OK;
}

void
zdb_age_header_clear(zdb_age_header *header)
{
	zdb_arena_clear(&header->arena);
	*header = (zdb_age_header){0};
}

static zdb_rc
put(zdb_buf *out, const char *text, zdb_err *err)
{
	return zdb_buf_append(out, text, strlen(text), err);
}

zdb_rc
zdb_age_header_begin(zdb_buf *out, zdb_err *err)
{
	return put(out, ZDB_AGE_INTRO "v1\n", err);
}

zdb_rc
zdb_age_header_stanza(zdb_buf *out, const char *const *args,
					  const uint8_t *body, size_t body_bytes, zdb_err *err)
{
	char line[COLUMNS + 1];

	put(out, "->", err);
	for (; *args && !err->code; args++)
		if (put(out, " ", err) == ZDB_OK)
			put(out, *args, err);
	put(out, "\n", err);
	for (size_t at = 0; at <= body_bytes && !err->code; at += COLUMN_BYTES)
	{
		size_t left = body_bytes - at;

		zdb_age_base64_encode(body + at,
							  left < COLUMN_BYTES ? left : COLUMN_BYTES, line);
		if (put(out, line, err) == ZDB_OK)
			put(out, "\n", err);
	}
	return err->code;
}

zdb_rc
zdb_age_header_end(zdb_buf *out,
				   const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
				   zdb_err *err)
{
	uint8_t mac[ZDB_AGE_KEY_BYTES];
	char digits[MAC_DIGITS + 1];

	if (put(out, "---", err) ||
		compute_mac(out->data, out->len, file_key, mac, err))
		return err->code;
	zdb_age_base64_encode(mac, sizeof mac, digits);
	if (put(out, " ", err) == ZDB_OK && put(out, digits, err) == ZDB_OK)
		put(out, "\n", err);
	return err->code;
}
