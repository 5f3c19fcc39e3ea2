/*
 * log - what one read transaction sees of a write-ahead log
 */
#include "sqlite_ext/log.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "sqlite_ext/sql.h"

/* The index, in memory that connections share: its header twice, then how
 * many frames have been copied into the database file. Its integers are the
 * machine's, the log's are big-endian. */
#define INDEX_BYTES 32768
#define INDEX_VERSION 3007000
#define HEADER_BYTES 48
#define END 16
#define COPIED (2 * HEADER_BYTES)

/* Within the end. */
#define SALTS 16
#define SALTS_BYTES 8

#define LOG_HEADER 32
#define FRAME_HEADER 24
#define FRAME_SALTS 8

/* Transactions that others may end while ours begins. */
#define TRIES 8

/* Their places take 8 MiB. A longer log is read through SQLite. */
#define MOST_FRAMES (1u << 20)

typedef struct zdblite_log_place place;

/* The shared index; NULL: there is none. Only a connection that does not
 * lock others out shares it, which the caller knows. */
static volatile const uint8_t *
map_index(sqlite3_file *file)
{
	volatile void *index = NULL;

	if (file->pMethods->iVersion < 2 || !file->pMethods->xShmMap ||
		file->pMethods->xShmMap(file, 0, INDEX_BYTES, 0, &index) != SQLITE_OK)
		return NULL;
	return index;
}

static uint32_t
integer(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof value);
	return value;
}

/* The header, if nobody is writing it. */
static bool
read_header(sqlite3_file *file, volatile const uint8_t *index,
			uint8_t header[HEADER_BYTES])
{
	uint8_t again[HEADER_BYTES];

	for (int i = 0; i < HEADER_BYTES; i++)
		header[i] = index[i];
	file->pMethods->xShmBarrier(file);
	for (int i = 0; i < HEADER_BYTES; i++)
		again[i] = index[HEADER_BYTES + i];
	return memcmp(header, again, HEADER_BYTES) == 0 &&
		   integer(header) == INDEX_VERSION;
}

/* Each transaction that is written changes the header. So if it is the same
 * before and after ours began, ours sees what it says; unless ours is but a
 * part in one that began earlier.
 *
 * All frames copied: the file has what ours sees, and nobody copies more
 * while ours lasts. Else ours holds the log, too, up to its end. */
static zdb_rc
settle_once(zdblite_log *log, sqlite3_file *file,
			volatile const uint8_t *index, sqlite3 *db, sqlite3_stmt *pin,
			zdb_err *err)
{
	uint8_t before[HEADER_BYTES], after[HEADER_BYTES];
	uint32_t copied;
	bool row, readable;

	readable = read_header(file, index, before) && !zdblite_cache_shared(db);
	if (zdblite_step(db, pin, &row, err) || !readable)
		return err->code;
	copied = *(volatile const uint32_t *) (index + COPIED);
	file->pMethods->xShmBarrier(file);
	if (!read_header(file, index, after) ||
		memcmp(before, after, HEADER_BYTES) != 0)
		return ZDB_OK;
	log->known = true;
	log->frames = integer(after + END);
	if (log->frames > 0)
		memcpy(log->end, after + END, sizeof log->end);
	if (copied == log->frames)
		log->frames = 0;
	return ZDB_OK;
}

zdb_rc
zdblite_log_settle(zdblite_log *log, sqlite3 *db, const char *schema,
				   sqlite3_stmt *pin, zdb_err *err)
{
	sqlite3_file *file =
		zdblite_open_file(db, schema, SQLITE_FCNTL_FILE_POINTER);
	volatile const uint8_t *index = file ? map_index(file) : NULL;
	bool row;

	for (int i = 0; index && !log->known && i < TRIES; i++)
	{
		sqlite3_reset(pin);
		if (sqlite3_txn_state(db, schema) != SQLITE_TXN_NONE)
			return zdblite_step(db, pin, &row, err);
		if (settle_once(log, file, index, db, pin, err))
			return err->code;
	}
	return ZDB_OK;
}

static sqlite3_int64
offset_of(const zdblite_log *log, uint32_t frame)
{
	return LOG_HEADER +
		   (sqlite3_int64) (frame - 1) * (FRAME_HEADER + log->page_size);
}

static zdb_rc
unreadable(zdb_err *err)
{
	return zdb_err_set(err, ZDB_UNSUPPORTED,
					   "the log is not as its index says");
}

static int
by_page(const void *a, const void *b)
{
	const place *x = a;
	const place *y = b;

	if (x->page != y->page)
		return x->page < y->page ? -1 : 1;
	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static zdb_rc
read_place(const zdblite_log *log, uint32_t frame, place *out, zdb_err *err)
{
	uint8_t head[FRAME_HEADER];

	if (log->file->pMethods->xRead(log->file, head, sizeof head,
								   offset_of(log, frame)) != SQLITE_OK ||
		memcmp(head + FRAME_SALTS, log->end + SALTS, SALTS_BYTES) != 0)
		return unreadable(err);
	out->page = (uint32_t) head[0] << 24 | (uint32_t) head[1] << 16 |
				(uint32_t) head[2] << 8 | head[3];
	out->frame = frame;
	return ZDB_OK;
}

zdb_rc
zdblite_log_open(zdblite_log *log, sqlite3_file *file, uint32_t page_size,
				 zdb_err *err)
{
	log->file = file;
	log->page_size = page_size;
	log->next = 0;
	if (log->frames > MOST_FRAMES)
		return zdb_err_set(err, ZDB_UNSUPPORTED, "the log is too long");
	log->places = zdb_malloc(log->frames * sizeof *log->places + 1);
	if (!log->places)
		return zdb_err_nomem(err);
	for (uint32_t i = 0; i < log->frames; i++)
		if (read_place(log, i + 1, &log->places[i], err))
			return err->code;
	qsort(log->places, log->frames, sizeof *log->places, by_page);
	return ZDB_OK;
}

zdb_rc
zdblite_log_lay_over(zdblite_log *log, uint32_t first, uint32_t end,
					 uint8_t *pages, zdb_err *err)
{
	for (; log->next < log->frames; log->next++)
	{
		const place *at = &log->places[log->next];
		bool older = log->next + 1 < log->frames && at[1].page == at->page;

		if (at->page >= end)
			break;
		if (at->page >= first && !older &&
			log->file->pMethods->xRead(
				log->file,
				pages + (size_t) (at->page - first) * log->page_size,
				(int) log->page_size,
				offset_of(log, at->frame) + FRAME_HEADER) != SQLITE_OK)
			return unreadable(err);
	}
	return ZDB_OK;
}

void
zdblite_log_close(zdblite_log *log)
{
	zdb_free(log->places);
	log->places = NULL;
}
