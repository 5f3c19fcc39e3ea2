/*
 * sums - the file "<backup>.sha256" beside a backup
 */
#include "core/archive/sums.h"

#include <string.h>

#include "core/base/bytes.h"

#define BYTES_MAX 65536 /* more is no file of sums */
#define HEX_CHARS (2 * ZDB_SHA256_BYTES)

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The letter behind the backslash for a character that is escaped, or 0. */
static char
escape_of(char c)
{
	return c == '\\' ? '\\' : c == '\n' ? 'n' : c == '\r' ? 'r' : 0;
}

zdb_rc
zdb_sums_format(const char *path, const uint8_t digest[ZDB_SHA256_BYTES],
				zdb_buf *out, zdb_err *err)
{
	const char *name = base_name(path);
	char hex[HEX_CHARS + 1];

	zdb_hex(digest, ZDB_SHA256_BYTES, hex);
	if (strpbrk(name, "\\\n\r"))
		zdb_buf_append(out, "\\", 1, err);
	zdb_buf_append(out, hex, HEX_CHARS, err);
	zdb_buf_append(out, "  ", 2, err);
	for (; *name && !err->code; name++)
	{
		char pair[2] = {'\\', escape_of(*name)};

		if (pair[1])
			zdb_buf_append(out, pair, 2, err);
		else
			zdb_buf_append(out, name, 1, err);
	}
	return zdb_buf_append(out, "\n", 1, err);
}

/* Does the escaped text, behind its last slash, mean name? */
static bool
is_name(const char *text, size_t len, bool escaped, const char *name)
{
	const char *end = text + len;

	for (const char *at = text; at < end; at++)
		if (*at == '/')
			text = at + 1;
	for (; text < end && *name; text++, name++)
		if (escaped && escape_of(*name))
		{
			if (*text++ != '\\' || text == end || *text != escape_of(*name))
				return false;
		}
		else if (*text != *name)
			return false;
	return text == end && !*name;
}

static int
digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
		   : c >= 'a' && c <= 'f' ? c - 'a' + 10
		   : c >= 'A' && c <= 'F' ? c - 'A' + 10
								  : -1;
}

static bool
read_digest(const char *hex, uint8_t digest[ZDB_SHA256_BYTES])
{
	for (int i = 0; i < ZDB_SHA256_BYTES; i++)
	{
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest[i] = (uint8_t) (high << 4 | low);
	}
	return true;
}

/* One line, without its newline. */
static bool
read_line(const char *line, size_t len, const char *name,
		  uint8_t digest[ZDB_SHA256_BYTES])
{
	bool escaped = len > 0 && *line == '\\';

	line += escaped;
	len -= escaped;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len < HEX_CHARS || !read_digest(line, digest))
		return false;
	line += HEX_CHARS;
	len -= HEX_CHARS;
	if (len == 0)
		return true;
	return len > 2 && line[0] == ' ' && (line[1] == ' ' || line[1] == '*') &&
		   is_name(line + 2, len - 2, escaped, name);
}

bool
zdb_sums_find(const void *text, size_t len, const char *path,
			  uint8_t digest[ZDB_SHA256_BYTES])
{
	const char *line = text, *end = line + len;

	while (line < end)
	{
		const char *newline = memchr(line, '\n', (size_t) (end - line));
		const char *stop = newline ? newline : end;

		if (read_line(line, (size_t) (stop - line), base_name(path), digest))
			return true;
		line = stop + 1;
	}
	return false;
}

zdb_rc
zdb_sums_read(zdb_source *source, const char *path,
			  uint8_t digest[ZDB_SHA256_BYTES], zdb_err *err)
{
	size_t len = source->bytes <= BYTES_MAX ? (size_t) source->bytes : 0;
	zdb_buf text = {0};

	if (zdb_buf_reserve(&text, len, err) == ZDB_OK &&
		zdb_source_read(source, 0, text.data, len, err) == ZDB_OK &&
		!zdb_sums_find(text.data, len, path, digest))
		zdb_err_set(err, ZDB_FORMAT,
					"\"%s\" does not hold the SHA-256 of \"%s\"", source->name,
					base_name(path));
	zdb_buf_clear(&text);
	return err->code;
}
