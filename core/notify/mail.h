/*
 * mail - a message as an e-mail (RFC 5322, MIME)
 *
 * Whatever a message holds, it stays where it belongs: headers are one line
 * of ASCII, with UTF-8 in encoded words (RFC 2047); bodies are base64. A
 * report comes as a table for readers of HTML, too.
 */
#ifndef ZDB_CORE_NOTIFY_MAIL_H
#define ZDB_CORE_NOTIFY_MAIL_H

#include "core/base/buf.h"
#include "core/notify/message.h"

#define ZDB_MAIL_ADDRESSES 32

/* Addresses out of "a@x.org, b@y.org". */
typedef struct zdb_mail_addresses
{
	const char *list[ZDB_MAIL_ADDRESSES];
	int count;
} zdb_mail_addresses;

/* Split text; setting is what an error calls it. The addresses live in the
 * arena. Names beside them ("Ann <a@x.org>") are refused. */
zdb_rc zdb_mail_split(const char *text, const char *setting, zdb_arena *arena,
					  zdb_mail_addresses *to, zdb_err *err);

/* Append the whole mail, lines ending in CR LF. */
zdb_rc zdb_mail_write(const zdb_message *message, const char *from,
					  const zdb_mail_addresses *to, zdb_buf *out,
					  zdb_err *err);

/* Append a header with any text: "Subject: ...\r\n". */
zdb_rc zdb_mail_header(const char *name, const char *text, zdb_buf *out,
					   zdb_err *err);

#endif
