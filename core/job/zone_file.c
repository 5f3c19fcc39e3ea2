/*
 * zone_file - a time zone by its name
 */
#include "core/job/zone_file.h"

#include <ctype.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/io/file.h"

#define DIRECTORY "/usr/share/zoneinfo"
#define FILE_BYTES_MAX (256 * 1024)
#define NAME_BYTES_MAX 100

/* Only what cannot lead out of the directory. */
static bool
is_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_BYTES_MAX || name[0] == '/' ||
		strstr(name, ".."))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char) name[i]) && !strchr("/_+-.", name[i]))
			return false;
	return true;
}

static zdb_rc
no_such_zone(const char *name, const char *why, zdb_err *err)
{
	zdb_err_clear(err);
	zdb_err_set(err, ZDB_USAGE, "there is no time zone \"%.100s\"%s", name,
				why);
	zdb_err_hint(err, "Zones have names such as Europe/Berlin or "
					  "Asia/Shanghai; they are read from " DIRECTORY
					  " (package tzdata).");
	return err->code;
}

zdb_rc
zdb_zone_load(const char *name, zdb_zone **zone, zdb_err *err)
{
	zdb_buf bytes = {0};
	char *path;

	*zone = NULL;
	if (strcmp(name, "UTC") == 0)
		return ZDB_OK;
	if (!is_name(name))
		return no_such_zone(name, "", err);
	path = zdb_format(err, DIRECTORY "/%s", name);
	if (path && zdb_file_read(path, FILE_BYTES_MAX, &bytes, err) == ZDB_OK)
		zdb_zone_parse(bytes.data, bytes.len, zone, err);
	if (err->code == ZDB_NOT_FOUND || err->code == ZDB_USAGE)
		no_such_zone(name, "", err);
	else if (err->code == ZDB_FORMAT)
		no_such_zone(name, ": its file is not one", err);
	zdb_buf_clear(&bytes);
	zdb_free(path);
	return err->code;
}
