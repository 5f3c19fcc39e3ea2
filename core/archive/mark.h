/*
 * mark - what a file's first bytes tell
 */
#ifndef ZDB_CORE_ARCHIVE_MARK_H
#define ZDB_CORE_ARCHIVE_MARK_H

#include "core/archive/manifest.h"
#include "core/io/source.h"

/* Does the file begin with a chunk of ours? So it should have a footer. */
zdb_rc zdb_mark_find(zdb_source *source, zdb_codec_kind codec, bool *ours,
					 zdb_err *err);

/* Is the plain content a database or a script? ZDB_FORMAT: neither;
 * ZDB_UNSUPPORTED: one of pg_dump's own formats. */
zdb_rc zdb_mark_content(zdb_source *source, zdb_codec_kind codec,
						zdb_content *content, zdb_err *err);

/* Say that a file or directory is in one of pg_dump's own formats, and what to
 * do. */
zdb_rc zdb_mark_refuse_dump(const char *name, const char *format,
							zdb_err *err);

#endif
