/*
 * sign_aws - AWS Signature Version 4
 *
 * As in "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3
 * API reference. Every header that is given is signed. libcurl's own signing
 * is not used: version 7.88 signs queries without values and paths with
 * "= : @ ," wrongly.
 */
#ifndef ZDB_CORE_NET_SIGN_AWS_H
#define ZDB_CORE_NET_SIGN_AWS_H

#include "core/base/err.h"
#include "core/net/fields.h"

typedef struct zdb_aws_keys
{
	const char *access_key;
	const char *secret_key;
	const char *region;
} zdb_aws_keys;

/* A request as a signature sees it, here and in sign_azure. */
typedef struct zdb_signed_request
{
	const char *method;
	const char *path; /* as it goes over the wire: encoded, from "/" on */
	const zdb_fields *query;
	const zdb_fields *headers;
} zdb_signed_request;

/* Return the value of the header Authorization, to be freed. The headers hold
 * host, x-amz-date ("20130524T000000Z") and x-amz-content-sha256. */
char *zdb_sign_aws(const zdb_aws_keys *keys, const zdb_signed_request *request,
				   zdb_err *err);

#endif
