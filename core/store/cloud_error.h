/*
 * cloud_error - what a provider's answer means
 */
#ifndef ZDB_CORE_STORE_CLOUD_ERROR_H
#define ZDB_CORE_STORE_CLOUD_ERROR_H

#include "core/store/cloud.h"

/* Fail unless the answer is a good one: with the provider's own words, as far
 * as they hold no secret, and what to do. *transient tells whether the same
 * request may succeed in a while. */
zdb_rc zdb_cloud_judge(const zdb_cloud *cloud, const char *peer,
					   const zdb_http_response *response, bool *transient,
					   zdb_err *err);

#endif
