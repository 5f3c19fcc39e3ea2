/*
 * sink - encrypts what goes to another sink
 */
#include "core/age/sink.h"

#include <string.h>

#include "core/age/stream.h"
#include "core/base/mem.h"

typedef struct age_sink
{
	zdb_sink base;
	zdb_sink *under;
	zdb_age_aead *payload;
	uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES];
	zdb_buf intro; /* header and nonce, before the chunks */
	uint8_t *held; /* whole chunks' room for what may be rewritten */
	size_t held_cap;
	size_t held_len;
	bool begun; /* the intro is below, and the place of what is held */
	bool ended;
	uint64_t next;  /* number of the chunk in pending */
	size_t pending; /* bytes: never empty at the end, it may be the last */
	uint8_t plain[ZDB_AGE_CHUNK_BYTES];
	uint8_t sealed[ZDB_AGE_SEALED_BYTES];
} age_sink;

/* Write the intro, and zeros where the held chunks belong. */
static zdb_rc
begin(age_sink *self, zdb_err *err)
{
	memset(self->sealed, 0, sizeof self->sealed);
	zdb_sink_write(self->under, self->intro.data, self->intro.len, err);
	for (self->next = 0;
		 self->next < self->held_cap / ZDB_AGE_CHUNK_BYTES && !err->code;
		 self->next++)
		zdb_sink_write(self->under, self->sealed, sizeof self->sealed, err);
	self->begun = true;
	return err->code;
}

static zdb_rc
put_chunk(age_sink *self, const uint8_t *plain, size_t len, bool last,
		  zdb_err *err)
{
	if (zdb_age_stream_seal(self->payload, self->next, last, plain, len,
							self->sealed, err))
		return err->code;
	self->next++;
	return zdb_sink_write(self->under, self->sealed, len + ZDB_AGE_TAG_BYTES,
						  err);
}

/* Take bytes behind those that are held; a chunk leaves when the next byte
 * shows that it is not the last. */
static zdb_rc
take(age_sink *self, const uint8_t *bytes, size_t len, zdb_err *err)
{
	while (len > 0)
	{
		size_t room = ZDB_AGE_CHUNK_BYTES - self->pending;
		size_t part = len < room ? len : room;

		if (room == 0)
		{
			self->pending = 0;
			if (put_chunk(self, self->plain, sizeof self->plain, false, err))
				return err->code;
			continue;
		}
		if (self->pending == 0 && len > ZDB_AGE_CHUNK_BYTES)
		{
			if (put_chunk(self, bytes, part, false, err))
				return err->code;
		}
		else
		{
			memcpy(self->plain + self->pending, bytes, part);
			self->pending += part;
		}
		bytes += part;
		len -= part;
	}
	return ZDB_OK;
}

static zdb_rc
refuse_ended(zdb_err *err)
{
	return zdb_err_set(err, ZDB_INTERNAL,
					   "something was to be written to an encrypted file that "
					   "has ended");
}

static zdb_rc
age_write(zdb_sink *sink, const void *bytes, size_t len, zdb_err *err)
{
	age_sink *self = (age_sink *) sink;
	size_t room = self->held_cap - self->held_len;
	size_t part = len < room ? len : room;

	if (self->ended)
		return refuse_ended(err);
	if (part)
		memcpy(self->held + self->held_len, bytes, part);
	self->held_len += part;
	if (len == part)
		return ZDB_OK;
	if (!self->begun && begin(self, err))
		return err->code;
	return take(self, (const uint8_t *) bytes + part, len - part, err);
}

static zdb_rc
age_rewrite(zdb_sink *sink, const void *bytes, size_t len, zdb_err *err)
{
	age_sink *self = (age_sink *) sink;

	if (self->ended)
		return refuse_ended(err);
	if (len > self->held_len)
		return zdb_err_set(err, ZDB_INTERNAL,
						   "more was to be rewritten than was held back");
	if (len)
		memcpy(self->held, bytes, len);
	return ZDB_OK;
}

/* Append the held chunks, sealed, to what goes to the beginning. */
static zdb_rc
seal_held(age_sink *self, zdb_buf *out, zdb_err *err)
{
	size_t at = 0;
	uint64_t number = 0;

	do
	{
		size_t left = self->held_len - at;
		size_t len = left < ZDB_AGE_CHUNK_BYTES ? left : ZDB_AGE_CHUNK_BYTES;
		bool last = !self->begun && len == left;

		if (zdb_buf_reserve(out, len + ZDB_AGE_TAG_BYTES, err) ||
			zdb_age_stream_seal(self->payload, number++, last, self->held + at,
								len, out->data + out->len, err))
			return err->code;
		out->len += len + ZDB_AGE_TAG_BYTES;
		at += len;
	} while (at < self->held_len);
	return ZDB_OK;
}

/* Everything is there: seal the last chunk and those that were held. */
static zdb_rc
end(age_sink *self, zdb_err *err)
{
	if (self->ended)
		return ZDB_OK;
	self->ended = true;
	if (self->pending &&
		put_chunk(self, self->plain, self->pending, true, err))
		return err->code;
	if (self->begun && self->held_cap == 0)
		return ZDB_OK;
	if (seal_held(self, &self->intro, err))
		return err->code;
	return self->begun ? zdb_sink_rewrite(self->under, self->intro.data,
										  self->intro.len, err)
					   : zdb_sink_write(self->under, self->intro.data,
										self->intro.len, err);
}

static zdb_rc
age_flush(zdb_sink *sink, zdb_err *err)
{
	age_sink *self = (age_sink *) sink;

	return end(self, err) ? err->code : zdb_sink_flush(self->under, err);
}

static zdb_rc
age_finish(zdb_sink *sink, zdb_err *err)
{
	age_sink *self = (age_sink *) sink;

	return end(self, err) ? err->code : zdb_sink_finish(self->under, err);
}

static void
age_free(zdb_sink *sink)
{
	age_sink *self = (age_sink *) sink;

	zdb_sink_free(self->under);
	zdb_age_aead_free(self->payload);
	zdb_buf_clear(&self->intro);
	zdb_age_wipe_free(self->held, self->held_cap);
	zdb_age_wipe_free(self, sizeof *self);
}

static const zdb_sink_ops age_ops = {
	.write = age_write,
	.rewrite = age_rewrite,
	.flush = age_flush,
	.finish = age_finish,
	.free = age_free,
};

static zdb_rc
make_intro(age_sink *self, const zdb_age_recipients *recipients, zdb_err *err)
{
	uint8_t nonce[ZDB_AGE_NONCE_BYTES];

	if (zdb_age_random(self->file_key, sizeof self->file_key, err) ||
		zdb_age_random(nonce, sizeof nonce, err) ||
		zdb_age_recipients_header(recipients, self->file_key, &self->intro,
								  err) ||
		zdb_buf_append(&self->intro, nonce, sizeof nonce, err))
		return err->code;
	return zdb_age_stream_new(self->file_key, nonce, &self->payload, err);
}

zdb_rc
zdb_age_sink_open(zdb_sink *under, const zdb_age_recipients *recipients,
				  uint32_t hold, zdb_sink **out, zdb_err *err)
{
	size_t chunks =
		((size_t) hold + ZDB_AGE_CHUNK_BYTES - 1) / ZDB_AGE_CHUNK_BYTES;
	age_sink *self = zdb_calloc(1, sizeof *self);

	*out = NULL;
	if (!self)
	{
		zdb_sink_free(under);
		return zdb_err_nomem(err);
	}
	self->base.ops = &age_ops;
	self->under = under;
	self->held_cap = chunks * ZDB_AGE_CHUNK_BYTES;
	if (chunks)
		self->held = zdb_malloc(self->held_cap);
	if (chunks && !self->held)
		zdb_err_nomem(err);
	if (err->code || make_intro(self, recipients, err))
		age_free(&self->base);
	else
		*out = &self->base;
	return err->code;
}

void
zdb_age_sink_key(const zdb_sink *sink, zdb_age_file_keys *keys)
{
	memcpy(keys->key[keys->count++], ((const age_sink *) sink)->file_key,
		   ZDB_AGE_FILE_KEY_BYTES);
}
