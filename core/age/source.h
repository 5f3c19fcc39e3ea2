/*
 * source - an encrypted file, read as if it were not
 *
 * Any range can be read: only the 64 KiB chunks that it touches are decrypted,
 * each authenticated before a byte of it is given; a few are kept. Opening
 * authenticates the last chunk, so a file that was cut is refused at once.
 */
#ifndef ZDB_CORE_AGE_SOURCE_H
#define ZDB_CORE_AGE_SOURCE_H

#include "core/age/keys.h"
#include "core/age/layout.h"

typedef zdb_rc (*zdb_age_take)(void *arg, const void *bytes, size_t len,
							   zdb_err *err);

/* What an encrypted file tells without a key. */
typedef struct zdb_age_facts
{
	int recipients;
	bool passphrase;      /* it is one for a passphrase */
	char types[128];      /* of recipients: "X25519, ssh-rsa"; may be cut */
	uint64_t plain_bytes; /* once decrypted, if it was not cut */
} zdb_age_facts;

void zdb_age_facts_fill(zdb_age_facts *facts, const zdb_age_header *header,
						const zdb_age_layout *layout);

/* Open over under, which must be one that begins with an age header. *out owns
 * it, unless this fails. One thread at a time reads. */
zdb_rc zdb_age_source_open(zdb_source *under, zdb_age_keys *keys,
						   zdb_source **out, zdb_err *err);

/* Of a source that decrypts: what it is; NULL for others. */
const zdb_age_facts *zdb_age_source_facts(const zdb_source *source);

/* Of a source that decrypts: how many chunks it has decrypted; 0 for others.
 */
uint64_t zdb_age_source_opened(const zdb_source *source);

/* Of a source that decrypts: from now on hand the file's own bytes to take, in
 * order from the first one, as reading comes by them; small gaps are read for
 * it. So whoever reads all of it need not fetch it again to hash it. */
void zdb_age_source_watch(zdb_source *source, zdb_age_take take, void *arg);

/* Up to where they were handed. */
uint64_t zdb_age_source_watched(const zdb_source *source);

/* Of a source that decrypts: add its file key. */
void zdb_age_source_key(const zdb_source *source, zdb_age_file_keys *keys);

#endif
