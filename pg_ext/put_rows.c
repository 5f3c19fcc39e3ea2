/*
 * put_rows - JSON objects as the rows that a function returns
 */
#include "pg_ext/put_rows.h"

#include "executor/tuptable.h"
#include "funcapi.h"
#include "utils/memutils.h"

#include "pg_ext/zdbpg.h"

static void
free_text(void *text)
{
	free(text);
}

/* A value as its type's input function reads it; NULL for null. */
static char *
value_text(const json_t *value)
{
	char **slot;

	if (!value)
		return NULL;
	switch (json_typeof(value))
	{
		case JSON_NULL:
			return NULL;
		case JSON_STRING:
			return zdbpg_from_utf8(json_string_value(value));
		case JSON_INTEGER:
			return psprintf(INT64_FORMAT, (int64) json_integer_value(value));
		case JSON_REAL:
			return psprintf("%.17g", json_real_value(value));
		case JSON_TRUE:
			return pstrdup("true");
		case JSON_FALSE:
			return pstrdup("false");
		case JSON_OBJECT:
		case JSON_ARRAY:
			break;
	}
	slot = palloc0(sizeof *slot);
	zdbpg_own((void **) slot, free_text);
	*slot = json_dumps(value, JSON_COMPACT);
	return *slot ? zdbpg_from_utf8(*slot) : NULL;
}

void
zdbpg_put_rows(ReturnSetInfo *result, json_t *rows)
{
	TupleDesc desc = result->setDesc;
	AttInMetadata *types = TupleDescGetAttInMetadata(desc);
	char **values = palloc(sizeof *values * desc->natts);
	MemoryContext of_row = AllocSetContextCreate(
		CurrentMemoryContext, "zdbackup row", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before;
	size_t number;
	json_t *row;

	json_array_foreach (rows, number, row)
	{
		before = MemoryContextSwitchTo(of_row);
		for (int i = 0; i < desc->natts; i++)
			values[i] = value_text(json_object_get(
				row, NameStr(TupleDescAttr(desc, i)->attname)));
		tuplestore_puttuple(result->setResult,
							BuildTupleFromCStrings(types, values));
		MemoryContextSwitchTo(before);
		MemoryContextReset(of_row);
	}
	MemoryContextDelete(of_row);
}
