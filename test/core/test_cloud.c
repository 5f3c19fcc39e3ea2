/*
 * test_cloud - where requests go, by URL and settings
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/cloud.h"
#include "test/core/test.h"

/* "https://host/path" for an object "k" of the URL. */
static void
goes_to(const char *url, const char *expected)
{
	zdb_settings settings = {0};
	zdb_store_options options = {.where = url, .settings = &settings};
	zdb_cloud *cloud = NULL;
	zdb_err err = {0};
	char *host = NULL, *path = NULL, *whole = NULL;

	if (zdb_cloud_new(&options, &cloud, &err) == ZDB_OK)
	{
		host = zdb_cloud_authority(cloud, &err);
		path = zdb_cloud_path(cloud, "k", &err);
		whole = zdb_format(&err, "%s://%s%s",
						   cloud->endpoint.tls ? "https" : "http", host, path);
		zdb_cloud_drop(cloud);
	}
	test_ok(whole && strcmp(whole, expected) == 0, "%s: %s", url,
			whole ? whole : err.msg);
	zdb_free(host);
	zdb_free(path);
	zdb_free(whole);
	zdb_settings_clear(&settings);
}

static void
is_refused(const char *url, const char *why)
{
	zdb_store_options options = {.where = url};
	zdb_store *store = NULL;
	zdb_err err = {0};

	zdb_store_open(&options, &store, &err);
	test_err(&err, ZDB_USAGE, why);
	test_ok(!store, "nothing was opened");
}

static zdb_rc
open_all(void *arg, zdb_err *err)
{
	const char *const urls[] = {"s3://bucket/a", "gs://bucket",
								"azure://bucket/a/b/"};

	(void) arg;
	for (size_t i = 0; i < 3 && !err->code; i++)
	{
		zdb_store *store = NULL;

		zdb_store_open(&(zdb_store_options){.where = urls[i]}, &store, err);
		if (store && strlen(store->where) + (i == 2) != strlen(urls[i]))
			zdb_err_set(err, ZDB_INTERNAL, "where is %s", store->where);
		zdb_store_free(store);
	}
	return err->code;
}

int
main(void)
{
	is_refused("s3://bucket", "ZDBACKUP_S3_ACCESS_KEY, which is not set");
	is_refused("gs://bucket", "ZDBACKUP_GS_ACCESS_KEY, which is not set");
	is_refused("azure://c", "ZDBACKUP_AZURE_ACCOUNT, which is not set");
	setenv("AWS_ACCESS_KEY_ID", "key", 1);
	is_refused("s3://bucket", "AWS_SECRET_ACCESS_KEY, which is not set");
	setenv("BACKUP_S3_ACCESS_KEY", "key", 1);
	is_refused("s3://bucket", "BACKUP_S3_SECRET_KEY, which is not set");
	unsetenv("BACKUP_S3_ACCESS_KEY");
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("GS_ACCESS_KEY_ID", "key", 1);
	setenv("GS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AZURE_STORAGE_ACCOUNT", "account", 1);
	is_refused("azure://c", "AZURE_STORAGE_KEY, which is not set");
	setenv("AZURE_STORAGE_KEY", "a2V5", 1);
	is_refused("s3://", "ZDBACKUP_S3_BUCKET, which is not set");
	is_refused("gs:///key", "names no bucket");

	goes_to("s3://bucket", "https://bucket.s3.us-east-1.amazonaws.com/k");
	goes_to("s3://with.dots",
			"https://s3.us-east-1.amazonaws.com/with.dots/k");
	goes_to("s3://Upper", "https://s3.us-east-1.amazonaws.com/Upper/k");
	goes_to("gs://bucket", "https://storage.googleapis.com/bucket/k");
	goes_to("azure://box", "https://account.blob.core.windows.net/box/k");
	setenv("AWS_REGION", "eu-west-1", 1);
	goes_to("s3://bucket", "https://bucket.s3.eu-west-1.amazonaws.com/k");
	setenv("ZDBACKUP_S3_PATH_STYLE", "true", 1);
	goes_to("s3://bucket", "https://s3.eu-west-1.amazonaws.com/bucket/k");
	unsetenv("ZDBACKUP_S3_PATH_STYLE");
	setenv("AWS_REGION", "elsewhere.example/", 1);
	is_refused("s3://bucket", "AWS_REGION is no name of a region");
	setenv("AWS_REGION", "eu-west-1", 1);
	is_refused("s3:/bucket/x", "neither a path nor a URL");
	setenv("AWS_ENDPOINT_URL", "http://10.0.0.1:9000/base/", 1);
	goes_to("s3://bucket", "http://10.0.0.1:9000/base/bucket/k");
	setenv("ZDBACKUP_S3_PATH_STYLE", "no", 1);
	goes_to("s3://bucket", "http://bucket.10.0.0.1:9000/base/k");
	setenv("AWS_ENDPOINT_URL", "http://user:password@host", 1);
	is_refused("s3://bucket", "AWS_ENDPOINT_URL is not the address");
	setenv("AWS_ENDPOINT_URL", "https://host", 1);
	test_break_each("opening stores", open_all, NULL);
	return test_done();
}
