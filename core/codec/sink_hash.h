/*
 * sink_hash - SHA-256 of what goes through to another sink
 *
 * For bytes that are written in order: rewrite is refused.
 */
#ifndef ZDB_CORE_CODEC_SINK_HASH_H
#define ZDB_CORE_CODEC_SINK_HASH_H

#include "core/codec/codec.h"
#include "core/io/sink.h"

/* Open a sink that hands everything on to inner, which it takes over, also
 * when it fails. */
zdb_rc zdb_sink_hash_open(zdb_sink *inner, zdb_sink **out, zdb_err *err);

/* The digest of all bytes written; to be asked for once, at the end. */
zdb_rc zdb_sink_hash_digest(zdb_sink *sink, uint8_t digest[ZDB_SHA256_BYTES],
							zdb_err *err);

#endif
