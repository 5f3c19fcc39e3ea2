/*
 * scheduler - a thread of the host's process that runs what is due
 *
 * Thread safety: the list belongs to whoever holds list_lock; a scheduler's
 * flags to whoever holds its own. The thread alone uses its connection, but
 * sqlite3_interrupt() may come from anywhere. After a fork the child has the
 * list but no threads: what is another process's is left alone.
 */
#include "sqlite_ext/scheduler.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/codec/codec.h"
#include "core/io/file.h"
#include "sqlite_ext/sql.h"

#define SECOND_US 1000000
#define NAP_S 15 /* others may change jobs, and the clock */
#define ASK_AGAIN_MS 50
#define BUSY_TIMEOUT_MS 10000

typedef struct scheduler
{
	struct scheduler *next;
	pid_t pid;
	sqlite3 *owner;
	sqlite3 *db;
	char *repo;                              /* absolute */
	char *file;                              /* of the database */
	char logged[sizeof((zdb_err *) 0)->msg]; /* said last */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stop;
	bool ended;
} scheduler;

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t exit_once = PTHREAD_ONCE_INIT;
static scheduler *list;

/* Wait for a change, ms at most. The caller holds the lock. */
static void
wait_ms(scheduler *self, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&self->changed, &self->lock, &until);
}

/* To SQLite's own log, once while nothing else is to be said. */
static void
log_trouble(scheduler *self, int code, const char *text)
{
	if (strncmp(self->logged, text, sizeof self->logged - 1) == 0)
		return;
	strncpy(self->logged, text, sizeof self->logged - 1);
	sqlite3_log(code, "zdbackup: %s", text);
}

/* What zdb_run_due() said: jobs that failed, and when to come again. */
static int64_t
read_report(scheduler *self, const char *text)
{
	json_t *report = json_loads(text ? text : "", 0, NULL);
	const char *next = json_string_value(json_object_get(report, "next_run"));
	int64_t next_us = INT64_MAX, unit_us;
	json_t *ran;
	size_t i;

	json_array_foreach (json_object_get(report, "ran"), i, ran)
	{
		const char *error = json_string_value(json_object_get(ran, "error"));

		if (error)
			log_trouble(self, SQLITE_ERROR, error);
	}
	if (next && !zdb_text_parse_time(next, &next_us, &unit_us))
		next_us = INT64_MAX;
	json_decref(report);
	return next_us;
}

/* Run what is due; returns when something is due next. */
static int64_t
run_due(scheduler *self)
{
	int64_t next_us = INT64_MAX;
	sqlite3_stmt *stmt = NULL;
	zdb_err err = {0};
	int rc;

	if (zdblite_prepare(self->db, &stmt, &err, "SELECT zdb_run_due(%Q)",
						self->repo))
		log_trouble(self, zdblite_code(&err), err.msg);
	else if ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		next_us =
			read_report(self, (const char *) sqlite3_column_text(stmt, 0));
	else
		log_trouble(self, rc, sqlite3_errmsg(self->db));
	sqlite3_finalize(stmt);
	return next_us;
}

static void *
thread_main(void *arg)
{
	scheduler *self = arg;
	int64_t next_us, ms;

	pthread_mutex_lock(&self->lock);
	while (!self->stop)
	{
		pthread_mutex_unlock(&self->lock);
		next_us = run_due(self);
		pthread_mutex_lock(&self->lock);
		ms = NAP_S * 1000;
		if (next_us != INT64_MAX && next_us - zdb_now_us() < ms * 1000)
			ms = (next_us - zdb_now_us()) / 1000 + 1;
		if (!self->stop && ms > 0)
			wait_ms(self, ms);
	}
	self->ended = true;
	pthread_cond_broadcast(&self->changed);
	pthread_mutex_unlock(&self->lock);
	return NULL;
}

static void
free_scheduler(scheduler *self)
{
	if (!self)
		return;
	sqlite3_close(self->db);
	pthread_cond_destroy(&self->changed);
	pthread_mutex_destroy(&self->lock);
	zdb_free(self->repo);
	zdb_free(self->file);
	zdb_free(self);
}

/* End one that is out of the list. An interrupt that comes between two
 * statements is forgotten by SQLite, so it is repeated. */
static void
end(scheduler *self)
{
	pthread_mutex_lock(&self->lock);
	self->stop = true;
	pthread_cond_broadcast(&self->changed);
	while (!self->ended)
	{
		sqlite3_interrupt(self->db);
		wait_ms(self, ASK_AGAIN_MS);
	}
	pthread_mutex_unlock(&self->lock);
	pthread_join(self->thread, NULL);
	free_scheduler(self);
}

/* Take one out of the list that belongs to the owner and the repository; NULL
 * is any. */
static scheduler *
take_out(const sqlite3 *owner, const char *repo)
{
	scheduler *found = NULL;

	pthread_mutex_lock(&list_lock);
	for (scheduler **at = &list; *at && !found; at = &(*at)->next)
		if ((*at)->pid == getpid() && (!owner || (*at)->owner == owner) &&
			(!repo || strcmp((*at)->repo, repo) == 0))
		{
			found = *at;
			*at = found->next;
			break;
		}
	pthread_mutex_unlock(&list_lock);
	return found;
}

static int
end_all(const sqlite3 *owner, const char *repo)
{
	scheduler *one;
	int count = 0;

	for (; (one = take_out(owner, repo)); count++)
		end(one);
	return count;
}

int
zdblite_scheduler_stop(const char *repo)
{
	char *full = repo ? realpath(repo, NULL) : NULL;
	int count = repo && !full ? 0 : end_all(NULL, full);

	free(full);
	return count;
}

void
zdblite_scheduler_owner_closed(void *db)
{
	end_all(db, NULL);
}

static void
end_at_exit(void)
{
	end_all(NULL, NULL);
}

/* Handlers run in reverse: OpenSSL's, which would take away what our thread
 * uses, must be there before ours. */
static void
arm_exit(void)
{
	zdb_sha256_stream *hash = NULL;
	zdb_err err = {0};

	zdb_sha256_new(&hash, &err);
	zdb_sha256_free(hash);
	atexit(end_at_exit);
}

static zdb_rc
check_host(zdblite_call *call)
{
	const char *file = sqlite3_db_filename(call->db, "main");

	if (!file || !*file)
	{
		zdb_err_set(&call->err, ZDB_UNSUPPORTED,
					"a database in memory cannot have a scheduler");
		zdb_err_hint(&call->err, "zdb_run_due() runs its jobs on the "
								 "connection that has it.");
	}
	else if (!sqlite3_threadsafe())
	{
		zdb_err_set(&call->err, ZDB_UNSUPPORTED,
					"this host's SQLite is built without threads");
		zdb_err_hint(&call->err, "Call zdb_run_due() from a timer instead.");
	}
	return call->err.code;
}

/* The same file through the same VFS, with our functions. */
static zdb_rc
open_database(scheduler *self, zdb_err *err)
{
	sqlite3_vfs *vfs = NULL;
	int rc;

	sqlite3_file_control(self->owner, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
	rc = sqlite3_open_v2(self->file, &self->db,
						 SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX |
							 SQLITE_OPEN_PRIVATECACHE,
						 vfs && sqlite3_vfs_find(vfs->zName) ? vfs->zName
															 : NULL);
	if (rc == SQLITE_OK && !sqlite3_db_mutex(self->db))
		return zdb_err_set(err, ZDB_UNSUPPORTED,
						   "this host's SQLite runs in single-thread mode");
	if (rc == SQLITE_OK)
		rc = zdblite_register(self->db);
	if (rc != SQLITE_OK)
		return zdblite_err_db(err, self->db, rc,
							  "could not open \"%s\" a second time",
							  self->file);
	sqlite3_busy_timeout(self->db, BUSY_TIMEOUT_MS);
	return zdblite_exec(self->db, err, "SELECT count(*) FROM sqlite_schema");
}

/* Signals are for the host's own threads. */
static zdb_rc
start_thread(scheduler *self, zdb_err *err)
{
	sigset_t all, before;
	int rc;

	pthread_once(&exit_once, arm_exit);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&self->thread, NULL, thread_main, self);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0 ? ZDB_OK
				   : zdb_err_set_errno(err, rc, "could not start a thread");
}

static char *
full_path(const char *repo, zdb_err *err)
{
	char *inside = zdb_format(err, "%s/", repo), *full, *copy = NULL;

	if (inside && zdb_file_parents(inside, err) == ZDB_OK)
	{
		full = realpath(repo, NULL);
		if (full)
			copy = zdb_strdup(full, err);
		else
			zdb_err_set_errno(err, errno, "could not find \"%s\"", repo);
		free(full);
	}
	zdb_free(inside);
	return copy;
}

static scheduler *
new_scheduler(zdblite_call *call, const char *repo)
{
	scheduler *self = zdb_calloc(1, sizeof *self);
	pthread_condattr_t attributes;

	if (!self)
	{
		zdb_err_nomem(&call->err);
		return NULL;
	}
	pthread_mutex_init(&self->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&self->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	self->pid = getpid();
	self->owner = call->db;
	self->repo = full_path(repo, &call->err);
	self->file = zdb_strdup(sqlite3_db_filename(call->db, "main"), &call->err);
	return self;
}

/* Put it into the list, unless its like is there. A connection is opened and
 * closed without holding the lock: closing one asks for it. */
static bool
put_in(scheduler *self)
{
	bool known = false;

	pthread_mutex_lock(&list_lock);
	for (const scheduler *at = list; at && !known; at = at->next)
		known = at->pid == self->pid && strcmp(at->repo, self->repo) == 0 &&
				strcmp(at->file, self->file) == 0;
	if (!known)
	{
		self->next = list;
		list = self;
	}
	pthread_mutex_unlock(&list_lock);
	return !known;
}

/* The thread waits for the lock until we know whether it is wanted. */
static bool
start(scheduler *self, zdb_err *err)
{
	bool wanted;

	pthread_mutex_lock(&self->lock);
	if (start_thread(self, err))
	{
		pthread_mutex_unlock(&self->lock);
		free_scheduler(self);
		return false;
	}
	wanted = put_in(self);
	self->stop = !wanted;
	pthread_mutex_unlock(&self->lock);
	if (!wanted)
		end(self);
	return wanted;
}

void
zdblite_scheduler_start(zdblite_call *call, const char *repo)
{
	scheduler *self = NULL;

	if (check_host(call) == ZDB_OK)
		self = new_scheduler(call, repo);
	if (!call->err.code)
		open_database(self, &call->err);
	if (call->err.code)
	{
		free_scheduler(self);
		return;
	}
	zdblite_report(call, "repo", json_string(self->repo));
	zdblite_report(call, "started", json_boolean(start(self, &call->err)));
}
