/*
 * url - s3://bucket/key, gs://bucket/key, azure://container/blob
 *
 * The key is taken as it stands: nothing in it is an escape, so "%41" is three
 * characters and "?" begins nothing.
 */
#ifndef ZDB_CORE_NET_URL_H
#define ZDB_CORE_NET_URL_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/net/fields.h"

#define ZDB_KEY_BYTES_MAX 1024 /* of S3, Azure and Google alike */

typedef enum zdb_cloud_kind
{
	ZDB_CLOUD_S3,
	ZDB_CLOUD_GS,
	ZDB_CLOUD_AZURE,
} zdb_cloud_kind;

typedef struct zdb_url
{
	zdb_cloud_kind cloud;
	char *bucket; /* "" in "s3:///key": the one of the settings */
	char *key;    /* or a prefix; may be "" */
} zdb_url;

/* The length of "s3" in "s3://bucket/key"; 0 for a path. */
size_t zdb_url_scheme(const char *path);

/* "s3", "gs", "azure" */
const char *zdb_cloud_scheme(zdb_cloud_kind cloud);

/* Take a URL apart. Clear it in either case. */
zdb_rc zdb_url_parse(const char *text, zdb_url *url, zdb_err *err);

void zdb_url_clear(zdb_url *url);

/* Is it a name that buckets can have? It becomes part of a host's name. */
zdb_rc zdb_url_check_bucket(const char *bucket, zdb_err *err);

/* Is it one that objects can have? */
zdb_rc zdb_url_check_key(const char *key, zdb_err *err);

/* Where a server is: "https://host:port/path". */
typedef struct zdb_endpoint
{
	bool tls;
	char *authority; /* "host", "host:port" */
	char *path;      /* "" or "/path", without a slash at its end */
} zdb_endpoint;

/* Take an address apart; setting is what a message calls it, because it may
 * hold a secret. Clear it in either case. */
zdb_rc zdb_endpoint_parse(const char *text, const char *setting,
						  zdb_endpoint *endpoint, zdb_err *err);

void zdb_endpoint_clear(zdb_endpoint *endpoint);

/* Append text in RFC 3986 encoding: all but A-Z a-z 0-9 - . _ ~ becomes %XX;
 * "/" stays when slashes is set. */
zdb_rc zdb_url_encode(const char *text, bool slashes, zdb_buf *out,
					  zdb_err *err);

/* Replace %XX in text by what it means; what is no escape stays. */
void zdb_url_decode(char *text);

/* Append "a=1&b=": encoded, in the order of the fields. */
zdb_rc zdb_url_query(const zdb_fields *query, zdb_buf *out, zdb_err *err);

#endif
