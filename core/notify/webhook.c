/*
 * webhook - the message as JSON, and signed; and the dead man's switch
 *
 * With a secret, the header X-Zdbackup-Signature is "sha256=" and the
 * HMAC-SHA256 of the body in hex, as GitHub's webhooks have it.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/notify/sending.h"

static zdb_rc
sign(zdb_sending *sending, const char *secret)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1];
	unsigned len = 0;

	if (!HMAC(EVP_sha256(), secret, (int) strlen(secret),
			  (const unsigned char *) sending->body, strlen(sending->body),
			  digest, &len))
		return zdb_err_set(&sending->err, ZDB_INTERNAL,
						   "OpenSSL could not sign");
	zdb_hex(digest, len, hex);
	sending->headers[1] = zdb_arena_format(
		&sending->arena, "X-Zdbackup-Signature: sha256=%s", hex);
	return zdb_arena_failed(&sending->arena) ? zdb_err_nomem(&sending->err)
											 : ZDB_OK;
}

zdb_rc
zdb_webhook_open(zdb_sending *sending)
{
	zdb_err *err = &sending->err;
	const char *secret =
		zdb_settings_get(sending->settings, ZDB_SET_WEBHOOK_SECRET, err);

	if (err->code ||
		zdb_sending_http(sending, ZDB_SET_WEBHOOK_URL,
						 json_incref(sending->message->payload)) ||
		(secret && sign(sending, secret)))
		return err->code;
	return zdb_sending_start(sending);
}

zdb_rc
zdb_ping_open(zdb_sending *sending)
{
	if (zdb_sending_http(sending, ZDB_SET_PING_URL, NULL))
		return sending->err.code;
	return zdb_sending_start(sending);
}
