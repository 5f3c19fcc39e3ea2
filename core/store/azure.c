/*
 * azure - block blobs of Azure Storage
 *
 * As in the Azure Storage REST reference, Blob service, version 2021-08-06:
 * with the account's key, or a shared access signature. A blob becomes
 * visible when its list of blocks is put; blocks that are on no list go by
 * themselves after a week, there is no way to remove them earlier.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/net/digest.h"
#include "core/net/sign_azure.h"
#include "core/store/cloud_call.h"

#define NONCE_HEADER "x-ms-meta-zdbackup"
#define VERSION "2021-08-06"

static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed",
								"Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
								   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* A signature in a query is all that one needs: it must not be overheard. */
static zdb_rc
check_private(const zdb_cloud *cloud, zdb_settings *settings, zdb_err *err)
{
	char *url = zdb_format(err, "http://%s/", cloud->endpoint.authority);

	if (url && cloud->token && !cloud->endpoint.tls && !zdb_peer_is_local(url))
	{
		zdb_err_set(err, ZDB_USAGE, "%s would be sent without encryption",
					zdb_settings_name(settings, ZDB_SET_AZURE_SAS));
		zdb_err_hint(err, "Give an address that begins with https://.");
	}
	zdb_free(url);
	return err->code;
}

static zdb_rc
configure(zdb_cloud *cloud, zdb_settings *settings, zdb_err *err)
{
	char *microsoft;

	zdb_cloud_need(cloud, settings, ZDB_SET_AZURE_ACCOUNT, &cloud->user, err);
	zdb_cloud_setting(settings, ZDB_SET_AZURE_SAS, &cloud->token, err);
	if (!cloud->token)
		zdb_cloud_need(cloud, settings, ZDB_SET_AZURE_KEY, &cloud->secret,
					   err);
	if (err->code)
		return err->code;
	cloud->secret_from = zdb_strdup(
		zdb_settings_name(settings, cloud->token ? ZDB_SET_AZURE_SAS
												 : ZDB_SET_AZURE_KEY),
		err);
	cloud->path_style = true;
	microsoft =
		zdb_format(err, "https://%s.blob.core.windows.net", cloud->user);
	if (microsoft &&
		zdb_cloud_endpoint(cloud, settings, ZDB_SET_AZURE_ENDPOINT, microsoft,
						   err) == ZDB_OK)
		check_private(cloud, settings, err);
	zdb_free(microsoft);
	return err->code;
}

/* "Fri, 26 Jun 2015 23:39:12 GMT", in English whatever the locale. */
static zdb_rc
set_date(zdb_fields *headers, zdb_err *err)
{
	time_t now = (time_t) (zdb_now_us() / 1000000);
	char text[64];
	struct tm utc;

	gmtime_r(&now, &utc);
	snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d GMT",
			 days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
			 utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
	return zdb_fields_set(headers, "x-ms-date", text, err);
}

static int64_t
parse_time(const char *text)
{
	struct tm utc = {0};
	char month[4] = "";

	if (sscanf(text, "%*3s, %d %3s %d %d:%d:%d", &utc.tm_mday, month,
			   &utc.tm_year, &utc.tm_hour, &utc.tm_min, &utc.tm_sec) != 6)
		return 0;
	while (utc.tm_mon < 12 && strcmp(months[utc.tm_mon], month) != 0)
		utc.tm_mon++;
	utc.tm_year -= 1900;
	return utc.tm_mon < 12 ? (int64_t) timegm(&utc) * 1000000 : 0;
}

static zdb_rc
set_length(zdb_cloud_request *request, zdb_err *err)
{
	char length[24];

	if (strcmp(request->method, "PUT") != 0)
		return err->code;
	snprintf(length, sizeof length, "%zu", request->body_bytes);
	return zdb_fields_set(&request->headers, "content-length", length, err);
}

/* "sv=2021-08-06&sig=a%2Bb%3D" into the query; it is encoded there again. */
static zdb_rc
add_token(const char *token, zdb_fields *query, zdb_err *err)
{
	char *copy = zdb_strdup(*token == '?' ? token + 1 : token, err);
	char *rest = copy, *pair;

	while (copy && (pair = strsep(&rest, "&")))
	{
		char *value = strchr(pair, '=');

		if (!value)
			continue;
		*value++ = '\0';
		zdb_url_decode(value);
		zdb_fields_set(query, pair, value, err);
	}
	if (copy) /* it was cut into pieces */
		explicit_bzero(copy, strlen(token) - (*token == '?'));
	zdb_free(copy);
	return err->code;
}

static zdb_rc
sign(const zdb_cloud *cloud, const char *path, zdb_cloud_request *request,
	 zdb_err *err)
{
	zdb_signed_request signed_request = {request->method, path,
										 &request->query, &request->headers};
	char *value;

	zdb_fields_set(&request->headers, "x-ms-version", VERSION, err);
	if (set_date(&request->headers, err) || set_length(request, err))
		return err->code;
	if (cloud->token)
		return add_token(cloud->token, &request->query, err);
	value = zdb_sign_azure(cloud->user, cloud->secret, &signed_request, err);
	if (value)
		zdb_fields_set(&request->headers, "authorization", value, err);
	zdb_free(value);
	return err->code;
}

static zdb_rc
describe(const zdb_cloud *cloud, const zdb_cloud_upload *upload,
		 zdb_cloud_request *request, zdb_err *err)
{
	zdb_fields *headers = &request->headers;

	(void) cloud;
	zdb_fields_set(headers, "x-ms-blob-content-type",
				   zdb_cloud_type(upload->key), err);
	/* "Put Block List" knows what it makes; it has this in its query */
	if (request->query.count == 0)
		zdb_fields_set(headers, "x-ms-blob-type", "BlockBlob", err);
	return zdb_fields_set(headers, NONCE_HEADER, upload->nonce, err);
}

static zdb_rc
list(const zdb_cloud_page *page, const char *prefix,
	 zdb_cloud_request *request, zdb_err *err)
{
	zdb_fields *query = &request->query;

	zdb_fields_set(query, "restype", "container", err);
	zdb_fields_set(query, "comp", "list", err);
	zdb_fields_set(query, "prefix", *prefix ? prefix : NULL, err);
	return zdb_fields_set(query, "marker", page->next, err);
}

static void
list_element(void *arg, const char *parent, const char *name, const char *text,
			 zdb_err *err)
{
	zdb_cloud_page *page = arg;

	if (strcmp(name, "Blob") == 0)
		zdb_cloud_visit(page, err);
	else if (strcmp(parent, "Blob") == 0 && strcmp(name, "Name") == 0)
		zdb_cloud_keep(&page->key, text, err);
	else if (strcmp(name, "Content-Length") == 0)
		page->bytes = strtoull(text, NULL, 10);
	else if (strcmp(name, "Last-Modified") == 0)
		page->modified_us = parse_time(text);
	else if (strcmp(name, "EnumerationResults") == 0)
		page->whole = true;
	else if (strcmp(name, "NextMarker") == 0 && *text)
	{
		page->more = true;
		zdb_cloud_keep(&page->next, text, err);
	}
}

/* All ids of a blob have the same length; those of another upload to the same
 * name differ. To be freed. */
static char *
block_id(const zdb_cloud_upload *upload, size_t part, zdb_err *err)
{
	char text[32];

	snprintf(text, sizeof text, "%.12s-%06zu", upload->nonce, part);
	return zdb_base64(text, strlen(text), err);
}

static zdb_rc
set_part(const zdb_cloud_upload *upload, size_t part,
		 zdb_cloud_request *request, zdb_err *err)
{
	char *id = block_id(upload, part, err);

	zdb_fields_set(&request->query, "comp", "block", err);
	zdb_fields_set(&request->query, "blockid", id, err);
	zdb_free(id);
	return err->code;
}

static zdb_rc
complete(const zdb_cloud *cloud, const zdb_cloud_upload *upload, size_t parts,
		 zdb_cloud_request *request, zdb_buf *body, zdb_err *err)
{
	request->method = "PUT";
	zdb_fields_set(&request->query, "comp", "blocklist", err);
	describe(cloud, upload, request, err);
	zdb_buf_format(body, err, "<BlockList>");
	for (size_t part = 1; part <= parts && !err->code; part++)
	{
		char *id = block_id(upload, part, err);

		if (id)
			zdb_buf_format(body, err, "<Latest>%s</Latest>", id);
		zdb_free(id);
	}
	return zdb_buf_format(body, err, "</BlockList>");
}

/* "Copy Blob": type and metadata come along. Within an account its key will
 * do; a signature must be in the source's address, too. */
static zdb_rc
copy(const zdb_cloud *cloud, const zdb_cloud_upload *upload,
	 const char *source, zdb_cloud_request *request, zdb_err *err)
{
	char *path = zdb_cloud_path(cloud, source, err), *url = NULL;
	const char *token = cloud->token ? cloud->token : "";

	(void) upload;
	if (path)
		url = zdb_format(err, "%s://%s%s%s%s",
						 cloud->endpoint.tls ? "https" : "http",
						 cloud->endpoint.authority, path, *token ? "?" : "",
						 token + (*token == '?'));
	zdb_fields_set(&request->headers, "x-ms-copy-source", url, err);
	zdb_free(path);
	zdb_free(url);
	return err->code;
}

static zdb_rc
copy_done(const zdb_http_response *response, bool *done, zdb_err *err)
{
	size_t len;
	const char *status = zdb_http_header(response, "x-ms-copy-status", &len);

	*done = status && len == 7 && memcmp(status, "success", len) == 0;
	if (!*done && !(status && len == 7 && memcmp(status, "pending", len) == 0))
		zdb_err_set(err, ZDB_IO, "the server could not copy a blob");
	return err->code;
}

const zdb_cloud_dialect zdb_cloud_azure = {
	.if_none_match = true,
	.nonce_header = NONCE_HEADER,
	.configure = configure,
	.sign = sign,
	.describe = describe,
	.list = list,
	.list_element = list_element,
	.part = set_part,
	.complete = complete,
	.copy = copy,
	.copy_done = copy_done,
	.copy_bytes_max = UINT64_MAX,
};
