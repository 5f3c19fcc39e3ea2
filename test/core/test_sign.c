/*
 * test_sign - signatures are those of the providers' own documentation
 */
#include <string.h>

#include "core/base/mem.h"
#include "core/net/digest.h"
#include "core/net/sign_aws.h"
#include "core/net/sign_azure.h"
#include "test/core/test.h"

static const zdb_aws_keys example_keys = {
	.access_key = "AKIAIOSFODNN7EXAMPLE",
	.secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
};

/* One worked example of "Authenticating Requests: Using the Authorization
 * Header (AWS Signature Version 4)", Amazon S3 API reference. */
typedef struct example
{
	const char *what;
	const char *method;
	const char *path;
	const char *body;
	const char *query[4]; /* name, value, ... */
	const char *headers[6];
	const char *names; /* signed headers */
	const char *signature;
} example;

static const example examples[] = {
	{"GET object with Range",
	 "GET",
	 "/test.txt",
	 "",
	 {NULL},
	 {"range", "bytes=0-9"},
	 "host;range;x-amz-content-sha256;x-amz-date",
	 "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
	{"PUT object",
	 "PUT",
	 "/test%24file.text",
	 "Welcome to Amazon S3.",
	 {NULL},
	 {"date", "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class",
	  "REDUCED_REDUNDANCY"},
	 "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
	 "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
	{"GET bucket lifecycle",
	 "GET",
	 "/",
	 "",
	 {"lifecycle", ""},
	 {NULL},
	 "host;x-amz-content-sha256;x-amz-date",
	 "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
	{"list objects",
	 "GET",
	 "/",
	 "",
	 {"prefix", "J", "max-keys", "2"},
	 {NULL},
	 "host;x-amz-content-sha256;x-amz-date",
	 "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
};

static void
set_all(zdb_fields *fields, const char *const *pairs, size_t count,
		zdb_err *err)
{
	for (size_t i = 0; i + 1 < count && pairs[i]; i += 2)
		zdb_fields_set(fields, pairs[i], pairs[i + 1], err);
}

static char *
sign_example(const example *each, zdb_err *err)
{
	zdb_fields query = {0}, headers = {0};
	char sha256[ZDB_DIGEST_HEX_BYTES];
	zdb_signed_request request = {.method = each->method,
								  .path = each->path,
								  .query = &query,
								  .headers = &headers};
	char *value = NULL;

	zdb_sha256_hex(each->body, strlen(each->body), sha256, err);
	set_all(&query, each->query, 4, err);
	set_all(&headers, each->headers, 6, err);
	zdb_fields_set(&headers, "x-amz-date", "20130524T000000Z", err);
	zdb_fields_set(&headers, "host", "examplebucket.s3.amazonaws.com", err);
	zdb_fields_set(&headers, "x-amz-content-sha256", sha256, err);
	if (!err->code)
		value = zdb_sign_aws(&example_keys, &request, err);
	zdb_fields_clear(&query);
	zdb_fields_clear(&headers);
	return value;
}

static void
test_aws(void)
{
	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
	{
		zdb_err err = {0};
		char *value = sign_example(&examples[i], &err);
		char *expected = zdb_format(
			&err,
			"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/"
			"us-east-1/s3/aws4_request,SignedHeaders=%s,Signature=%s",
			examples[i].names, examples[i].signature);

		test_ok(value && strcmp(value, expected) == 0, "AWS: %s: %s",
				examples[i].what, value);
		zdb_free(value);
		zdb_free(expected);
	}
}

/* From "Authorize with Shared Key", Azure Storage REST API reference. */
static void
test_azure_text(void)
{
	zdb_fields query = {0}, headers = {0};
	zdb_signed_request request = {.method = "GET",
								  .path = "/mycontainer",
								  .query = &query,
								  .headers = &headers};
	zdb_err err = {0};
	char *text;

	zdb_fields_set(&query, "timeout", "20", &err);
	zdb_fields_set(&query, "restype", "container", &err);
	zdb_fields_set(&query, "comp", "metadata", &err);
	zdb_fields_set(&headers, "x-ms-version", "2015-02-21", &err);
	zdb_fields_set(&headers, "x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT",
				   &err);
	zdb_fields_set(&headers, "host", "myaccount.blob.core.windows.net", &err);
	text = zdb_sign_azure_text("myaccount", &request, &err);
	test_ok(text && strcmp(text, "GET\n\n\n\n\n\n\n\n\n\n\n\n"
								 "x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n"
								 "x-ms-version:2015-02-21\n"
								 "/myaccount/mycontainer\ncomp:metadata\n"
								 "restype:container\ntimeout:20") == 0,
			"Azure: container metadata");
	zdb_free(text);
	zdb_fields_set(&headers, "content-length", "0", &err);
	zdb_fields_set(&headers, "range", "bytes=0-9", &err);
	text = zdb_sign_azure_text("myaccount", &request, &err);
	test_ok(text && strncmp(text, "GET\n\n\n\n\n\n\n\n\n\n\nbytes=0-9\nx-ms",
							28) == 0,
			"Azure: an empty content-length, a range");
	zdb_free(text);
	text = zdb_sign_azure("myaccount", "no base64!", &request, &err);
	test_ok(!text, "Azure: a key that is not base64");
	test_err(&err, ZDB_USAGE, "is not base64");
	zdb_fields_clear(&query);
	zdb_fields_clear(&headers);
}

static void
test_digests(void)
{
	uint8_t digest[ZDB_DIGEST_BYTES], bytes[16];
	zdb_err err = {0};
	char *text;

	/* RFC 4231, test case 2 */
	zdb_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, digest,
					&err);
	test_ok(memcmp(digest, "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e", 8) == 0,
			"HMAC-SHA256 of RFC 4231");
	text = zdb_base64("fooba", 5, &err);
	test_ok(strcmp(text, "Zm9vYmE=") == 0, "base64 of RFC 4648: %s", text);
	zdb_free(text);
	test_ok(zdb_base64_decode("Zm9vYg==", bytes) == 4 &&
				memcmp(bytes, "foob", 4) == 0,
			"and back");
	test_ok(zdb_base64_decode("", bytes) == 0 &&
				zdb_base64_decode("Zm9vY", bytes) < 0 &&
				zdb_base64_decode("Zm9 Yg==", bytes) < 0 &&
				zdb_base64_decode("====", bytes) < 0,
			"what is not base64");
	text = zdb_md5_base64("", 0, &err);
	test_ok(strcmp(text, "1B2M2Y8AsgTpgAmY7PhCfg==") == 0, "MD5 of nothing");
	zdb_free(text);
}

static zdb_rc
sign_both(void *arg, zdb_err *err)
{
	char *value = sign_example(arg, err);
	zdb_fields none = {0};
	zdb_signed_request request = {
		.method = "GET", .path = "/", .query = &none, .headers = &none};
	char *azure =
		err->code ? NULL : zdb_sign_azure("a", "Zm9vYg==", &request, err);

	zdb_free(value);
	zdb_free(azure);
	return err->code;
}

int
main(void)
{
	test_aws();
	test_azure_text();
	test_digests();
	test_break_each("signing", sign_both, (void *) &examples[1]);
	return test_done();
}
