/*
 * bg_check - is a restored database what the manifest says?
 */
#include "pg_ext/bg_check.h"

#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "pg_ext/attempt.h"
#include "pg_ext/query.h"
#include "pg_ext/script_run.h"
#include "pg_ext/zdbpg.h"

/* For every table with a sequence that feeds a column of a unique index: an
 * INSERT that copies one row, leaving that column to the sequence. */
#define INSERTS                                                            \
	"SELECT c.oid::pg_catalog.regclass::text, q.oid::regclass::text,"      \
	" pg_catalog.format('INSERT INTO %s (%s) SELECT %s FROM %s LIMIT 1',"  \
	" c.oid::regclass, x.names, x.names, c.oid::regclass)"                 \
	" FROM pg_catalog.pg_depend d"                                         \
	" JOIN pg_catalog.pg_class q ON q.oid = d.objid AND q.relkind = 'S'"   \
	" JOIN pg_catalog.pg_class c ON c.oid = d.refobjid"                    \
	" AND c.relkind IN ('r', 'p'),"                                        \
	" LATERAL (SELECT pg_catalog.string_agg(pg_catalog.quote_ident("       \
	"a.attname), ', ') AS names FROM pg_catalog.pg_attribute a"            \
	" WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"    \
	" AND a.attgenerated = '' AND a.attidentity <> 'a'"                    \
	" AND a.attnum <> d.refobjsubid) x"                                    \
	" WHERE d.classid = 'pg_catalog.pg_class'::regclass"                   \
	" AND d.refclassid = d.classid AND d.deptype IN ('a', 'i')"            \
	" AND x.names IS NOT NULL AND EXISTS (SELECT FROM pg_catalog.pg_index" \
	" i WHERE i.indrelid = c.oid AND i.indisunique AND i.indnkeyatts = 1"  \
	" AND i.indkey[0] = d.refobjsubid)"

/* Is the violated constraint one on the sequence's column? */
#define IS_BEHIND                                               \
	"SELECT (EXISTS (SELECT FROM pg_catalog.pg_depend d"        \
	" JOIN pg_catalog.pg_index i ON i.indrelid = d.refobjid"    \
	" AND i.indkey[0] = d.refobjsubid AND i.indnkeyatts = 1"    \
	" JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"       \
	" WHERE d.objid = %s::pg_catalog.regclass AND x.relname = " \
	"%s))::int4::int8"

typedef struct trial
{
	char *table;
	char *sequence;
	char *insert;
} trial;

static void
take_trial(void *arg, TupleTableSlot *slot)
{
	List **trials = arg;
	trial *one = palloc0(sizeof *one);

	one->table = zdbpg_slot_text(slot, 1);
	one->sequence = zdbpg_slot_text(slot, 2);
	one->insert = zdbpg_slot_text(slot, 3);
	*trials = lappend(*trials, one);
}

static void
run_insert(void *arg)
{
	zdbpg_query_exec(arg);
}

/* (What the sequence gives is gone: only for a database that goes, too.)
 * Insert and take it back. Returns the name of the unique
 * constraint that was violated, or NULL: what else stands in the way (checks,
 * other keys, triggers) says nothing about the sequence. */
static char *
try_insert(const trial *one)
{
	const ErrorData *error = zdbpg_attempt(run_insert, one->insert, false);

	return error && error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION
			   ? error->constraint_name
			   : NULL;
}

static void
check_sequences(zdbpg_bg_job *job)
{
	List **trials = palloc0(sizeof *trials);
	ListCell *cell;

	zdbpg_query_each(INSERTS, NULL, take_trial, trials);
	foreach(cell, *trials)
	{
		const trial *one = lfirst(cell);
		char *violated = try_insert(one);

		CHECK_FOR_INTERRUPTS();
		if (violated && zdbpg_query_int64(psprintf(
							IS_BEHIND, quote_literal_cstr(one->sequence),
							quote_literal_cstr(violated))))
			zdbpg_bg_warn(job,
						  psprintf("sequence %s is behind the rows of table "
								   "%s: an insert would fail",
								   one->sequence, one->table));
	}
}

static char *
name_of(const zdb_table *table)
{
	return quote_qualified_identifier(zdbpg_from_utf8(table->schema),
									  zdbpg_from_utf8(table->name));
}

/* The root of a partition, or NULL. */
static char *
root_of(const zdb_table *table)
{
	List *found = zdbpg_query_texts(
		psprintf("SELECT r::text FROM pg_catalog.pg_partition_root(%s) AS r"
				 " WHERE r IS NOT NULL",
				 quote_literal_cstr(name_of(table))));

	return found == NIL ? NULL : linitial(found);
}

/* Rows may go to other partitions than before: those of an enum's hash. */
static bool
root_has_all(const zdb_manifest *manifest, const zdb_table *table)
{
	const char *root = root_of(table);
	int64 rows = 0;

	if (!root)
		return false;
	for (uint32 i = 0; i < manifest->table_count; i++)
	{
		const char *other = root_of(&manifest->tables[i]);

		if (other && strcmp(other, root) == 0)
			rows += manifest->tables[i].rows;
	}
	return rows == zdbpg_query_int64(
					   psprintf("SELECT pg_catalog.count(*) FROM %s", root));
}

static void
check_rows(const zdb_manifest *manifest, const zdb_table *table)
{
	const char *name = name_of(table);
	int64 rows = zdbpg_query_int64(
		psprintf("SELECT pg_catalog.count(*) FROM ONLY %s", name));

	if (rows != table->rows && !root_has_all(manifest, table))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("table %s has " INT64_FORMAT
						" rows after restoring, the backup says " INT64_FORMAT,
						name, rows, table->rows)));
}

void
zdbpg_bg_check(zdbpg_bg_job *job, zdb_reader *reader)
{
	const zdb_manifest *manifest = zdb_reader_manifest(reader);

	zdbpg_own_search_path();
	for (uint32 i = 0; manifest && i < manifest->table_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		check_rows(manifest, &manifest->tables[i]);
	}
	if (job->try_inserts)
		check_sequences(job);
}
