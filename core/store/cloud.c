/*
 * cloud - a bucket at a provider as a store
 */
#include "core/store/cloud.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/cloud_call.h"

#define TRIES_MAX 8
#define TIMEOUT_S 300.0
#define CLOSING_TIMEOUT_S 3.0
#define STOPPED_TIMEOUT_S 0.8 /* whoever cancelled waits for it */

typedef struct cloud_store
{
	zdb_store base;
	zdb_cloud *cloud;
} cloud_store;

static zdb_cloud *
cloud_of(zdb_store *store)
{
	return ((cloud_store *) store)->cloud;
}

static bool
guard_stop(void *arg)
{
	zdb_cloud *cloud = arg;
	const zdb_host *host = cloud->host;

	if (cloud->closing || !host || !host->stop || !host->stop(host->arg))
		return false;
	cloud->stopped = true;
	return true;
}

zdb_cloud *
zdb_cloud_hold(zdb_cloud *cloud)
{
	cloud->references++;
	return cloud;
}

void
zdb_cloud_drop(zdb_cloud *cloud)
{
	char *texts[] = {
		cloud->ca_file,    cloud->user,    cloud->secret_from,  cloud->region,
		cloud->encryption, cloud->kms_key, cloud->storage_class};

	if (--cloud->references > 0)
		return;
	zdb_client_free(cloud->client);
	zdb_url_clear(&cloud->url);
	zdb_endpoint_clear(&cloud->endpoint);
	zdb_free_secret(cloud->secret);
	zdb_free_secret(cloud->token);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		zdb_free(texts[i]);
	zdb_free(cloud);
}

void
zdb_cloud_close(zdb_cloud *cloud)
{
	cloud->closing = true;
	cloud->timeout_s = cloud->stopped ? STOPPED_TIMEOUT_S : CLOSING_TIMEOUT_S;
}

char *
zdb_cloud_name(const zdb_cloud *cloud, const char *key, zdb_err *err)
{
	return zdb_format(err, "%s://%s%s%s", zdb_cloud_scheme(cloud->url.cloud),
					  cloud->url.bucket, key ? "/" : "", key ? key : "");
}

char *
zdb_cloud_path(const zdb_cloud *cloud, const char *key, zdb_err *err)
{
	zdb_buf path = {0};

	zdb_buf_format(&path, err, "%s/%s%s", cloud->endpoint.path,
				   cloud->path_style ? cloud->url.bucket : "",
				   key && cloud->path_style ? "/" : "");
	if (key)
		zdb_url_encode(key, true, &path, err);
	zdb_buf_format(&path, err, "%c", '\0');
	if (err->code)
		zdb_buf_clear(&path);
	return (char *) path.data;
}

char *
zdb_cloud_authority(const zdb_cloud *cloud, zdb_err *err)
{
	return zdb_format(err, "%s%s%s",
					  cloud->path_style ? "" : cloud->url.bucket,
					  cloud->path_style ? "" : ".", cloud->endpoint.authority);
}

const char *
zdb_cloud_type(const char *key)
{
	const char *dot = strrchr(key, '.');

	if (dot && strcmp(dot, ".gz") == 0)
		return "application/gzip";
	if (dot && strcmp(dot, ".zst") == 0)
		return "application/zstd";
	return "application/octet-stream";
}

zdb_rc
zdb_cloud_look(zdb_cloud *cloud, const char *key, zdb_cloud_facts *facts,
			   zdb_err *err)
{
	zdb_cloud_request request = {.verb = "read", .method = "HEAD", .key = key};
	zdb_cloud_call call = {0};
	const char *length, *nonce;
	size_t len;

	*facts = (zdb_cloud_facts){0};
	if (zdb_cloud_do(&call, cloud, &request, err) == ZDB_OK)
	{
		length = zdb_http_header(&call.http.response, "content-length", &len);
		facts->bytes = length ? strtoull(length, NULL, 10) : 0;
		nonce = zdb_http_header(&call.http.response,
								cloud->dialect->nonce_header, &len);
		if (nonce && len < sizeof facts->nonce)
			memcpy(facts->nonce, nonce, len);
	}
	zdb_cloud_call_clear(&call);
	zdb_cloud_request_clear(&request);
	return err->code;
}

static zdb_rc
cloud_list(zdb_store *store, const char *prefix, zdb_store_visit visit,
		   void *arg, zdb_err *err)
{
	return zdb_cloud_list(cloud_of(store), prefix, visit, arg, err);
}

static char *
key_of(zdb_store *store, const char *name, zdb_err *err)
{
	char *key = zdb_format(err, "%s%s", cloud_of(store)->url.key, name);

	if (!key || zdb_url_check_key(key, err) == ZDB_OK)
		return key;
	zdb_free(key);
	return NULL;
}

static zdb_rc
cloud_source(zdb_store *store, const char *name, zdb_source **out,
			 zdb_err *err)
{
	char *key = key_of(store, name, err);

	*out = NULL;
	if (key)
		zdb_cloud_source_open(cloud_of(store), key, out, err);
	zdb_free(key);
	return err->code;
}

static zdb_rc
cloud_sink(zdb_store *store, const char *name, bool overwrite, zdb_sink **out,
		   zdb_err *err)
{
	char *key = key_of(store, name, err);

	*out = NULL;
	if (key)
		zdb_cloud_sink_open(cloud_of(store), key, overwrite, out, err);
	zdb_free(key);
	return err->code;
}

static zdb_rc
cloud_remove(zdb_store *store, const char *name, zdb_err *err)
{
	char *key = key_of(store, name, err);

	if (key)
		zdb_cloud_remove(cloud_of(store), key, err);
	zdb_free(key);
	return err->code;
}

static zdb_rc
cloud_exists(zdb_store *store, const char *name, bool *exists, zdb_err *err)
{
	char *key = key_of(store, name, err);
	zdb_cloud_facts facts;
	zdb_err why = {0};

	*exists = false;
	if (!key)
		return err->code;
	*exists = zdb_cloud_look(cloud_of(store), key, &facts, &why) == ZDB_OK;
	if (why.code && why.code != ZDB_NOT_FOUND && why.code != ZDB_PERMISSION)
		*err = why;
	zdb_free(key);
	return err->code;
}

static zdb_rc
cloud_move(zdb_store *store, const char *from, const char *to, zdb_err *err)
{
	char *source = key_of(store, from, err), *key = key_of(store, to, err);

	if (!err->code)
		zdb_cloud_move(cloud_of(store), source, key, err);
	zdb_free(source);
	zdb_free(key);
	return err->code;
}

static void
cloud_hurry(zdb_store *store)
{
	zdb_cloud_close(cloud_of(store));
}

static void
cloud_free(zdb_store *store)
{
	if (cloud_of(store))
		zdb_cloud_drop(cloud_of(store));
	zdb_free(store->where);
	zdb_free(store);
}

static const zdb_store_ops cloud_ops = {
	.list = cloud_list,
	.open_source = cloud_source,
	.open_sink = cloud_sink,
	.remove = cloud_remove,
	.exists = cloud_exists,
	.move = cloud_move,
	.hurry = cloud_hurry,
	.free = cloud_free,
};

zdb_rc
zdb_cloud_setting(zdb_settings *settings, zdb_setting which, char **to,
				  zdb_err *err)
{
	const char *value = zdb_settings_get(settings, which, err);

	if (value)
		*to = zdb_strdup(value, err);
	return err->code;
}

zdb_rc
zdb_cloud_endpoint(zdb_cloud *cloud, zdb_settings *settings, zdb_setting which,
				   const char *otherwise, zdb_err *err)
{
	const char *value = zdb_settings_get(settings, which, err);

	if (err->code)
		return err->code;
	return zdb_endpoint_parse(value ? value : otherwise,
							  zdb_settings_name(settings, which),
							  &cloud->endpoint, err);
}

zdb_rc
zdb_cloud_need(const zdb_cloud *cloud, zdb_settings *settings,
			   zdb_setting which, char **to, zdb_err *err)
{
	const zdb_setting_row *row = &zdb_setting_rows[which];
	const char *other = row->provider[0] ? row->provider[0] : row->guide;
	zdb_err ignored = {0};

	if (zdb_cloud_setting(settings, which, to, err) || *to)
		return err->code;
	zdb_err_set(err, ZDB_USAGE, "%s:// needs %s, which is not set",
				zdb_cloud_scheme(cloud->url.cloud),
				zdb_settings_name(settings, which));
	if (row->goes_with && zdb_settings_get(settings, row->goes_with, &ignored))
		zdb_err_hint(err, "%s; it goes with %s.", row->what,
					 zdb_settings_name(settings, row->goes_with));
	else
		zdb_err_hint(err, "%s; the variable %s will do, too.", row->what,
					 other);
	return err->code;
}

static zdb_rc
set_timeout(zdb_cloud *cloud, zdb_settings *settings, zdb_err *err)
{
	const char *text = zdb_settings_get(settings, ZDB_SET_CLOUD_TIMEOUT, err);
	char *end;

	cloud->timeout_s = TIMEOUT_S;
	if (!text)
		return err->code;
	cloud->timeout_s = strtod(text, &end);
	if (!*end && cloud->timeout_s > 0 && cloud->timeout_s < 1e6)
		return ZDB_OK;
	return zdb_err_set(err, ZDB_USAGE, "%s must be a number of seconds",
					   zdb_settings_name(settings, ZDB_SET_CLOUD_TIMEOUT));
}

/* The store's prefix ends in "/", or is empty. */
static zdb_rc
set_prefix(zdb_url *url, zdb_err *err)
{
	size_t len = strlen(url->key);
	char *prefix;

	if (len == 0 || url->key[len - 1] == '/')
		return ZDB_OK;
	prefix = zdb_format(err, "%s/", url->key);
	if (prefix)
	{
		zdb_free(url->key);
		url->key = prefix;
	}
	return err->code;
}

static const zdb_cloud_dialect *
dialect_of(zdb_cloud_kind kind)
{
	switch (kind)
	{
		case ZDB_CLOUD_S3:
			return &zdb_cloud_s3;
		case ZDB_CLOUD_GS:
			return &zdb_cloud_gs;
		case ZDB_CLOUD_AZURE:
			return &zdb_cloud_azure;
	}
	return NULL;
}

static zdb_rc
configure(zdb_cloud *cloud, const zdb_store_options *options, zdb_err *err)
{
	zdb_settings none = {0};
	zdb_settings *settings = options->settings ? options->settings : &none;

	cloud->references = 1;
	cloud->host = options->host;
	cloud->tries_max = options->once ? 1 : TRIES_MAX;
	cloud->guard = (zdb_host){.stop = guard_stop, .arg = cloud};
	if (zdb_url_parse(options->where, &cloud->url, err) == ZDB_OK &&
		set_prefix(&cloud->url, err) == ZDB_OK &&
		set_timeout(cloud, settings, err) == ZDB_OK &&
		zdb_cloud_setting(settings, ZDB_SET_CA_FILE, &cloud->ca_file, err) ==
			ZDB_OK)
	{
		cloud->dialect = dialect_of(cloud->url.cloud);
		cloud->dialect->configure(cloud, settings, err);
	}
	if (zdb_arena_failed(&settings->arena))
		zdb_err_nomem(err);
	zdb_settings_clear(&none);
	if (err->code)
		return err->code;
	if (!*cloud->url.bucket)
		return zdb_err_set(err, ZDB_USAGE, "the URL names no bucket");
	return zdb_client_new(cloud->ca_file, &cloud->guard, &cloud->client, err);
}

/* "s3://bucket/a/b" */
static char *
where_of(const zdb_cloud *cloud, zdb_err *err)
{
	size_t len = strlen(cloud->url.key);
	char *prefix =
		zdb_format(err, "%.*s", len ? (int) len - 1 : 0, cloud->url.key);
	char *where =
		prefix ? zdb_cloud_name(cloud, len ? prefix : NULL, err) : NULL;

	zdb_free(prefix);
	return where;
}

zdb_rc
zdb_cloud_new(const zdb_store_options *options, zdb_cloud **out, zdb_err *err)
{
	zdb_cloud *cloud = zdb_calloc(1, sizeof *cloud);

	*out = NULL;
	if (!cloud)
		return zdb_err_nomem(err);
	if (configure(cloud, options, err))
		zdb_cloud_drop(cloud);
	else
		*out = cloud;
	return err->code;
}

zdb_rc
zdb_store_cloud_open(const zdb_store_options *options, zdb_store **out,
					 zdb_err *err)
{
	cloud_store *self = zdb_calloc(1, sizeof *self);

	*out = NULL;
	if (!self)
		return zdb_err_nomem(err);
	self->base.ops = &cloud_ops;
	if (zdb_cloud_new(options, &self->cloud, err) == ZDB_OK)
		self->base.where = where_of(self->cloud, err);
	if (err->code)
		cloud_free(&self->base);
	else
		*out = &self->base;
	return err->code;
}
