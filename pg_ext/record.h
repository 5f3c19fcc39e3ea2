/*
 * record - how a call ended, in notifications and in the history
 *
 * Whatever ends it: its result, an error, or the end of the session. That the
 * history cannot be written is no reason to fail.
 */
#ifndef ZDB_PG_EXT_RECORD_H
#define ZDB_PG_EXT_RECORD_H

#include "pg_ext/call.h"

/* Tell and record that the call has succeeded; if that cannot be, warn in its
 * report.
 */
extern void zdbpg_record_success(zdbpg_call *call);

/* In a PG_CATCH block: tell and record the error that is under way. */
extern void zdbpg_record_error(zdbpg_call *call);

/* The call goes; record that it was ended, unless it is on record. Never
 * raises. */
extern void zdbpg_record_end(zdbpg_call *call);

#endif
