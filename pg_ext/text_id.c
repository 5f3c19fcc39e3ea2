/*
 * text_id - all that the text of a table's rows depends on, but the rows
 */
#include "pg_ext/text_id.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tupdesc_details.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "core/base/bytes.h"
#include "pg_ext/compat.h"
#include "pg_ext/zdbpg.h"

/* To be raised when this module writes the same value as another text. */
#define TEXT_VERSION 1

static bool put_type(StringInfo to, Oid type);

/* Who named a label stands with it: it can be renamed there and back. */
static void
put_enum(StringInfo to, Oid type)
{
	Relation rel = table_open(EnumRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&key, Anum_pg_enum_enumtypid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(type));
	scan = systable_beginscan(rel, EnumTypIdSortOrderIndexId, true, NULL, 1,
							  &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_enum label = (Form_pg_enum) GETSTRUCT(tuple);

		appendStringInfo(to, " %u %u %s", label->oid,
						 HeapTupleHeaderGetRawXmin(tuple->t_data),
						 NameStr(label->enumlabel));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

static bool
put_composite(StringInfo to, Oid type)
{
	TupleDesc desc;
	bool known = true;

	if (type == RECORDOID)
		return false;
	desc = lookup_rowtype_tupdesc(type, -1);
	for (int i = 0; i < desc->natts && known; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		appendStringInfo(to, " %u", att->atttypid);
		known = att->attisdropped || put_type(to, att->atttypid);
	}
	ReleaseTupleDesc(desc);
	return known;
}

/* What the server's own function writes is that of the value alone, but for
 * these: they look at catalogs. */
static bool
is_pure(Oid function)
{
	switch (function)
	{
		case F_ACLITEMOUT:
		case F_REGPROCOUT:
		case F_REGPROCEDUREOUT:
		case F_REGOPEROUT:
		case F_REGOPERATOROUT:
		case F_REGCLASSOUT:
		case F_REGCOLLATIONOUT:
		case F_REGTYPEOUT:
		case F_REGROLEOUT:
		case F_REGNAMESPACEOUT:
		case F_REGCONFIGOUT:
		case F_REGDICTIONARYOUT:
			return false;
		default:
			return OidIsValid(function);
	}
}

/* Extensions whose output functions look at the value alone. */
static bool
is_pure_extension(Oid function)
{
	static const char *const pure[] = {
		"cube", "hstore", "intarray", "ltree", "postgis", "seg", "vector"};
	Oid extension = getExtensionOfObject(ProcedureRelationId, function);
	char *name = OidIsValid(extension) ? get_extension_name(extension) : NULL;

	for (int i = 0; name && i < (int) lengthof(pure); i++)
		if (strcmp(name, pure[i]) == 0)
			return true;
	return false;
}

/* A function that was created: the server's for texts under another name
 * (citext has it), or one of a library. */
static bool
is_pure_created(Oid function)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid language;
	Datum source;
	bool null, pure = false;

	if (!HeapTupleIsValid(tuple))
		return false;
	language = ((Form_pg_proc) GETSTRUCT(tuple))->prolang;
	source = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &null);
	if (language == INTERNALlanguageId && !null)
		pure = strcmp(TextDatumGetCString(source), "textout") == 0;
	else if (language == ClanguageId)
		pure = is_pure_extension(function);
	ReleaseSysCache(tuple);
	return pure;
}

/* What the text of a type's values depends on but them. Returns false when
 * that cannot be told. */
static bool
put_type(StringInfo to, Oid type)
{
	Oid function;
	bool varlena;

	type = getBaseType(type);
	getTypeOutputInfo(type, &function, &varlena);
	appendStringInfo(to, " %u %u", type, function);
	switch (function)
	{
		case F_ENUM_OUT:
			put_enum(to, type);
			return true;
		case F_RECORD_OUT:
			return put_composite(to, type);
		case F_ARRAY_OUT:
			return put_type(to, get_element_type(type));
		case F_RANGE_OUT:
			return put_type(to, get_range_subtype(type));
	}
	if (zdbpg_is_multirange(type))
		return put_type(to, zdbpg_multirange_subtype(type));
	return function < FirstNormalObjectId ? is_pure(function)
										  : is_pure_created(function);
}

/* The value of a column in rows that are older than it. */
static void
put_missing(StringInfo to, TupleDesc desc, int attnum)
{
	Form_pg_attribute att = TupleDescAttr(desc, attnum - 1);
	const AttrMissing *missing = desc->constr && desc->constr->missing
									 ? &desc->constr->missing[attnum - 1]
									 : NULL;
	Oid function;
	bool varlena;

	if (!att->atthasmissing || !missing || !missing->am_present)
		return;
	getTypeOutputInfo(att->atttypid, &function, &varlena);
	appendStringInfo(to, " default %s",
					 OidOutputFunctionCall(function, missing->am_value));
}

static void
hash_text(StringInfo text, char hex[ZDBPG_TEXT_ID])
{
	uint8 digest[ZDB_SHA256_BYTES];
	zdb_err err = {0};

	zdbpg_check(zdb_sha256(text->data, (size_t) text->len, digest, &err),
				&err);
	zdb_hex(digest, (ZDBPG_TEXT_ID - 1) / 2, hex);
}

bool
zdbpg_text_id(Relation rel, const zdbpg_table *table, char id[ZDBPG_TEXT_ID])
{
	TupleDesc desc = RelationGetDescr(rel);
	StringInfoData text;
	bool known = true;
	ListCell *cell;

	initStringInfo(&text);
	appendStringInfo(&text, "%d %d %s %s %s", TEXT_VERSION,
					 PG_VERSION_NUM / 10000, GetDatabaseEncodingName(),
					 GetConfigOptionResetString("lc_monetary"), table->header);
	foreach(cell, table->attnums)
	{
		int attnum = lfirst_int(cell);

		appendStringInfo(&text, "\n%d", attnum);
		known = known &&
				put_type(&text, TupleDescAttr(desc, attnum - 1)->atttypid);
		put_missing(&text, desc, attnum);
	}
	if (known)
		hash_text(&text, id);
	pfree(text.data);
	return known;
}
