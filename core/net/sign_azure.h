/*
 * sign_azure - Shared Key authorization of Azure Storage
 *
 * As in "Authorize with Shared Key" of the Azure Storage REST reference, for
 * the Blob service in versions from 2015-02-21 on.
 */
#ifndef ZDB_CORE_NET_SIGN_AZURE_H
#define ZDB_CORE_NET_SIGN_AZURE_H

#include "core/net/sign_aws.h"

/* Return the string that is signed, to be freed. The headers hold x-ms-date
 * and x-ms-version, and content-length as it is sent. */
char *zdb_sign_azure_text(const char *account,
						  const zdb_signed_request *request, zdb_err *err);

/* Return the value of the header Authorization, to be freed. key is in
 * base64, as the portal shows it; ZDB_USAGE when it is not. */
char *zdb_sign_azure(const char *account, const char *key,
					 const zdb_signed_request *request, zdb_err *err);

#endif
