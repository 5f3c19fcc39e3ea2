/*
 * restore_rows - rows of a backup replace those of existing tables
 *
 * Triggers and foreign-key actions are off while rows are exchanged
 * (session_replication_role), and every foreign key that touches a table is
 * checked afterwards by a query of its own.
 */
#include "pg_ext/restore.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "core/archive/chunk.h"
#include "pg_ext/compat.h"
#include "pg_ext/query.h"
#include "pg_ext/script_run.h"
#include "pg_ext/sequences.h"
#include "pg_ext/set_aside.h"
#include "pg_ext/table_names.h"

/* For every foreign key of which one side is among $tables: its name, and a
 * query that finds a row without a partner. */
#define FOREIGN_KEYS                                                         \
	"SELECT k.conname::text, k.conrelid::regclass::text,"                    \
	" k.confrelid::regclass::text,"                                          \
	" pg_catalog.format('SELECT true FROM %%s%%s c WHERE %%s AND NOT EXISTS" \
	" (SELECT FROM %%s p WHERE %%s) LIMIT 1',"                               \
	" CASE WHEN t.relkind = 'p' THEN '' ELSE 'ONLY ' END,"                   \
	" k.conrelid::regclass,"                                                 \
	" pg_catalog.string_agg(pg_catalog.format('c.%%I IS NOT NULL',"          \
	" a.attname), ' AND '), k.confrelid::regclass,"                          \
	" pg_catalog.string_agg(pg_catalog.format('p.%%I OPERATOR(%%I.%%s)"      \
	" c.%%I', b.attname, n.nspname, o.oprname, a.attname), ' AND '))"        \
	" FROM pg_catalog.pg_constraint k"                                       \
	" JOIN pg_catalog.pg_class t ON t.oid = k.conrelid,"                     \
	" unnest(k.conkey, k.confkey, k.conpfeqop)"                              \
	" AS u(fk, pk, op)"                                                      \
	" JOIN pg_catalog.pg_attribute a ON a.attnum = u.fk"                     \
	" JOIN pg_catalog.pg_attribute b ON b.attnum = u.pk"                     \
	" JOIN pg_catalog.pg_operator o ON o.oid = u.op"                         \
	" JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace"              \
	" WHERE k.contype = 'f' AND k.convalidated AND k.conparentid = 0"        \
	" AND a.attrelid = k.conrelid AND b.attrelid = k.confrelid"              \
	" AND (k.conrelid IN (%s) OR k.confrelid IN (%s))"                       \
	" GROUP BY k.oid, k.conname, k.conrelid, k.confrelid, t.relkind"

typedef struct foreign_key
{
	char *name;
	char *child;
	char *parent;
	char *query;
} foreign_key;

/* In which rows are replaced. */
typedef struct target
{
	Oid relid;
	uint32 number; /* in the manifest, from 1; 0 without one */
	zdbpg_loaded *loaded;
} target;

static void
take_foreign_key(void *arg, TupleTableSlot *slot)
{
	List **keys = arg;
	foreign_key *key = palloc0(sizeof *key);

	key->name = zdbpg_slot_text(slot, 1);
	key->child = zdbpg_slot_text(slot, 2);
	key->parent = zdbpg_slot_text(slot, 3);
	key->query = zdbpg_slot_text(slot, 4);
	*keys = lappend(*keys, key);
}

static void
take_row(void *arg, TupleTableSlot *slot)
{
	*(bool *) arg = true;
}

static void
check_foreign_keys(List *targets)
{
	List **keys = palloc0(sizeof *keys);
	StringInfoData oids;
	ListCell *cell;

	initStringInfo(&oids);
	foreach(cell, targets) appendStringInfo(
		&oids, "%s%u", oids.len ? ", " : "", ((target *) lfirst(cell))->relid);
	zdbpg_query_each(psprintf(FOREIGN_KEYS, oids.data, oids.data), NULL,
					 take_foreign_key, keys);
	foreach(cell, *keys)
	{
		const foreign_key *key = lfirst(cell);
		bool orphan = false;

		zdbpg_query_each(key->query, NULL, take_row, &orphan);
		if (orphan)
			ereport(ERROR,
					(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
					 errmsg("restoring these rows would violate foreign key "
							"\"%s\" of table %s",
							key->name, key->child),
					 errdetail("A row of %s would have no partner in %s.",
							   key->child, key->parent),
					 errhint("Restore both tables together; nothing was "
							 "changed.")));
	}
}

static void
add_target(List **targets, zdbpg_restore *self, Oid relid, uint32 number)
{
	target *one;
	const char *schema = get_namespace_name(get_rel_namespace(relid));
	ListCell *cell;

	foreach(cell, *targets) if (((target *) lfirst(cell))->relid ==
								relid) return; /* named twice */
	one = palloc0(sizeof *one);
	if (!zdbpg_owns_relation(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relid));
	one->relid = relid;
	one->number = number;
	one->loaded =
		zdbpg_survey_table(self->survey, schema, get_rel_name(relid));
	*targets = lappend(*targets, one);
}

/* The table of the backup that is relid here; 0 when it has none. */
static uint32
number_of(const zdbpg_restore *self, Oid relid)
{
	const zdb_manifest *manifest = zdb_reader_manifest(self->reader);
	const char *schema = get_namespace_name(get_rel_namespace(relid));
	const char *name = get_rel_name(relid);

	for (uint32 i = 0; i < manifest->table_count; i++)
		if (strcmp(zdbpg_from_utf8(manifest->tables[i].name), name) == 0 &&
			strcmp(zdbpg_from_utf8(manifest->tables[i].schema), schema) == 0)
			return i + 1;
	return 0;
}

static List *
find_targets(zdbpg_restore *self, const zdb_names *tables)
{
	const zdb_manifest *manifest = zdb_reader_manifest(self->reader);
	List *targets = NIL;

	for (int i = 0; i < tables->count; i++)
	{
		const char *name = zdbpg_from_utf8(tables->list[i]);
		bool found = false;
		ListCell *cell;

		foreach(cell, zdbpg_table_family(zdbpg_table_find(name)))
		{
			uint32 number = number_of(self, lfirst_oid(cell));

			if (number > 0)
				add_target(&targets, self, lfirst_oid(cell), number);
			found = found || number > 0;
		}
		if (!found)
			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
							errmsg("the backup has no table \"%s\"", name)));
	}
	for (uint32 i = 0; tables->count == 0 && i < manifest->table_count; i++)
	{
		char *name =
			psprintf("%s.%s", zdbpg_from_utf8(manifest->tables[i].schema),
					 zdbpg_from_utf8(manifest->tables[i].name));

		add_target(&targets, self, zdbpg_table_find(name), i + 1);
	}
	return targets;
}

static char *
name_of(const target *one)
{
	return quote_qualified_identifier(one->loaded->schema, one->loaded->name);
}

/* Returns the statements that enable the triggers again. */
static List *
empty_tables(List *targets)
{
	List *enable = NIL;
	ListCell *cell;

	foreach(cell, targets)
	{
		const target *one = lfirst(cell);

		enable = list_concat(enable, zdbpg_aside_triggers(one->relid, true));
		one->loaded->rows_before = zdbpg_query_int64(
			psprintf("SELECT pg_catalog.count(*) FROM ONLY %s", name_of(one)));
		zdbpg_query_exec(psprintf("DELETE FROM ONLY %s", name_of(one)));
	}
	return enable;
}

/* Only the chunks of these tables are read. */
static void
load_chunks(zdbpg_restore *self, List *targets)
{
	zdbpg_layout layout = zdbpg_layout_of(self->reader);
	uint64 end;
	zdb_err err = {0};

	for (uint64 i = layout.begin; i < layout.end; i = end)
	{
		zdb_entry entry, next;
		ListCell *cell;

		zdbpg_check(zdb_reader_entry(self->reader, i, &entry, &err), &err);
		for (end = i + 1; end < layout.end; end++)
		{
			zdbpg_check(zdb_reader_entry(self->reader, end, &next, &err),
						&err);
			if (next.table != entry.table)
				break;
		}
		foreach(cell,
				targets) if (((target *) lfirst(cell))->number == entry.table)
			zdbpg_restore_run(self, i, end);
	}
}

void
zdbpg_restore_rows(zdbpg_restore *self, const zdb_names *tables)
{
	zdbpg_layout layout = zdbpg_layout_of(self->reader);
	List *targets = find_targets(self, tables);
	int nest = NewGUCNestLevel();
	List *enable;
	ListCell *cell;

	zdbpg_script_settings();
	zdbpg_own_search_path(); /* COPY blocks name schemas */
	/* the tables are the caller's own, which was checked */
	(void) set_config_option("session_replication_role", "replica", PGC_SUSET,
							 PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	enable = empty_tables(targets);
	load_chunks(self, targets);
	zdbpg_own_search_path();
	if (tables->count == 0) /* a backup of data: its sequences, too */
		zdbpg_restore_run(self, layout.end, layout.chunks);
	else
		foreach(cell, targets)
			zdbpg_sequences_advance(((target *) lfirst(cell))->relid);
	zdbpg_restore_count_partitions(self);
	check_foreign_keys(targets);
	foreach(cell, enable) zdbpg_query_exec(lfirst(cell));
	AtEOXact_GUC(false, nest);
}
