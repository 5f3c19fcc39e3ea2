/*
 * http - one request, one answer
 *
 * zdb_http_do() is all that most need. To run several at the same time, open
 * them, hand their transfers to zdb_client_run(), look at each one's
 * transfer.err and response, clear them.
 *
 * An answer of any status is an answer: see zdb_http_check().
 */
#ifndef ZDB_CORE_NET_HTTP_H
#define ZDB_CORE_NET_HTTP_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/net/transfer.h"

/* What it points to must last until the request is cleared. */
typedef struct zdb_http_request
{
	const char *method;         /* "GET", "HEAD", "PUT", "POST", "DELETE" */
	const char *url;            /* may hold secrets, is never told */
	const char *setting;        /* where the URL comes from, or NULL */
	const char *const *headers; /* "Name: value", then NULL; or NULL */
	uint64_t body_bytes;
	const void *body; /* or, when NULL, read it: at least 1 of cap bytes */
	zdb_rc (*read)(void *arg, void *bytes, size_t cap, size_t *len,
				   zdb_err *err);
	/* NULL, or takes the body of a 2xx answer instead of response.body. */
	zdb_rc (*write)(void *arg, const void *bytes, size_t len, zdb_err *err);
	void *arg;
	size_t response_max; /* bytes of the body to keep; 0: 64 KiB */
} zdb_http_request;

typedef struct zdb_http_response
{
	int status;      /* 0: there was no answer */
	bool transient;  /* ... and perhaps there is one the next time */
	bool cut;        /* the body was longer than what is kept */
	zdb_buf headers; /* as they came, of the final answer */
	zdb_buf body;
} zdb_http_response;

typedef struct zdb_http
{
	zdb_transfer transfer;
	zdb_http_response response;
	const zdb_http_request *request;
	struct curl_slist *headers;
	uint64_t sent_bytes;
} zdb_http;

/* Prepare a request. *http is to be cleared also after an error, and must not
 * move before. */
zdb_rc zdb_http_open(zdb_http *http, const zdb_client *client,
					 const zdb_http_request *request, zdb_err *err);

void zdb_http_clear(zdb_http *http);

/* Send the request and receive the answer within timeout_ms. *response is to
 * be cleared also after an error; its transient tells whether a second try
 * makes sense. */
zdb_rc zdb_http_do(zdb_client *client, const zdb_http_request *request,
				   int timeout_ms, zdb_http_response *response, zdb_err *err);

void zdb_http_response_clear(zdb_http_response *response);

/* A header's value and its length, without blanks around it; NULL when there
 * is none. The name in any case. */
const char *zdb_http_header(const zdb_http_response *response,
							const char *name, size_t *len);

/* Fail unless the status is 2xx: "hooks.slack.com (SETTING) answered 404:
 * no_team", the server's words cleaned of secrets. */
zdb_rc zdb_http_check(const zdb_http_request *request,
					  const zdb_http_response *response, zdb_err *err);

#endif
