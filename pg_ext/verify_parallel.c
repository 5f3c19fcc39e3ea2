/*
 * verify_parallel - every chunk of a backup checked by several processes
 *
 * The leader reads the index and hashes the file as it lies there, while
 * workers already check chunks; then it helps them.
 */
#include "pg_ext/verify.h"
#include "pg_ext/progress.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/shm_toc.h"
#include "storage/spin.h"

#include "core/archive/chunk.h"

#define KEY_SHARED 1

/* Chunks taken at once. */
#define BATCH 4

typedef struct shared
{
	pg_atomic_uint64 next;
	pg_atomic_uint64 raw_bytes;
	uint64 chunks;
	slock_t lock;
	zdb_err err; /* the first; under lock */
	char path[MAXPGPATH];
	char sidecar[MAXPGPATH]; /* or empty */
	zdb_age_file_keys keys;  /* of these files only */
} shared;

PGDLLEXPORT void zdbpg_verify_worker(dsm_segment *segment, shm_toc *toc);

static void
clear_chunk(void *chunk)
{
	if (chunk)
		zdb_chunk_clear(chunk);
}

/* The first failure counts, and ends the work of all. */
static void
report_failure(shared *state, const zdb_err *err)
{
	SpinLockAcquire(&state->lock);
	if (!state->err.code)
		state->err = *err;
	SpinLockRelease(&state->lock);
	pg_atomic_write_u64(&state->next, state->chunks);
}

/* What leader and workers do alike. */
static void
check_chunks(shared *state, zdb_reader *reader)
{
	zdb_chunk **slot = palloc0(sizeof *slot);
	zdb_err err = {0};
	uint64 first;

	zdbpg_own((void **) slot, clear_chunk);
	*slot = palloc0(sizeof **slot);
	while ((first = pg_atomic_fetch_add_u64(&state->next, BATCH)) <
		   state->chunks)
		for (uint64 i = first; i < Min(first + BATCH, state->chunks); i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (zdb_chunk_read(*slot, reader, i, &err))
			{
				report_failure(state, &err);
				return;
			}
			pg_atomic_fetch_add_u64(&state->raw_bytes,
									(*slot)->entry.raw_bytes);
			zdbpg_progress_share(i, state->chunks);
			zdbpg_progress_bytes(pg_atomic_read_u64(&state->raw_bytes));
		}
}

void
zdbpg_verify_worker(dsm_segment *segment, shm_toc *toc)
{
	shared *state = shm_toc_lookup(toc, KEY_SHARED, false);
	zdb_reader **reader = palloc0(sizeof *reader);
	zdb_store_options file = {.where = state->path};
	zdb_err err = {0};

	zdbpg_own_reader(reader);
	if (zdb_reader_open_again(&file, state->sidecar, &state->keys, reader,
							  &err) == ZDB_OK)
		check_chunks(state, *reader);
	else
		report_failure(state, &err);
}

static void
wipe_keys(dsm_segment *segment, Datum keys)
{
	zdb_age_wipe(DatumGetPointer(keys), sizeof(zdb_age_file_keys));
}

static shared *
share(ParallelContext *context, zdb_reader *reader)
{
	shared *state = shm_toc_allocate(context->toc, sizeof *state);
	const zdb_source *source = zdb_reader_source(reader);
	const zdb_source *tail = zdb_reader_tail(reader);

	memset(state, 0, sizeof *state);
	pg_atomic_init_u64(&state->next, 0);
	pg_atomic_init_u64(&state->raw_bytes, 0);
	SpinLockInit(&state->lock);
	state->chunks = zdb_reader_footer(reader)->chunks;
	strlcpy(state->path, source->name, sizeof state->path);
	if (tail != source)
		strlcpy(state->sidecar, tail->name, sizeof state->sidecar);
	zdb_reader_file_keys(reader, &state->keys);
	on_dsm_detach(context->seg, wipe_keys, PointerGetDatum(&state->keys));
	shm_toc_insert(context->toc, KEY_SHARED, state);
	return state;
}

zdb_rc
zdbpg_verify_parallel(zdbpg_call *call, zdb_reader *reader, int jobs,
					  zdb_scan_result *result, zdb_err *err)
{
	ParallelContext *context;
	shared *state;

	EnterParallelMode();
	context =
		CreateParallelContext("zdbackup", "zdbpg_verify_worker", jobs - 1);
	shm_toc_estimate_chunk(&context->estimator, sizeof *state);
	shm_toc_estimate_keys(&context->estimator, 1);
	InitializeParallelDSM(context);
	state = share(context, reader);
	LaunchParallelWorkers(context);
	if (zdb_scan_index(reader, &call->host, err) == ZDB_OK)
		zdb_scan_sha256(zdb_reader_source(reader), &call->host,
						result->file_sha256, err);
	if (err->code)
		report_failure(state, err);
	else
		check_chunks(state, reader);
	WaitForParallelWorkersToFinish(context);
	if (!err->code)
		*err = state->err;
	result->chunks = state->chunks;
	result->raw_bytes = pg_atomic_read_u64(&state->raw_bytes);
	result->complete = err->code == ZDB_OK;
	DestroyParallelContext(context);
	ExitParallelMode();
	return err->code;
}
