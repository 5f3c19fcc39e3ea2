/*
 * outside - what the backup does not know and would lose unasked
 */
#include "pg_ext/outside.h"

#include "catalog/pg_class.h"
#include "catalog/pg_publication.h"
#include "executor/tuptable.h"

#include "pg_ext/query.h"

/* Is the object in this column among what will be dropped? */
static bool
goes(const zdbpg_restore *self, Oid class, TupleTableSlot *slot, int column)
{
	bool isnull;
	ObjectAddress address = {
		class, DatumGetObjectId(slot_getattr(slot, column, &isnull)), 0};

	return object_address_present(&address, self->survey->objects);
}

#define OWNED_SEQUENCES                                       \
	"SELECT d.objid, d.refobjid, d.objid::regclass::text,"    \
	" d.refobjid::regclass::text FROM pg_catalog.pg_depend d" \
	" JOIN pg_catalog.pg_class s ON s.oid = d.objid"          \
	" WHERE d.classid = 'pg_catalog.pg_class'::regclass"      \
	" AND d.refclassid = d.classid AND d.deptype = 'a'"       \
	" AND s.relkind = 'S'"

static void
refuse_losing_sequence(void *arg, TupleTableSlot *slot)
{
	zdbpg_restore *self = arg;

	if (goes(self, RelationRelationId, slot, 2) &&
		!goes(self, RelationRelationId, slot, 1))
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("sequence %s is not in the backup, and would go with "
						"table %s, which owns it",
						zdbpg_slot_text(slot, 3), zdbpg_slot_text(slot, 4)),
				 errhint("ALTER SEQUENCE %s OWNED BY NONE keeps it; nothing "
						 "was changed.",
						 zdbpg_slot_text(slot, 3))));
}

#define PUBLISHED                                                     \
	"SELECT p.oid, r.prrelid, p.pubname::text,"                       \
	" r.prrelid::regclass::text FROM pg_catalog.pg_publication_rel r" \
	" JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid"

static void
warn_of_publication(void *arg, TupleTableSlot *slot)
{
	zdbpg_restore *self = arg;

	if (goes(self, RelationRelationId, slot, 2) &&
		!goes(self, PublicationRelationId, slot, 1))
		zdbpg_warn(self->call,
				   "publication \"%s\" is not in the backup, and has lost "
				   "table %s: add it again",
				   zdbpg_slot_text(slot, 3), zdbpg_slot_text(slot, 4));
}

void
zdbpg_outside_check(zdbpg_restore *self)
{
	zdbpg_query_each(OWNED_SEQUENCES, NULL, refuse_losing_sequence, self);
	zdbpg_query_each(PUBLISHED, NULL, warn_of_publication, self);
}
