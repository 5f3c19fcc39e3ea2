/*
 * transaction - a write transaction of a call, and the settings that go with
 * it
 *
 * A way out must not have expired, because nothing can be prepared again once
 * the connection is interrupted, and every change of the temporary schema lets
 * all statements expire. Those that are on their way, and the one that did it,
 * are spared: hence PRAGMA journal_mode, which counts as one that may write,
 * left on its only row; and when it is in the way of a DROP, or of COMMIT, the
 * DROP itself, or one that was prepared after it.
 */
#include "sqlite_ext/transaction.h"

#include "sqlite_ext/sql.h"

static void
change_settings(zdblite_transaction *self, sqlite3 *db, bool triggers,
				bool foreign_keys)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, -1, &self->triggers);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, -1,
					  &self->foreign_keys);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, triggers, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, foreign_keys, NULL);
}

zdb_rc
zdblite_transaction_begin(zdblite_transaction *self, zdblite_call *call,
						  bool triggers, bool foreign_keys)
{
	zdb_err *err = &call->err;
	bool row;

	*self = (zdblite_transaction){0};
	change_settings(self, call->db, triggers, foreign_keys);
	if (zdblite_prepare(call->db, &self->way_out, err,
						"PRAGMA \"%w\".journal_mode", call->options.schema) ||
		zdblite_step(call->db, self->way_out, &row, err))
		return err->code;
	return zdblite_exec(call->db, err, "BEGIN IMMEDIATE");
}

static void
take_way_out(zdblite_transaction *self, sqlite3_stmt *other)
{
	sqlite3_finalize(self->way_out);
	self->way_out = other;
}

zdb_rc
zdblite_transaction_drop(zdblite_transaction *self, zdblite_call *call,
						 const char *sql)
{
	sqlite3_stmt *drop;
	bool row;

	if (zdblite_prepare(call->db, &drop, &call->err, "%s", sql))
		return call->err.code;
	take_way_out(self, drop);
	zdblite_step(call->db, drop, &row, &call->err);
	sqlite3_reset(drop);
	return call->err.code;
}

static zdb_rc
commit(zdblite_transaction *self, zdblite_call *call)
{
	sqlite3_stmt *other;

	/* not interrupted, it would refuse to run in a transaction */
	if (zdblite_prepare(call->db, &other, &call->err, "VACUUM"))
		return call->err.code;
	take_way_out(self, other);
	return zdblite_exec(call->db, &call->err, "COMMIT");
}

zdb_rc
zdblite_transaction_end(zdblite_transaction *self, zdblite_call *call,
						bool wanted)
{
	sqlite3 *db = call->db;

	if (wanted && !call->err.code)
		commit(self, call);
	if (!sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(db))
		sqlite3_step(self->way_out);
	take_way_out(self, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, self->triggers,
					  NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, self->foreign_keys,
					  NULL);
	return call->err.code;
}
