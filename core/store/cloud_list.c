/*
 * cloud_list - what a bucket holds, page by page, and how it goes
 *
 * Uploads that nobody completed are listed as "<name>.zdbtmp-<upload>", as
 * the temporary files of a directory are, and removed by that name.
 */
#include <string.h>

#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/store/cloud_call.h"

void
zdb_cloud_keep(char **slot, const char *text, zdb_err *err)
{
	zdb_free(*slot);
	*slot = zdb_strdup(text, err);
}

static void
forget(char **slot)
{
	zdb_free(*slot);
	*slot = NULL;
}

/* A name ends in "/" when a console shows an empty folder. */
static bool
is_folder(const char *key)
{
	size_t len = strlen(key);

	return len > 0 && key[len - 1] == '/';
}

void
zdb_cloud_visit(zdb_cloud_page *page, zdb_err *err)
{
	size_t prefix = strlen(page->cloud->url.key);
	zdb_item item = {.bytes = page->bytes, .modified_us = page->modified_us};
	char *temp = NULL;

	/* a key that was not asked for would be removed by a wrong name */
	if (page->key && strncmp(page->key, page->cloud->url.key, prefix) == 0 &&
		page->key[prefix] && !is_folder(page->key))
	{
		item.name = page->key + prefix;
		if (page->upload)
			item.name = temp = zdb_format(err, "%s" ZDB_TEMP_MARK "%s",
										  item.name, page->upload);
		if (item.name)
			page->visit(page->arg, &item, err);
	}
	zdb_free(temp);
	forget(&page->key);
	forget(&page->upload);
	page->bytes = 0;
	page->modified_us = 0;
}

static zdb_rc
read_page(zdb_cloud_page *page, const zdb_http_response *response,
		  zdb_err *err)
{
	if (response->cut)
		return zdb_err_set(err, ZDB_IO,
						   "the server's answer to a listing is too long");
	page->whole = false;
	zdb_xml_each(response->body.data, response->body.len,
				 page->cloud->dialect->list_element, page, err);
	if (!err->code && !page->whole)
		zdb_err_set(err, ZDB_FORMAT,
					"the server did not answer with a listing");
	return err->code;
}

static bool
is_same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Does the page say where the next one begins, and is that further on? A
 * listing that is not whole must not pass for one: prune goes by it. */
static zdb_rc
check_next(const zdb_cloud_page *page, const char *from,
		   const char *from_upload, zdb_err *err)
{
	if (err->code || !page->more)
		return err->code;
	if (!page->next)
		return zdb_err_set(err, ZDB_FORMAT,
						   "the server's listing breaks off: it does not say "
						   "where it goes on");
	if (is_same(page->next, from) && is_same(page->next_upload, from_upload))
		zdb_err_set(err, ZDB_FORMAT,
					"the server lists the same page again and again");
	return err->code;
}

typedef zdb_rc (*page_request)(const zdb_cloud_page *page, const char *prefix,
							   zdb_cloud_request *request, zdb_err *err);

/* One page; page->more tells whether there is another one. */
static zdb_rc
list_page(zdb_cloud_page *page, page_request ask, const char *prefix,
		  zdb_err *err)
{
	zdb_cloud_request request = {.verb = "list", .method = "GET"};
	char *from = page->next, *from_upload = page->next_upload;
	zdb_cloud_call call = {0};

	page->asked = false;
	ask(page, prefix, &request, err);
	page->more = false;
	page->next = NULL;
	page->next_upload = NULL;
	if (!err->code &&
		zdb_cloud_do(&call, page->cloud, &request, err) == ZDB_OK)
	{
		page->asked = true;
		read_page(page, &call.http.response, err);
		check_next(page, from, from_upload, err);
	}
	zdb_free(from);
	zdb_free(from_upload);
	zdb_cloud_call_clear(&call);
	zdb_cloud_request_clear(&request);
	return err->code;
}

static zdb_rc
list_all(zdb_cloud_page *page, page_request ask, const char *prefix,
		 zdb_err *err)
{
	do
		list_page(page, ask, prefix, err);
	while (!err->code && page->more);
	forget(&page->key);
	forget(&page->upload);
	forget(&page->next);
	forget(&page->next_upload);
	return err->code;
}

/* Many keys may not list uploads, and some servers cannot: then nobody knows
 * of what was left, and that is all. */
static zdb_rc
list_uploads(zdb_cloud_page *page, const char *prefix, zdb_err *err)
{
	zdb_err why = {0};

	list_all(page, page->cloud->dialect->list_uploads, prefix, &why);
	if (page->asked || why.code == ZDB_NOMEM || why.code == ZDB_CANCELLED)
		*err = why;
	return err->code;
}

zdb_rc
zdb_cloud_list(zdb_cloud *cloud, const char *prefix, zdb_store_visit visit,
			   void *arg, zdb_err *err)
{
	zdb_cloud_page page = {.cloud = cloud, .visit = visit, .arg = arg};
	char *whole = zdb_format(err, "%s%s", cloud->url.key, prefix);

	if (whole)
		list_all(&page, cloud->dialect->list, whole, err);
	if (!err->code && cloud->dialect->list_uploads)
		list_uploads(&page, whole, err);
	zdb_free(whole);
	return err->code;
}

/* Send a request whose answer does not matter. "Not found" is fine. */
static zdb_rc
send_removal(zdb_cloud *cloud, zdb_cloud_request *request, bool *found,
			 zdb_err *err)
{
	zdb_cloud_call call = {0};
	zdb_err why = {0};

	zdb_cloud_do(&call, cloud, request, &why);
	*found = why.code != ZDB_NOT_FOUND;
	if (*found && why.code)
		*err = why;
	zdb_cloud_call_clear(&call);
	zdb_cloud_request_clear(request);
	return err->code;
}

zdb_rc
zdb_cloud_abort(zdb_cloud *cloud, const zdb_cloud_upload *upload, bool *found,
				zdb_err *err)
{
	zdb_cloud_request request = {
		.verb = "remove", .method = "DELETE", .key = upload->key};

	if (cloud->dialect->abort(upload, &request, err))
	{
		zdb_cloud_request_clear(&request);
		return err->code;
	}
	return send_removal(cloud, &request, found, err);
}

/* Is it the name of an upload that was not completed? Then end that. */
static zdb_rc
remove_upload(zdb_cloud *cloud, const char *key, bool *removed, zdb_err *err)
{
	zdb_cloud_upload upload = {0};
	const char *mark = NULL;
	char *whole;

	*removed = false;
	for (const char *at = key; (at = strstr(at, ZDB_TEMP_MARK)); at++)
		mark = at;
	if (!mark || !cloud->dialect->abort)
		return ZDB_OK;
	whole = zdb_format(err, "%.*s", (int) (mark - key), key);
	upload.key = whole;
	upload.id = (char *) mark + strlen(ZDB_TEMP_MARK);
	if (whole)
		zdb_cloud_abort(cloud, &upload, removed, err);
	zdb_free(whole);
	return err->code;
}

zdb_rc
zdb_cloud_remove(zdb_cloud *cloud, const char *key, zdb_err *err)
{
	zdb_cloud_request request = {
		.verb = "remove", .method = "DELETE", .key = key};
	bool removed;

	if (remove_upload(cloud, key, &removed, err) || removed)
		return err->code;
	return send_removal(cloud, &request, &removed, err);
}
