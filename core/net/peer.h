/*
 * peer - what a message may say of a server
 *
 * A URL can be a secret: a password before the "@", a token in the path of an
 * incoming webhook, a signature in the query. A message names the host, and
 * the setting that holds the URL; never more.
 */
#ifndef ZDB_CORE_NET_PEER_H
#define ZDB_CORE_NET_PEER_H

#include <stdbool.h>
#include <stddef.h>

#define ZDB_PEER_BYTES 320

/* Write "hooks.slack.com (BACKUP_SLACK_WEBHOOK)", with a port where the URL
 * has one, or the setting's name alone for what is no URL. setting may be
 * NULL. */
void zdb_peer_name(const char *url, const char *setting,
				   char out[ZDB_PEER_BYTES]);

/* Is the URL's host this machine, by name or address? */
bool zdb_peer_is_local(const char *url);

/* Copy a server's words (len bytes) to out as one line of at most cap - 1
 * bytes of UTF-8. Empty when they repeat a part of the URL beyond its host:
 * many servers answer "cannot POST /your/secret". */
void zdb_peer_words(const char *url, const char *words, size_t len, char *out,
					size_t cap);

/* Do a server's words repeat a secret, or ten letters and digits of it in a
 * row? Whichever case they are in, percent-encoded once, twice or not. */
bool zdb_peer_tells(const char *words, const char *secret);

#endif
