/*
 * host - the one thing core asks of its host
 */
#include "core/base/host.h"

#include <stddef.h>

zdb_rc
zdb_host_check(const zdb_host *host, uint64_t done_bytes, uint64_t total_bytes,
			   zdb_err *err)
{
	if (!host)
		return ZDB_OK;
	if (host->progress)
		host->progress(host->arg, done_bytes, total_bytes);
	if (host->stop && host->stop(host->arg))
		return zdb_err_set(err, ZDB_CANCELLED, "interrupted");
	return ZDB_OK;
}
