/*
 * collation - an application's collations on another connection
 */
#include "sqlite_ext/collation.h"

#include "sqlite_ext/sql.h"

typedef struct borrowed
{
	zdblite_call *call;
	sqlite3_stmt *stmt;
} borrowed;

static int
compare(void *arg, int one_bytes, const void *one, int other_bytes,
		const void *other)
{
	const borrowed *self = arg;
	zdb_err *err = &self->call->err;
	bool row = false;
	int order = 0;

	sqlite3_bind_text(self->stmt, 1, one, one_bytes, SQLITE_STATIC);
	sqlite3_bind_text(self->stmt, 2, other, other_bytes, SQLITE_STATIC);
	if (!err->code && zdblite_step(self->call->db, self->stmt, &row, err) == 0)
		order = sqlite3_column_int(self->stmt, 0);
	sqlite3_reset(self->stmt);
	return order;
}

static void
give_back(void *arg)
{
	borrowed *self = arg;

	sqlite3_finalize(self->stmt);
	sqlite3_free(self);
}

/* Without it db says that there is no such collation. */
static void
borrow(void *arg, sqlite3 *db, int encoding, const char *name)
{
	zdblite_call *call = arg;
	borrowed *self = sqlite3_malloc(sizeof *self);
	zdb_err none = {0};

	(void) encoding;
	if (!self)
		return;
	*self = (borrowed){.call = call};
	if (zdblite_prepare(call->db, &self->stmt, &none,
						"SELECT (?1 > ?2 COLLATE \"%w\") - (?1 < ?2 COLLATE "
						"\"%w\")",
						name, name) ||
		sqlite3_create_collation_v2(db, name, SQLITE_UTF8, self, compare,
									give_back) != SQLITE_OK)
		give_back(self);
}

zdb_rc
zdblite_collations_of(zdblite_call *call, sqlite3 *db)
{
	int rc = sqlite3_collation_needed(db, call, borrow);

	return rc == SQLITE_OK
			   ? ZDB_OK
			   : zdblite_err_db(&call->err, db, rc,
								"could not use the collations here");
}
