/*
 * jobs_file - the jobs of an engine without a scheduler of its own
 */
#include "core/job/jobs_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/io/lock.h"

#define VERSION 1
#define FILE_BYTES_MAX (4 * 1024 * 1024)

/* Bytes of the lock file. */
enum
{
	LOCK_RUNNER,
	LOCK_EDITOR,
};

static char *
file_name(const char *repo, const char *suffix, zdb_err *err)
{
	size_t len = strlen(repo);

	return zdb_format(err, "%s%szdbackup_jobs.%s", repo,
					  len > 0 && repo[len - 1] == '/' ? "" : "/", suffix);
}

static zdb_rc
take_lock(const char *repo, int64_t byte, bool wait, int *fd, zdb_err *err)
{
	char *path = file_name(repo, "lock", err);

	*fd = -1;
	if (path && zdb_file_parents(path, err) == ZDB_OK)
		zdb_lock_open(path, byte, wait, fd, err);
	zdb_free(path);
	return err->code;
}

zdb_rc
zdb_jobs_damaged(const zdb_jobs *jobs, const char *why, zdb_err *err)
{
	zdb_err_set(err, ZDB_FORMAT, "\"%s\" is not a file of jobs: %s",
				jobs->path, why);
	zdb_err_hint(err, "Mend it, or remove it and schedule the jobs again.");
	return err->code;
}

static zdb_rc
parse_doc(zdb_jobs *jobs, const zdb_buf *bytes, zdb_err *err)
{
	json_error_t where;
	char why[JSON_ERROR_TEXT_LENGTH + 40];
	const json_t *version;

	jobs->doc = json_loadb((const char *) bytes->data, bytes->len,
						   JSON_REJECT_DUPLICATES, &where);
	if (!jobs->doc && json_error_code(&where) == json_error_out_of_memory)
		return zdb_err_nomem(err);
	snprintf(why, sizeof why, "%s near line %d", where.text, where.line);
	if (!jobs->doc)
		return zdb_jobs_damaged(jobs, why, err);
	version = json_object_get(jobs->doc, "version");
	jobs->list = json_object_get(jobs->doc, "jobs");
	if (json_is_integer(version) && json_integer_value(version) > VERSION)
		return zdb_jobs_damaged(jobs, "it is of a newer version", err);
	if (json_integer_value(version) != VERSION || !json_is_array(jobs->list))
		return zdb_jobs_damaged(jobs, "it has no \"version\" or no \"jobs\"",
								err);
	return ZDB_OK;
}

static zdb_rc
read_doc(zdb_jobs *jobs, const char *repo, zdb_err *err)
{
	zdb_buf bytes = {0};

	jobs->path = file_name(repo, "json", err);
	if (jobs->path &&
		zdb_file_read(jobs->path, FILE_BYTES_MAX, &bytes, err) == ZDB_OK)
		parse_doc(jobs, &bytes, err);
	zdb_buf_clear(&bytes);
	return err->code;
}

zdb_rc
zdb_jobs_open(zdb_jobs *jobs, const char *repo, zdb_err *err)
{
	*jobs = (zdb_jobs){.lock = -1};
	if (read_doc(jobs, repo, err) != ZDB_NOT_FOUND)
		return err->code;
	zdb_err_clear(err);
	zdb_err_set(err, ZDB_NOT_FOUND, "there are no jobs in \"%s\"", repo);
	zdb_err_hint(err, "Schedule some with zdb_schedule_defaults() or "
					  "zdb_schedule().");
	return err->code;
}

zdb_rc
zdb_jobs_edit(zdb_jobs *jobs, const char *repo, zdb_err *err)
{
	*jobs = (zdb_jobs){.lock = -1};
	if (take_lock(repo, LOCK_EDITOR, true, &jobs->lock, err))
		return err->code;
	if (read_doc(jobs, repo, err) != ZDB_NOT_FOUND)
		return err->code;
	zdb_err_clear(err);
	jobs->doc = json_pack("{s:i, s:[]}", "version", VERSION, "jobs");
	jobs->list = json_object_get(jobs->doc, "jobs");
	return jobs->doc ? ZDB_OK : zdb_err_nomem(err);
}

zdb_rc
zdb_jobs_save(const zdb_jobs *jobs, zdb_err *err)
{
	char *text = json_dumps(jobs->doc, JSON_INDENT(2));
	char *temp;
	int fd;

	if (!text)
		return zdb_err_nomem(err);
	temp = zdb_file_temp(jobs->path, &fd, err);
	if (temp)
	{
		if (zdb_file_write(fd, jobs->path, text, strlen(text), err) ==
				ZDB_OK &&
			fsync(fd) != 0)
			zdb_err_set_errno(err, errno, "could not sync \"%s\"", jobs->path);
		close(fd);
		if (err->code || zdb_file_publish(temp, jobs->path, true, err))
			zdb_file_remove(temp);
	}
	zdb_free(temp);
	free(text);
	return err->code;
}

void
zdb_jobs_close(zdb_jobs *jobs)
{
	if (jobs->lock >= 0)
		close(jobs->lock);
	zdb_free(jobs->path);
	json_decref(jobs->doc);
	*jobs = (zdb_jobs){.lock = -1};
}

zdb_rc
zdb_jobs_claim(const char *repo, int *fd, zdb_err *err)
{
	return take_lock(repo, LOCK_RUNNER, false, fd, err);
}

bool
zdb_jobs_running(const char *repo)
{
	zdb_err err = {0};
	int lock;

	if (zdb_jobs_claim(repo, &lock, &err) == ZDB_OK)
		close(lock);
	return err.code == ZDB_BUSY;
}
