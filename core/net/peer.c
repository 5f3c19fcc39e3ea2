/*
 * peer - what a message may say of a server
 */
#include "core/net/peer.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/net/url.h"

/* What is shorter than this is no secret, but could be any word. */
#define PIECE_BYTES_MIN 6

/* As many letters of a secret in a row are too many. */
#define SECRET_BYTES_MIN 10
#define ESSENCE_BYTES 8193 /* no secret is longer */

void
zdb_peer_name(const char *url, const char *setting, char out[ZDB_PEER_BYTES])
{
	char *host = NULL, *port = NULL;
	CURLU *parts = curl_url();

	if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK)
	{
		curl_url_get(parts, CURLUPART_HOST, &host, 0);
		curl_url_get(parts, CURLUPART_PORT, &port, 0);
	}
	if (!host)
		snprintf(out, ZDB_PEER_BYTES, "%s", setting ? setting : "the URL");
	else
		snprintf(out, ZDB_PEER_BYTES, "%.200s%s%s%s%.60s%s", host,
				 port ? ":" : "", port ? port : "", setting ? " (" : "",
				 setting ? setting : "", setting ? ")" : "");
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parts);
}

bool
zdb_peer_is_local(const char *url)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	CURLU *parts = curl_url();
	char *host = NULL;
	bool local = false;

	if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK)
		curl_url_get(parts, CURLUPART_HOST, &host, 0);
	for (size_t i = 0; host && i < sizeof names / sizeof names[0]; i++)
		local = local || strcmp(host, names[i]) == 0;
	curl_free(host);
	curl_url_cleanup(parts);
	return local;
}

/* Does the text repeat a piece of what is from here to there? */
static bool
repeats_piece(const char *text, size_t len, const char *from, const char *to)
{
	static const char separators[] = "/?&=#:@";

	while (from < to)
	{
		size_t piece = strcspn(from, separators);

		if (piece > (size_t) (to - from))
			piece = (size_t) (to - from);
		if (piece >= PIECE_BYTES_MIN && memmem(text, len, from, piece))
			return true;
		from += piece + 1;
	}
	return false;
}

/* Of all that is not the URL's host: user, password, path, query? */
static bool
repeats(const char *text, size_t len, const char *url)
{
	const char *scheme_end = strstr(url, "://");
	const char *authority = scheme_end ? scheme_end + 3 : url;
	const char *path = authority + strcspn(authority, "/?#");
	const char *at = memrchr(authority, '@', (size_t) (path - authority));

	return (at && repeats_piece(text, len, authority, at)) ||
		   repeats_piece(text, len, path, path + strlen(path));
}

/* What is left of a text when it was written in another way: letters in
 * small, digits; percent signs decoded, also twice. */
static size_t
essence(const char *text, char out[ESSENCE_BYTES])
{
	size_t len = 0;

	snprintf(out, ESSENCE_BYTES, "%s", text);
	zdb_url_decode(out);
	zdb_url_decode(out);
	for (const char *from = out; *from; from++)
		if (isalnum((unsigned char) *from))
			out[len++] = (char) tolower((unsigned char) *from);
	return len;
}

bool
zdb_peer_tells(const char *words, const char *secret)
{
	char told[ESSENCE_BYTES], kept[ESSENCE_BYTES];
	size_t words_len = essence(words, told), len = essence(secret, kept);
	size_t piece = len < SECRET_BYTES_MIN ? len : SECRET_BYTES_MIN;
	bool tells = false;

	for (size_t at = 0; piece > 0 && at + piece <= len && !tells; at++)
		tells = memmem(told, words_len, kept + at, piece);
	explicit_bzero(kept, sizeof kept);
	return tells;
}

void
zdb_peer_words(const char *url, const char *words, size_t len, char *out,
			   size_t cap)
{
	size_t at = 0;

	*out = '\0';
	if (len == 0 || !zdb_utf8_valid(words, len) || repeats(words, len, url))
		return;
	for (size_t i = 0; i < len && at + 1 < cap; i++)
	{
		bool blank = (unsigned char) words[i] <= ' ' || words[i] == 0x7F;

		if (!blank)
			out[at++] = words[i];
		else if (at > 0 && out[at - 1] != ' ')
			out[at++] = ' ';
	}
	/* a character that was cut in two */
	while (at > 0 && !zdb_utf8_valid(out, at))
		at--;
	while (at > 0 && out[at - 1] == ' ')
		at--;
	out[at] = '\0';
}
