/*
 * layout - where the chunks of an encrypted file lie
 */
#ifndef ZDB_CORE_AGE_LAYOUT_H
#define ZDB_CORE_AGE_LAYOUT_H

#include "core/age/header.h"
#include "core/age/stream.h"

typedef struct zdb_age_layout
{
	uint64_t nonce; /* its offset; the chunks follow it */
	uint64_t chunks;
	uint64_t plain_bytes;
} zdb_age_layout;

/* Compute it from the header's length and the file's. A length that no file
 * can have is ZDB_DAMAGED: it was cut, or something was appended. */
zdb_rc zdb_age_layout_compute(const zdb_source *file,
							  const zdb_age_header *header,
							  zdb_age_layout *layout, zdb_err *err);

/* A chunk's offset in the file, and its plain length. */
uint64_t zdb_age_layout_offset(const zdb_age_layout *layout, uint64_t number);
size_t zdb_age_layout_plain(const zdb_age_layout *layout, uint64_t number);

#endif
