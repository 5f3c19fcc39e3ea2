/*
 * cloud_error - what a provider's refusal means
 */
#include "core/store/cloud_error.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/text.h"

#define REASON_BYTES 64
#define MESSAGE_BYTES 240
#define SKEW_MAX_S 300 /* Amazon allows 15 minutes */

/* What an XML answer says of an error. */
typedef struct refusal
{
	bool is_error;
	bool lost; /* for want of memory */
	char reason[REASON_BYTES];
	char message[MESSAGE_BYTES];
} refusal;

static void
take_element(void *arg, const char *parent, const char *name, const char *text,
			 zdb_err *err)
{
	refusal *self = arg;

	(void) err;
	if (strcmp(name, "Error") == 0 && !*parent)
		self->is_error = true;
	else if (strcmp(parent, "Error") != 0)
		return;
	else if (strcmp(name, "Code") == 0)
		snprintf(self->reason, sizeof self->reason, "%s", text);
	else if (strcmp(name, "Message") == 0)
		snprintf(self->message, sizeof self->message, "%s", text);
}

/* Azure has the reason in a header, too: HEAD has no body. */
static void
read_refusal(const zdb_http_response *response, refusal *self)
{
	zdb_err err = {0}; /* what is no XML has no reason */
	const char *header;
	size_t len;

	*self = (refusal){0};
	if (response->status >= 200 && response->status < 300 &&
		!memmem(response->body.data ? (void *) response->body.data : "",
				response->body.len, "<Error>", strlen("<Error>")))
		return;
	zdb_xml_each(response->body.data, response->body.len, take_element, self,
				 &err);
	self->lost = err.code == ZDB_NOMEM;
	header = zdb_http_header(response, "x-ms-error-code", &len);
	if (!*self->reason && header)
		snprintf(self->reason, sizeof self->reason, "%.*s", (int) len, header);
}

/* Completing an S3 upload may fail with status 200. */
static bool
is_good(const zdb_http_response *response, const refusal *from)
{
	return response->status >= 200 && response->status < 300 &&
		   !from->is_error && !from->lost;
}

static bool
is_transient(int status, const char *reason)
{
	/* a client error by its status, a mishap by its nature */
	static const char *const mishaps[] = {"RequestTimeout",
										  "BadDigest",
										  "XAmzContentSHA256Mismatch",
										  "IncompleteBody",
										  "Md5Mismatch",
										  "OperationTimedOut",
										  "InternalError",
										  "SlowDown",
										  "ServerBusy",
										  "OperationAborted",
										  "ConditionalRequestConflict"};

	if (status == 408 || status == 429 || status == 500 || status == 502 ||
		status == 503 || status == 504)
		return true;
	for (size_t i = 0; i < sizeof mishaps / sizeof mishaps[0]; i++)
		if (strcmp(reason, mishaps[i]) == 0)
			return true;
	return false;
}

/* What is known of reasons, of both providers. */
static const struct
{
	const char *reason;
	zdb_rc code;
	const char *hint;
} known[] = {
	{"NoSuchBucket", ZDB_NOT_FOUND, "Create the bucket first."},
	{"ContainerNotFound", ZDB_NOT_FOUND, "Create the container first."},
	{"InvalidAccessKeyId", ZDB_PERMISSION,
	 "The access key is not known there."},
	{"SignatureDoesNotMatch", ZDB_PERMISSION, "The secret key is wrong."},
	{"AuthenticationFailed", ZDB_PERMISSION,
	 "The key of the account is wrong."},
	{"AuthorizationFailure", ZDB_PERMISSION,
	 "The key of the account is wrong, or has no right to do this."},
	{"RequestTimeTooSkewed", ZDB_PERMISSION,
	 "The clock of this machine is wrong."},
	{"ExpiredToken", ZDB_PERMISSION, "The session token has expired."},
	{"AccessDenied", ZDB_PERMISSION,
	 "The key has no right to do this in the bucket."},
	{"AuthorizationHeaderMalformed", ZDB_USAGE,
	 "The bucket is in another region: see the setting s3_region."},
	{"PermanentRedirect", ZDB_USAGE,
	 "The bucket is in another region: see the setting s3_region."},
	{"BlobAlreadyExists", ZDB_EXISTS, NULL},
	{"LeaseIdMissing", ZDB_BUSY, "Somebody holds a lease on the blob."},
	{"BlobImmutableDueToPolicy", ZDB_PERMISSION,
	 "The container's policy forbids to change it."},
	{"InvalidStorageClass", ZDB_USAGE, "See the setting s3_storage_class."},
};

static zdb_rc
code_of(int status)
{
	switch (status)
	{
		case 401:
		case 403:
			return ZDB_PERMISSION;
		case 404:
			return ZDB_NOT_FOUND;
		case 409:
			return ZDB_BUSY;
		case 412:
			return ZDB_EXISTS;
		case 400:
			return ZDB_USAGE;
		case 507:
			return ZDB_DISK_FULL;
		default:
			return ZDB_IO;
	}
}

static bool
tells_secret(const zdb_cloud *cloud, const char *words)
{
	return (cloud->secret && zdb_peer_tells(words, cloud->secret)) ||
		   (cloud->token && zdb_peer_tells(words, cloud->token));
}

/* The server's own words as one line, unless they repeat what is secret. */
static void
clean_words(const zdb_cloud *cloud, char *text, size_t room)
{
	char words[MESSAGE_BYTES];

	if (tells_secret(cloud, text))
		*text = '\0';
	zdb_peer_words("", text, strlen(text), words, sizeof words);
	snprintf(text, room, "%s", words);
}

/* How far our clock is ahead of the server's; 0 when it does not say. */
static long long
ahead_s(const zdb_http_response *response)
{
	char text[64] = "";
	const char *date;
	time_t there;
	size_t len;

	date = zdb_http_header(response, "date", &len);
	if (date && len < sizeof text)
		memcpy(text, date, len);
	there = curl_getdate(text, NULL);
	return there > 0 ? (long long) (zdb_now_us() / 1000000) - there : 0;
}

/* The region of a bucket that is not ours; "" when it is, or is not told. */
static void
other_region(const zdb_cloud *cloud, const zdb_http_response *response,
			 char region[REASON_BYTES])
{
	size_t len;
	const char *header =
		zdb_http_header(response, "x-amz-bucket-region", &len);

	*region = '\0';
	if (!header || len >= REASON_BYTES)
		return;
	memcpy(region, header, len);
	region[len] = '\0';
	clean_words(cloud, region, REASON_BYTES);
	if (cloud->region && strcmp(region, cloud->region) == 0)
		*region = '\0';
}

static void
add_hint(const zdb_cloud *cloud, const zdb_http_response *response,
		 const char *reason, const char *hint, zdb_err *err)
{
	long long ahead = ahead_s(response);
	char region[REASON_BYTES];

	other_region(cloud, response, region);
	if (*region)
		zdb_err_hint(err,
					 "The bucket is in the region %s: see the setting "
					 "s3_region.",
					 region);
	else if (ahead > SKEW_MAX_S || ahead < -SKEW_MAX_S)
		zdb_err_hint(err,
					 "The clock of this machine is %lld s %s the "
					 "server's.",
					 ahead > 0 ? ahead : -ahead,
					 ahead > 0 ? "ahead of" : "behind");
	else if (strcmp(reason, "SignatureDoesNotMatch") == 0 ||
			 strcmp(reason, "AuthenticationFailed") == 0 ||
			 strcmp(reason, "AuthorizationFailure") == 0)
		zdb_err_hint(err, "%s It comes from %s.", hint, cloud->secret_from);
	else if (hint)
		zdb_err_hint(err, "%s", hint);
}

static zdb_rc
refuse(const zdb_cloud *cloud, const char *peer,
	   const zdb_http_response *response, const refusal *from, zdb_err *err)
{
	zdb_rc code = code_of(response->status);
	const char *hint = NULL;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(from->reason, known[i].reason) == 0)
		{
			code = known[i].code;
			hint = known[i].hint;
		}
	if (response->status / 100 == 3 && !hint)
		hint = "Redirects are not followed: see the setting of the endpoint "
			   "or the region.";
	zdb_err_set(err, code, "%s answered %d%s%s%s%s", peer, response->status,
				*from->reason ? " " : "", from->reason,
				*from->message ? ": " : "", from->message);
	add_hint(cloud, response, from->reason, hint, err);
	return err->code;
}

zdb_rc
zdb_cloud_judge(const zdb_cloud *cloud, const char *peer,
				const zdb_http_response *response, bool *transient,
				zdb_err *err)
{
	refusal from;

	*transient = false;
	read_refusal(response, &from);
	if (is_good(response, &from))
		return ZDB_OK;
	if (from.lost)
		return zdb_err_nomem(err);
	*transient = is_transient(response->status, from.reason);
	clean_words(cloud, from.reason, sizeof from.reason);
	clean_words(cloud, from.message, sizeof from.message);
	return refuse(cloud, peer, response, &from, err);
}
