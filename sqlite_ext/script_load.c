/*
 * script_load - run an SQL script in a scratch database
 */
#include "sqlite_ext/script_load.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/sql_split.h"
#include "sqlite_ext/sql.h"

#define PIECE_BYTES (64 * 1024)
#define QUOTED_BYTES 60 /* of a statement, in messages */

/* A script on its way through. */
typedef struct script
{
	sqlite3 *db;
	const char *name;
	const zdb_host *host;
	zdb_sql_split split;
	zdb_buf statement;
	unsigned long long line; /* of the statement's first byte */
	uint64_t bytes;          /* read so far */
	bool begun;              /* the first piece was looked at */
} script;

static bool
is_listed(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (name && sqlite3_stricmp(name, *list) == 0)
			return true;
	return false;
}

static int
authorize(void *arg, int action, const char *first, const char *second,
		  const char *database, const char *trigger)
{
	static const char *const pragmas[] = {
		"foreign_keys", "defer_foreign_keys", "writable_schema",
		"encoding",     "user_version",       "application_id",
		"page_size",    "auto_vacuum",        NULL};
	static const char *const functions[] = {"load_extension", "readfile",
											"writefile",      "edit",
											"fts3_tokenizer", NULL};

	(void) arg;
	(void) database;
	(void) trigger;
	switch (action)
	{
		case SQLITE_ATTACH: /* VACUUM attaches, too, but its name is empty */
			return first && *first ? SQLITE_DENY : SQLITE_OK;
		case SQLITE_DETACH:
			return SQLITE_DENY;
		case SQLITE_PRAGMA:
			/* without a value it only asks; FTS5 does */
			return !second || is_listed(first, pragmas) ? SQLITE_OK
														: SQLITE_DENY;
		case SQLITE_FUNCTION:
			return is_listed(second, functions) ? SQLITE_DENY : SQLITE_OK;
		default:
			return SQLITE_OK;
	}
}

/* The first line of the statement, for a message; leading comments and white
 * space are left out. */
static const char *
beginning(const script *self, int *len, unsigned long long *line)
{
	const char *at = (const char *) self->statement.data;
	const char *end = at + self->statement.len;

	*line = self->line;
	for (; at < end; at++)
	{
		if (*at == '\n')
			(*line)++;
		if (end - at > 2 && at[0] == '-' && at[1] == '-')
		{
			at = memchr(at, '\n', (size_t) (end - at));
			if (!at)
				break;
			(*line)++;
		}
		else if (!isspace((unsigned char) *at))
			break;
	}
	for (*len = 0;
		 at && at + *len < end && *len < QUOTED_BYTES && at[*len] != '\n';)
		(*len)++;
	return at;
}

static zdb_rc
fail_at(const script *self, zdb_rc code, const char *why, zdb_err *err)
{
	unsigned long long line;
	int len;
	const char *text = beginning(self, &len, &line);

	return zdb_err_set(err, code, "\"%s\", line %llu: %s, at \"%.*s\"",
					   self->name, line, why, len, len ? text : "");
}

static zdb_rc
fail_sqlite(const script *self, int rc, zdb_err *err)
{
	zdb_err plain = {0};

	if (err->code)
		return err->code;
	zdblite_err_db(&plain, self->db, rc, "could not run it");
	if (plain.code == ZDB_CANCELLED)
		return zdb_err_set(err, ZDB_CANCELLED, "interrupted");
	if (plain.code == ZDB_NOMEM)
		return zdb_err_nomem(err);
	if (plain.code == ZDB_USAGE) /* the script is wrong, not the call */
		plain.code = ZDB_DAMAGED;
	return fail_at(self, plain.code, sqlite3_errmsg(self->db), err);
}

static zdb_rc
run_statement(script *self, zdb_err *err)
{
	const char *sql = (const char *) self->statement.data;
	sqlite3_stmt *stmt = NULL;
	int rc;

	if (self->statement.len > INT_MAX)
		return fail_at(self, ZDB_UNSUPPORTED, "the statement is too long",
					   err);
	rc = sqlite3_prepare_v2(self->db, sql, (int) self->statement.len, &stmt,
							NULL);
	while (rc == SQLITE_OK && stmt && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = SQLITE_OK;
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		fail_sqlite(self, rc, err);
	sqlite3_finalize(stmt);
	return err->code;
}

/* A piece of the stream: complete the statement, run it, and so on. */
static zdb_rc
take_piece(script *self, const char *bytes, size_t len, zdb_err *err)
{
	while (len > 0)
	{
		bool complete;
		size_t used = zdb_sql_split_feed(&self->split, bytes, len, &complete);

		if (zdb_buf_append(&self->statement, bytes, used, err))
			return err->code;
		bytes += used;
		len -= used;
		if (!complete)
			continue;
		if (run_statement(self, err))
			return err->code;
		for (size_t i = 0; i < self->statement.len; i++)
			self->line += self->statement.data[i] == '\n';
		self->statement.len = 0;
	}
	return ZDB_OK;
}

/* What the first piece tells: a byte order mark, another engine's script. */
static zdb_rc
look_at_beginning(script *self, const char **bytes, size_t *len, zdb_err *err)
{
	if (*len >= 3 && memcmp(*bytes, "\xEF\xBB\xBF", 3) == 0)
	{
		*bytes += 3;
		*len -= 3;
	}
	if (memmem(*bytes, *len, "PostgreSQL database", 19) ||
		memmem(*bytes, *len, "\n\\restrict", 10))
	{
		zdb_err_set(err, ZDB_FORMAT, "\"%s\" is a script for PostgreSQL",
					self->name);
		zdb_err_hint(err, "Merge it with zdb_merge_from, or restore it into "
						  "PostgreSQL.");
	}
	self->begun = true;
	return err->code;
}

/* At the end nothing may be left open. */
static zdb_rc
check_end(script *self, zdb_err *err)
{
	if (zdb_sql_split_inside(&self->split))
		fail_at(self, ZDB_DAMAGED, "the script ends inside a statement", err);
	else if (!sqlite3_get_autocommit(self->db))
		zdb_err_set(err, ZDB_DAMAGED,
					"\"%s\" ends inside a transaction: it was cut short",
					self->name);
	return err->code;
}

static zdb_rc
run_all(script *self, zdb_inflate *stream, char *piece, zdb_err *err)
{
	size_t len;

	for (;;)
	{
		const char *bytes = piece;

		if (zdb_host_check(self->host, self->bytes, 0, err) ||
			zdb_inflate_read(stream, piece, PIECE_BYTES, &len, err))
			return err->code;
		if (len == 0)
			return check_end(self, err);
		self->bytes += len;
		if (!self->begun && look_at_beginning(self, &bytes, &len, err))
			return err->code;
		if (take_piece(self, bytes, len, err))
			return err->code;
	}
}

static void
run_confined(script *self, zdb_inflate *stream, char *piece, zdb_err *err)
{
	sqlite3_set_authorizer(self->db, authorize, NULL);
	run_all(self, stream, piece, err);
	sqlite3_set_authorizer(self->db, NULL, NULL);
}

zdb_rc
zdblite_script_load(sqlite3 *db, const char *name, zdb_inflate *stream,
					const zdb_host *host, zdb_err *err)
{
	script self = {.db = db, .name = name, .host = host, .line = 1};
	char *piece = zdb_malloc(PIECE_BYTES);

	if (!piece)
		return zdb_err_nomem(err);
	if (sqlite3_set_authorizer) /* some hosts are built without it */
		run_confined(&self, stream, piece, err);
	else
		zdb_err_set(err, ZDB_UNSUPPORTED,
					"this SQLite cannot confine a script");
	if (!sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	zdb_buf_clear(&self.statement);
	zdb_free(piece);
	return err->code;
}
