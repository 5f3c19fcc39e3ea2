/*
 * sink_hash - SHA-256 of what goes through to another sink
 */
#include "core/codec/sink_hash.h"

#include "core/base/mem.h"

typedef struct hash_sink
{
	zdb_sink base;
	zdb_sink *inner;
	zdb_sha256_stream *hash;
} hash_sink;

static zdb_rc
hash_write(zdb_sink *sink, const void *bytes, size_t len, zdb_err *err)
{
	hash_sink *self = (hash_sink *) sink;

	if (zdb_sha256_update(self->hash, bytes, len, err))
		return err->code;
	return zdb_sink_write(self->inner, bytes, len, err);
}

static zdb_rc
hash_rewrite(zdb_sink *sink, const void *bytes, size_t len, zdb_err *err)
{
	(void) sink;
	(void) bytes;
	(void) len;
	return zdb_err_set(err, ZDB_INTERNAL, "hashed bytes were to be changed");
}

static zdb_rc
hash_flush(zdb_sink *sink, zdb_err *err)
{
	return zdb_sink_flush(((hash_sink *) sink)->inner, err);
}

static zdb_rc
hash_finish(zdb_sink *sink, zdb_err *err)
{
	return zdb_sink_finish(((hash_sink *) sink)->inner, err);
}

static void
hash_free(zdb_sink *sink)
{
	hash_sink *self = (hash_sink *) sink;

	zdb_sha256_free(self->hash);
	zdb_sink_free(self->inner);
	zdb_free(self);
}

static const zdb_sink_ops hash_ops = {
	.write = hash_write,
	.rewrite = hash_rewrite,
	.flush = hash_flush,
	.finish = hash_finish,
	.free = hash_free,
};

zdb_rc
zdb_sink_hash_open(zdb_sink *inner, zdb_sink **out, zdb_err *err)
{
	hash_sink *self = zdb_calloc(1, sizeof *self);

	*out = NULL;
	if (!self)
	{
		zdb_sink_free(inner);
		return zdb_err_nomem(err);
	}
	self->base.ops = &hash_ops;
	self->inner = inner;
	if (zdb_sha256_new(&self->hash, err))
		hash_free(&self->base);
	else
		*out = &self->base;
	return err->code;
}

zdb_rc
zdb_sink_hash_digest(zdb_sink *sink, uint8_t digest[ZDB_SHA256_BYTES],
					 zdb_err *err)
{
	return zdb_sha256_final(((hash_sink *) sink)->hash, digest, err);
}
