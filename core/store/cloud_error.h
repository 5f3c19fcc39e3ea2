/*
 * cloud_error - what a provider's refusal means
 */
#ifndef ZDB_CORE_STORE_CLOUD_ERROR_H
#define ZDB_CORE_STORE_CLOUD_ERROR_H

#include "core/store/cloud.h"

#define ZDB_REASON_BYTES 64

/* The <Code> of an XML answer, or of Azure's header when there is no body; ""
 * without one. */
void zdb_cloud_reason(const zdb_http_response *response,
					  char reason[ZDB_REASON_BYTES]);

/* Is the answer a success? Completing an S3 upload may fail with status 200.
 */
bool zdb_cloud_is_good(const zdb_http_response *response);

/* May the same request succeed in a while? */
bool zdb_cloud_is_transient(const zdb_http_response *response);

/* Say why: code, message and hint follow from status and reason. */
zdb_rc zdb_cloud_refused(const zdb_cloud *cloud, const char *peer,
						 const zdb_http_response *response, zdb_err *err);

#endif
