/*
 * mark - what a file's first bytes tell
 */
#include "core/archive/mark.h"

#include <string.h>
#include <zstd.h>

#include "core/archive/format.h"
#include "core/archive/reader.h"
#include "core/base/mem.h"
#include "core/codec/gzip.h"
#include "core/codec/inflate.h"
#include "core/codec/zstd.h"

#define HEAD_BYTES 4096

static zdb_rc
find_gzip(zdb_source *source, bool *ours, zdb_err *err)
{
	uint8_t head[ZDB_GZIP_HEADER_BYTES];

	if (source->bytes < sizeof head)
		return ZDB_OK;
	if (zdb_source_read(source, 0, head, sizeof head, err))
		return err->code;
	*ours = zdb_gzip_is_ours(head, sizeof head);
	return ZDB_OK;
}

/* The mark follows the first frame, which is a chunk of ours at the most. */
static zdb_rc
find_zstd(zdb_source *source, bool *ours, zdb_err *err)
{
	size_t most =
		ZSTD_compressBound(ZDB_CHUNK_BYTES_MAX) + ZDB_ZSTD_MARK_BYTES;
	size_t len = source->bytes < most ? (size_t) source->bytes : most;
	size_t frame;
	uint8_t *head = zdb_malloc(len);

	if (!head)
		return zdb_err_nomem(err);
	if (zdb_source_read(source, 0, head, len, err) == ZDB_OK)
	{
		frame = ZSTD_findFrameCompressedSize(head, len);
		*ours = !ZSTD_isError(frame) &&
				zdb_zstd_is_mark(head + frame, len - frame);
	}
	zdb_free(head);
	return err->code;
}

zdb_rc
zdb_mark_find(zdb_source *source, zdb_codec_kind codec, bool *ours,
			  zdb_err *err)
{
	*ours = false;
	switch (codec)
	{
		case ZDB_CODEC_NONE:
			break;
		case ZDB_CODEC_GZIP:
			return find_gzip(source, ours, err);
		case ZDB_CODEC_ZSTD:
			return find_zstd(source, ours, err);
	}
	return ZDB_OK;
}

/* Text: no control characters but white space. */
static bool
looks_like_text(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] < 0x20 && !strchr("\t\n\r\f\b\v\x1b", bytes[i]))
			return false;
		else if (bytes[i] == 0)
			return false;
	return len > 0;
}

/* What pg_dump writes in its own formats, if it is that. */
static const char *
dump_format(const uint8_t *head, size_t len)
{
	if (len >= 5 && memcmp(head, "PGDMP", 5) == 0)
		return "custom";
	/* a tar archive begins with the name of its first file */
	return len >= 8 && memcmp(head, "toc.dat", 8) == 0 ? "tar" : NULL;
}

static zdb_rc
refuse_content(const char *name, const uint8_t *head, size_t len, zdb_err *err)
{
	const char *format = dump_format(head, len);

	if (format)
		return zdb_mark_refuse_dump(name, format, err);
	zdb_err_set(err, ZDB_FORMAT,
				"\"%s\" is not a backup: it holds neither a SQLite database "
				"nor an SQL script",
				name);
	zdb_err_hint(err, "If it should be one, its first bytes are damaged.");
	return err->code;
}

zdb_rc
zdb_mark_refuse_dump(const char *name, const char *format, zdb_err *err)
{
	zdb_err_set(err, ZDB_UNSUPPORTED,
				"\"%s\" is a dump in pg_dump's %s format", name, format);
	zdb_err_hint(err, "Make a script of it with pg_restore -f dump.sql, or "
					  "dump with pg_dump --format=plain.");
	return err->code;
}

zdb_rc
zdb_mark_content(zdb_source *source, zdb_codec_kind codec,
				 zdb_content *content, zdb_err *err)
{
	static const char sqlite[16] = "SQLite format 3";
	zdb_inflate *inflate;
	uint8_t head[HEAD_BYTES];
	size_t len = 0, got = 1;

	if (zdb_inflate_open(source, codec, &inflate, err))
		return err->code;
	while (len < sizeof head && got > 0 &&
		   zdb_inflate_read(inflate, head + len, sizeof head - len, &got,
							err) == ZDB_OK)
		len += got;
	zdb_inflate_free(inflate);
	if (err->code)
		return err->code;
	if (len >= sizeof sqlite && memcmp(head, sqlite, sizeof sqlite) == 0)
		*content = ZDB_CONTENT_IMAGE;
	else if (looks_like_text(head, len))
		*content = ZDB_CONTENT_SCRIPT;
	else
		refuse_content(source->name, head, len, err);
	return err->code;
}

zdb_rc
zdb_reader_content(zdb_reader *reader, zdb_content *content, zdb_err *err)
{
	const zdb_manifest *manifest = zdb_reader_manifest(reader);

	if (!manifest)
		return zdb_mark_content(zdb_reader_source(reader),
								zdb_reader_codec(reader), content, err);
	*content = manifest->content;
	return ZDB_OK;
}
