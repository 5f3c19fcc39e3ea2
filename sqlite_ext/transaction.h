/*
 * transaction - a write transaction of a call, and the settings that go with
 * it
 *
 * It ends, and the settings come back, also when the connection is
 * interrupted: from then on no statement runs, ROLLBACK neither, until the one
 * that called us has ended. But if a statement that may write is interrupted,
 * SQLite rolls back the transaction; also when it is interrupted at once. So
 * there is always one at hand to be stepped: the way out.
 */
#ifndef ZDB_SQLITE_EXT_TRANSACTION_H
#define ZDB_SQLITE_EXT_TRANSACTION_H

#include "sqlite_ext/call.h"

typedef struct zdblite_transaction
{
	int triggers, foreign_keys; /* as they were */
	sqlite3_stmt *way_out;
} zdblite_transaction;

/* Begin, with triggers and foreign keys on or off. End it in either case. */
zdb_rc zdblite_transaction_begin(zdblite_transaction *transaction,
								 zdblite_call *call, bool triggers,
								 bool foreign_keys);

/* Run a DROP: only so there can be any, and nothing but others may follow. */
zdb_rc zdblite_transaction_drop(zdblite_transaction *transaction,
								zdblite_call *call, const char *sql);

/* Commit, if that is wanted and the call has not failed; else roll back. */
zdb_rc zdblite_transaction_end(zdblite_transaction *transaction,
							   zdblite_call *call, bool commit);

#endif
