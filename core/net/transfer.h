/*
 * transfer - exchanges with servers, by libcurl
 *
 * A client keeps connections for the next exchange. A transfer is one
 * exchange, prepared by http.h or by whoever speaks another protocol. Several
 * run at the same time in the caller's thread; libcurl starts threads of its
 * own while it looks up names, with all signals blocked.
 *
 * For all of them: http, https, smtp and smtps only, TLS 1.2 or newer with the
 * server's certificate verified, no redirects, no signals, nothing read from
 * files of the user. The host's "should I stop?" is asked ten times a second,
 * and an exchange that moves no byte for a minute has timed out.
 *
 * Nothing longjmps out of libcurl: its callbacks only copy bytes.
 */
#ifndef ZDB_CORE_NET_TRANSFER_H
#define ZDB_CORE_NET_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>

#include "core/base/err.h"
#include "core/base/host.h"
#include "core/net/peer.h"

typedef struct zdb_client zdb_client;

/* ca_file: certificates (PEM) to trust instead of the system's, or NULL.
 * host may be NULL. Both must outlive the client. */
zdb_rc zdb_client_new(const char *ca_file, const zdb_host *host,
					  zdb_client **client, zdb_err *err);

/* After all of its transfers. NULL is fine. */
void zdb_client_free(zdb_client *client);

/* Does not move between init and clear: libcurl points into it. */
typedef struct zdb_transfer
{
	CURL *easy;                /* for the options of its protocol */
	char peer[ZDB_PEER_BYTES]; /* what messages call the other side */
	char details[CURL_ERROR_SIZE];
	bool done;
	bool transient; /* it failed in a way that may be gone the next time */
	zdb_err err;    /* its outcome; a callback may set it, and stop */
} zdb_transfer;

/* setting names where the URL comes from, or NULL. *transfer is to be cleared
 * also after an error. */
zdb_rc zdb_transfer_init(zdb_transfer *transfer, const zdb_client *client,
						 const char *url, const char *setting, zdb_err *err);

void zdb_transfer_clear(zdb_transfer *transfer);

/*
 * For transfers that go on while the caller does other things: start one,
 * give it turns until it is done, drop it. Bytes move during turns only.
 */
zdb_rc zdb_client_start(zdb_client *client, zdb_transfer *transfer,
						zdb_err *err);

/* Move what can be moved, wait up to wait_ms for more (100 at most), and mark
 * as done what has ended. Fails as zdb_client_run() does. */
zdb_rc zdb_client_turn(zdb_client *client, int wait_ms, zdb_err *err);

/* End a transfer that was started, done or not. */
void zdb_client_drop(zdb_client *client, zdb_transfer *transfer);

/* Run them all, at most timeout_ms milliseconds. Each one's outcome is in its
 * err. Fails when the host wants to stop (ZDB_CANCELLED) or for lack of
 * memory; then it stands in the err of those that were not done, too. */
zdb_rc zdb_client_run(zdb_client *client, zdb_transfer *const *transfers,
					  int count, int timeout_ms, zdb_err *err);

#endif
