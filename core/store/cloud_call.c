/*
 * cloud_call - a request that is sent again until it is answered
 */
#include "core/store/cloud_call.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/net/digest.h"
#include "core/store/cloud_error.h"

#define FIRST_WAIT_S 0.25
#define WAIT_MAX_S 30.0
#define NAME_BYTES_MAX 250
#define SLOW_BYTES_PER_S 65536.0     /* what a line must carry at least */
#define ANSWER_BYTES_MAX (16u << 20) /* 1,000 keys of 1 KiB, escaped */

void
zdb_cloud_request_clear(zdb_cloud_request *request)
{
	zdb_fields_clear(&request->query);
	zdb_fields_clear(&request->headers);
}

/* "https://host/path?query"; may hold secrets. */
static char *
make_url(const zdb_cloud *cloud, const char *path,
		 const zdb_cloud_request *request, zdb_err *err)
{
	char *authority = zdb_cloud_authority(cloud, err);
	zdb_buf url = {0};

	if (authority)
		zdb_buf_format(&url, err, "%s://%s%s%s",
					   cloud->endpoint.tls ? "https" : "http", authority, path,
					   request->query.count ? "?" : "");
	zdb_url_query(&request->query, &url, err);
	zdb_buf_format(&url, err, "%c", '\0');
	zdb_free(authority);
	if (err->code)
		zdb_buf_clear(&url);
	return (char *) url.data;
}

static void
free_lines(char **lines)
{
	for (char **line = lines; line && *line; line++)
		zdb_free(*line);
	zdb_free(lines);
}

/* The headers as libcurl wants them. It counts the body itself, and must not
 * ask whether it may send it. */
static char **
make_lines(const zdb_fields *headers, zdb_err *err)
{
	char **lines = zdb_calloc(headers->count + 2, sizeof *lines);
	size_t count = 0;

	if (!lines)
	{
		zdb_err_nomem(err);
		return NULL;
	}
	lines[count++] = zdb_strdup("Expect:", err);
	for (size_t i = 0; i < headers->count && !err->code; i++)
		if (strcmp(headers->list[i].name, "content-length") != 0)
			lines[count++] = zdb_format(err, "%s: %s", headers->list[i].name,
										headers->list[i].value);
	if (!err->code)
		return lines;
	free_lines(lines);
	return NULL;
}

static zdb_rc
take_into(void *arg, const void *bytes, size_t len, zdb_err *err)
{
	zdb_cloud_call *call = arg;
	const zdb_cloud_request *request = call->request;

	if (len > request->into_bytes - call->into_len)
		return zdb_err_set(err, ZDB_IO, "%s sent more than it was asked for",
						   call->http.transfer.peer);
	memcpy(request->into + call->into_len, bytes, len);
	call->into_len += len;
	return ZDB_OK;
}

static void
end_try(zdb_cloud_call *call)
{
	if (call->state == ZDB_CLOUD_RUNNING)
		zdb_client_drop(call->cloud->client, &call->http.transfer);
	if (call->url)
		zdb_http_clear(&call->http);
	free_lines(call->lines);
	zdb_free_secret(call->url); /* a signature may be in it */
	call->lines = NULL;
	call->url = NULL;
}

/* The server compares it with what arrives; buckets with locked objects insist
 * on it. A machine that refuses to compute MD5 does without. */
static zdb_rc
set_md5(zdb_cloud_request *request, zdb_err *err)
{
	zdb_err why = {0};
	char *md5;

	if (request->body_bytes == 0 ||
		*zdb_fields_get(&request->headers, "content-md5"))
		return err->code; /* of an earlier try */
	md5 = zdb_md5_base64(request->body, request->body_bytes, &why);
	if (why.code == ZDB_NOMEM)
		return zdb_err_nomem(err);
	zdb_fields_set(&request->headers, "content-md5", md5, err);
	zdb_free(md5);
	return err->code;
}

static zdb_rc
begin_try(zdb_cloud_call *call, zdb_err *err)
{
	zdb_cloud *cloud = call->cloud;
	zdb_cloud_request *request = call->request;
	char *path = zdb_cloud_path(cloud, request->key, err);

	end_try(call);
	call->state = ZDB_CLOUD_IDLE;
	call->into_len = 0;
	call->tries++;
	if (path && set_md5(request, err) == ZDB_OK &&
		cloud->dialect->sign(cloud, path, request, err) == ZDB_OK)
		call->lines = make_lines(&request->headers, err);
	if (call->lines)
		call->url = make_url(cloud, path, request, err);
	zdb_free(path);
	if (err->code)
		return err->code;
	call->sent = (zdb_http_request){
		.method = request->method,
		.url = call->url,
		.headers = (const char *const *) call->lines,
		.body = request->body ? request->body : "",
		.body_bytes = request->body_bytes,
		.write = request->into ? take_into : NULL,
		.arg = call,
		.response_max = ANSWER_BYTES_MAX,
	};
	if (zdb_http_open(&call->http, cloud->client, &call->sent, err) ||
		zdb_client_start(cloud->client, &call->http.transfer, err))
		return err->code;
	call->state = ZDB_CLOUD_RUNNING;
	return ZDB_OK;
}

/* The time is for each 8 MiB. */
static double
deadline_s(const zdb_cloud *cloud, const zdb_cloud_request *request)
{
	size_t bytes = request->body_bytes + request->into_bytes;
	double times =
		1 + (double) (bytes ? (bytes - 1) / ZDB_CLOUD_PART_BYTES : 0);

	return zdb_monotonic_s() + times * cloud->timeout_s;
}

zdb_rc
zdb_cloud_start(zdb_cloud_call *call, zdb_cloud *cloud,
				zdb_cloud_request *request, zdb_err *err)
{
	*call = (zdb_cloud_call){.cloud = cloud,
							 .request = request,
							 .deadline_s = deadline_s(cloud, request)};
	return begin_try(call, err);
}

/* Leave room for the reason, also where a key has 1,024 bytes. */
static char *
short_name(const zdb_cloud *cloud, const char *key, zdb_err *err)
{
	char *name = zdb_cloud_name(cloud, key, err);
	size_t cut = NAME_BYTES_MAX;

	if (!name || strlen(name) <= NAME_BYTES_MAX)
		return name;
	while ((name[cut] & 0xC0) == 0x80)
		cut--;
	strcpy(name + cut, "...");
	return name;
}

/* "could not write \"s3://bucket/key\": <why>" */
static void
set_outcome(zdb_cloud_call *call, const zdb_err *why)
{
	zdb_err nomem = {0};
	char *name = short_name(call->cloud, call->request->key, &nomem);

	call->state = ZDB_CLOUD_DONE;
	if (why->code == ZDB_OK || why->code == ZDB_CANCELLED ||
		why->code == ZDB_NOMEM || !name)
		call->err = name ? *why : nomem;
	else
	{
		call->err.sys_errno = why->sys_errno;
		zdb_err_set(&call->err, why->code, "could not %s \"%s\": %s",
					call->request->verb, name, why->msg);
		if (*why->hint)
			zdb_err_hint(&call->err, "%s", why->hint);
	}
	zdb_free(name);
}

/* Half of it by chance, so that many who failed at the same moment do not come
 * back at the same moment. */
static double
wait_s(const zdb_cloud_call *call)
{
	double wait = FIRST_WAIT_S * (1 << (call->tries - 1)), least;
	unsigned char chance = 0;
	const char *asked;
	size_t len;

	if (getrandom(&chance, 1, 0) != 1)
		chance = (unsigned char) call->tries;
	wait *= 0.5 + chance / 512.0;
	asked = zdb_http_header(&call->http.response, "retry-after", &len);
	least = asked ? strtod(asked, NULL) : 0; /* 0 also for a date */
	wait = wait < least ? least : wait;
	return wait < WAIT_MAX_S ? wait : WAIT_MAX_S;
}

/* A try ended, well or not. */
static void
judge(zdb_cloud_call *call)
{
	const zdb_http_response *response = &call->http.response;
	zdb_err why = call->http.transfer.err;
	bool again = call->http.transfer.transient;
	double resume_s;

	if (!why.code)
		zdb_cloud_judge(call->cloud, call->http.transfer.peer, response,
						&again, &why);
	if (!why.code && call->request->into &&
		call->into_len < call->request->into_bytes)
		zdb_err_set(&why, ZDB_IO, "%s sent less than it was asked for",
					call->http.transfer.peer);
	resume_s = zdb_monotonic_s() + wait_s(call);
	if (!again || call->tries == call->cloud->tries_max ||
		resume_s > call->deadline_s)
	{
		if (again && call->tries > 1)
			zdb_err_hint(&why, "It was tried %d times.", call->tries);
		set_outcome(call, &why);
		return;
	}
	call->state = ZDB_CLOUD_WAITING;
	call->resume_s = resume_s;
}

static void
time_out(zdb_cloud_call *call)
{
	zdb_err why = {0};

	zdb_err_set(&why, ZDB_IO, "%s did not answer in time",
				call->http.transfer.peer);
	zdb_err_hint(&why, "The setting cloud_timeout (ZDBACKUP_CLOUD_TIMEOUT) "
					   "gives it more time.");
	set_outcome(call, &why);
}

/* Let go of the transfer, keep the answer. */
static void
look_at(zdb_cloud_call *call, double now_s)
{
	bool late = now_s > call->deadline_s;

	if (call->state != ZDB_CLOUD_RUNNING ||
		(!call->http.transfer.done && !late))
		return;
	zdb_client_drop(call->cloud->client, &call->http.transfer);
	if (call->http.transfer.done)
		judge(call);
	else
		time_out(call);
}

zdb_rc
zdb_cloud_turn(zdb_cloud *cloud, zdb_cloud_call *const *calls, int count,
			   int wait_ms, zdb_err *err)
{
	double now_s = zdb_monotonic_s();

	for (int i = 0; i < count; i++)
		if (calls[i]->state == ZDB_CLOUD_WAITING &&
			now_s >= calls[i]->resume_s && begin_try(calls[i], err))
			return err->code;
	if (zdb_client_turn(cloud->client, wait_ms, err))
		return err->code;
	now_s = zdb_monotonic_s();
	for (int i = 0; i < count; i++)
		look_at(calls[i], now_s);
	return ZDB_OK;
}

zdb_rc
zdb_cloud_do(zdb_cloud_call *call, zdb_cloud *cloud,
			 zdb_cloud_request *request, zdb_err *err)
{
	if (zdb_cloud_start(call, cloud, request, err))
		return err->code;
	while (call->state != ZDB_CLOUD_DONE)
		if (zdb_cloud_turn(cloud, &call, 1, 100, err))
			return err->code;
	if (call->err.code)
		*err = call->err;
	return err->code;
}

void
zdb_cloud_call_clear(zdb_cloud_call *call)
{
	end_try(call);
	*call = (zdb_cloud_call){0};
}
