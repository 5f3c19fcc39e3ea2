/*
 * file - temporary names, and how a file becomes visible
 */
#include "core/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/io/source.h"

#define NAME_TRIES 100
#define RANDOM_DIGITS 8

zdb_rc
zdb_file_parents(const char *path, zdb_err *err)
{
	char *copy = zdb_strdup(path, err);

	if (!copy)
		return err->code;
	for (char *slash = *copy ? strchr(copy + 1, '/') : NULL; slash;
		 slash = strchr(slash + 1, '/'))
	{
		*slash = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST && errno != EISDIR)
		{
			zdb_err_set_errno(err, errno, "could not create directory \"%s\"",
							  copy);
			break;
		}
		*slash = '/';
	}
	zdb_free(copy);
	return err->code;
}

char *
zdb_file_temp_name(const char *path, zdb_err *err)
{
	unsigned int random = 0;

	if (getrandom(&random, sizeof random, 0) != (ssize_t) sizeof random)
		random = (unsigned int) getpid();
	return zdb_format(err, "%s" ZDB_TEMP_MARK "%08x", path, random);
}

bool
zdb_file_is_temp(const char *path)
{
	size_t len = strlen(path), digits = RANDOM_DIGITS;
	size_t mark = strlen(ZDB_TEMP_MARK);

	return len > digits + mark &&
		   memcmp(path + len - digits - mark, ZDB_TEMP_MARK, mark) == 0 &&
		   strspn(path + len - digits, "0123456789abcdef") == digits;
}

/* A directory may be removed, being empty, before our file is in it. */
char *
zdb_file_temp(const char *path, int *fd, zdb_err *err)
{
	for (int tries = 0;; tries++)
	{
		char *name =
			zdb_file_parents(path, err) ? NULL : zdb_file_temp_name(path, err);
		int opened;

		if (!name)
			return NULL;
		opened = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (opened >= 0 && fd)
			*fd = opened;
		else if (opened >= 0)
			close(opened);
		if (opened >= 0)
			return name;
		if ((errno != EEXIST && errno != ENOENT) || tries == NAME_TRIES)
			zdb_err_set_errno(err, errno, "could not create a file for \"%s\"",
							  path);
		zdb_free(name);
		if (err->code)
			return NULL;
	}
}

static zdb_rc
sync_directory(const char *path, zdb_err *err)
{
	const char *slash = strrchr(path, '/');
	char *directory;
	int fd;

	directory = slash ? zdb_format(err, "%.*s", (int) (slash - path + 1), path)
					  : zdb_strdup(".", err);
	if (!directory)
		return err->code;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* one that we may write but not read cannot be synced, and the file has
	 * its name by now; some filesystems cannot sync one and need not */
	if (fd < 0 ? errno != EACCES : fsync(fd) != 0 && errno != EINVAL)
		zdb_err_set_errno(err, errno, "could not sync directory \"%s\"",
						  directory);
	if (fd >= 0)
		close(fd);
	zdb_free(directory);
	return err->code;
}

/* rename() that refuses an existing name, also where the filesystem does not
 * know RENAME_NOREPLACE. */
static int
rename_new(const char *temp, const char *path)
{
	if (renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return link(temp, path) == 0 ? unlink(temp) : -1;
}

static zdb_rc
already_exists(const char *path, zdb_err *err)
{
	zdb_err_set(err, ZDB_EXISTS, "file \"%s\" already exists", path);
	zdb_err_hint(err, "Choose another name, or give the option "
					  "\"overwrite\": true.");
	return err->code;
}

zdb_rc
zdb_file_publish(const char *temp, const char *path, bool overwrite,
				 zdb_err *err)
{
	int rc = overwrite ? rename(temp, path) : rename_new(temp, path);

	if (rc != 0 && errno == EEXIST)
		return already_exists(path, err);
	if (rc != 0)
		return zdb_err_set_errno(err, errno, "could not name file \"%s\"",
								 path);
	return sync_directory(path, err);
}

zdb_rc
zdb_file_write(int fd, const char *name, const void *bytes, size_t len,
			   zdb_err *err)
{
	const char *at = bytes;

	while (len > 0)
	{
		ssize_t done = write(fd, at, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return zdb_err_set_errno(err, errno, "could not write \"%s\"",
									 name);
		at += done;
		len -= (size_t) done;
	}
	return ZDB_OK;
}

zdb_rc
zdb_file_read(const char *path, size_t max_bytes, zdb_buf *into, zdb_err *err)
{
	zdb_source *source;

	if (zdb_source_file_open(path, &source, err))
		return err->code;
	if (source->bytes > max_bytes)
		zdb_err_set(err, ZDB_FORMAT, "file \"%s\" is larger than %zu bytes",
					path, max_bytes);
	else if (zdb_buf_reserve(into, (size_t) source->bytes, err) == ZDB_OK &&
			 zdb_source_read(source, 0, into->data + into->len,
							 (size_t) source->bytes, err) == ZDB_OK)
		into->len += (size_t) source->bytes;
	zdb_source_free(source);
	return err->code;
}

zdb_rc
zdb_file_sync(const char *path, zdb_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		zdb_err_set_errno(err, errno, "could not sync file \"%s\"", path);
	if (fd >= 0)
		close(fd);
	return err->code;
}

void
zdb_file_remove(const char *path)
{
	if (path)
		(void) unlink(path);
}

zdb_rc
zdb_file_check_free(const char *path, bool overwrite, zdb_err *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return ZDB_OK;
	if (!overwrite)
		return already_exists(path, err);
	if (S_ISREG(st.st_mode))
		return ZDB_OK;
	zdb_err_set(err, ZDB_USAGE, "\"%s\" is not an ordinary file", path);
	zdb_err_hint(err, "What is there is not replaced: choose another name.");
	return err->code;
}

bool
zdb_file_same(const char *one, const char *other)
{
	struct stat a, b;

	return one && *one && other && *other && stat(one, &a) == 0 &&
		   stat(other, &b) == 0 && a.st_dev == b.st_dev &&
		   a.st_ino == b.st_ino;
}
