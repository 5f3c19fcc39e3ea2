/*
 * test_http - requests to a real server, and what goes wrong on the way
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/net/http.h"
#include "test/core/net_test.h"
#include "test/core/test.h"

#define TIMEOUT_MS 20000

/* One request with a client of its own. */
static zdb_rc
ask(const zdb_http_request *request, const char *ca_file, int timeout_ms,
	zdb_http_response *response, zdb_err *err)
{
	zdb_client *client = NULL;

	zdb_err_clear(err);
	*response = (zdb_http_response){0};
	if (zdb_client_new(ca_file, NULL, &client, err) == ZDB_OK)
		zdb_http_do(client, request, timeout_ms, response, err);
	zdb_client_free(client);
	return err->code;
}

static void
test_methods(int port)
{
	static const char *const headers[] = {"X-One: two", NULL};
	zdb_http_request request = {.method = "POST",
								.url = test_url("http", port, "/a?b=c"),
								.headers = headers,
								.body = "hello",
								.body_bytes = 5};
	zdb_http_response response;
	zdb_err err = {0};
	size_t len;
	const char *etag;

	test_ok(ask(&request, NULL, TIMEOUT_MS, &response, &err) == ZDB_OK &&
				response.status == 200,
			"a POST is answered (%s)", err.msg);
	test_ok(response.body.len == 2 && memcmp(response.body.data, "ok", 2) == 0,
			"with a body");
	etag = zdb_http_header(&response, "etag", &len);
	test_ok(etag && len == 5 && memcmp(etag, "\"one\"", 5) == 0,
			"and headers, without blanks around them");
	test_ok(!zdb_http_header(&response, "eta", &len), "a header that is none");
	zdb_http_response_clear(&response);
	test_ok(test_received("\"method\": \"POST\"") && test_received("/a?b=c") &&
				test_received("\"body\": \"hello\"") &&
				test_received("\"x-one\": \"two\""),
			"what was sent arrives");
	request.method = "DELETE";
	request.body_bytes = 0;
	ask(&request, NULL, TIMEOUT_MS, &response, &err);
	zdb_http_response_clear(&response);
	test_ok(test_received("\"method\": \"DELETE\""), "a DELETE");
	request.method = "HEAD";
	ask(&request, NULL, TIMEOUT_MS, &response, &err);
	test_ok(response.status == 200 && response.body.len == 0, "a HEAD");
	zdb_http_response_clear(&response);
}

static zdb_rc
give(void *arg, void *bytes, size_t cap, size_t *len, zdb_err *err)
{
	(void) arg;
	(void) err;
	*len = cap < 1000 ? cap : 1000;
	memset(bytes, 'y', *len);
	return ZDB_OK;
}

static zdb_rc
give_nothing(void *arg, void *bytes, size_t cap, size_t *len, zdb_err *err)
{
	(void) arg;
	(void) bytes;
	(void) cap;
	(void) len;
	return zdb_err_set(err, ZDB_DISK_FULL, "the disk is full");
}

static zdb_rc
count(void *arg, const void *bytes, size_t len, zdb_err *err)
{
	(void) bytes;
	(void) err;
	*(size_t *) arg += len;
	return ZDB_OK;
}

static void
test_streams(int port)
{
	size_t counted = 0;
	zdb_http_request request = {.method = "PUT",
								.url = test_url("http", port, "/"),
								.body_bytes = 100000,
								.read = give,
								.write = count,
								.arg = &counted};
	zdb_http_response response;
	zdb_err err = {0};

	ask(&request, NULL, TIMEOUT_MS, &response, &err);
	zdb_http_response_clear(&response);
	test_ok(test_received("\"content-length\": \"100000\"") &&
				test_received("yyy"),
			"a body from a callback");
	request.read = give_nothing;
	ask(&request, NULL, TIMEOUT_MS, &response, &err);
	zdb_http_response_clear(&response);
	test_err(&err, ZDB_DISK_FULL, "the disk is full");
	request.method = "GET";
	request.body_bytes = 0;
	request.url = test_url("http", port, "/big");
	counted = 0;
	ask(&request, NULL, TIMEOUT_MS, &response, &err);
	test_ok(counted == 1000000 && response.body.len == 0,
			"an answer into a callback");
	zdb_http_response_clear(&response);
	request.write = NULL;
	request.response_max = 1000;
	ask(&request, NULL, TIMEOUT_MS, &response, &err);
	test_ok(!err.code && response.body.len == 1000 && response.cut,
			"an answer that is too long is cut");
	zdb_http_response_clear(&response);
}

/* The status is an error of zdb_http_check(); nothing tells the secret. */
static void
check(int port, const char *path, const char *wanted)
{
	zdb_http_request request = {.method = "POST",
								.url = test_url("http", port, path),
								.setting = "BACKUP_SLACK_WEBHOOK"};
	zdb_http_response response;
	zdb_err err = {0};

	if (ask(&request, NULL, TIMEOUT_MS, &response, &err) == ZDB_OK)
		zdb_http_check(&request, &response, &err);
	zdb_http_response_clear(&response);
	test_err(&err, ZDB_IO, wanted);
	test_ok(!strstr(err.msg, "T0SECRET"), "and the URL's path is not told");
}

static void
test_statuses(int port)
{
	char text[100];

	snprintf(text, sizeof text,
			 "127.0.0.1:%d (BACKUP_SLACK_WEBHOOK) answered 500: the reason",
			 port);
	check(port, "/status/500/T0SECRET", text);
	check(port, "/echo/T0SECRET", "answered 404");
	check(port, "/redirect/T0SECRET", "answered 302");
	check(port, "/drop/T0SECRET", "was lost");
}

static bool
stop_now(void *arg)
{
	return ++*(int *) arg > 3;
}

static void
test_limits(int port)
{
	zdb_http_request request = {.method = "GET",
								.url = test_url("http", port, "/hang")};
	int asked = 0;
	zdb_host host = {.stop = stop_now, .arg = &asked};
	zdb_client *client = NULL;
	zdb_http_response response;
	zdb_err err = {0};

	ask(&request, NULL, 300, &response, &err);
	test_err(&err, ZDB_IO, "did not answer in time");
	test_ok(response.transient, "that may be gone the next time");
	zdb_http_response_clear(&response);
	zdb_err_clear(&err);
	zdb_client_new(NULL, &host, &client, &err);
	zdb_http_do(client, &request, TIMEOUT_MS, &response, &err);
	test_err(&err, ZDB_CANCELLED, "interrupted");
	zdb_http_response_clear(&response);
	zdb_client_free(client);
}

static void
test_unreachable(void)
{
	zdb_http_request request = {.method = "GET", .url = "http://127.0.0.1:1/"};
	zdb_http_response response;
	zdb_err err = {0};

	ask(&request, NULL, TIMEOUT_MS, &response, &err);
	test_err(&err, ZDB_IO, "could not connect to 127.0.0.1:1: Connection");
	request.url = "https://no-such-host.invalid/T0SECRET";
	ask(&request, NULL, TIMEOUT_MS, &response, &err);
	test_err(&err, ZDB_IO, "could not find the address of");
	request.url = "file:///etc/passwd";
	ask(&request, NULL, TIMEOUT_MS, &response, &err);
	test_err(&err, ZDB_USAGE, "not a URL we can use");
	request.url = "https://user:T0SECRET#@host/";
	request.setting = "BACKUP_WEBHOOK_URL";
	ask(&request, NULL, TIMEOUT_MS, &response, &err);
	test_ok(err.code && !strstr(err.msg, "T0SECRET"),
			"a broken URL's password is not told: %s", err.msg);
}

/* A hanging receiver does not keep the others waiting. */
static void
test_together(int port)
{
	zdb_http_request hanging = {.method = "GET",
								.url = test_url("http", port, "/hang")};
	zdb_http_request good = {.method = "GET",
							 .url = test_url("http", port, "/")};
	zdb_http http[2];
	zdb_transfer *transfers[] = {&http[0].transfer, &http[1].transfer};
	zdb_client *client = NULL;
	zdb_err err = {0};

	zdb_client_new(NULL, NULL, &client, &err);
	zdb_http_open(&http[0], client, &hanging, &err);
	zdb_http_open(&http[1], client, &good, &err);
	test_ok(zdb_client_run(client, transfers, 2, 1000, &err) == ZDB_OK &&
				http[1].response.status == 200 && !transfers[1]->err.code,
			"one answers");
	test_err(&transfers[0]->err, ZDB_IO, "did not answer in time");
	zdb_http_clear(&http[0]);
	zdb_http_clear(&http[1]);
	zdb_client_free(client);
}

static void
test_tls(void)
{
	char command[700];
	char *certificate = test_path("server.pem");
	zdb_http_request request = {.method = "GET"};
	zdb_http_response response;
	zdb_err err = {0};
	int port;

	snprintf(command, sizeof command,
			 "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x "
			 "-addext subjectAltName=IP:127.0.0.1 -keyout %s -out %s "
			 "2>/dev/null && cat %s >>%s",
			 test_path("key"), certificate, test_path("key"), certificate);
	if (system(command) != 0)
		abort();
	port = test_receiver(certificate);
	request.url = test_url("https", port, "/T0SECRET");
	ask(&request, NULL, TIMEOUT_MS, &response, &err);
	zdb_http_response_clear(&response);
	test_err(&err, ZDB_PERMISSION, "is not trusted");
	test_ok(strstr(err.hint, "ca_file") != NULL, "a hint says what to do");
	ask(&request, certificate, TIMEOUT_MS, &response, &err);
	test_ok(!err.code && response.status == 200, "trusted by ca_file: %s",
			err.msg);
	zdb_http_response_clear(&response);
	ask(&request, test_path("absent"), TIMEOUT_MS, &response, &err);
	zdb_http_response_clear(&response);
	test_err(&err, ZDB_USAGE, "could not read the certificates");
	/* a SIGPIPE would end this program */
	request = (zdb_http_request){.method = "PUT",
								 .url = test_url("https", port, "/slam"),
								 .body_bytes = 50000000,
								 .read = give};
	ask(&request, certificate, TIMEOUT_MS, &response, &err);
	zdb_http_response_clear(&response);
	test_ok(err.code && response.status == 0, "a server that hangs up: %s",
			err.msg);
	request = (zdb_http_request){.method = "GET",
								 .url = test_url("http", port, "/T0SECRET")};
	ask(&request, certificate, TIMEOUT_MS, &response, &err);
	test_ok(err.code && !strstr(err.msg, "T0SECRET"),
			"plain HTTP to a TLS server fails: %s", err.msg);
	zdb_http_response_clear(&response);
}

static zdb_rc
ask_once(void *arg, zdb_err *err)
{
	zdb_http_request request = {.method = "GET", .url = arg};
	zdb_http_response response;

	ask(&request, NULL, TIMEOUT_MS, &response, err);
	zdb_http_response_clear(&response);
	return err->code;
}

int
main(void)
{
	int port = test_receiver(NULL);

	test_methods(port);
	test_streams(port);
	test_statuses(port);
	test_limits(port);
	test_unreachable();
	test_together(port);
	test_tls();
	test_break_each("a request", ask_once, test_url("http", port, "/"));
	return test_done();
}
