/*
 * sqlite_names - what tables and columns of a SQLite database are called here
 */
#include "pg_ext/sqlite_names.h"

#include <sqlite3.h>

#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "executor/tuptable.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "pg_ext/query.h"

typedef struct found
{
	Oid relid;
	int others;
} found;

static void
take_candidate(void *arg, TupleTableSlot *slot)
{
	found *to = arg;
	bool isnull;

	if (OidIsValid(to->relid))
		to->others++;
	else
		to->relid = (Oid) DatumGetInt64(slot_getattr(slot, 1, &isnull));
}

/* Tables whose name differs in case at most; schema: where, or NULL. */
static found
candidates(const char *name, const char *schema)
{
	found to = {InvalidOid, 0};

	zdbpg_query_each(
		psprintf("SELECT c.oid::int8 FROM pg_class c JOIN pg_namespace n ON "
				 "n.oid = c.relnamespace WHERE lower(c.relname) = lower(%s) "
				 "AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND "
				 "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
				 "AND (%s) ORDER BY c.relname = %s DESC, c.oid",
				 quote_literal_cstr(name),
				 schema
					 ? psprintf("n.nspname = %s", quote_literal_cstr(schema))
					 : "true",
				 quote_literal_cstr(name)),
		NULL, take_candidate, &to);
	return to;
}

Oid
zdbpg_sqlite_find(const zdbpg_source *source, const char *full)
{
	const char *name = zdbpg_sqlite_cut(full);
	ListCell *cell;
	found to;

	foreach(cell, source->path)
	{
		to = candidates(name, get_namespace_name(lfirst_oid(cell)));
		if (OidIsValid(to.relid) &&
			(to.others == 0 || strcmp(get_rel_name(to.relid), name) == 0))
			return to.relid;
		if (to.others > 0)
			break;
	}
	to = candidates(name, NULL);
	if (to.others > 0)
		ereport(ERROR,
				(errcode(ERRCODE_AMBIGUOUS_ALIAS),
				 errmsg("table \"%s\" of the SQLite database could be several "
						"here",
						name),
				 errhint("Put the schema of the one that is meant into "
						 "search_path, or rename.")));
	return to.relid;
}

const char *
zdbpg_sqlite_schema(const zdbpg_source *source)
{
	ListCell *cell;

	foreach(cell, source->path)
	{
		Oid schema = lfirst_oid(cell);

		if (!isTempNamespace(schema) && !IsCatalogNamespace(schema))
			return get_namespace_name(schema);
	}
	return "public";
}

char *
zdbpg_sqlite_column(Oid relid, const char *full)
{
	char *name = zdbpg_sqlite_cut(full);
	List *names;

	if (get_attnum(relid, name) > 0)
		return name;
	names = zdbpg_query_texts(
		psprintf("SELECT attname::text FROM pg_attribute WHERE attrelid = %u "
				 "AND attnum > 0 AND NOT attisdropped AND lower(attname) = "
				 "lower(%s)",
				 relid, quote_literal_cstr(name)));
	return list_length(names) == 1 ? linitial(names) : name;
}

char *
zdbpg_sqlite_cut(const char *name)
{
	int len = (int) strlen(name);

	return pnstrdup(name, pg_mbcliplen(name, len, NAMEDATALEN - 1));
}

char *
zdbpg_sqlite_quote(const char *name)
{
	char *quoted = sqlite3_mprintf("\"%w\"", zdbpg_to_utf8(name)), *copy;

	if (!quoted)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	copy = pstrdup(quoted);
	sqlite3_free(quoted);
	return copy;
}
