/*
 * sign_azure - Shared Key authorization of Azure Storage
 */
#include "core/net/sign_azure.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/net/digest.h"

/* The method and the standard headers, one a line, empty or not. */
static void
append_standard(const zdb_signed_request *request, zdb_buf *out, zdb_err *err)
{
	static const char *const names[] = {"content-encoding",
										"content-language",
										"content-length",
										"content-md5",
										"content-type",
										"date",
										"if-modified-since",
										"if-match",
										"if-none-match",
										"if-unmodified-since",
										"range"};

	zdb_buf_format(out, err, "%s\n", request->method);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
	{
		const char *value = zdb_fields_get(request->headers, names[i]);
		bool no_content = i == 2 && strcmp(value, "0") == 0;

		zdb_buf_format(out, err, "%s\n", no_content ? "" : value);
	}
}

static void
append_own(const zdb_fields *headers, zdb_buf *out, zdb_err *err)
{
	for (size_t i = 0; i < headers->count; i++)
		if (strncmp(headers->list[i].name, "x-ms-", 5) == 0)
			zdb_buf_format(out, err, "%s:%s\n", headers->list[i].name,
						   headers->list[i].value);
}

char *
zdb_sign_azure_text(const char *account, const zdb_signed_request *request,
					zdb_err *err)
{
	const zdb_fields *query = request->query;
	zdb_buf text = {0};

	append_standard(request, &text, err);
	append_own(request->headers, &text, err);
	zdb_buf_format(&text, err, "/%s%s", account, request->path);
	for (size_t i = 0; i < query->count; i++)
		zdb_buf_format(&text, err, "\n%s:%s", query->list[i].name,
					   query->list[i].value);
	if (err->code)
		zdb_buf_clear(&text);
	return (char *) text.data;
}

static char *
sign(const char *text, const uint8_t *key, size_t key_len, zdb_err *err)
{
	uint8_t digest[ZDB_DIGEST_BYTES];

	if (zdb_hmac_sha256(key, key_len, text, strlen(text), digest, err))
		return NULL;
	return zdb_base64(digest, sizeof digest, err);
}

char *
zdb_sign_azure(const char *account, const char *key,
			   const zdb_signed_request *request, zdb_err *err)
{
	uint8_t *bytes = zdb_malloc(strlen(key) + 1);
	char *text = NULL, *signature = NULL, *value = NULL;
	long len;

	if (!bytes)
	{
		zdb_err_nomem(err);
		return NULL;
	}
	len = zdb_base64_decode(key, bytes);
	if (len < 0)
		zdb_err_set(err, ZDB_USAGE,
					"the key of the Azure storage account is not base64");
	else
		text = zdb_sign_azure_text(account, request, err);
	if (text)
		signature = sign(text, bytes, (size_t) len, err);
	if (signature)
		value = zdb_format(err, "SharedKey %s:%s", account, signature);
	explicit_bzero(bytes, strlen(key));
	zdb_free(bytes);
	zdb_free(text);
	zdb_free(signature);
	return value;
}
