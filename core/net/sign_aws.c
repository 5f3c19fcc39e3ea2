/*
 * sign_aws - AWS Signature Version 4
 */
#include "core/net/sign_aws.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/net/digest.h"
#include "core/net/url.h"

#define DATE_BYTES 8 /* of "20130524T000000Z" */

/* "host;range;x-amz-date" */
static zdb_rc
append_names(const zdb_fields *headers, zdb_buf *out, zdb_err *err)
{
	for (size_t i = 0; i < headers->count; i++)
		zdb_buf_format(out, err, "%s%s", i > 0 ? ";" : "",
					   headers->list[i].name);
	return err->code;
}

/* The hash of the canonical request. */
static zdb_rc
hash_request(const zdb_signed_request *request, char hex[ZDB_DIGEST_HEX_BYTES],
			 zdb_err *err)
{
	const zdb_fields *headers = request->headers;
	zdb_buf text = {0};

	zdb_buf_format(&text, err, "%s\n%s\n", request->method, request->path);
	zdb_url_query(request->query, &text, err);
	zdb_buf_format(&text, err, "\n");
	for (size_t i = 0; i < headers->count; i++)
		zdb_buf_format(&text, err, "%s:%s\n", headers->list[i].name,
					   headers->list[i].value);
	zdb_buf_format(&text, err, "\n");
	append_names(headers, &text, err);
	zdb_buf_format(&text, err, "\n%s",
				   zdb_fields_get(headers, "x-amz-content-sha256"));
	if (!err->code)
		zdb_sha256_hex(text.data, text.len, hex, err);
	zdb_buf_clear(&text);
	return err->code;
}

/* The key for this day, region and service. */
static zdb_rc
signing_key(const zdb_aws_keys *keys, const char *date,
			uint8_t key[ZDB_DIGEST_BYTES], zdb_err *err)
{
	const char *const rest[] = {keys->region, "s3", "aws4_request"};
	char *secret = zdb_format(err, "AWS4%s", keys->secret_key);
	uint8_t next[ZDB_DIGEST_BYTES];

	if (!secret)
		return err->code;
	zdb_hmac_sha256(secret, strlen(secret), date, DATE_BYTES, key, err);
	zdb_free_secret(secret);
	for (size_t i = 0; i < sizeof rest / sizeof rest[0] && !err->code; i++)
	{
		zdb_hmac_sha256(key, ZDB_DIGEST_BYTES, rest[i], strlen(rest[i]), next,
						err);
		memcpy(key, next, sizeof next);
	}
	return err->code;
}

static zdb_rc
signature(const zdb_aws_keys *keys, const char *date, const char *text,
		  char hex[ZDB_DIGEST_HEX_BYTES], zdb_err *err)
{
	uint8_t key[ZDB_DIGEST_BYTES], digest[ZDB_DIGEST_BYTES];

	if (signing_key(keys, date, key, err) == ZDB_OK &&
		zdb_hmac_sha256(key, sizeof key, text, strlen(text), digest, err) ==
			ZDB_OK)
		zdb_hex(digest, sizeof digest, hex);
	explicit_bzero(key, sizeof key);
	return err->code;
}

static char *
authorization(const zdb_aws_keys *keys, const char *scope,
			  const zdb_fields *headers, const char *hex, zdb_err *err)
{
	zdb_buf names = {0};
	char *value = NULL;

	if (append_names(headers, &names, err) == ZDB_OK)
		value = zdb_format(err,
						   "AWS4-HMAC-SHA256 Credential=%s/%s,"
						   "SignedHeaders=%.*s,Signature=%s",
						   keys->access_key, scope, (int) names.len,
						   names.data ? (char *) names.data : "", hex);
	zdb_buf_clear(&names);
	return value;
}

char *
zdb_sign_aws(const zdb_aws_keys *keys, const zdb_signed_request *request,
			 zdb_err *err)
{
	const char *date = zdb_fields_get(request->headers, "x-amz-date");
	char hex[ZDB_DIGEST_HEX_BYTES];
	char *scope, *text = NULL, *value = NULL;

	if (hash_request(request, hex, err))
		return NULL;
	scope = zdb_format(err, "%.*s/%s/s3/aws4_request", DATE_BYTES, date,
					   keys->region);
	if (scope)
		text =
			zdb_format(err, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, hex);
	if (text && signature(keys, date, text, hex, err) == ZDB_OK)
		value = authorization(keys, scope, request->headers, hex, err);
	zdb_free(scope);
	zdb_free(text);
	return value;
}
