/*
 * guard - the first member of an incremental backup, for who uncompresses it
 */
#include "core/archive/guard.h"

#include <string.h>

static const char image[] =
	"This is an incremental backup by zdbackup. It holds only what has\n"
	"changed since another backup, its base, and is no database by itself:\n"
	"what follows are pieces. zdb_restore_from() reads it together with its\n"
	"base; zdb_consolidate() makes an ordinary full backup of both, which\n"
	"gunzip turns into a database. zdb_info() names the base.\n";

static const char script[] =
	"-- This is an incremental backup by zdbackup. It holds only what has\n"
	"-- changed since another backup, its base, and is no script by itself.\n"
	"-- zdb_restore_from() reads it together with its base;\n"
	"-- zdb_consolidate() makes an ordinary full backup of both.\n"
	"\\echo 'This is an incremental backup, which psql cannot restore:'\n"
	"\\echo 'make a full one of it with zdb_consolidate().'\n"
	"\\quit\n";

_Static_assert(sizeof image > ZDB_GUARD_BYTES_MIN &&
				   sizeof script > ZDB_GUARD_BYTES_MIN,
			   "a guard can be stored with every codec");

const char *
zdb_guard_text(zdb_content content)
{
	return content == ZDB_CONTENT_IMAGE ? image : script;
}

zdb_rc
zdb_guard_encode(const char *text, zdb_codec_kind codec, zdb_buf *stored,
				 zdb_err *err)
{
	return zdb_encode_stored(codec, text, (uint32_t) strlen(text), true,
							 stored, err);
}

uint32_t
zdb_guard_stored_bytes(const char *text, zdb_codec_kind codec)
{
	return text ? zdb_stored_bytes(codec, (uint32_t) strlen(text), true) : 0;
}
