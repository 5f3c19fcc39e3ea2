/*
 * scratch - a new database, made and filled by background workers
 */
#include "pg_ext/scratch.h"

#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "storage/procarray.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "pg_ext/parallel.h"
#include "pg_ext/query.h"
#include "pg_ext/survey.h"

#define PREFIX "zdbackup_scratch_"

/* CREATE DATABASE with what the present one has. Columns that came and went
 * between versions are looked up by name. */
#define CREATE                                                               \
	"SELECT pg_catalog.format('CREATE DATABASE %%I TEMPLATE template0"       \
	" ENCODING %%L LC_COLLATE %%L LC_CTYPE %%L', %s,"                        \
	" pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype)" \
	" || CASE j.j->>'datlocprovider' WHEN 'i' THEN pg_catalog.format("       \
	"' LOCALE_PROVIDER icu ICU_LOCALE %%L',"                                 \
	" coalesce(j.j->>'daticulocale', j.j->>'datlocale'))"                    \
	" WHEN 'b' THEN pg_catalog.format("                                      \
	"' LOCALE_PROVIDER builtin BUILTIN_LOCALE %%L', j.j->>'datlocale')"      \
	" ELSE '' END FROM pg_catalog.pg_database d,"                            \
	" LATERAL (SELECT pg_catalog.to_jsonb(d) AS j) j"                        \
	" WHERE d.datname = pg_catalog.current_database()"

#define STALE                                          \
	"SELECT datname::text FROM pg_catalog.pg_database" \
	" WHERE datname ~ '^" PREFIX "[0-9]+$'"

static void
drop_in_background(void *object)
{
	zdbpg_scratch *scratch = object;

	if (scratch && scratch->name)
		zdbpg_bg_drop(scratch->name);
}

/* What a crash of the server left. */
static void
drop_stale(zdbpg_scratch *scratch)
{
	ListCell *cell;

	foreach(cell, zdbpg_query_texts(STALE))
	{
		const char *name = lfirst(cell);
		int pid = atoi(name + strlen(PREFIX));

		if (pid == MyProcPid || !BackendPidGetProc(pid))
			zdbpg_bg_sql(scratch->job, psprintf("DROP DATABASE IF EXISTS %s",
												quote_identifier(name)));
	}
}

static void
create(zdbpg_scratch *scratch)
{
	char *name = psprintf(PREFIX "%d", MyProcPid);
	List *statement =
		zdbpg_query_texts(psprintf(CREATE, quote_literal_cstr(name)));

	scratch->name = name;
	zdbpg_bg_sql(scratch->job, linitial(statement));
	InvalidateCatalogSnapshot(); /* it is another transaction's */
	scratch->oid = get_database_oid(name, false);
}

static bool
step(zdbpg_scratch *scratch, zdbpg_bg_kind kind, uint64 first, uint64 end,
	 int workers)
{
	zdbpg_bg_job *job = scratch->job;

	if (first >= end)
		return true;
	job->first = first;
	job->end = end;
	pg_atomic_write_u64(&job->next, first);
	for (int i = 0; i < ZDBPG_BG_CLAIMS; i++)
		pg_atomic_write_u32(&job->claims[i], 0);
	return zdbpg_bg_run(job, kind, scratch->oid, workers);
}

static bool
load_rows(zdbpg_scratch *scratch, uint64 first, uint64 end)
{
	if (step(scratch, ZDBPG_BG_ROWS, first, end, scratch->jobs))
		return true;
	scratch->retry = scratch->jobs > 1;
	return false;
}

static bool
load(zdbpg_scratch *scratch)
{
	const zdb_manifest *manifest = zdb_reader_manifest(scratch->reader);
	zdbpg_layout at = zdbpg_layout_of(scratch->reader);
	int jobs = scratch->jobs;

	scratch->retry = false;
	if (!manifest)
		return step(scratch, ZDBPG_BG_SCRIPT, 0, PG_UINT64_MAX, 1);
	return step(scratch, ZDBPG_BG_SCRIPT, 0, at.begin, 1) &&
		   load_rows(scratch, at.begin, at.end) &&
		   step(scratch, ZDBPG_BG_CONSTRAINTS, at.end, at.chunks, jobs) &&
		   step(scratch, ZDBPG_BG_INDEXES, at.end, at.chunks, jobs) &&
		   step(scratch, ZDBPG_BG_REST, at.end, at.chunks, 1);
}

static void
pass_warnings(zdbpg_scratch *scratch)
{
	char *line = strtok(scratch->job->warnings, "\n");

	for (; line; line = strtok(NULL, "\n"))
		zdbpg_warn(scratch->call, "%s", line);
}

static void
name_file(zdbpg_bg_job *job, const zdb_reader *reader)
{
	const zdb_source *source = zdb_reader_source(reader);
	const zdb_source *tail = zdb_reader_tail(reader);

	strlcpy(job->path, source->name, sizeof job->path);
	if (tail && tail != source)
		strlcpy(job->sidecar, tail->name, sizeof job->sidecar);
	zdb_reader_file_keys(reader, &job->keys);
}

zdbpg_scratch *
zdbpg_scratch_load(zdbpg_call *call, zdb_reader *reader, int jobs,
				   bool try_inserts, const char *mask)
{
	zdbpg_scratch *scratch = palloc0(sizeof *scratch);
	zdbpg_scratch **slot = palloc(sizeof *slot);

	if (RecoveryInProgress())
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("a standby cannot make the database that this "
							   "needs"),
						errhint("Verify at level \"data\" here, or on the "
								"primary.")));
	*slot = scratch;
	zdbpg_own((void **) slot, drop_in_background);
	scratch->call = call;
	scratch->reader = reader;
	scratch->jobs = zdbpg_parallel_jobs(jobs);
	scratch->job = zdbpg_bg_job_new(mask ? strlen(mask) + 1 : 0);
	if (mask)
		strcpy(scratch->job->text, mask);
	scratch->job->try_inserts = try_inserts;
	name_file(scratch->job, reader);
	drop_stale(scratch);
	create(scratch);
	scratch->loaded = load(scratch);
	if (scratch->retry) /* a check may read rows that come before: in order */
	{
		zdbpg_scratch_drop(scratch);
		create(scratch);
		scratch->jobs = 1;
		scratch->loaded = load(scratch);
	}
	scratch->loaded =
		scratch->loaded && step(scratch, ZDBPG_BG_CHECK, 0, 1, 1);
	pass_warnings(scratch);
	return scratch;
}

void
zdbpg_scratch_publish(zdbpg_scratch *scratch, const char *name)
{
	zdbpg_bg_sql(scratch->job,
				 psprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)",
						  quote_identifier(name)));
	zdbpg_bg_sql(scratch->job, psprintf("ALTER DATABASE %s RENAME TO %s",
										quote_identifier(scratch->name),
										quote_identifier(name)));
	scratch->name = NULL;
}

void
zdbpg_scratch_drop(zdbpg_scratch *scratch)
{
	scratch->job->sqlstate = 0;
	zdbpg_bg_sql(scratch->job, psprintf("DROP DATABASE %s WITH (FORCE)",
										quote_identifier(scratch->name)));
	scratch->name = NULL;
}
