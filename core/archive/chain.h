/*
 * chain - what an incremental backup stands on, as its manifest has it
 */
#ifndef ZDB_CORE_ARCHIVE_CHAIN_H
#define ZDB_CORE_ARCHIVE_CHAIN_H

#include <stdint.h>

#include "core/archive/format.h"
#include "core/base/err.h"

struct json_t;

#define ZDB_HEX_BYTES (2 * ZDB_SHA256_BYTES + 1)

/* One file of the chain. Owned by its manifest. */
typedef struct zdb_link
{
	char *file;             /* seen from the incremental's directory */
	char *path;             /* where it was, if in another place; or NULL */
	char id[ZDB_HEX_BYTES]; /* root of its footer */
	char sha256[ZDB_HEX_BYTES]; /* of the file as it lies there */
	uint64_t bytes;             /* its length */
} zdb_link;

typedef struct zdb_chain
{
	zdb_link *list; /* the full backup first, the direct base last */
	uint32_t count; /* 0: a backup that stands by itself */
} zdb_chain;

/* Append a copy of a link. A chain that would be longer than ZDB_CHAIN_MAX is
 * ZDB_UNSUPPORTED. */
zdb_rc zdb_chain_add(zdb_chain *chain, const zdb_link *link, zdb_err *err);

/* The chain as JSON; NULL when a name is not UTF-8, or without memory. */
struct json_t *zdb_chain_json(const zdb_chain *chain);

/* Read JSON, NULL too, into an empty chain. Nothing in it is trusted. */
zdb_rc zdb_chain_read(const struct json_t *list, zdb_chain *chain,
					  zdb_err *err);

/* Free what it owns and empty it. */
void zdb_chain_clear(zdb_chain *chain);

#endif
