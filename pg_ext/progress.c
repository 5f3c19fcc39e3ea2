/*
 * progress - how far a call is, for other sessions to see
 */
#include "pg_ext/progress.h"

#include <fcntl.h>
#include <unistd.h>

#include "commands/dbcommands.h"
#include "common/file_perm.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/procarray.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "pg_ext/compat.h"
#include "pg_ext/zdbpg.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_progress);

#define DIRECTORY "base/" PG_TEMP_FILES_DIR
#define NAME_PREFIX PG_TEMP_FILE_PREFIX "_zdbprogress."
#define EVERY_MS 100
#define NOTICE_EVERY_MS 1000
#define COLUMNS 9

/* Of the one call that runs in this process. */
static struct
{
	int fd;
	bool notices;
	TimestampTz noticed;
	char path[MAXPGPATH];
	zdbpg_progress now;
} state = {.fd = -1};

static void
end_progress(void *object)
{
	if (!object)
		return;
	close(state.fd);
	state.fd = -1;
	unlink(state.path);
}

static void
publish(void)
{
	if (pwrite(state.fd, &state.now, sizeof state.now, 0) < 0)
		return; /* nobody depends on it */
}

void
zdbpg_progress_begin(bool notices)
{
	void **slot = palloc0(sizeof *slot);

	if (state.fd >= 0)
		return; /* a backup within a restore */
	memset(&state.now, 0, sizeof state.now);
	state.notices = notices;
	state.now.pid = MyProcPid;
	state.now.database = MyDatabaseId;
	state.now.user = GetUserId();
	state.now.started = state.now.updated = GetCurrentTimestamp();
	state.noticed = state.now.started;
	snprintf(state.path, sizeof state.path, DIRECTORY "/" NAME_PREFIX "%d",
			 MyProcPid);
	(void) mkdir(DIRECTORY, pg_dir_create_mode);
	zdbpg_own(slot, end_progress);
	state.fd = open(state.path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (state.fd >= 0)
		*slot = &state;
	publish();
}

void
zdbpg_progress_phase(const char *phase)
{
	strlcpy(state.now.phase, phase, sizeof state.now.phase);
	state.now.table[0] = '\0';
	state.now.bytes = state.now.done = state.now.total = 0;
	if (state.fd >= 0)
		publish();
}

static double
seconds_since(TimestampTz then)
{
	return (double) (state.now.updated - then) / USECS_PER_SEC;
}

static void
say(void)
{
	double passed = seconds_since(state.now.started);

	state.noticed = state.now.updated;
	ereport(
		NOTICE,
		(errmsg("%s%s%s: %.0f MB, %.0f %%, %.0f MB/s", state.now.phase,
				*state.now.table ? " of " : "", state.now.table,
				(double) state.now.bytes / 1e6,
				state.now.total ? 100.0 * (double) state.now.done /
									  (double) state.now.total
								: 0.0,
				passed > 0 ? (double) state.now.bytes / 1e6 / passed : 0.0)));
}

void
zdbpg_progress_table(const char *schema, const char *table)
{
	if (state.fd >= 0)
		snprintf(state.now.table, sizeof state.now.table, "%s.%s", schema,
				 table);
}

void
zdbpg_progress_share(uint64 done, uint64 total)
{
	state.now.done = done;
	state.now.total = total;
}

void
zdbpg_progress_bytes(uint64 bytes)
{
	TimestampTz now;

	if (state.fd < 0)
		return;
	now = GetCurrentTimestamp();
	state.now.bytes = bytes;
	if (!TimestampDifferenceExceeds(state.now.updated, now, EVERY_MS))
		return;
	state.now.updated = now;
	publish();
	if (state.notices &&
		TimestampDifferenceExceeds(state.noticed, now, NOTICE_EVERY_MS))
		say();
}

/* Another's progress is for those who may see statistics. */
static bool
may_see(const zdbpg_progress *progress)
{
	return progress->user == GetUserId() ||
		   has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);
}

static bool
read_progress(const char *name, zdbpg_progress *into)
{
	char path[MAXPGPATH];
	ssize_t got;
	int fd;

	snprintf(path, sizeof path, DIRECTORY "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, into, sizeof *into);
	close(fd);
	return got == sizeof *into && BackendPidGetProc(into->pid) != NULL &&
		   may_see(into);
}

static void
put_row(const zdbpg_progress *one, Tuplestorestate *into, TupleDesc desc)
{
	char *database = get_database_name(one->database);
	double passed =
		(double) (GetCurrentTimestamp() - one->started) / USECS_PER_SEC;
	bool nulls[COLUMNS] = {[1] = !database,
						   [3] = *one->table == '\0',
						   [6] = one->total == 0,
						   [7] = passed <= 0};
	Datum values[COLUMNS] = {
		Int32GetDatum(one->pid),
		database ? CStringGetTextDatum(database) : (Datum) 0,
		CStringGetTextDatum(one->phase),
		CStringGetTextDatum(one->table),
		Int64GetDatum((int64) one->bytes),
		TimestampTzGetDatum(one->started),
		Float8GetDatum(one->total ? (double) one->done / (double) one->total
								  : 0),
		Float8GetDatum(passed > 0 ? (double) one->bytes / passed : 0),
		TimestampTzGetDatum(one->updated),
	};

	tuplestore_putvalues(into, desc, values, nulls);
}

Datum
zdbpg_fn_progress(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	DIR *directory;
	struct dirent *entry;

	zdbpg_materialize(fcinfo);
	directory = AllocateDir(DIRECTORY);
	if (!directory)
		return (Datum) 0; /* nothing has ever run */
	while ((entry = ReadDirExtended(directory, DIRECTORY, LOG)) != NULL)
	{
		zdbpg_progress one;

		if (strncmp(entry->d_name, NAME_PREFIX, strlen(NAME_PREFIX)) == 0 &&
			read_progress(entry->d_name, &one))
			put_row(&one, result->setResult, result->setDesc);
	}
	FreeDir(directory);
	return (Datum) 0;
}
