/*
 * incremental - what an incremental backup of a database stands on
 */
#include "sqlite_ext/incremental.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "sqlite_ext/sql.h"

#define HEADER_COUNTER 24
#define STATE_CHARS 400
#define BOOT_CHARS 40

/* Longer than any file system's tick. */
#define SETTLED_S 2

/* What the new backup will be like. */
typedef struct shape
{
	uint32_t page_size;
	uint32_t chunk_bytes;
} shape;

/* Chunks 0 and 1 together have the length of the others. */
static zdb_rc
check_chunks(const shape *self, zdb_reader *reader, zdb_err *why)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	zdb_entry first, second;

	if (footer->chunks < 3)
		return ZDB_OK;
	if (zdb_reader_entry(reader, 0, &first, why) ||
		zdb_reader_entry(reader, 1, &second, why))
		return why->code;
	if (first.raw_bytes + second.raw_bytes == self->chunk_bytes)
		return ZDB_OK;
	return zdb_err_set(why, ZDB_UNSUPPORTED,
					   "its chunks have %u bytes, those of this compression "
					   "%u",
					   first.raw_bytes + second.raw_bytes, self->chunk_bytes);
}

static zdb_rc
fits(void *arg, zdb_reader *reader, zdb_err *why)
{
	const shape *self = arg;
	const zdb_manifest *manifest = zdb_reader_manifest(reader);

	if (manifest->content != ZDB_CONTENT_IMAGE)
		return zdb_err_set(why, ZDB_UNSUPPORTED, "it is a script");
	if (!zdb_reader_has_sums(reader))
		return zdb_err_set(why, ZDB_UNSUPPORTED,
						   "it has no sums of its pages, as an older version "
						   "made it");
	if (manifest->page_size != self->page_size)
		return zdb_err_set(why, ZDB_UNSUPPORTED,
						   "its pages have %u bytes, those of the database %u",
						   manifest->page_size, self->page_size);
	return check_chunks(self, reader, why);
}

zdb_rc
zdblite_base_open(zdblite_call *call, const zdblite_backup_request *request,
				  zdb_codec codec, const char *database, zdb_reader **out,
				  zdb_err *why)
{
	shape self = {.chunk_bytes = zdb_codec_chunk_bytes(codec)};
	zdb_base_wanted wanted = {.base = request->base,
							  .repository = zdblite_repository(call),
							  .engine = "sqlite",
							  .database = database,
							  .fits = fits,
							  .arg = &self};
	sqlite3_int64 page_size;

	*out = NULL;
	if (zdblite_query_int(call->db, &page_size, &call->err,
						  "PRAGMA \"%w\".page_size", request->schema))
		return call->err.code;
	self.page_size = (uint32_t) page_size;
	return zdb_base_open(&wanted, out, why, &call->err);
}

static bool
read_counter(const zdblite_snapshot *snapshot, uint32_t *counter)
{
	sqlite3_file *file = zdblite_open_file(snapshot->db, snapshot->schema,
										   SQLITE_FCNTL_FILE_POINTER);
	uint8_t bytes[4];

	if (!file || file->pMethods->xRead(file, bytes, sizeof bytes,
									   HEADER_COUNTER) != SQLITE_OK)
		return false;
	*counter = zdb_get32(bytes);
	return true;
}

/* Is another file in its place? Then what the place tells is of that one. */
static bool
is_moved(const zdblite_snapshot *snapshot)
{
	int moved = 0;

	sqlite3_file_control(snapshot->db, snapshot->schema,
						 SQLITE_FCNTL_HAS_MOVED, &moved);
	return moved;
}

/* Is the file's time of writing that of the last write for sure? A clock's
 * tick, and a file system's, may hold several. */
static bool
is_settled(const struct stat *st)
{
	return zdb_now_us() / 1000000 - st->st_mtim.tv_sec > SETTLED_S;
}

/* Which start of the machine this is, "" if that is not known. A failure of
 * power can leave a file with its new bytes and an old time: SQLite syncs the
 * bytes only. */
static void
read_boot(char boot[BOOT_CHARS])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!file || !fgets(boot, BOOT_CHARS, file))
		*boot = '\0';
	if (file)
		fclose(file);
	boot[strcspn(boot, "\n")] = '\0';
}

/* In WAL mode the counter need not change, but the log's end does, or, when
 * it was copied and begun anew, the file's time. */
static bool
is_told(const zdblite_snapshot *snapshot, const struct stat *st,
		const char *boot)
{
	return !snapshot->wal || (snapshot->log.known && is_settled(st) && *boot);
}

zdb_rc
zdblite_state_note(const zdblite_snapshot *snapshot, zdb_manifest *manifest,
				   zdb_err *err)
{
	char state[STATE_CHARS], end[2 * ZDBLITE_LOG_END + 1], boot[BOOT_CHARS];
	uint32_t counter;
	struct stat st;

	read_boot(boot);
	/* who keeps the lock for good counts its first change only */
	if (!snapshot->file || !*snapshot->file || snapshot->alone ||
		!read_counter(snapshot, &counter) || stat(snapshot->file, &st) != 0 ||
		is_moved(snapshot) || !is_told(snapshot, &st, boot))
		return ZDB_OK;
	zdb_hex(snapshot->log.end, ZDBLITE_LOG_END, end);
	snprintf(state, sizeof state,
			 "counter %08x, %u pages of %u, %lld bytes, cookie %u, "
			 "inode %llu:%llu, written %lld.%09ld, changed %lld.%09ld, "
			 "log %s, boot %s",
			 counter, snapshot->pages, snapshot->page_size,
			 (long long) st.st_size, snapshot->cookie,
			 (unsigned long long) st.st_dev, (unsigned long long) st.st_ino,
			 (long long) st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			 (long long) st.st_ctim.tv_sec, st.st_ctim.tv_nsec, end, boot);
	manifest->origin = json_pack("{s:s}", "state", state);
	return manifest->origin ? ZDB_OK : zdb_err_nomem(err);
}

static const char *
state_of(const zdb_manifest *manifest)
{
	return json_string_value(json_object_get(manifest->origin, "state"));
}

bool
zdblite_state_same(const zdb_manifest *manifest, const zdb_reader *base)
{
	const char *now = state_of(manifest);
	const char *then = state_of(zdb_reader_manifest(base));

	return now && then && strcmp(now, then) == 0;
}

zdb_rc
zdblite_refer_all(zdb_writer *writer, zdb_reader *base, zdb_manifest *manifest,
				  const zdb_host *host, zdb_err *err)
{
	const zdb_manifest *of_base = zdb_reader_manifest(base);
	const zdb_footer *footer = zdb_reader_footer(base);

	for (uint64_t i = 0; i < footer->chunks; i++)
	{
		zdb_chunk_about about = {.kind = ZDB_CHUNK_PAGES};
		zdb_entry entry;

		if (zdb_host_check(host, i, footer->chunks, err) ||
			zdb_reader_entry(base, i, &entry, err))
			return err->code;
		about.first = entry.first;
		about.count = entry.count;
		if (zdb_writer_refer(writer, &entry, &about, err))
			return err->code;
	}
	for (uint32_t i = 0; i < of_base->table_count && !err->code; i++)
	{
		const zdb_table *table = &of_base->tables[i];

		zdb_manifest_add_table(manifest, table->schema, table->name,
							   table->rows, table->bytes, err);
	}
	return err->code;
}
