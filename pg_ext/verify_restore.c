#include "pg_ext/verify_restore.h"
zdb_rc zdbpg_verify_restore(zdbpg_call *call, zdb_reader *reader, int jobs, zdb_err *err)
{ return zdb_err_set(err, ZDB_UNSUPPORTED, "not yet"); }
