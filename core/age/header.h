/*
 * header - the text at the beginning of an age file
 *
 *   age-encryption.org/v1
 *   -> X25519 <ephemeral share>        a stanza a recipient: the file key,
 *   <wrapped file key>                 wrapped for him
 *   --- <HMAC of all before, under a key made from the file key>
 *
 * https://c2sp.org/age says what is allowed; nothing else is taken, so that
 * no two readers see two different files.
 */
#ifndef ZDB_CORE_AGE_HEADER_H
#define ZDB_CORE_AGE_HEADER_H

#include "core/age/crypto.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/io/source.h"

#define ZDB_AGE_INTRO "age-encryption.org/"

/* A longer header is refused; 100 recipients of the largest kind fit. */
#define ZDB_AGE_HEADER_BYTES_MAX (256u << 10)

typedef struct zdb_age_stanza
{
	struct zdb_age_stanza *next;
	const char **args; /* the first is its type */
	int arg_count;
	uint8_t *body;
	size_t body_bytes;
} zdb_age_stanza;

typedef struct zdb_age_header
{
	const char *name; /* the source's, for messages */
	zdb_arena arena;  /* owns what the others point to */
	const uint8_t *text;
	size_t bytes;        /* of the header; the payload follows */
	size_t signed_bytes; /* of it, that the MAC is about */
	uint8_t mac[ZDB_AGE_KEY_BYTES];
	zdb_age_stanza *stanzas; /* in order */
	int stanza_count;
} zdb_age_header;

/* Read and parse the header of source. What is not well formed is ZDB_DAMAGED
 * and names the line; a version that is not 1 is ZDB_FORMAT. *header is to be
 * cleared in either case. */
zdb_rc zdb_age_header_read(zdb_source *source, zdb_age_header *header,
						   zdb_err *err);

/* *match tells whether the MAC is one by this file key. */
zdb_rc zdb_age_header_check(const zdb_age_header *header,
							const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
							bool *match, zdb_err *err);

/* The error for a stanza that is not what its type demands. */
zdb_rc zdb_age_header_bad_stanza(const zdb_age_header *header,
								 const zdb_age_stanza *stanza, const char *why,
								 zdb_err *err);

/* Read a stanza of the form "<type> <share>", whose body is a wrapped file
 * key; the share has exactly this many bytes. */
zdb_rc zdb_age_header_share(const zdb_age_header *header,
							const zdb_age_stanza *stanza, uint8_t *share,
							size_t bytes, zdb_err *err);

void zdb_age_header_clear(zdb_age_header *header);

/* Writing: append the first line; a stanza (args ends with NULL); the MAC. */
zdb_rc zdb_age_header_begin(zdb_buf *out, zdb_err *err);
zdb_rc zdb_age_header_stanza(zdb_buf *out, const char *const *args,
							 const uint8_t *body, size_t body_bytes,
							 zdb_err *err);
zdb_rc zdb_age_header_end(zdb_buf *out,
						  const uint8_t file_key[ZDB_AGE_FILE_KEY_BYTES],
						  zdb_err *err);

#endif
