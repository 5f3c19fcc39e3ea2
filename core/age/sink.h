/*
 * sink - encrypts what goes to another sink
 *
 * The first hold bytes may be rewritten until the end. They must not be sealed
 * twice with the same nonces (stream.h): so they stay in memory, zeros hold
 * their place below, and their only ciphertext goes there at the end.
 *
 *   written above:   | held      | chunk | chunk | ... | last |
 *   below, until end: header, 0000 ...    chunk    chunk   ...
 *   at the end:       header, held        chunk    chunk   ...  last
 */
#ifndef ZDB_CORE_AGE_SINK_H
#define ZDB_CORE_AGE_SINK_H

#include "core/age/keys.h"
#include "core/io/sink.h"

/* Encrypt for recipients (at least one) onto under, which the new sink owns,
 * also when this fails. written counts plain bytes. Flush and finish end the
 * stream: after that nothing can be written. */
zdb_rc zdb_age_sink_open(zdb_sink *under, const zdb_age_recipients *recipients,
						 uint32_t hold, zdb_sink **out, zdb_err *err);

/* Add the key of the file, so that what was written can be read back without
 * an identity. */
void zdb_age_sink_key(const zdb_sink *sink, zdb_age_file_keys *keys);

#endif
