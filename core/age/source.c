/*
 * source - an encrypted file, read as if it were not
 */
#include "core/age/source.h"

#include <stdio.h>
#include <string.h>

#include "core/age/scrypt.h"
#include "core/base/mem.h"

#define SLOTS 4       /* chunks that are kept */
#define RUN_CHUNKS 16 /* read at once */
#define NO_CHUNK UINT64_MAX
#define GAP_BYTES_MAX (1u << 20) /* header and first chunk, say */
#define GAP_PIECE_BYTES 16384

/* A chunk that was decrypted. */
typedef struct slot
{
	uint64_t number; /* or NO_CHUNK */
	uint64_t used;   /* when; the oldest goes first */
	uint8_t plain[ZDB_AGE_CHUNK_BYTES];
} slot;

typedef struct age_source
{
	zdb_source base;
	zdb_age_layout at;
	zdb_age_facts facts;
	zdb_age_aead *payload;
	uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES];
	uint64_t opened;
	uint64_t clock;
	uint8_t *sealed;   /* RUN_CHUNKS of them */
	zdb_age_take take; /* who watches, or NULL */
	void *take_arg;
	uint64_t taken; /* bytes of the file */
	slot slots[SLOTS];
} age_source;

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static zdb_rc
blame(const age_source *self, uint64_t number, zdb_err *err)
{
	uint64_t from = zdb_age_layout_offset(&self->at, number);

	zdb_err_set(err, ZDB_DAMAGED,
				"\"%s\" is damaged: encrypted chunk %llu (bytes %llu-%llu of "
				"the file) is not what was written there",
				self->base.name, (unsigned long long) number,
				(unsigned long long) from,
				(unsigned long long) (from +
									  zdb_age_layout_plain(&self->at, number) +
									  ZDB_AGE_TAG_BYTES - 1));
	zdb_err_hint(err, "Use another copy or an older backup.");
	return err->code;
}

/* Open a chunk whose sealed form lies in memory. */
static zdb_rc
open_chunk(age_source *self, uint64_t number, const uint8_t *sealed,
		   uint8_t *plain, zdb_err *err)
{
	bool ok;

	self->opened++;
	if (zdb_age_stream_open(
			self->payload, number, number == self->at.chunks - 1, sealed,
			zdb_age_layout_plain(&self->at, number) + ZDB_AGE_TAG_BYTES, plain,
			&ok, err))
		return err->code;
	return ok ? ZDB_OK : blame(self, number, err);
}

static slot *
find_slot(age_source *self, uint64_t number)
{
	for (int i = 0; i < SLOTS; i++)
		if (self->slots[i].number == number)
		{
			self->slots[i].used = ++self->clock;
			return &self->slots[i];
		}
	return NULL;
}

static slot *
oldest_slot(age_source *self)
{
	slot *oldest = &self->slots[0];

	for (int i = 1; i < SLOTS; i++)
		if (self->slots[i].used < oldest->used)
			oldest = &self->slots[i];
	oldest->number = NO_CHUNK;
	oldest->used = ++self->clock;
	return oldest;
}

/* Hand on what of a range of the file follows what was handed on. */
static zdb_rc
show(age_source *self, uint64_t offset, const uint8_t *bytes, size_t len,
	 zdb_err *err)
{
	uint64_t seen = self->taken - offset;

	if (!self->take || offset > self->taken || seen >= len)
		return ZDB_OK;
	self->taken = offset + len;
	return self->take(self->take_arg, bytes + seen, len - (size_t) seen, err);
}

/* Before a range is read: what lies between it and what was handed on. */
static zdb_rc
show_gap(age_source *self, uint64_t offset, zdb_err *err)
{
	uint8_t piece[GAP_PIECE_BYTES];

	if (!self->take || offset < self->taken ||
		offset - self->taken > GAP_BYTES_MAX)
		return ZDB_OK;
	while (self->taken < offset)
	{
		uint64_t from = self->taken;
		size_t len = (size_t) smaller(offset - from, sizeof piece);

		if (zdb_source_read(self->base.under, from, piece, len, err) ||
			show(self, from, piece, len, err))
			return err->code;
	}
	return ZDB_OK;
}

static zdb_rc
read_sealed(age_source *self, uint64_t first, uint64_t count, zdb_err *err)
{
	uint64_t offset = zdb_age_layout_offset(&self->at, first);
	size_t len = (size_t) (count - 1) * ZDB_AGE_SEALED_BYTES +
				 zdb_age_layout_plain(&self->at, first + count - 1) +
				 ZDB_AGE_TAG_BYTES;

	if (!self->sealed)
		self->sealed = zdb_malloc((size_t) RUN_CHUNKS * ZDB_AGE_SEALED_BYTES);
	if (!self->sealed)
		return zdb_err_nomem(err);
	if (show_gap(self, offset, err) ||
		zdb_source_read(self->base.under, offset, self->sealed, len, err))
		return err->code;
	return show(self, offset, self->sealed, len, err);
}

/* A chunk into a slot. */
static zdb_rc
keep_chunk(age_source *self, uint64_t number, const uint8_t *sealed,
		   slot **kept, zdb_err *err)
{
	*kept = oldest_slot(self);
	if (open_chunk(self, number, sealed, (*kept)->plain, err) == ZDB_OK)
		(*kept)->number = number;
	return err->code;
}

/* Read a run of chunks at once, none of which is kept. Those that are wanted
 * as a whole go straight where they belong. */
static zdb_rc
read_run(age_source *self, uint64_t first, uint64_t count, size_t skip,
		 uint8_t *into, size_t len, zdb_err *err)
{
	if (read_sealed(self, first, count, err))
		return err->code;
	for (uint64_t i = 0; i < count; i++)
	{
		const uint8_t *sealed = self->sealed + i * ZDB_AGE_SEALED_BYTES;
		size_t whole = zdb_age_layout_plain(&self->at, first + i);
		size_t part = (size_t) smaller(whole - skip, len);
		slot *kept;

		if (part == whole)
		{
			if (open_chunk(self, first + i, sealed, into, err))
				return err->code;
		}
		else if (keep_chunk(self, first + i, sealed, &kept, err))
			return err->code;
		else
			memcpy(into, kept->plain + skip, part);
		into += part;
		len -= part;
		skip = 0;
	}
	return ZDB_OK;
}

/* How many chunks from number on are needed and not kept. */
static uint64_t
run_length(age_source *self, uint64_t number, uint64_t last)
{
	uint64_t count = 1;

	while (count < RUN_CHUNKS && number + count <= last &&
		   !find_slot(self, number + count))
		count++;
	return count;
}

static zdb_rc
age_read(zdb_source *source, uint64_t offset, void *into, size_t len,
		 zdb_err *err)
{
	age_source *self = (age_source *) source;
	uint8_t *to = into;

	while (len > 0)
	{
		uint64_t number = offset / ZDB_AGE_CHUNK_BYTES;
		uint64_t last = (offset + len - 1) / ZDB_AGE_CHUNK_BYTES;
		size_t skip = (size_t) (offset % ZDB_AGE_CHUNK_BYTES);
		slot *kept = find_slot(self, number);
		uint64_t count = kept ? 1 : run_length(self, number, last);
		uint64_t end =
			smaller((number + count) * ZDB_AGE_CHUNK_BYTES, offset + len);
		size_t part = (size_t) (end - offset);

		if (kept)
			memcpy(to, kept->plain + skip, part);
		else if (read_run(self, number, count, skip, to, part, err))
			return err->code;
		offset += part;
		to += part;
		len -= part;
	}
	return ZDB_OK;
}

/* Free what is not the file below. */
static void
free_self(age_source *self)
{
	zdb_age_aead_free(self->payload);
	zdb_free(self->sealed);
	zdb_age_wipe_free(self, sizeof *self);
}

/* Armor does not own the file below it. */
static void
age_free(zdb_source *source)
{
	zdb_source *outer = zdb_source_outer(source);

	if (source->under != outer)
		zdb_source_free(source->under);
	zdb_source_free(outer);
	free_self((age_source *) source);
}

static const zdb_source_ops age_ops = {.read = age_read, .free = age_free};

/* The last chunk is not: was the file cut behind one that never was last? */
static zdb_rc
blame_last(age_source *self, size_t len, slot *into, zdb_err *err)
{
	bool ok;

	if (zdb_age_stream_open(self->payload, self->at.chunks - 1, false,
							self->sealed, len + ZDB_AGE_TAG_BYTES, into->plain,
							&ok, err))
		return err->code;
	if (ok)
		zdb_err_set(err, ZDB_DAMAGED,
					"\"%s\" was cut short: its end, behind encrypted chunk "
					"%llu (byte %llu), is missing",
					self->base.name,
					(unsigned long long) (self->at.chunks - 1),
					(unsigned long long) self->base.under->bytes);
	else
		zdb_err_set(err, ZDB_DAMAGED,
					"\"%s\" is damaged: its last encrypted chunk, from byte "
					"%llu on, was cut short or changed",
					self->base.name,
					(unsigned long long) (self->base.under->bytes - len -
										  ZDB_AGE_TAG_BYTES));
	zdb_err_hint(err, "Use another copy or an older backup.");
	return err->code;
}

static zdb_rc
check_last(age_source *self, zdb_err *err)
{
	uint64_t number = self->at.chunks - 1;
	slot *into = oldest_slot(self);
	size_t len = zdb_age_layout_plain(&self->at, number);
	bool ok;

	self->opened++;
	if (read_sealed(self, number, 1, err) ||
		zdb_age_stream_open(self->payload, number, true, self->sealed,
							len + ZDB_AGE_TAG_BYTES, into->plain, &ok, err))
		return err->code;
	if (!ok)
		return blame_last(self, len, into, err);
	into->number = number;
	return ZDB_OK;
}

/* Append a type that is not there yet. */
static void
add_type(zdb_age_facts *facts, const char *type)
{
	size_t len = strlen(facts->types);

	if (!strstr(facts->types, type))
		snprintf(facts->types + len, sizeof facts->types - len, "%s%s",
				 len ? ", " : "", type);
}

void
zdb_age_facts_fill(zdb_age_facts *facts, const zdb_age_header *header,
				   const zdb_age_layout *layout)
{
	facts->recipients = header->stanza_count;
	facts->passphrase = zdb_age_scrypt_is(header);
	facts->plain_bytes = layout->plain_bytes;
	for (const zdb_age_stanza *each = header->stanzas; each; each = each->next)
		add_type(facts, each->args[0]);
}

static zdb_rc
open_header(age_source *self, zdb_age_keys *keys, zdb_err *err)
{
	zdb_source *under = self->base.under;
	uint8_t nonce[ZDB_AGE_NONCE_BYTES];
	zdb_age_header header;

	if (zdb_age_header_read(under, &header, err) == ZDB_OK &&
		zdb_age_keys_open(keys, &header, self->file_key, err) == ZDB_OK &&
		zdb_age_layout_compute(under, &header, &self->at, err) == ZDB_OK &&
		zdb_source_read(under, self->at.nonce, nonce, sizeof nonce, err) ==
			ZDB_OK)
	{
		zdb_age_facts_fill(&self->facts, &header, &self->at);
		zdb_age_stream_new(self->file_key, nonce, &self->payload, err);
	}
	zdb_age_header_clear(&header);
	return err->code;
}

zdb_rc
zdb_age_source_open(zdb_source *under, zdb_age_keys *keys, zdb_source **out,
					zdb_err *err)
{
	age_source *self = zdb_calloc(1, sizeof *self);

	*out = NULL;
	if (!self)
		return zdb_err_nomem(err);
	self->base =
		(zdb_source){.ops = &age_ops, .name = under->name, .under = under};
	for (int i = 0; i < SLOTS; i++)
		self->slots[i].number = NO_CHUNK;
	if (open_header(self, keys, err) || check_last(self, err))
	{
		free_self(self);
		return err->code;
	}
	self->base.bytes = self->at.plain_bytes;
	*out = &self->base;
	return ZDB_OK;
}

static const age_source *
self_of(const zdb_source *source)
{
	return source->ops == &age_ops ? (const age_source *) source : NULL;
}

const zdb_age_facts *
zdb_age_source_facts(const zdb_source *source)
{
	const age_source *self = self_of(source);

	return self ? &self->facts : NULL;
}

uint64_t
zdb_age_source_opened(const zdb_source *source)
{
	const age_source *self = self_of(source);

	return self ? self->opened : 0;
}

void
zdb_age_source_watch(zdb_source *source, zdb_age_take take, void *arg)
{
	age_source *self = (age_source *) source;

	self->take = take;
	self->take_arg = arg;
	self->taken = 0;
}

uint64_t
zdb_age_source_watched(const zdb_source *source)
{
	return ((const age_source *) source)->taken;
}

void
zdb_age_source_key(const zdb_source *source, zdb_age_file_keys *keys)
{
	const age_source *self = self_of(source);

	if (self)
		memcpy(keys->key[keys->count++], self->file_key,
			   ZDB_AGE_FILE_KEY_BYTES);
}
