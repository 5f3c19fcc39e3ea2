/*
 * fn_info - zdb_info(path), zdb_entries(path), zdb_version()
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "pg_ext/call.h"
#include "pg_ext/compat.h"

#include "core/base/bytes.h"
#include "core/base/version.h"
#include "core/codec/libraries.h"

#include "core/job/report.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_info);
PG_FUNCTION_INFO_V1(zdbpg_fn_entries);
PG_FUNCTION_INFO_V1(zdbpg_fn_version);

static zdb_reader *
open_reader(FunctionCallInfo fcinfo)
{
	char *path = zdbpg_path_arg(fcinfo, 0, false);
	zdb_reader **reader = palloc0(sizeof *reader);
	zdb_err err = {0};

	zdbpg_own_reader(reader);
	zdbpg_check(zdb_reader_open(path, reader, &err), &err);
	return *reader;
}

static void
run_info(zdbpg_call *call, FunctionCallInfo fcinfo)
{
	zdb_reader *reader = open_reader(fcinfo);
	zdb_err err = {0};

	zdbpg_check(zdb_report_file(reader, call->report, &err), &err);
	if (zdb_reader_manifest(reader))
		zdb_report_contents(zdb_reader_manifest(reader), call->report);
}

Datum
zdbpg_fn_info(PG_FUNCTION_ARGS)
{
	return zdbpg_call_run(fcinfo, ZDB_CALL_INFO, -1, run_info);
}

/* What the chunks of one table add up to. */
typedef struct sums
{
	int64 chunks;
	zdb_sha256_stream *hash; /* of its chunks' hashes, in order */
} sums;

static void
free_hash(void *hash)
{
	zdb_sha256_free(hash);
}

static sums *
add_up(zdb_reader *reader, uint32 tables)
{
	sums *all = palloc0(sizeof *all * Max(tables, 1));
	zdb_err err = {0};

	for (uint64 i = 0; i < zdb_reader_footer(reader)->chunks; i++)
	{
		zdb_entry entry;
		sums *of;

		CHECK_FOR_INTERRUPTS();
		zdbpg_check(zdb_reader_entry(reader, i, &entry, &err), &err);
		if (entry.table == 0 || entry.table > tables)
			continue;
		of = &all[entry.table - 1];
		if (of->chunks++ == 0)
		{
			zdbpg_own((void **) &of->hash, free_hash);
			zdbpg_check(zdb_sha256_new(&of->hash, &err), &err);
		}
		zdbpg_check(zdb_sha256_update(of->hash, entry.sha256,
									  sizeof entry.sha256, &err),
					&err);
	}
	return all;
}

static void
put_table(const zdb_table *table, sums *of, Tuplestorestate *into,
		  TupleDesc desc)
{
	uint8_t digest[ZDB_SHA256_BYTES];
	char hex[2 * ZDB_SHA256_BYTES + 1];
	zdb_err err = {0};
	Datum values[6] = {
		CStringGetTextDatum(zdbpg_from_utf8(table->schema)),
		CStringGetTextDatum(zdbpg_from_utf8(table->name)),
		Int64GetDatum(table->rows),
		Int64GetDatum(table->bytes),
		Int64GetDatum(of->chunks),
	};
	bool nulls[6] = {false,
					 false,
					 table->rows == ZDB_UNKNOWN,
					 table->bytes == ZDB_UNKNOWN,
					 of->chunks == 0,
					 of->chunks == 0};

	if (of->chunks > 0)
	{
		zdbpg_check(zdb_sha256_final(of->hash, digest, &err), &err);
		zdb_hex(digest, sizeof digest, hex);
		values[5] = CStringGetTextDatum(hex);
	}
	tuplestore_putvalues(into, desc, values, nulls);
}

Datum
zdbpg_fn_entries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup entries", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before;
	const zdb_manifest *manifest;
	zdb_reader *reader;
	sums *all;

	zdbpg_materialize(fcinfo);
	before = MemoryContextSwitchTo(context);
	reader = open_reader(fcinfo);
	manifest = zdb_reader_manifest(reader);
	if (!manifest)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("\"%s\" has no index of ours",
						zdb_reader_source(reader)->name),
				 errhint("Only a backup that zdbackup wrote can list its "
						 "tables.")));
	all = add_up(reader, manifest->table_count);
	for (uint32 i = 0; i < manifest->table_count; i++)
		put_table(&manifest->tables[i], &all[i], result->setResult,
				  result->setDesc);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(context);
	return (Datum) 0;
}

Datum
zdbpg_fn_version(PG_FUNCTION_ARGS)
{
	return zdbpg_jsonb(json_pack(
		"{s:s, s:i, s:s, s:s, s:o}", "zdbackup", ZDB_VERSION, "format",
		ZDB_FORMAT_VERSION, "engine", "postgresql", "engine_version",
		GetConfigOption("server_version", false, false), "libraries",
		zdb_libraries_json()));
}
