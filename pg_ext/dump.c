/*
 * dump - the database as a script, into a backup file
 *
 * One snapshot serves everything: pg_dump's queries, the rows that leader and
 * workers read, the large objects.
 */
#include "pg_ext/dump.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

#include "core/base/mem.h"
#include "pg_ext/base.h"
#include "pg_ext/ddl_guard.h"
#include "pg_ext/query.h"
#include "pg_ext/ddl_server.h"
#include "pg_ext/origin.h"
#include "pg_ext/parallel.h"
#include "pg_ext/script_plan.h"
#include "pg_ext/script_write.h"
#include "pg_ext/table_names.h"
#include "pg_ext/progress.h"

typedef struct dump
{
	zdbpg_call *call;
	const zdbpg_dump_request *request;
	Snapshot snapshot;
	zdbpg_ddl *ddl;
	zdbpg_script_out script;
	int processes;
	uint64 bytes; /* of rows, so far */
} dump;

static void
set(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_LOCAL, true, 0, false);
}

/* What pg_dump relies on, and what the text of values depends on. */
static void
pin_settings(void)
{
	static const char *const pinned[][2] = {
		{"transaction_read_only", "on"},
		{"standard_conforming_strings", "on"},
		{"quote_all_identifiers", "off"},
		{"array_nulls", "on"},
		{"transform_null_equals", "off"},
		{"bytea_output", "hex"},
		{"datestyle", "ISO, MDY"},
		{"intervalstyle", "postgres"},
		{"extra_float_digits", "3"},
		{"timezone", "UTC"},
		{"search_path", "pg_catalog, pg_temp"},
		{"xmlbinary", "base64"},
		{"synchronize_seqscans", "off"},
		{"row_security", "off"},
		{"jit", "off"},
	};

	for (int i = 0; i < (int) lengthof(pinned); i++)
		set(pinned[i][0], pinned[i][1]);
	/* money is read back under the database's own setting */
	set("lc_monetary", GetConfigOptionResetString("lc_monetary"));
}

/* pg_dump forbids them but while it reads one (minor versions since August
 * 2024 know the setting). */
static void
allow_foreign_tables(void)
{
	static const char name[] = "restrict_nonsystem_relation_kind";

	if (GetConfigOption(name, true, false))
		set(name, "view");
}

/* Patterns for pg_dump that mean these tables exactly. */
static List *
add_tables(List *arguments, const char *option, const zdb_names *names)
{
	ListCell *cell;

	for (int i = 0; i < names->count; i++)
		foreach(cell, zdbpg_table_family(
						  zdbpg_table_find(zdbpg_from_utf8(names->list[i]))))
			arguments = lappend(
				arguments, psprintf("%s=%s", option,
									zdbpg_table_pattern(lfirst_oid(cell))));
	return arguments;
}

#define FOREIGN_SERVERS \
	"SELECT pg_catalog.count(*) FROM pg_catalog.pg_foreign_server"

static List *
arguments(const zdbpg_dump_request *request)
{
	List *list = NIL;

	if (strcmp(request->type, "schema") == 0)
		list = lappend(list, "--schema-only");
	if (strcmp(request->type, "data") == 0)
		list = lappend(list, "--data-only");
	/* pg_dump fails when the pattern matches no server */
	if (request->include_foreign_data && zdbpg_query_int64(FOREIGN_SERVERS))
		list = lappend(list, "--include-foreign-data=*");
	list = add_tables(list, "--table", &request->tables);
	return add_tables(list, "--exclude-table", &request->exclude);
}

/* One snapshot for everything, which sees what this transaction did. */
static Snapshot
take_snapshot(void)
{
	CommandCounterIncrement();
	PushCopiedSnapshot(GetTransactionSnapshot());
	UpdateActiveSnapshotCommandId();
	return GetActiveSnapshot();
}

static void
count_rows(dump *self, uint32 number, const zdb_entry *entry)
{
	zdb_table *table = &self->request->manifest->tables[number];

	table->rows += (int64) entry->count;
	table->bytes += entry->raw_bytes;
	self->bytes += entry->raw_bytes;
	zdbpg_progress_table(table->schema, table->name);
	zdbpg_progress_bytes(self->bytes);
}

static void
take_chunk(void *arg, const zdb_entry *entry, const void *stored, bool more)
{
	dump *self = arg;
	zdb_entry copy = *entry;
	zdb_err err = {0};

	zdbpg_check((entry->patched ? zdb_writer_patch : zdb_writer_append)(
					self->request->writer, &copy, stored, &err),
				&err);
	count_rows(self, entry->table - 1, &copy);
}

static void
take_reference(void *arg, uint32 table, uint64 chunk, bool more)
{
	dump *self = arg;
	const zdbpg_dump_request *request = self->request;
	zdb_entry entry;
	zdb_err err = {0};

	zdbpg_check(zdb_reader_entry(request->base, chunk, &entry, &err), &err);
	zdbpg_check(zdb_writer_refer(request->writer, &entry,
								 &(zdb_chunk_about){
									 .kind = ZDB_CHUNK_ROWS,
									 .flags = entry.flags,
									 .table = table + 1,
									 .first = entry.first,
									 .count = entry.count,
								 },
								 &err),
				&err);
	count_rows(self, table, &entry);
}

static void
list_tables(dump *self)
{
	ListCell *cell;

	foreach(cell, self->ddl->tables)
	{
		const zdbpg_table *table = lfirst(cell);
		zdb_err err = {0};

		zdbpg_check(zdb_manifest_add_table(
						self->request->manifest, zdbpg_to_utf8(table->schema),
						zdbpg_to_utf8(table->name), 0, 0, &err),
					&err);
	}
}

static void
write_rows(dump *self)
{
	zdbpg_moment moment = {0};
	zdbpg_parallel_job job = {
		.tables = self->ddl->tables,
		.codec = self->request->codec,
		.snapshot = self->snapshot,
		.jobs = self->request->jobs,
		.take = take_chunk,
		.refer = take_reference,
		.arg = self,
	};

	zdbpg_script_flush(&self->script);
	zdbpg_plan_survey(job.tables);
	if (self->request->base)
	{
		zdbpg_base_match(self->request->base, job.tables, &moment);
		job.base = &moment;
	}
	self->processes = zdbpg_parallel_dump(&job);
}

static void
write_piece(dump *self, const zdbpg_piece *piece)
{
	switch (piece->kind)
	{
		case ZDBPG_PIECE_TEXT:
			zdbpg_script_spooled(&self->script, self->ddl->script,
								 piece->begin, piece->end);
			break;
		case ZDBPG_PIECE_TABLES:
			write_rows(self);
			break;
		case ZDBPG_PIECE_LARGE_OBJECT:
			zdbpg_script_large_object(&self->script, piece->loid);
			break;
	}
}

/* What pg_dump had to say is for the user. */
static void
pass_notes(dump *self)
{
	char *note = strtok(self->ddl->notes.data, "\n");

	for (; note; note = strtok(NULL, "\n"))
		zdbpg_warn(self->call, "%s", note);
}

int
zdbpg_dump(zdbpg_call *call, const zdbpg_dump_request *request)
{
	dump self = {.call = call,
				 .request = request,
				 .script.writer = request->writer,
				 .processes = 1};
	List *list = arguments(request);
	int nest = NewGUCNestLevel();
	ListCell *cell;

	zdbpg_progress_phase("backup");
	pin_settings();
	self.snapshot = take_snapshot();
	self.ddl =
		zdbpg_ddl_run(list, self.snapshot, strcmp(request->type, "data") == 0);
	zdbpg_ddl_guard(self.snapshot);
	if (request->include_foreign_data)
		allow_foreign_tables();
	pass_notes(&self);
	list_tables(&self);
	foreach(cell, zdbpg_script_plan(self.ddl))
		write_piece(&self, lfirst(cell));
	zdbpg_script_flush(&self.script);
	zdbpg_spool_free(self.ddl->script);
	zdbpg_origin_record(self.snapshot, zdbpg_plan_unit_blocks(request->codec),
						self.ddl->tables, request->manifest);
	PopActiveSnapshot();
	AtEOXact_GUC(false, nest);
	return self.processes;
}
