/*
 * transfer - exchanges with servers, by libcurl
 */
#include "core/net/transfer.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/net/transfer_error.h"

#define ASK_EVERY_MS 100
#define CONNECT_TIMEOUT_MS 15000
#define IDLE_TIMEOUT_S 60

struct zdb_client
{
	CURLM *multi;
	const char *ca_file;
	const zdb_host *host;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode once_rc;

static void
init_once(void)
{
	once_rc = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/*
 * Signals wait while libcurl works, so that its threads start with all of
 * them blocked: a handler of the host must not run there. A write to a lost
 * connection raises SIGPIPE; it is taken back, or it would end the host.
 */
static void
hold_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, before);
}

static void
release_signals(const sigset_t *before)
{
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	if (!sigismember(before, SIGPIPE))
		while (sigtimedwait(&pipe, NULL, &(struct timespec){0}) > 0)
			;
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

zdb_rc
zdb_client_new(const char *ca_file, const zdb_host *host, zdb_client **client,
			   zdb_err *err)
{
	zdb_client *self;

	pthread_once(&once, init_once);
	if (once_rc != CURLE_OK)
		return zdb_err_set(err, ZDB_INTERNAL, "could not start libcurl");
	self = zdb_calloc(1, sizeof *self);
	if (!self)
		return zdb_err_nomem(err);
	*self = (zdb_client){curl_multi_init(), ca_file, host};
	if (!self->multi)
	{
		zdb_client_free(self);
		return zdb_err_nomem(err);
	}
	*client = self;
	return ZDB_OK;
}

void
zdb_client_free(zdb_client *client)
{
	sigset_t before;

	if (!client)
		return;
	hold_signals(&before);
	curl_multi_cleanup(client->multi);
	release_signals(&before);
	zdb_free(client);
}

static int
allow_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	return (int) curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
								  "http,https,smtp,smtps");
#else
	return (int) curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
								  CURLPROTO_HTTP | CURLPROTO_HTTPS |
									  CURLPROTO_SMTP | CURLPROTO_SMTPS);
#endif
}

/* Do not wait for a name that is still looked up when a transfer ends. */
static void
leave_resolver(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075700
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
	(void) easy;
#endif
}

static zdb_rc
set_options(zdb_transfer *transfer, const char *url, const char *ca_file,
			zdb_err *err)
{
	CURL *easy = transfer->easy;
	int failed = 0;

	failed |= allow_protocols(easy);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_URL, url);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	failed |=
		(int) curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->details);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_SSLVERSION,
									 (long) CURL_SSLVERSION_TLSv1_2);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
									 (long) CONNECT_TIMEOUT_MS);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
									 (long) IDLE_TIMEOUT_S);
	failed |= (int) curl_easy_setopt(easy, CURLOPT_USERAGENT,
									 "zdbackup/" ZDB_VERSION);
	if (ca_file)
		failed |= (int) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
	leave_resolver(easy);
	return failed ? zdb_err_nomem(err) : ZDB_OK;
}

zdb_rc
zdb_transfer_init(zdb_transfer *transfer, const zdb_client *client,
				  const char *url, const char *setting, zdb_err *err)
{
	*transfer = (zdb_transfer){.easy = curl_easy_init()};
	if (!transfer->easy)
		return zdb_err_nomem(err);
	zdb_peer_name(url, setting, transfer->peer);
	return set_options(transfer, url, client->ca_file, err);
}

void
zdb_transfer_clear(zdb_transfer *transfer)
{
	sigset_t before;

	hold_signals(&before);
	curl_easy_cleanup(transfer->easy);
	release_signals(&before);
	transfer->easy = NULL;
}

static void
take_results(zdb_client *client)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left)))
	{
		zdb_transfer *transfer;

		if (message->msg != CURLMSG_DONE ||
			curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
							  (char **) &transfer) != CURLE_OK)
			continue;
		transfer->done = true;
		zdb_transfer_judge(transfer, message->data.result);
	}
}

zdb_rc
zdb_client_start(zdb_client *client, zdb_transfer *transfer, zdb_err *err)
{
	if (curl_multi_add_handle(client->multi, transfer->easy) != CURLM_OK)
		return zdb_err_nomem(err);
	return ZDB_OK;
}

void
zdb_client_drop(zdb_client *client, zdb_transfer *transfer)
{
	sigset_t before;

	hold_signals(&before);
	curl_multi_remove_handle(client->multi, transfer->easy);
	release_signals(&before);
}

static zdb_rc
perform(zdb_client *client, int *running, zdb_err *err)
{
	const zdb_host *host = client->host;
	CURLMcode rc;
	sigset_t before;

	if (host && host->stop && host->stop(host->arg))
		return zdb_err_set(err, ZDB_CANCELLED, "interrupted");
	hold_signals(&before);
	rc = curl_multi_perform(client->multi, running);
	release_signals(&before);
	if (rc == CURLM_OUT_OF_MEMORY)
		return zdb_err_nomem(err);
	if (rc != CURLM_OK)
		return zdb_err_set(err, ZDB_INTERNAL, "libcurl failed: %s",
						   curl_multi_strerror(rc));
	take_results(client);
	return ZDB_OK;
}

static void
wait_for_more(zdb_client *client, int wait_ms)
{
	curl_multi_poll(client->multi, NULL, 0,
					wait_ms < ASK_EVERY_MS ? wait_ms : ASK_EVERY_MS, NULL);
}

zdb_rc
zdb_client_turn(zdb_client *client, int wait_ms, zdb_err *err)
{
	int running;

	if (perform(client, &running, err) || wait_ms <= 0)
		return err->code;
	wait_for_more(client, wait_ms);
	return perform(client, &running, err);
}

static zdb_rc
run_until(zdb_client *client, double deadline_s, zdb_err *err)
{
	int running = 1;

	while (perform(client, &running, err) == ZDB_OK && running > 0)
	{
		double left_ms = (deadline_s - zdb_monotonic_s()) * 1000;

		if (left_ms <= 0)
			break;
		wait_for_more(client, left_ms < ASK_EVERY_MS ? (int) left_ms + 1
													 : ASK_EVERY_MS);
	}
	return err->code;
}

/* libcurl says QUIT to a mail server that did not answer, and waits again. */
static void
hurry(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, 1L);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, 1L);
}

zdb_rc
zdb_client_run(zdb_client *client, zdb_transfer *const *transfers, int count,
			   int timeout_ms, zdb_err *err)
{
	double deadline_s = zdb_monotonic_s() + timeout_ms / 1000.0;

	for (int i = 0; i < count && !err->code; i++)
		zdb_client_start(client, transfers[i], err);
	if (!err->code)
		run_until(client, deadline_s, err);
	for (int i = 0; i < count; i++)
	{
		if (!transfers[i]->done)
			hurry(transfers[i]->easy);
		zdb_client_drop(client, transfers[i]);
		if (transfers[i]->done)
			continue;
		if (err->code)
			transfers[i]->err = *err;
		else
			zdb_transfer_judge(transfers[i], CURLE_OPERATION_TIMEDOUT);
	}
	return err->code;
}
