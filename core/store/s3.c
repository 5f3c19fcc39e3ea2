/*
 * s3 - Amazon's way to speak to a bucket, which many speak; Google too
 *
 * As in the Amazon S3 API reference, 2006-03-01. Google's XML API takes the
 * same requests with HMAC keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/net/digest.h"
#include "core/net/sign_aws.h"
#include "core/store/cloud_call.h"

#define AMAZON "amazonaws.com"
#define GOOGLE "https://storage.googleapis.com"
#define NONCE_HEADER "x-amz-meta-zdbackup"
#define LIST_MAX "1000"
#define COPY_BYTES_MAX \
	(256u << 20) /* it may be 5 GiB, but that takes minutes */

/* May the bucket be a part of the host's name, also in a certificate for
 * *.s3.region.amazonaws.com? */
static bool
fits_host(const char *bucket)
{
	return strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
		   strlen(bucket);
}

/* It becomes a part of Amazon's address; other servers have "RegionOne". */
static bool
is_region(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
						"0123456789-_") == strlen(text);
}

static zdb_rc
set_address(zdb_cloud *cloud, zdb_settings *settings, zdb_err *err)
{
	char *amazon = zdb_format(err, "https://s3.%s." AMAZON, cloud->region);

	if (!amazon)
		return err->code;
	zdb_cloud_endpoint(cloud, settings, ZDB_SET_S3_ENDPOINT, amazon, err);
	zdb_free(amazon);
	if (err->code)
		return err->code;
	cloud->path_style = !strstr(cloud->endpoint.authority, "." AMAZON) ||
						!fits_host(cloud->url.bucket);
	return zdb_settings_bool(settings, ZDB_SET_S3_PATH_STYLE,
							 &cloud->path_style, err);
}

static zdb_rc
configure_s3(zdb_cloud *cloud, zdb_settings *settings, zdb_err *err)
{
	if (!*cloud->url.bucket)
	{
		zdb_free(cloud->url.bucket);
		cloud->url.bucket = NULL;
		if (zdb_cloud_need(cloud, settings, ZDB_SET_S3_BUCKET,
						   &cloud->url.bucket, err) ||
			zdb_url_check_bucket(cloud->url.bucket, err))
			return err->code;
	}
	zdb_cloud_need(cloud, settings, ZDB_SET_S3_ACCESS_KEY, &cloud->user, err);
	zdb_cloud_need(cloud, settings, ZDB_SET_S3_SECRET_KEY, &cloud->secret,
				   err);
	zdb_cloud_setting(settings, ZDB_SET_S3_SESSION_TOKEN, &cloud->token, err);
	zdb_cloud_setting(settings, ZDB_SET_S3_REGION, &cloud->region, err);
	zdb_cloud_setting(settings, ZDB_SET_S3_SSE, &cloud->encryption, err);
	zdb_cloud_setting(settings, ZDB_SET_S3_KMS_KEY, &cloud->kms_key, err);
	zdb_cloud_setting(settings, ZDB_SET_S3_STORAGE_CLASS,
					  &cloud->storage_class, err);
	if (err->code)
		return err->code;
	cloud->secret_from =
		zdb_strdup(zdb_settings_name(settings, ZDB_SET_S3_SECRET_KEY), err);
	if (!cloud->region)
		cloud->region = zdb_strdup("us-east-1", err);
	if (!err->code && !is_region(cloud->region))
		zdb_err_set(err, ZDB_USAGE, "%s is no name of a region",
					zdb_settings_name(settings, ZDB_SET_S3_REGION));
	return err->code ? err->code : set_address(cloud, settings, err);
}

static zdb_rc
configure_gs(zdb_cloud *cloud, zdb_settings *settings, zdb_err *err)
{
	zdb_cloud_need(cloud, settings, ZDB_SET_GS_ACCESS_KEY, &cloud->user, err);
	zdb_cloud_need(cloud, settings, ZDB_SET_GS_SECRET_KEY, &cloud->secret,
				   err);
	if (err->code)
		return err->code;
	cloud->secret_from =
		zdb_strdup(zdb_settings_name(settings, ZDB_SET_GS_SECRET_KEY), err);
	cloud->region = zdb_strdup("auto", err);
	cloud->path_style = true;
	return err->code ? err->code
					 : zdb_cloud_endpoint(cloud, settings, ZDB_SET_GS_ENDPOINT,
										  GOOGLE, err);
}

/* "20130524T000000Z" */
static zdb_rc
set_date(zdb_fields *headers, zdb_err *err)
{
	time_t now = (time_t) (zdb_now_us() / 1000000);
	char text[20];
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
	return zdb_fields_set(headers, "x-amz-date", text, err);
}

/* The body's hash is part of the signature, and checked by the server. */
static zdb_rc
set_hash(zdb_cloud_request *request, zdb_err *err)
{
	static const char name[] = "x-amz-content-sha256";
	char hex[ZDB_DIGEST_HEX_BYTES];

	if (*zdb_fields_get(&request->headers, name))
		return ZDB_OK; /* of an earlier try */
	if (zdb_sha256_hex(request->body ? request->body : "", request->body_bytes,
					   hex, err))
		return err->code;
	return zdb_fields_set(&request->headers, name, hex, err);
}

static zdb_rc
sign(const zdb_cloud *cloud, const char *path, zdb_cloud_request *request,
	 zdb_err *err)
{
	zdb_aws_keys keys = {cloud->user, cloud->secret, cloud->region};
	zdb_signed_request signed_request = {request->method, path,
										 &request->query, &request->headers};
	char *host = zdb_cloud_authority(cloud, err);
	char *value = NULL;

	zdb_fields_set(&request->headers, "authorization", NULL, err);
	if (host &&
		zdb_fields_set(&request->headers, "host", host, err) == ZDB_OK &&
		set_date(&request->headers, err) == ZDB_OK &&
		set_hash(request, err) == ZDB_OK &&
		zdb_fields_set(&request->headers, "x-amz-security-token", cloud->token,
					   err) == ZDB_OK)
		value = zdb_sign_aws(&keys, &signed_request, err);
	if (value)
		zdb_fields_set(&request->headers, "authorization", value, err);
	zdb_free(host);
	zdb_free(value);
	return err->code;
}

static zdb_rc
describe(const zdb_cloud *cloud, const zdb_cloud_upload *upload,
		 zdb_cloud_request *request, zdb_err *err)
{
	zdb_fields *headers = &request->headers;

	zdb_fields_set(headers, "content-type", zdb_cloud_type(upload->key), err);
	zdb_fields_set(headers, NONCE_HEADER, upload->nonce, err);
	zdb_fields_set(headers, "x-amz-server-side-encryption", cloud->encryption,
				   err);
	zdb_fields_set(headers, "x-amz-server-side-encryption-aws-kms-key-id",
				   cloud->kms_key, err);
	return zdb_fields_set(headers, "x-amz-storage-class", cloud->storage_class,
						  err);
}

static zdb_rc
list(const zdb_cloud_page *page, const char *prefix,
	 zdb_cloud_request *request, zdb_err *err)
{
	zdb_fields *query = &request->query;

	zdb_fields_set(query, "list-type", "2", err);
	zdb_fields_set(query, "max-keys", LIST_MAX, err);
	zdb_fields_set(query, "prefix", prefix, err);
	return zdb_fields_set(query, "continuation-token", page->next, err);
}

static zdb_rc
list_uploads(const zdb_cloud_page *page, const char *prefix,
			 zdb_cloud_request *request, zdb_err *err)
{
	zdb_fields *query = &request->query;

	zdb_fields_set(query, "uploads", "", err);
	zdb_fields_set(query, "max-uploads", LIST_MAX, err);
	zdb_fields_set(query, "prefix", prefix, err);
	zdb_fields_set(query, "key-marker", page->next, err);
	return zdb_fields_set(query, "upload-id-marker", page->next_upload, err);
}

/* "2009-10-12T17:50:30.000Z"; 0 for what is not. */
static int64_t
parse_time(const char *text)
{
	struct tm utc = {0};

	if (!strptime(text, "%Y-%m-%dT%H:%M:%S", &utc))
		return 0;
	return (int64_t) timegm(&utc) * 1000000;
}

static void
take_of_item(zdb_cloud_page *page, const char *name, const char *text,
			 zdb_err *err)
{
	if (strcmp(name, "Key") == 0)
		zdb_cloud_keep(&page->key, text, err);
	else if (strcmp(name, "UploadId") == 0)
		zdb_cloud_keep(&page->upload, text, err);
	else if (strcmp(name, "Size") == 0)
		page->bytes = strtoull(text, NULL, 10);
	else if (strcmp(name, "LastModified") == 0 ||
			 strcmp(name, "Initiated") == 0)
		page->modified_us = parse_time(text);
}

static void
take_of_page(zdb_cloud_page *page, const char *name, const char *text,
			 zdb_err *err)
{
	if (strcmp(name, "ListBucketResult") == 0 ||
		strcmp(name, "ListMultipartUploadsResult") == 0)
		page->whole = true;
	else if (strcmp(name, "IsTruncated") == 0)
		page->more = strcmp(text, "true") == 0;
	else if (strcmp(name, "NextContinuationToken") == 0 ||
			 strcmp(name, "NextKeyMarker") == 0)
		zdb_cloud_keep(&page->next, text, err);
	else if (strcmp(name, "NextUploadIdMarker") == 0)
		zdb_cloud_keep(&page->next_upload, text, err);
}

static void
list_element(void *arg, const char *parent, const char *name, const char *text,
			 zdb_err *err)
{
	zdb_cloud_page *page = arg;

	if (strcmp(name, "Contents") == 0 || strcmp(name, "Upload") == 0)
		zdb_cloud_visit(page, err);
	else if (strcmp(parent, "Contents") == 0 || strcmp(parent, "Upload") == 0)
		take_of_item(page, name, text, err);
	else
		take_of_page(page, name, text, err);
}

static void
take_id(void *arg, const char *parent, const char *name, const char *text,
		zdb_err *err)
{
	zdb_cloud_upload *upload = arg;

	(void) parent;
	if (strcmp(name, "UploadId") == 0)
		zdb_cloud_keep(&upload->id, text, err);
}

static zdb_rc
begin(zdb_cloud *cloud, zdb_cloud_upload *upload, zdb_err *err)
{
	zdb_cloud_request request = {
		.verb = "write", .method = "POST", .key = upload->key};
	zdb_cloud_call call = {0};

	if (zdb_fields_set(&request.query, "uploads", "", err) == ZDB_OK &&
		describe(cloud, upload, &request, err) == ZDB_OK &&
		zdb_cloud_do(&call, cloud, &request, err) == ZDB_OK)
		zdb_xml_each(call.http.response.body.data, call.http.response.body.len,
					 take_id, upload, err);
	if (!err->code && !upload->id)
		zdb_err_set(err, ZDB_IO, "the server gave no id for an upload");
	zdb_cloud_call_clear(&call);
	zdb_cloud_request_clear(&request);
	return err->code;
}

static zdb_rc
set_part(const zdb_cloud_upload *upload, size_t part,
		 zdb_cloud_request *request, zdb_err *err)
{
	char number[24];

	snprintf(number, sizeof number, "%zu", part);
	zdb_fields_set(&request->query, "partNumber", number, err);
	return zdb_fields_set(&request->query, "uploadId", upload->id, err);
}

static void
take_tag(void *arg, const char *parent, const char *name, const char *text,
		 zdb_err *err)
{
	(void) parent;
	if (strcmp(name, "ETag") == 0)
		zdb_cloud_keep(arg, text, err);
}

/* To be freed. A part that was copied has its tag in the body. */
static char *
tag_of(const zdb_http_response *response, zdb_err *err)
{
	size_t len;
	const char *header = zdb_http_header(response, "etag", &len);
	char *tag = NULL;

	if (header)
		return zdb_format(err, "%.*s", (int) len, header);
	zdb_xml_each(response->body.data, response->body.len, take_tag, &tag, err);
	return tag;
}

static zdb_rc
part_done(zdb_cloud_upload *upload, size_t part,
		  const zdb_http_response *response, zdb_err *err)
{
	char *tag = tag_of(response, err);

	zdb_free(upload->tags[part - 1]);
	upload->tags[part - 1] = tag;
	if (!err->code && (!tag || !*tag || strpbrk(tag, "<&")))
		zdb_err_set(err, ZDB_IO, "the server gave no tag for part %zu", part);
	return err->code;
}

static zdb_rc
complete(const zdb_cloud *cloud, const zdb_cloud_upload *upload, size_t parts,
		 zdb_cloud_request *request, zdb_buf *body, zdb_err *err)
{
	(void) cloud;
	request->method = "POST";
	zdb_fields_set(&request->query, "uploadId", upload->id, err);
	zdb_buf_format(body, err, "<CompleteMultipartUpload>");
	for (size_t i = 0; i < parts; i++)
		zdb_buf_format(body, err,
					   "<Part><PartNumber>%zu</PartNumber><ETag>%s</ETag>"
					   "</Part>",
					   i + 1, upload->tags[i]);
	return zdb_buf_format(body, err, "</CompleteMultipartUpload>");
}

static zdb_rc
abort_upload(const zdb_cloud_upload *upload, zdb_cloud_request *request,
			 zdb_err *err)
{
	return zdb_fields_set(&request->query, "uploadId", upload->id, err);
}

/* The source's bucket is in the path, whatever the style of addresses. What a
 * part belongs to was described when it began. */
static zdb_rc
copy(const zdb_cloud *cloud, const zdb_cloud_upload *upload,
	 const char *source, zdb_cloud_request *request, zdb_err *err)
{
	zdb_buf path = {0};

	zdb_buf_format(&path, err, "/%s/", cloud->url.bucket);
	zdb_url_encode(source, true, &path, err);
	zdb_buf_format(&path, err, "%c", '\0');
	if (!err->code)
		zdb_fields_set(&request->headers, "x-amz-copy-source",
					   (char *) path.data, err);
	zdb_buf_clear(&path);
	if (err->code || request->query.count > 0)
		return err->code;
	zdb_fields_set(&request->headers, "x-amz-metadata-directive", "REPLACE",
				   err);
	return describe(cloud, upload, request, err);
}

const zdb_cloud_dialect zdb_cloud_s3 = {
	.suffix_ranges = true,
	.if_none_match = true,
	.nonce_header = NONCE_HEADER,
	.configure = configure_s3,
	.sign = sign,
	.describe = describe,
	.list = list,
	.list_element = list_element,
	.list_uploads = list_uploads,
	.begin = begin,
	.part = set_part,
	.part_done = part_done,
	.complete = complete,
	.copy = copy,
	.copy_bytes_max = COPY_BYTES_MAX,
	.abort = abort_upload,
};

const zdb_cloud_dialect zdb_cloud_gs = {
	.suffix_ranges = true,
	.nonce_header = NONCE_HEADER,
	.configure = configure_gs,
	.sign = sign,
	.describe = describe,
	.list = list,
	.list_element = list_element,
	.list_uploads = list_uploads,
	.begin = begin,
	.part = set_part,
	.part_done = part_done,
	.complete = complete,
	.copy = copy,
	.copy_bytes_max = UINT64_MAX, /* Google copies no parts */
	.abort = abort_upload,
};
