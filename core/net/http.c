/*
 * http - one request, one answer
 */
#include "core/net/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RESPONSE_MAX (64 * 1024)
#define HEADERS_MAX (64 * 1024)
#define WORDS_BYTES 200
#define BUFFER_BYTES (256L * 1024)

static bool
is_success(int status)
{
	return status >= 200 && status < 300;
}

static size_t
send_body(char *to, size_t size, size_t count, void *arg)
{
	zdb_http *http = arg;
	const zdb_http_request *request = http->request;
	uint64_t left = request->body_bytes - http->sent_bytes;
	size_t len = size * count < left ? size * count : (size_t) left;

	if (len == 0)
		return 0;
	if (request->body)
		memcpy(to, (const char *) request->body + http->sent_bytes, len);
	else if (request->read(request->arg, to, len, &len, &http->transfer.err))
		return CURL_READFUNC_ABORT;
	http->sent_bytes += len;
	return len;
}

/* libcurl wants the body again when a kept connection proves dead. */
static int
rewind_body(void *arg, curl_off_t offset, int origin)
{
	zdb_http *http = arg;

	if (origin != SEEK_SET || (!http->request->body && http->sent_bytes > 0))
		return CURL_SEEKFUNC_CANTSEEK;
	http->sent_bytes = (uint64_t) offset;
	return CURL_SEEKFUNC_OK;
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *arg)
{
	zdb_http *http = arg;
	const zdb_http_request *request = http->request;
	zdb_http_response *response = &http->response;
	size_t max = request->response_max ? request->response_max : RESPONSE_MAX;
	size_t len = size * count, keep = len;
	zdb_err *err = &http->transfer.err;

	if (request->write && is_success(response->status))
		return request->write(request->arg, bytes, len, err) ? 0 : len;
	if (keep > max - response->body.len)
	{
		keep = max - response->body.len;
		response->cut = true;
	}
	return zdb_buf_append(&response->body, bytes, keep, err) ? 0 : len;
}

/* A status line begins the headers anew: "100 Continue" comes first. */
static size_t
take_header(char *bytes, size_t size, size_t count, void *arg)
{
	zdb_http *http = arg;
	zdb_http_response *response = &http->response;
	size_t len = size * count;
	const char *space = memchr(bytes, ' ', len);

	if (len > 5 && memcmp(bytes, "HTTP/", 5) == 0 && space)
	{
		response->headers.len = 0;
		response->status = atoi(space + 1);
	}
	if (response->headers.len + len > HEADERS_MAX)
		return len;
	return zdb_buf_append(&response->headers, bytes, len, &http->transfer.err)
			   ? 0
			   : len;
}

static zdb_rc
set_headers(zdb_http *http, const char *const *headers, zdb_err *err)
{
	for (; headers && *headers; headers++)
	{
		struct curl_slist *longer = curl_slist_append(http->headers, *headers);

		if (!longer)
			return zdb_err_nomem(err);
		http->headers = longer;
	}
	return curl_easy_setopt(http->transfer.easy, CURLOPT_HTTPHEADER,
							http->headers) == CURLE_OK
			   ? ZDB_OK
			   : zdb_err_nomem(err);
}

static bool
has_body(const zdb_http_request *request)
{
	return request->body_bytes > 0 || strcmp(request->method, "PUT") == 0 ||
		   strcmp(request->method, "POST") == 0;
}

static zdb_rc
set_options(zdb_http *http, zdb_err *err)
{
	const zdb_http_request *request = http->request;
	CURL *easy = http->transfer.easy;
	int failed = 0;

	failed |= (int) curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
									 (long) CURL_HTTP_VERSION_1_1);
	/* "a/../b" may be the name of an object */
	failed |= (int) curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	failed |=
		(int) curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_BYTES);
	failed |=
		(int) curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_HEADERDATA, http);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
	if (strcmp(request->method, "HEAD") == 0)
		failed |= (int) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else
		failed |= (int) curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
										 request->method);
	if (!has_body(request))
		return failed ? zdb_err_nomem(err) : ZDB_OK;
	failed |= (int) curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_READFUNCTION, send_body);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_READDATA, http);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, rewind_body);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_SEEKDATA, http);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
									 (curl_off_t) request->body_bytes);
	return failed ? zdb_err_nomem(err) : ZDB_OK;
}

zdb_rc
zdb_http_open(zdb_http *http, const zdb_client *client,
			  const zdb_http_request *request, zdb_err *err)
{
	*http = (zdb_http){.request = request};
	if (zdb_transfer_init(&http->transfer, client, request->url,
						  request->setting, err) ||
		set_headers(http, request->headers, err))
		return err->code;
	return set_options(http, err);
}

void
zdb_http_clear(zdb_http *http)
{
	zdb_transfer_clear(&http->transfer);
	curl_slist_free_all(http->headers);
	zdb_http_response_clear(&http->response);
	http->headers = NULL;
}

void
zdb_http_response_clear(zdb_http_response *response)
{
	zdb_buf_clear(&response->headers);
	zdb_buf_clear(&response->body);
	*response = (zdb_http_response){0};
}

zdb_rc
zdb_http_do(zdb_client *client, const zdb_http_request *request,
			int timeout_ms, zdb_http_response *response, zdb_err *err)
{
	zdb_transfer *transfer;
	zdb_http http;

	*response = (zdb_http_response){0};
	transfer = &http.transfer;
	if (zdb_http_open(&http, client, request, err) == ZDB_OK &&
		zdb_client_run(client, &transfer, 1, timeout_ms, err) == ZDB_OK &&
		transfer->err.code)
		*err = transfer->err;
	*response = http.response;
	response->transient = transfer->transient;
	http.response = (zdb_http_response){0};
	zdb_http_clear(&http);
	return err->code;
}

static const char *
trim(const char *from, const char *to, size_t *len)
{
	while (from < to && (*from == ' ' || *from == '\t'))
		from++;
	while (from < to && (unsigned char) to[-1] <= ' ')
		to--;
	*len = (size_t) (to - from);
	return from;
}

const char *
zdb_http_header(const zdb_http_response *response, const char *name,
				size_t *len)
{
	const char *line = (const char *) response->headers.data;
	const char *end = line + response->headers.len;
	size_t name_len = strlen(name);

	while (line && line < end)
	{
		const char *next = memchr(line, '\n', (size_t) (end - line));

		next = next ? next + 1 : end;
		if ((size_t) (next - line) > name_len && line[name_len] == ':' &&
			strncasecmp(line, name, name_len) == 0)
			return trim(line + name_len + 1, next, len);
		line = next;
	}
	return NULL;
}

zdb_rc
zdb_http_check(const zdb_http_request *request,
			   const zdb_http_response *response, zdb_err *err)
{
	char peer[ZDB_PEER_BYTES], words[WORDS_BYTES];

	if (is_success(response->status))
		return ZDB_OK;
	zdb_peer_name(request->url, request->setting, peer);
	zdb_peer_words(request->url, (const char *) response->body.data,
				   response->body.len, words, sizeof words);
	zdb_err_set(err, ZDB_IO, "%s answered %d%s%s", peer, response->status,
				*words ? ": " : "", words);
	if (response->status >= 300 && response->status < 400)
		zdb_err_hint(err, "Redirects are not followed: give the address that "
						  "it leads to.");
	return err->code;
}
