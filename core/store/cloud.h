/*
 * cloud - a bucket at a provider as a store
 *
 * What all providers share: one connection, requests that are signed, sent
 * and retried (cloud_call.h), listing page by page (cloud_list.c), reading by
 * ranges (cloud_source.c), writing in parts (cloud_sink.c). What differs is a
 * dialect: s3.c, which also speaks to Google, and azure.c.
 *
 * The store, its sources and its sinks hold one cloud together; it goes with
 * the last of them. One thread at a time.
 */
#ifndef ZDB_CORE_STORE_CLOUD_H
#define ZDB_CORE_STORE_CLOUD_H

#include "core/base/settings.h"
#include "core/net/fields.h"
#include "core/net/http.h"
#include "core/net/url.h"
#include "core/net/xml.h"
#include "core/store/store.h"

/* Parts of an upload: S3 takes 10,000, and none below 5 MiB but the last. */
#define ZDB_CLOUD_PART_BYTES (8u << 20)
#define ZDB_CLOUD_PARTS_MAX 10000

typedef struct zdb_cloud zdb_cloud;

/* One request as the store thinks of it. Owns its fields, nothing else. */
typedef struct zdb_cloud_request
{
	const char *verb; /* for messages: could not "write" it */
	const char *method;
	const char *key;    /* NULL: the bucket itself */
	zdb_fields query;   /* not encoded */
	zdb_fields headers; /* names in lower case */
	const void *body;
	size_t body_bytes;
	uint8_t *into; /* NULL, or where into_bytes of a good answer belong */
	size_t into_bytes;
} zdb_cloud_request;

void zdb_cloud_request_clear(zdb_cloud_request *request);

/* An object on its way in parts, numbered from 1. */
typedef struct zdb_cloud_upload
{
	const char *key;
	char nonce[33]; /* kept with the object, so that we know it again */
	char *id;       /* the provider's; NULL: not begun, or needs none */
	char **tags;    /* room for ZDB_CLOUD_PARTS_MAX; NULL: needs none */
} zdb_cloud_upload;

/* A page of a listing while it is read. */
typedef struct zdb_cloud_page
{
	zdb_cloud *cloud;
	zdb_store_visit visit;
	void *arg;
	char *key; /* of the item that is read, or NULL */
	char *upload;
	uint64_t bytes;
	int64_t modified_us;
	bool asked; /* there was a good answer */
	bool whole; /* it was read to its end */
	bool more;  /* others follow */
	char *next; /* where the next one begins, or NULL */
	char *next_upload;
} zdb_cloud_page;

/* Keep a text of the page's, in place of an earlier one. */
void zdb_cloud_keep(char **slot, const char *text, zdb_err *err);

/* Visit the item that was read, and be ready for the next. */
void zdb_cloud_visit(zdb_cloud_page *page, zdb_err *err);

/* Requests come with method and key; these functions add to them. */
typedef struct zdb_cloud_dialect
{
	bool suffix_ranges; /* "the last n bytes" can be asked for */
	bool if_none_match; /* "only when there is none" can be asked for */
	const char *nonce_header;
	zdb_rc (*configure)(zdb_cloud *cloud, zdb_settings *settings,
						zdb_err *err);
	/* What any request needs, and the signature as of now. path is encoded,
	 * as it goes over the wire. */
	zdb_rc (*sign)(const zdb_cloud *cloud, const char *path,
				   zdb_cloud_request *request, zdb_err *err);
	/* What the object will be: its type, its encryption, the nonce. */
	zdb_rc (*describe)(const zdb_cloud *cloud, const zdb_cloud_upload *upload,
					   zdb_cloud_request *request, zdb_err *err);
	zdb_rc (*list)(const zdb_cloud_page *page, const char *prefix,
				   zdb_cloud_request *request, zdb_err *err);
	zdb_xml_visit list_element; /* its arg is the page */
	/* The same for uploads that nobody completed; NULL: they go unasked. */
	zdb_rc (*list_uploads)(const zdb_cloud_page *page, const char *prefix,
						   zdb_cloud_request *request, zdb_err *err);
	/* NULL: an upload begins with its first part. */
	zdb_rc (*begin)(zdb_cloud *cloud, zdb_cloud_upload *upload, zdb_err *err);
	zdb_rc (*part)(const zdb_cloud_upload *upload, size_t part,
				   zdb_cloud_request *request, zdb_err *err);
	zdb_rc (*part_done)(zdb_cloud_upload *upload, size_t part,
						const zdb_http_response *response, zdb_err *err);
	zdb_rc (*complete)(const zdb_cloud *cloud, const zdb_cloud_upload *upload,
					   size_t parts, zdb_cloud_request *request, zdb_buf *body,
					   zdb_err *err);
	/* Add what the object is made of: another one of the bucket. */
	zdb_rc (*copy)(const zdb_cloud *cloud, const zdb_cloud_upload *upload,
				   const char *source, zdb_cloud_request *request,
				   zdb_err *err);
	/* NULL: a copy is made when it is answered. Otherwise *done tells. */
	zdb_rc (*copy_done)(const zdb_http_response *response, bool *done,
						zdb_err *err);
	uint64_t copy_bytes_max; /* what is larger is copied in parts */
	/* NULL: what is not completed goes unasked. */
	zdb_rc (*abort)(const zdb_cloud_upload *upload, zdb_cloud_request *request,
					zdb_err *err);
} zdb_cloud_dialect;

extern const zdb_cloud_dialect zdb_cloud_s3;
extern const zdb_cloud_dialect zdb_cloud_gs;
extern const zdb_cloud_dialect zdb_cloud_azure;

struct zdb_cloud
{
	const zdb_cloud_dialect *dialect;
	int references;
	zdb_client *client;
	const zdb_host *host;
	zdb_host guard; /* what the client asks: host, unless we are closing */
	bool stopped;   /* the host has said so */
	bool closing;   /* the caller is gone: clean up, do not stop for him */
	double timeout_s;
	int tries_max;
	zdb_url url; /* its key is the store's prefix: "" or "a/b/" */
	zdb_endpoint endpoint;
	bool path_style;
	char *ca_file;
	char *user; /* access key; Azure: account */
	char *secret;
	char *secret_from; /* the setting, for hints */
	char *token;       /* session token; Azure: shared access signature */
	char *region;
	char *encryption;
	char *kms_key;
	char *storage_class;
};

/* "s3://bucket/key" for messages, to be freed. */
char *zdb_cloud_name(const zdb_cloud *cloud, const char *key, zdb_err *err);

/* "/bucket/key" as it goes over the wire, to be freed; key may be NULL. */
char *zdb_cloud_path(const zdb_cloud *cloud, const char *key, zdb_err *err);

/* "host" or "bucket.host", to be freed. */
char *zdb_cloud_authority(const zdb_cloud *cloud, zdb_err *err);

/* For configure: a copy of a setting's value, NULL when it is not set; or an
 * error then; the address of the server, otherwise when it is not set. */
zdb_rc zdb_cloud_setting(zdb_settings *settings, zdb_setting which, char **to,
						 zdb_err *err);
zdb_rc zdb_cloud_need(const zdb_cloud *cloud, zdb_settings *settings,
					  zdb_setting which, char **to, zdb_err *err);
zdb_rc zdb_cloud_endpoint(zdb_cloud *cloud, zdb_settings *settings,
						  zdb_setting which, const char *otherwise,
						  zdb_err *err);

/* Make one, held once, after the options' URL and settings. Nothing is sent.
 */
zdb_rc zdb_cloud_new(const zdb_store_options *options, zdb_cloud **out,
					 zdb_err *err);

/* Share the cloud; drop it. */
zdb_cloud *zdb_cloud_hold(zdb_cloud *cloud);
void zdb_cloud_drop(zdb_cloud *cloud);

/* What kind of file it is, by the end of its name: "application/gzip". */
const char *zdb_cloud_type(const char *key);

/* From here on only what cleans up: the host is not asked any more, and
 * nobody is waited for long. */
void zdb_cloud_close(zdb_cloud *cloud);

/* The parts of a store that have files of their own; keys are whole. */
zdb_rc zdb_cloud_list(zdb_cloud *cloud, const char *prefix,
					  zdb_store_visit visit, void *arg, zdb_err *err);
zdb_rc zdb_cloud_remove(zdb_cloud *cloud, const char *key, zdb_err *err);
/* What the provider says of an object. */
typedef struct zdb_cloud_facts
{
	uint64_t bytes;
	char nonce[33]; /* "" for one that we did not write */
} zdb_cloud_facts;

/* ZDB_NOT_FOUND when there is none. */
zdb_rc zdb_cloud_look(zdb_cloud *cloud, const char *key,
					  zdb_cloud_facts *facts, zdb_err *err);

/* Give an object another key: it is copied there by the provider. */
zdb_rc zdb_cloud_move(zdb_cloud *cloud, const char *from, const char *to,
					  zdb_err *err);

/* End an upload; *found is false when there is none. */
zdb_rc zdb_cloud_abort(zdb_cloud *cloud, const zdb_cloud_upload *upload,
					   bool *found, zdb_err *err);
zdb_rc zdb_cloud_source_open(zdb_cloud *cloud, const char *key,
							 zdb_source **out, zdb_err *err);
zdb_rc zdb_cloud_sink_open(zdb_cloud *cloud, const char *key, bool overwrite,
						   zdb_sink **out, zdb_err *err);

#endif
