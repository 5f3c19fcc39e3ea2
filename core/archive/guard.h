/*
 * guard - the first member of an incremental backup, for who uncompresses it
 *
 * It is no chunk of the whole. Of a script it is SQL for psql, which stops
 * there.
 */
#ifndef ZDB_CORE_ARCHIVE_GUARD_H
#define ZDB_CORE_ARCHIVE_GUARD_H

#include "core/archive/manifest.h"

/* The text for a new file. */
const char *zdb_guard_text(zdb_content content);

/* Its stored form: with the mark, not compressed, so that the length and every
 * byte follow from the text. */
zdb_rc zdb_guard_encode(const char *text, zdb_codec_kind codec,
						zdb_buf *stored, zdb_err *err);

/* The length of that; 0 when there is no text. */
uint32_t zdb_guard_stored_bytes(const char *text, zdb_codec_kind codec);

#endif
