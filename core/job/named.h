/*
 * named - what the name of a backup tells, when the file itself does not
 *
 *   app_full_20250904_113523.db.gz.age      as core/job/path.h writes them
 *
 * An encrypted file is listed so where nobody has its key: best practice is
 * that the server has none. Nobody vouches for a name.
 */
#ifndef ZDB_CORE_JOB_NAMED_H
#define ZDB_CORE_JOB_NAMED_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/codec/codec.h"

typedef struct zdb_named
{
	const char *database;
	const char *type; /* "full", ..., or "prebackup" */
	bool partial;     /* of some tables only */
	bool image;       /* of SQLite, not a script */
	zdb_codec_kind codec;
	int64_t created_us;
} zdb_named;

/* Read a name, with or without directories; texts belong to the arena. Returns
 * false for a name of another form. */
bool zdb_named_read(const char *name, zdb_arena *arena, zdb_named *named);

#endif
