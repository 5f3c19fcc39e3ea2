/*
 * ddl_query - what pg_dump asks, answered from inside
 */
#include "pg_ext/ddl_query.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_constraint.h"
#include "commands/extension.h"
#include "commands/prepare.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "port/pg_bswap.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/syscache.h"

#include "pg_ext/compat.h"
#include "pg_ext/plan.h"
#include "pg_ext/query.h"

/* pg_proc.dat's numbers for the functions that libpq calls directly. */
#define LO_OPEN 952
#define LO_CLOSE 953
#define LO_READ 954

/* Rows on their way to pg_dump, as text. */
typedef struct wire
{
	DestReceiver pub;
	zdbpg_ddl *ddl;
	FmgrInfo *outputs;
	MemoryContext row_context;
	uint64 rows;
} wire;

static void
wire_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	wire *to = (wire *) self;
	StringInfoData message;

	to->outputs = palloc0(sizeof *to->outputs * (Size) Max(desc->natts, 1));
	zdbpg_ddl_begin(to->ddl, &message, 'T');
	pq_sendint16(&message, (uint16) desc->natts);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		const char *name = NameStr(att->attname);
		Oid output;
		bool varlena;

		getTypeOutputInfo(att->atttypid, &output, &varlena);
		fmgr_info(output, &to->outputs[i]);
		appendBinaryStringInfo(&message, name, (int) strlen(name) + 1);
		pq_sendint32(&message, 0);
		pq_sendint16(&message, 0);
		pq_sendint32(&message, att->atttypid);
		pq_sendint16(&message, (uint16) att->attlen);
		pq_sendint32(&message, (uint32) att->atttypmod);
		pq_sendint16(&message, 0);
	}
	zdbpg_ddl_send(to->ddl, &message);
}

static bool
wire_receive(TupleTableSlot *slot, DestReceiver *self)
{
	wire *to = (wire *) self;
	int natts = slot->tts_tupleDescriptor->natts;
	MemoryContext before;
	StringInfoData message;

	slot_getallattrs(slot);
	before = MemoryContextSwitchTo(to->row_context);
	zdbpg_ddl_begin(to->ddl, &message, 'D');
	pq_sendint16(&message, (uint16) natts);
	for (int i = 0; i < natts; i++)
	{
		char *text;

		if (slot->tts_isnull[i])
		{
			pq_sendint32(&message, (uint32) -1);
			continue;
		}
		text = OutputFunctionCall(&to->outputs[i], slot->tts_values[i]);
		pq_sendint32(&message, (uint32) strlen(text));
		appendBinaryStringInfo(&message, text, (int) strlen(text));
	}
	zdbpg_ddl_send(to->ddl, &message);
	MemoryContextSwitchTo(before);
	MemoryContextReset(to->row_context);
	to->rows++;
	return true;
}

static void
wire_end(DestReceiver *self)
{
}

static void
send_complete(zdbpg_ddl *ddl, const char *tag)
{
	StringInfoData message;

	zdbpg_ddl_begin(ddl, &message, 'C');
	appendBinaryStringInfo(&message, tag, (int) strlen(tag) + 1);
	zdbpg_ddl_send(ddl, &message);
}

/* The timeouts that are in force are the caller's. */
static bool
is_ignored(const VariableSetStmt *stmt)
{
	return stmt->kind == VAR_SET_MULTI ||
		   (stmt->name && strstr(stmt->name, "_timeout") != NULL);
}

/* Prepared statements and cursors are not ours alone: give them names that
 * nobody else has. */
static char *
own_name(const char *name)
{
	return psprintf("zdbackup %d %s", MyProcPid, name);
}

/* Before it exists, so that it is dropped whatever happens. */
static void
remember(zdbpg_ddl *ddl, const char *prepared)
{
	MemoryContext before = MemoryContextSwitchTo(GetMemoryChunkContext(ddl));

	ddl->prepared = lappend(ddl->prepared, pstrdup(prepared));
	MemoryContextSwitchTo(before);
}

/* Refuse whatever pg_dump is not known to ask. */
static void
admit(zdbpg_ddl *ddl, Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_SelectStmt:
		case T_LockStmt:
		case T_VariableSetStmt:
			return;
		case T_PrepareStmt:
			((PrepareStmt *) stmt)->name =
				own_name(((PrepareStmt *) stmt)->name);
			remember(ddl, ((PrepareStmt *) stmt)->name);
			return;
		case T_ExecuteStmt:
			((ExecuteStmt *) stmt)->name =
				own_name(((ExecuteStmt *) stmt)->name);
			return;
		case T_DeclareCursorStmt:
			((DeclareCursorStmt *) stmt)->portalname =
				own_name(((DeclareCursorStmt *) stmt)->portalname);
			return;
		case T_FetchStmt:
			((FetchStmt *) stmt)->portalname =
				own_name(((FetchStmt *) stmt)->portalname);
			return;
		case T_ClosePortalStmt:
			((ClosePortalStmt *) stmt)->portalname =
				own_name(((ClosePortalStmt *) stmt)->portalname);
			return;
		default:
			ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
							errmsg("pg_dump asked for what no pg_dump "
								   "should ask")));
	}
}

static void
run(zdbpg_ddl *ddl, RawStmt *raw, const char *text)
{
	wire to = {.pub = {.receiveSlot = wire_receive,
					   .rStartup = wire_startup,
					   .rShutdown = wire_end,
					   .rDestroy = wire_end,
					   .mydest = DestNone},
			   .ddl = ddl};
	bool quiet = IsA(raw->stmt, VariableSetStmt) &&
				 is_ignored((VariableSetStmt *) raw->stmt);

	admit(ddl, raw->stmt);
	to.row_context = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup row", ALLOCSET_DEFAULT_SIZES);
	if (!quiet)
		zdbpg_query_run(raw, text, ddl->snapshot, &to.pub);
	send_complete(ddl, psprintf("SELECT " UINT64_FORMAT, to.rows));
}

/* May the caller read the columns? As COPY asks. */
static void
check_rights(Relation rel, List *attnums)
{
	Oid relid = RelationGetRelid(rel);
	ListCell *cell;

	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		foreach(cell, attnums) if (pg_attribute_aclcheck(
									   relid, (AttrNumber) lfirst_int(cell),
									   GetUserId(), ACL_SELECT) != ACLCHECK_OK)
			aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE,
						   RelationGetRelationName(rel));
	check_enable_rls(relid, InvalidOid, false); /* row_security is off */
}

/* Do constraints stand already when its rows are restored (those of an
 * extension's tables; all, with data only)? Then a table comes after those it
 * refers to, and one that refers to itself in one COPY. */
static void
plan_order(const zdbpg_ddl *ddl, zdbpg_table *table, Relation rel)
{
	ListCell *cell;

	if (!ddl->ordered && !OidIsValid(getExtensionOfObject(
							 RelationRelationId, RelationGetRelid(rel))))
		return;
	foreach(cell, RelationGetFKeyList(rel))
	{
		table->after = true;
		if (((ForeignKeyCacheInfo *) lfirst(cell))->confrelid == table->relid)
			table->leader_only = true;
	}
}

static void
name_table(zdbpg_table *table, Relation rel)
{
	table->relid = RelationGetRelid(rel);
	table->schema = get_namespace_name(RelationGetNamespace(rel));
	table->name = pstrdup(RelationGetRelationName(rel));
}

/* "COPY schema.table (a, b) TO stdout;" names what we shall write. */
static void
plan_relation(zdbpg_ddl *ddl, zdbpg_table *table, const CopyStmt *stmt,
			  const char *text)
{
	static const char end[] = " TO stdout;";
	Relation rel = table_openrv(stmt->relation, AccessShareLock);
	const char *to = strstr(text + strlen(text) - strlen(end), end);
	ListCell *cell;

	if (!to)
		ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("pg_dump asked for an unknown form of COPY")));
	name_table(table, rel);
	foreach(cell, stmt->attlist) table->attnums = lappend_int(
		table->attnums, get_attnum(table->relid, strVal(lfirst(cell))));
	check_rights(rel, table->attnums);
	plan_order(ddl, table, rel);
	table->header = psprintf("%.*s FROM stdin;\n", (int) (to - text), text);
	table_close(rel, NoLock);
}

/* "COPY (SELECT ... FROM table ...) TO stdout;": the header is found in the
 * script, see script_plan.c. */
static void
plan_query(zdbpg_table *table, const CopyStmt *stmt, const char *text)
{
	const char *begin = strchr(text, '('), *end = strrchr(text, ')');
	SelectStmt *select = castNode(SelectStmt, stmt->query);
	Relation rel = table_openrv(linitial_node(RangeVar, select->fromClause),
								AccessShareLock);

	name_table(table, rel);
	table->leader_only = true;
	check_enable_rls(table->relid, InvalidOid, false);
	table_close(rel, NoLock);
	table->query = pnstrdup(begin + 1, (Size) (end - begin - 1));
}

static void
send_marker(zdbpg_ddl *ddl)
{
	StringInfoData message;

	zdbpg_ddl_begin(ddl, &message, 'H');
	appendStringInfoChar(&message, 0);
	pq_sendint16(&message, 0);
	zdbpg_ddl_send(ddl, &message);
	zdbpg_ddl_begin(ddl, &message, 'd');
	appendStringInfo(&message, "%s\n", ddl->marker_text);
	zdbpg_ddl_send(ddl, &message);
	zdbpg_ddl_begin(ddl, &message, 'c');
	zdbpg_ddl_send(ddl, &message);
	send_complete(ddl, "COPY 1");
}

static void
copy(zdbpg_ddl *ddl, const CopyStmt *stmt, const char *text)
{
	MemoryContext before = MemoryContextSwitchTo(GetMemoryChunkContext(ddl));
	zdbpg_table *table = palloc0(sizeof *table);

	if (stmt->is_from || stmt->filename)
		ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("pg_dump asked for what no pg_dump "
							   "should ask")));
	if (stmt->relation)
		plan_relation(ddl, table, stmt, text);
	else
		plan_query(table, stmt, text);
	ddl->tables = lappend(ddl->tables, table);
	MemoryContextSwitchTo(before);
	send_marker(ddl);
}

static void
answer(zdbpg_ddl *ddl, RawStmt *raw, const char *text)
{
	switch (nodeTag(raw->stmt))
	{
		case T_TransactionStmt:
			ddl->in_transaction = true;
			send_complete(ddl, "BEGIN");
			break;
		case T_CopyStmt:
			copy(ddl, (CopyStmt *) raw->stmt, text);
			break;
		default:
			run(ddl, raw, text);
	}
}

void
zdbpg_ddl_query(zdbpg_ddl *ddl, const char *text)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup query", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	ListCell *cell;

	foreach(cell, pg_parse_query(text))
		answer(ddl, lfirst_node(RawStmt, cell), text);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(context);
}

static uint32
argument32(StringInfo message)
{
	if (pq_getmsgint(message, 4) != 4)
		ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("pg_dump sent an unexpected argument")));
	return pq_getmsgint(message, 4);
}

static void
send_result(zdbpg_ddl *ddl, const void *bytes, int len)
{
	StringInfoData message;

	zdbpg_ddl_begin(ddl, &message, 'V');
	pq_sendint32(&message, (uint32) len);
	appendBinaryStringInfo(&message, bytes, len);
	zdbpg_ddl_send(ddl, &message);
}

/* Reading a large object gives the marker and its number, then the end. */
static void
read_large_object(zdbpg_ddl *ddl)
{
	char reply[ZDBPG_MARKER_BYTES + sizeof(uint32)];
	uint32 loid = pg_hton32(ddl->large_object);

	memcpy(reply, ddl->marker, ZDBPG_MARKER_BYTES);
	memcpy(reply + ZDBPG_MARKER_BYTES, &loid, sizeof loid);
	send_result(ddl, reply,
				OidIsValid(ddl->large_object) ? (int) sizeof reply : 0);
	ddl->large_object = InvalidOid;
}

void
zdbpg_ddl_function(zdbpg_ddl *ddl, StringInfo message)
{
	static const uint32 zero = 0;
	Oid function = pq_getmsgint(message, 4);
	int formats = (int) pq_getmsgint(message, 2);

	for (int i = 0; i < formats; i++)
		pq_getmsgint(message, 2);
	pq_getmsgint(message, 2); /* number of arguments */
	switch (function)
	{
		case LO_OPEN:
			ddl->large_object = argument32(message);
			send_result(ddl, &zero, sizeof zero);
			break;
		case LO_READ:
			read_large_object(ddl);
			break;
		case LO_CLOSE:
			send_result(ddl, &zero, sizeof zero);
			break;
		default:
			ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
							errmsg("pg_dump called function %u, which no "
								   "pg_dump should call",
								   function)));
	}
}

void
zdbpg_ddl_forget(zdbpg_ddl *ddl)
{
	ListCell *cell;

	foreach(cell, ddl->prepared) DropPreparedStatement(lfirst(cell), false);
	ddl->prepared = NIL;
}
