/*
 * listed - one file of a repository, as it describes itself
 */
#ifndef ZDB_CORE_JOB_LISTED_H
#define ZDB_CORE_JOB_LISTED_H

#include <jansson.h>

#include "core/archive/reader.h"
#include "core/base/arena.h"
#include "core/job/options.h"
#include "core/job/run.h"
#include "core/store/store.h"

/* Labels that mean something: taken before a restore, and so never chosen
 * when somebody wants the newest; never to be pruned. */
#define ZDB_LABEL_PREBACKUP "prebackup"
#define ZDB_LABEL_KEEP "keep"

/* Its texts belong to an arena; counts may be ZDB_UNKNOWN. */
typedef struct zdb_listed
{
	const char *name; /* in the store */
	uint64_t stored_bytes;
	int64_t modified_us;
	bool has_index;      /* its index stands beside it (.zdbi) */
	bool has_sums;       /* and its .sha256 */
	const char *sha256;  /* what that says, or NULL */
	zdb_level verified;  /* how deeply, as the history has it */
	int64_t verified_us; /* when, or ZDB_UNKNOWN */
	const char *error;   /* why the file cannot be read, or NULL */
	bool sealed;         /* because nobody has its key: then its name says what
							it is, and engine, id and counts may be unknown */
	bool copied;         /* it is at the second place, too */
	bool damaged;        /* that is why; or the last verification found so */
	zdb_codec_kind codec;
	const char *engine; /* NULL: not known */
	int64_t bytes;
	bool indexed;   /* ours; if not, what follows is not known */
	const char *id; /* root hash in hex: the same content has the same */
	const char *engine_version;
	const char *database;
	const char *type;
	const char *label;
	bool partial;                       /* of some tables only */
	const char *base;                   /* id of what it stands on, or NULL; */
	const char *base_file;              /* its bare name; */
	bool base_inside;                   /* that was in the same repository; */
	const struct zdb_listed *stands_on; /* it, if it is there; of a sealed
										   one a guess */
	int64_t created_us;
	int64_t rows;
	int64_t tables;
} zdb_listed;

/* Read what the file says of itself, opened with keys (or NULL) if it is
 * encrypted. name, stored_bytes, modified_us,
 * has_index and has_sums are set; the rest is filled in. What is wrong with
 * the file goes to listed->error, unless it is gone: ZDB_NOT_FOUND. */
zdb_rc zdb_listed_read(zdb_store *store, zdb_age_keys *keys, zdb_arena *arena,
					   zdb_listed *listed, zdb_err *err);

/* Open it, with its index if that stands beside it. */
zdb_rc zdb_listed_open(zdb_store *store, const zdb_listed *listed,
					   zdb_age_keys *keys, zdb_reader **out, zdb_err *err);

/* What the .sha256 beside a file says of it; *known is false when there is
 * none, or none that can be read. An error is one of the store. */
zdb_rc zdb_listed_sums(zdb_store *store, const char *name,
					   uint8_t digest[ZDB_SHA256_BYTES], bool *known,
					   zdb_err *err);

/* Like zdb_listed_open(), with its chain, as repository reaches it. */
zdb_rc zdb_listed_open_chain(zdb_store *store,
							 const zdb_repository *repository,
							 const zdb_listed *listed, zdb_reader **out,
							 zdb_err *err);

/* When it was made; of a foreign file, when it was changed last. */
int64_t zdb_listed_us(const zdb_listed *listed);

/* A row of zdb_list(); NULL without memory. */
json_t *zdb_listed_row(const zdb_store *store, const zdb_listed *listed);

#endif
