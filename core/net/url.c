/*
 * url - s3://bucket/key, gs://bucket/key, azure://container/blob
 */
#include "core/net/url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

#define BUCKET_BYTES_MAX 255 /* of the oldest S3 buckets; 63 by now */
#define CLOUDS 3

static const char *const schemes[CLOUDS] = {
	[ZDB_CLOUD_S3] = "s3",
	[ZDB_CLOUD_GS] = "gs",
	[ZDB_CLOUD_AZURE] = "azure",
};

size_t
zdb_url_scheme(const char *path)
{
	size_t len = 0;

	while (isalnum((unsigned char) path[len]))
		len++;
	return strncmp(path + len, "://", 3) == 0 ? len : 0;
}

const char *
zdb_cloud_scheme(zdb_cloud_kind cloud)
{
	return schemes[cloud];
}

static zdb_rc
find_cloud(const char *text, size_t len, zdb_cloud_kind *cloud, zdb_err *err)
{
	for (int i = 0; i < CLOUDS; i++)
		if (strlen(schemes[i]) == len && memcmp(text, schemes[i], len) == 0)
		{
			*cloud = (zdb_cloud_kind) i;
			return ZDB_OK;
		}
	zdb_err_set(err, ZDB_UNSUPPORTED, "cannot reach \"%.*s://\" destinations",
				(int) len, text);
	zdb_err_hint(err, "Give a path, or a URL that begins with s3://, gs:// or "
					  "azure://.");
	return err->code;
}

zdb_rc
zdb_url_check_bucket(const char *bucket, zdb_err *err)
{
	size_t len = strlen(bucket);

	if (len <= BUCKET_BYTES_MAX && bucket[0] != '.' && bucket[0] != '-' &&
		strspn(bucket, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789.-_$") == len)
		return ZDB_OK;
	zdb_err_set(err, ZDB_USAGE, "\"%.100s\" is no name of a bucket", bucket);
	zdb_err_hint(err, "Buckets and containers are named with lower-case "
					  "letters, digits and hyphens.");
	return err->code;
}

zdb_rc
zdb_url_check_key(const char *key, zdb_err *err)
{
	if (strlen(key) > ZDB_KEY_BYTES_MAX)
		return zdb_err_set(err, ZDB_USAGE,
						   "the key \"%.60s...\" is longer than %d bytes", key,
						   ZDB_KEY_BYTES_MAX);
	if (!zdb_utf8_valid(key, strlen(key)))
		return zdb_err_set(err, ZDB_USAGE, "the key is not valid UTF-8");
	return ZDB_OK;
}

zdb_rc
zdb_url_parse(const char *text, zdb_url *url, zdb_err *err)
{
	size_t len = zdb_url_scheme(text);
	const char *bucket = text + len + 3, *slash;

	*url = (zdb_url){0};
	if (len == 0)
		return zdb_err_set(err, ZDB_USAGE, "\"%.100s\" is not a URL", text);
	if (find_cloud(text, len, &url->cloud, err))
		return err->code;
	slash = bucket + strcspn(bucket, "/");
	url->bucket = zdb_format(err, "%.*s", (int) (slash - bucket), bucket);
	url->key = zdb_strdup(*slash ? slash + 1 : "", err);
	if (err->code || zdb_url_check_key(url->key, err))
		return err->code;
	return zdb_url_check_bucket(url->bucket, err);
}

void
zdb_url_clear(zdb_url *url)
{
	zdb_free(url->bucket);
	zdb_free(url->key);
	*url = (zdb_url){0};
}

zdb_rc
zdb_endpoint_parse(const char *text, const char *setting,
				   zdb_endpoint *endpoint, zdb_err *err)
{
	bool tls = strncmp(text, "https://", 8) == 0;
	const char *authority = text + (tls ? 8 : 7);
	size_t len = strcspn(authority, "/"), path = strlen(authority + len);

	*endpoint = (zdb_endpoint){.tls = tls};
	if ((!tls && strncmp(text, "http://", 7) != 0) || len == 0 ||
		strpbrk(authority, "@?# "))
	{
		zdb_err_set(err, ZDB_USAGE, "%s is not the address of a server",
					setting);
		zdb_err_hint(err, "It looks like https://host or https://host:port.");
		return err->code;
	}
	while (path > 0 && authority[len + path - 1] == '/')
		path--;
	endpoint->authority = zdb_format(err, "%.*s", (int) len, authority);
	endpoint->path = zdb_format(err, "%.*s", (int) path, authority + len);
	return err->code;
}

void
zdb_endpoint_clear(zdb_endpoint *endpoint)
{
	zdb_free(endpoint->authority);
	zdb_free(endpoint->path);
	*endpoint = (zdb_endpoint){0};
}

zdb_rc
zdb_url_encode(const char *text, bool slashes, zdb_buf *out, zdb_err *err)
{
	for (; *text && !err->code; text++)
	{
		unsigned char c = (unsigned char) *text;
		bool plain = (c < 0x80 && isalnum(c)) || strchr("-._~", c) ||
					 (slashes && c == '/');

		zdb_buf_format(out, err, plain ? "%c" : "%%%02X", c);
	}
	return err->code;
}

void
zdb_url_decode(char *text)
{
	char *to = text;

	while (*text)
	{
		char digits[3] = "";

		if (*text == '%' && isxdigit((unsigned char) text[1]) &&
			isxdigit((unsigned char) text[2]))
		{
			memcpy(digits, text + 1, 2);
			*to++ = (char) strtol(digits, NULL, 16);
			text += 3;
		}
		else
			*to++ = *text++;
	}
	*to = '\0';
}

zdb_rc
zdb_url_query(const zdb_fields *query, zdb_buf *out, zdb_err *err)
{
	for (size_t i = 0; i < query->count; i++)
	{
		if (i > 0)
			zdb_buf_format(out, err, "&");
		zdb_url_encode(query->list[i].name, false, out, err);
		zdb_buf_format(out, err, "=");
		zdb_url_encode(query->list[i].value, false, out, err);
	}
	return err->code;
}
