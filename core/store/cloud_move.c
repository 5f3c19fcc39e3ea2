/*
 * cloud_move - an object under another key
 *
 * No provider renames. The object is copied there, which takes no bytes over
 * the line, and removed here: by one request, or in parts where a request may
 * copy no more.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/store/cloud_call.h"

/* What one move holds. */
typedef struct copying
{
	zdb_cloud *cloud;
	const char *source;
	uint64_t bytes;
	zdb_cloud_upload upload;
} copying;

static zdb_rc
ask(const copying *self, bool *done, zdb_err *err)
{
	zdb_cloud_request request = {
		.verb = "write", .method = "HEAD", .key = self->upload.key};
	zdb_cloud_call call = {0};

	if (zdb_cloud_do(&call, self->cloud, &request, err) == ZDB_OK)
		self->cloud->dialect->copy_done(&call.http.response, done, err);
	zdb_cloud_call_clear(&call);
	zdb_cloud_request_clear(&request);
	return err->code;
}

/* Until the provider is done; it has the time that sending would have. */
static zdb_rc
await(const copying *self, zdb_err *err)
{
	double times = 1 + (double) (self->bytes / ZDB_CLOUD_PART_BYTES);
	double deadline_s = zdb_monotonic_s() + times * self->cloud->timeout_s;
	bool done = false;

	while (!done && zdb_client_turn(self->cloud->client, 100, err) == ZDB_OK &&
		   ask(self, &done, err) == ZDB_OK)
		if (!done && zdb_monotonic_s() > deadline_s)
			return zdb_err_set(err, ZDB_IO,
							   "the server did not copy \"%s\" in time",
							   self->source);
	return err->code;
}

static zdb_rc
copy_whole(const copying *self, zdb_err *err)
{
	const zdb_cloud_dialect *dialect = self->cloud->dialect;
	zdb_cloud_request request = {
		.verb = "write", .method = "PUT", .key = self->upload.key};
	zdb_cloud_call call = {0};
	bool done = true;

	if (dialect->copy(self->cloud, &self->upload, self->source, &request,
					  err) == ZDB_OK &&
		zdb_cloud_do(&call, self->cloud, &request, err) == ZDB_OK &&
		dialect->copy_done)
		dialect->copy_done(&call.http.response, &done, err);
	zdb_cloud_call_clear(&call);
	zdb_cloud_request_clear(&request);
	return err->code || done ? err->code : await(self, err);
}

static zdb_rc
copy_part(copying *self, size_t part, uint64_t offset, uint64_t len,
		  zdb_err *err)
{
	const zdb_cloud_dialect *dialect = self->cloud->dialect;
	zdb_cloud_request request = {
		.verb = "write", .method = "PUT", .key = self->upload.key};
	zdb_cloud_call call = {0};
	char range[64];

	snprintf(range, sizeof range, "bytes=%llu-%llu",
			 (unsigned long long) offset,
			 (unsigned long long) (offset + len - 1));
	if (dialect->part(&self->upload, part, &request, err) == ZDB_OK &&
		dialect->copy(self->cloud, &self->upload, self->source, &request,
					  err) == ZDB_OK &&
		zdb_fields_set(&request.headers, "x-amz-copy-source-range", range,
					   err) == ZDB_OK &&
		zdb_cloud_do(&call, self->cloud, &request, err) == ZDB_OK)
		dialect->part_done(&self->upload, part, &call.http.response, err);
	zdb_cloud_call_clear(&call);
	zdb_cloud_request_clear(&request);
	return err->code;
}

static zdb_rc
complete(const copying *self, size_t parts, zdb_err *err)
{
	zdb_cloud_request request = {.verb = "write", .key = self->upload.key};
	zdb_cloud_call call = {0};
	zdb_buf body = {0};

	if (self->cloud->dialect->complete(self->cloud, &self->upload, parts,
									   &request, &body, err) == ZDB_OK)
	{
		request.body = body.data;
		request.body_bytes = body.len;
		zdb_cloud_do(&call, self->cloud, &request, err);
	}
	zdb_cloud_call_clear(&call);
	zdb_cloud_request_clear(&request);
	zdb_buf_clear(&body);
	return err->code;
}

static void
abandon(copying *self)
{
	zdb_err ignored = {0};
	bool found;

	if (!self->upload.id)
		return;
	zdb_cloud_close(self->cloud);
	zdb_cloud_abort(self->cloud, &self->upload, &found, &ignored);
}

static zdb_rc
copy_in_parts(copying *self, zdb_err *err)
{
	const zdb_cloud_dialect *dialect = self->cloud->dialect;
	uint64_t size = dialect->copy_bytes_max, offset = 0;
	size_t parts = 0;

	while (self->bytes / size >= ZDB_CLOUD_PARTS_MAX)
		size *= 2;
	self->upload.tags =
		zdb_calloc(ZDB_CLOUD_PARTS_MAX, sizeof *self->upload.tags);
	if (!self->upload.tags)
		return zdb_err_nomem(err);
	dialect->begin(self->cloud, &self->upload, err);
	for (; offset < self->bytes && !err->code; offset += size)
	{
		uint64_t left = self->bytes - offset;

		copy_part(self, ++parts, offset, left < size ? left : size, err);
	}
	if (!err->code)
		complete(self, parts, err);
	if (err->code)
		abandon(self);
	for (size_t i = 0; i < parts; i++)
		zdb_free(self->upload.tags[i]);
	zdb_free(self->upload.tags);
	zdb_free(self->upload.id);
	return err->code;
}

/* The object has its new key, even if the old one cannot be removed: one that
 * is temporary is swept by prune. */
static zdb_rc
remove_source(const copying *self, zdb_err *err)
{
	zdb_err why = {0};

	zdb_cloud_remove(self->cloud, self->source, &why);
	return why.code == ZDB_NOMEM ? zdb_err_nomem(err) : ZDB_OK;
}

zdb_rc
zdb_cloud_move(zdb_cloud *cloud, const char *from, const char *to,
			   zdb_err *err)
{
	copying self = {.cloud = cloud, .source = from, .upload.key = to};
	zdb_cloud_facts facts;

	if (zdb_cloud_look(cloud, from, &facts, err))
		return err->code;
	self.bytes = facts.bytes;
	memcpy(self.upload.nonce, facts.nonce, sizeof facts.nonce);
	if (facts.bytes > cloud->dialect->copy_bytes_max
			? copy_in_parts(&self, err)
			: copy_whole(&self, err))
		return err->code;
	return remove_source(&self, err);
}
