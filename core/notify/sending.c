/*
 * sending - one message on its way through one channel
 */
#include "core/notify/sending.h"

#include <stdlib.h>
#include <string.h>

zdb_rc
zdb_sending_http(zdb_sending *sending, zdb_setting url, json_t *payload)
{
	zdb_http_request *request = &sending->request;
	zdb_err *err = &sending->err;

	*request = (zdb_http_request){
		.method = payload ? "POST" : "GET",
		.url = zdb_settings_get(sending->settings, url, err),
		.setting = zdb_settings_name(sending->settings, url),
		.headers = sending->headers,
	};
	if (payload)
	{
		sending->body = json_dumps(payload, JSON_COMPACT);
		json_decref(payload);
		if (!sending->body)
			return zdb_err_nomem(err);
		request->body = sending->body;
		request->body_bytes = strlen(sending->body);
		sending->headers[0] = "Content-Type: application/json";
	}
	return err->code;
}

zdb_rc
zdb_sending_start(zdb_sending *sending)
{
	if (zdb_http_open(&sending->http, sending->client, &sending->request,
					  &sending->err) == ZDB_OK)
		sending->transfer = &sending->http.transfer;
	return sending->err.code;
}

void
zdb_sending_clear(zdb_sending *sending)
{
	zdb_http_clear(&sending->http);
	zdb_transfer_clear(&sending->mail);
	curl_slist_free_all(sending->recipients);
	zdb_buf_clear(&sending->mail_text);
	zdb_arena_clear(&sending->arena);
	free(sending->body);
	*sending = (zdb_sending){0};
}
