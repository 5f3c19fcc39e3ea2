/*
 * fn_rows - zdb_rows(rowtype, path [, options])
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"
#include "utils/varlena.h"

#include "pg_ext/call.h"
#include "pg_ext/open.h"
#include "pg_ext/table_rows.h"

PG_FUNCTION_INFO_V1(zdbpg_fn_rows);

typedef struct giving
{
	zdbpg_table_rows rows;
	Datum *values;
	bool *nulls;
	MemoryContext of_row;
} giving;

static TupleDesc
row_type(FunctionCallInfo fcinfo)
{
	TupleDesc desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
		desc->tdtypeid == RECORDOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the first argument is not of a table's row type"),
				 errhint("Write zdb_rows(NULL::public.users, "
						 "'/backups/shop.sql.gz').")));
	return CreateTupleDescCopy(desc);
}

/* "schema.name" as it stands, or in double quotes as SQL would read it. */
static List *
split_name(char *name)
{
	char *dot = strchr(name, '.');
	List *parts;

	if (!strchr(name, '"'))
		return dot ? list_make2(pnstrdup(name, (Size) (dot - name)), dot + 1)
				   : list_make1(name);
	if (!SplitIdentifierString(pstrdup(name), '.', &parts) ||
		list_length(parts) < 1 || list_length(parts) > 2)
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME),
						errmsg("option \"table\" is not a name: %s", name),
						errhint("Write it like users, public.users, or with "
								"double quotes around each part.")));
	return parts;
}

/* The table of the same name, or the one that the options say. */
static void
choose_table(zdbpg_table_rows *rows)
{
	const char *option = rows->call->options.table;
	List *parts;

	rows->schema = get_namespace_name(get_rel_namespace(rows->relid));
	rows->table = get_rel_name(rows->relid);
	if (!option)
		return;
	parts = split_name(pstrdup(zdbpg_from_utf8(option)));
	if (list_length(parts) == 2)
		rows->schema = linitial(parts);
	rows->table = llast(parts);
}

static giving *
begin(FunctionCallInfo fcinfo)
{
	giving *self = palloc0(sizeof *self);
	zdbpg_table_rows *rows = &self->rows;
	int columns;

	rows->desc = row_type(fcinfo);
	rows->relid = get_typ_typrelid(rows->desc->tdtypeid);
	rows->call = zdbpg_call_begin(fcinfo, ZDB_CALL_ROWS, 1, 2);
	choose_table(rows);
	rows->reader = zdbpg_open(rows->call, ZDB_PURPOSE_MERGE, rows->call->path,
							  rows->call->options.at);
	zdbpg_table_rows_open(rows);
	columns = rows->desc->natts;
	self->values = palloc0(columns * sizeof *self->values);
	self->nulls = palloc0(columns * sizeof *self->nulls);
	self->of_row = AllocSetContextCreate(CurrentMemoryContext, "zdbackup row",
										 ALLOCSET_DEFAULT_SIZES);
	return self;
}

/* The row in the caller's memory, or NULL at the end. */
static HeapTuple
next(giving *self)
{
	MemoryContext before = MemoryContextSwitchTo(self->of_row);
	HeapTuple tuple = NULL;
	bool more;

	MemoryContextReset(self->of_row);
	more = zdbpg_table_rows_next(&self->rows, self->values, self->nulls);
	MemoryContextSwitchTo(before);
	if (more)
		tuple = heap_form_tuple(self->rows.desc, self->values, self->nulls);
	return tuple;
}

/* A row at a time: who stops early reads no more. All that is open goes with
 * the function's own memory. */
Datum
zdbpg_fn_rows(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	HeapTuple tuple;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext before;

		context = SRF_FIRSTCALL_INIT();
		before = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		context->user_fctx = begin(fcinfo);
		MemoryContextSwitchTo(before);
	}
	context = SRF_PERCALL_SETUP();
	tuple = next(context->user_fctx);
	if (!tuple)
		SRF_RETURN_DONE(context);
	SRF_RETURN_NEXT(context, HeapTupleGetDatum(tuple));
}
