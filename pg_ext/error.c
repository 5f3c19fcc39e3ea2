/*
 * error - core's errors as PostgreSQL's, and who owns core's objects
 */
#include "pg_ext/zdbpg.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "access/xact.h"
#include "utils/memutils.h"

#include "core/archive/reader.h"
#include "core/base/mem.h"
#include "core/base/text.h"

static int
sqlstate(const zdb_err *err)
{
	switch (err->code)
	{
		case ZDB_OK:
		case ZDB_INTERNAL:
			return ERRCODE_INTERNAL_ERROR;
		case ZDB_NOMEM:
			return ERRCODE_OUT_OF_MEMORY;
		case ZDB_CANCELLED:
			return ERRCODE_QUERY_CANCELED;
		case ZDB_USAGE:
			return ERRCODE_INVALID_PARAMETER_VALUE;
		case ZDB_NOT_FOUND:
			return ERRCODE_UNDEFINED_FILE;
		case ZDB_EXISTS:
			return ERRCODE_DUPLICATE_FILE;
		case ZDB_PERMISSION:
			return ERRCODE_INSUFFICIENT_PRIVILEGE;
		case ZDB_DISK_FULL:
			return ERRCODE_DISK_FULL;
		case ZDB_IO:
			return ERRCODE_IO_ERROR;
		case ZDB_DAMAGED:
		case ZDB_MISMATCH:
			return ERRCODE_DATA_CORRUPTED;
		case ZDB_FORMAT:
		case ZDB_UNSUPPORTED:
			return ERRCODE_FEATURE_NOT_SUPPORTED;
		case ZDB_BUSY:
			return ERRCODE_OBJECT_IN_USE;
	}
	return ERRCODE_INTERNAL_ERROR;
}

void
zdbpg_raise(const zdb_err *err)
{
	zdb_err plain = *err; /* its owner may go before the error does */

	if (plain.code == ZDB_CANCELLED)
		CHECK_FOR_INTERRUPTS();
	ereport(ERROR,
			(errcode(sqlstate(&plain)),
			 errmsg_internal("%s", zdbpg_from_utf8(plain.msg)),
			 *plain.hint ? errhint("%s", zdbpg_from_utf8(plain.hint)) : 0));
}

typedef struct owned
{
	MemoryContextCallback callback;
	void **slot;
	zdbpg_release release;
} owned;

static void
release_owned(void *arg)
{
	owned *self = arg;

	self->release(*self->slot);
	*self->slot = NULL;
}

void
zdbpg_own(void **slot, zdbpg_release release)
{
	owned *self = palloc0(sizeof *self);

	self->slot = slot;
	self->release = release;
	self->callback.func = release_owned;
	self->callback.arg = self;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &self->callback);
}

static void
free_reader(void *reader)
{
	zdb_reader_free(reader);
}

void
zdbpg_own_reader(struct zdb_reader **slot)
{
	zdbpg_own((void **) slot, free_reader);
}

void
zdbpg_own_text(char **slot)
{
	zdbpg_own((void **) slot, zdb_free);
}

static void
free_buf(void *buf)
{
	if (buf)
		zdb_buf_clear(buf);
}

void
zdbpg_own_new_buf(struct zdb_buf **slot)
{
	*slot = palloc0(sizeof **slot);
	zdbpg_own((void **) slot, free_buf);
}

static char *
convert(const char *text, int from, int to)
{
	return (char *) pg_do_encoding_conversion(
		(unsigned char *) unconstify(char *, text), (int) strlen(text), from,
		to);
}

char *
zdbpg_to_utf8(const char *text)
{
	int encoding = GetDatabaseEncoding();

	if (encoding == PG_SQL_ASCII)
		encoding = zdb_utf8_valid(text, strlen(text)) ? PG_UTF8 : PG_LATIN1;
	return convert(text, encoding, PG_UTF8);
}

char *
zdbpg_from_utf8(const char *text)
{
	/* a path in an error may be anything: never fail while failing */
	if (!IsTransactionState() || !zdb_utf8_valid(text, strlen(text)) ||
		GetDatabaseEncoding() == PG_SQL_ASCII)
		return unconstify(char *, text);
	return convert(text, PG_UTF8, GetDatabaseEncoding());
}
