/*
 * mail - a message as an e-mail (RFC 5322, MIME)
 */
#include "core/notify/mail.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/bytes.h"

#define BASE64_LINE_BYTES 57 /* 76 characters */
#define WORD_BYTES 42        /* an encoded word is 75 characters at most */
#define RANDOM_BYTES 16

static zdb_rc
put(zdb_buf *out, const char *text, zdb_err *err)
{
	return zdb_buf_append(out, text, strlen(text), err);
}

static zdb_rc
put_base64(zdb_buf *out, const void *bytes, size_t len, zdb_err *err)
{
	unsigned char line[4 * BASE64_LINE_BYTES];

	EVP_EncodeBlock(line, bytes, (int) len);
	return put(out, (const char *) line, err);
}

static bool
is_address(const char *text)
{
	const char *at = strchr(text, '@');

	if (!at || at == text || !at[1] || strchr(at + 1, '@'))
		return false;
	for (; *text; text++)
		if (*text <= ' ' || *text >= 0x7F || strchr("<>()[]\\,;:\"", *text))
			return false;
	return true;
}

zdb_rc
zdb_mail_split(const char *text, const char *setting, zdb_arena *arena,
			   zdb_mail_addresses *to, zdb_err *err)
{
	to->count = 0;
	while (*(text += strspn(text, ", ")))
	{
		size_t len = strcspn(text, ",");
		const char *address;

		while (len > 0 && text[len - 1] == ' ')
			len--;
		address = zdb_arena_format(arena, "%.*s", (int) len, text);
		if (zdb_arena_failed(arena))
			return zdb_err_nomem(err);
		if (!is_address(address))
			return zdb_err_set(err, ZDB_USAGE,
							   "\"%s\" in %s is not a mail address", address,
							   setting);
		if (to->count == ZDB_MAIL_ADDRESSES)
			return zdb_err_set(err, ZDB_USAGE, "%s has more than %d addresses",
							   setting, ZDB_MAIL_ADDRESSES);
		to->list[to->count++] = address;
		text += strcspn(text, ",");
	}
	return ZDB_OK;
}

static bool
is_plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text >= 0x7F)
			return false;
	return true;
}

/* How many bytes fit into one encoded word: whole characters. */
static size_t
word_len(const char *text)
{
	size_t len = strlen(text);

	if (len <= WORD_BYTES)
		return len;
	for (len = WORD_BYTES; ((unsigned char) text[len] & 0xC0) == 0x80;)
		len--;
	return len ? len : WORD_BYTES;
}

zdb_rc
zdb_mail_header(const char *name, const char *text, zdb_buf *out, zdb_err *err)
{
	put(out, name, err);
	put(out, ":", err);
	if (is_plain(text))
	{
		put(out, " ", err);
		put(out, text, err);
		return put(out, "\r\n", err);
	}
	for (size_t len; *text; text += len)
	{
		len = word_len(text);
		put(out, " =?UTF-8?B?", err);
		put_base64(out, text, len, err);
		put(out, text[len] ? "?=\r\n" : "?=", err);
	}
	return put(out, "\r\n", err);
}

static zdb_rc
put_addresses(zdb_buf *out, const zdb_mail_addresses *to, zdb_err *err)
{
	put(out, "To: ", err);
	for (int i = 0; i < to->count; i++)
	{
		put(out, i > 0 ? ",\r\n " : "", err);
		put(out, to->list[i], err);
	}
	return put(out, "\r\n", err);
}

/* In English, whatever the host's locale. */
static zdb_rc
put_date(zdb_buf *out, int64_t now_us, zdb_err *err)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = (time_t) (now_us / 1000000);
	struct tm utc;
	char text[80];

	gmtime_r(&now, &utc);
	snprintf(text, sizeof text,
			 "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n",
			 days + 3 * utc.tm_wday, utc.tm_mday, months + 3 * utc.tm_mon,
			 utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
	return put(out, text, err);
}

static zdb_rc
make_random(char hex[2 * RANDOM_BYTES + 1], zdb_err *err)
{
	uint8_t bytes[RANDOM_BYTES];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return zdb_err_set(err, ZDB_INTERNAL, "OpenSSL has no random bytes");
	zdb_hex(bytes, sizeof bytes, hex);
	return ZDB_OK;
}

static zdb_rc
put_headers(const zdb_message *message, const char *from,
			const zdb_mail_addresses *to, const char *id, zdb_buf *out,
			zdb_err *err)
{
	put_date(out, message->now_us, err);
	zdb_mail_header("From", from, out, err);
	put_addresses(out, to, err);
	zdb_mail_header("Subject", message->title, out, err);
	put(out, "Message-ID: <", err);
	put(out, id, err);
	put(out, strchr(from, '@'), err);
	put(out,
		">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/alternative; boundary=\"",
		err);
	put(out, id, err);
	return put(out, "\"\r\n\r\n", err);
}

static zdb_rc
write_text(const zdb_message *message, zdb_buf *body, zdb_err *err)
{
	put(body, message->title, err);
	put(body, "\r\n\r\n", err);
	for (int i = 0; i < message->line_count; i++)
	{
		put(body, message->lines[i].label, err);
		put(body, ": ", err);
		put(body, message->lines[i].text, err);
		put(body, "\r\n", err);
	}
	return err->code;
}

static zdb_rc
put_escaped(zdb_buf *out, const char *text, zdb_err *err)
{
	for (; *text; text++)
		switch (*text)
		{
			case '&':
				put(out, "&amp;", err);
				break;
			case '<':
				put(out, "&lt;", err);
				break;
			case '>':
				put(out, "&gt;", err);
				break;
			default:
				zdb_buf_append(out, text, 1, err);
		}
	return err->code;
}

static zdb_rc
write_html(const zdb_message *message, zdb_buf *body, zdb_err *err)
{
	put(body, "<!DOCTYPE html>\r\n<h3>", err);
	put_escaped(body, message->title, err);
	put(body, "</h3>\r\n<table>\r\n", err);
	for (int i = 0; i < message->line_count; i++)
	{
		put(body, "<tr><td>", err);
		put_escaped(body, message->lines[i].label, err);
		put(body, "</td><td>", err);
		put_escaped(body, message->lines[i].text, err);
		put(body, "</td></tr>\r\n", err);
	}
	return put(body, "</table>\r\n", err);
}

static zdb_rc
put_part(const zdb_message *message, const char *id, const char *type,
		 zdb_rc (*write)(const zdb_message *, zdb_buf *, zdb_err *),
		 zdb_buf *out, zdb_err *err)
{
	zdb_buf body = {0};

	write(message, &body, err);
	put(out, "--", err);
	put(out, id, err);
	put(out, "\r\nContent-Type: ", err);
	put(out, type, err);
	put(out, "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		err);
	for (size_t at = 0; at < body.len; at += BASE64_LINE_BYTES)
	{
		size_t left = body.len - at;

		put_base64(out, body.data + at,
				   left < BASE64_LINE_BYTES ? left : BASE64_LINE_BYTES, err);
		put(out, "\r\n", err);
	}
	zdb_buf_clear(&body);
	return err->code;
}

zdb_rc
zdb_mail_write(const zdb_message *message, const char *from,
			   const zdb_mail_addresses *to, zdb_buf *out, zdb_err *err)
{
	char id[2 * RANDOM_BYTES + 1];

	if (make_random(id, err) || put_headers(message, from, to, id, out, err) ||
		put_part(message, id, "text/plain", write_text, out, err) ||
		put_part(message, id, "text/html", write_html, out, err))
		return err->code;
	put(out, "--", err);
	put(out, id, err);
	return put(out, "--\r\n", err);
}
