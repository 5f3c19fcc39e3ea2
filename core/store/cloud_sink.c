/*
 * cloud_sink - an object that is sent in parts while it is written
 *
 * Parts go while the next is filled, a few at the same time. The first one
 * stays here until finish, so that rewrite can change it. An object that fits
 * into one part is sent at once.
 *
 * A part has 8 MiB; after every 1,000 parts it has twice as much, so that
 * 10,000 are enough for any object. Memory: the first part, and 32 MiB of
 * others, or two of them when they are larger.
 */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "core/store/cloud_call.h"

#define SLOTS 4 /* one is filled while the others are sent */
#define PARTS_OF_A_SIZE 1000
#define FLIGHT_BYTES (SLOTS * (size_t) ZDB_CLOUD_PART_BYTES)

/* A part that is filled or sent. */
typedef struct slot
{
	zdb_buf bytes;
	size_t part; /* 0: the slot is free */
	bool sent;   /* the call was started */
	zdb_cloud_request request;
	zdb_cloud_call call;
} slot;

typedef struct cloud_sink
{
	zdb_sink base;
	zdb_cloud *cloud;
	char *key;
	bool overwrite;
	bool finished;
	zdb_cloud_upload upload;
	size_t parts; /* given numbers so far */
	slot *filled; /* the slot that takes bytes, or NULL */
	slot first;   /* part 1 */
	slot slots[SLOTS];
} cloud_sink;

static size_t
part_bytes(size_t part)
{
	return (size_t) ZDB_CLOUD_PART_BYTES << (part - 1) / PARTS_OF_A_SIZE;
}

static void
clear_slot(slot *self)
{
	zdb_cloud_call_clear(&self->call);
	zdb_cloud_request_clear(&self->request);
	self->request = (zdb_cloud_request){0};
	self->bytes.len = 0;
	self->part = 0;
	self->sent = false;
}

/* Take over the outcome of a part that is done. */
static zdb_rc
settle_slot(cloud_sink *self, slot *each, zdb_err *err)
{
	const zdb_cloud_dialect *dialect = self->cloud->dialect;

	if (!each->sent || each->call.state != ZDB_CLOUD_DONE)
		return ZDB_OK;
	if (each->call.err.code)
		*err = each->call.err;
	else if (dialect->part_done)
		dialect->part_done(&self->upload, each->part,
						   &each->call.http.response, err);
	clear_slot(each);
	return err->code;
}

/* Let the parts go on. */
static zdb_rc
turn(cloud_sink *self, int wait_ms, zdb_err *err)
{
	zdb_cloud_call *calls[SLOTS + 1];
	int count = 0;

	for (int i = 0; i < SLOTS; i++)
		if (self->slots[i].sent)
			calls[count++] = &self->slots[i].call;
	if (self->first.sent)
		calls[count++] = &self->first.call;
	if (count == 0 || zdb_cloud_turn(self->cloud, calls, count, wait_ms, err))
		return err->code;
	for (int i = 0; i < SLOTS && !err->code; i++)
		settle_slot(self, &self->slots[i], err);
	return err->code ? err->code : settle_slot(self, &self->first, err);
}

static zdb_rc
begin_upload(cloud_sink *self, zdb_err *err)
{
	const zdb_cloud_dialect *dialect = self->cloud->dialect;

	if (dialect->part_done && !self->upload.tags)
	{
		self->upload.tags =
			zdb_calloc(ZDB_CLOUD_PARTS_MAX, sizeof *self->upload.tags);
		if (!self->upload.tags)
			return zdb_err_nomem(err);
	}
	return dialect->begin ? dialect->begin(self->cloud, &self->upload, err)
						  : ZDB_OK;
}

static zdb_rc
send_slot(cloud_sink *self, slot *each, zdb_err *err)
{
	each->request = (zdb_cloud_request){.verb = "write",
										.method = "PUT",
										.key = self->key,
										.body = each->bytes.data,
										.body_bytes = each->bytes.len};
	if (self->cloud->dialect->part(&self->upload, each->part, &each->request,
								   err) ||
		zdb_cloud_start(&each->call, self->cloud, &each->request, err))
		return err->code;
	each->sent = true;
	return turn(self, 0, err);
}

/* A slot for the next part; NULL while too much is on its way. */
static slot *
free_slot(cloud_sink *self)
{
	size_t next = part_bytes(self->parts + 1), bytes = next;
	slot *found = NULL;

	for (int i = 0; i < SLOTS; i++)
		if (self->slots[i].part)
			bytes += part_bytes(self->slots[i].part);
		else
			found = &self->slots[i];
	return bytes <= FLIGHT_BYTES || bytes <= 2 * next ? found : NULL;
}

/* Have a slot to fill, with the number of the next part. */
static zdb_rc
next_slot(cloud_sink *self, zdb_err *err)
{
	if (self->parts == 1 && begin_upload(self, err))
		return err->code;
	if (self->parts == ZDB_CLOUD_PARTS_MAX)
		return zdb_err_set(err, ZDB_UNSUPPORTED,
						   "an object cannot have more than %d parts",
						   ZDB_CLOUD_PARTS_MAX);
	self->filled = self->parts == 0 ? &self->first : NULL;
	while (!self->filled && !err->code)
	{
		self->filled = free_slot(self);
		if (!self->filled)
			turn(self, 100, err);
	}
	if (!err->code)
		self->filled->part = ++self->parts;
	return err->code;
}

/* The slot is full, or the last. */
static zdb_rc
close_slot(cloud_sink *self, zdb_err *err)
{
	slot *full = self->filled;

	self->filled = NULL;
	return full == &self->first ? ZDB_OK : send_slot(self, full, err);
}

static zdb_rc
cloud_write(zdb_sink *sink, const void *bytes, size_t len, zdb_err *err)
{
	cloud_sink *self = (cloud_sink *) sink;
	const uint8_t *from = bytes;

	while (len > 0)
	{
		size_t room, some;

		if (!self->filled && next_slot(self, err))
			return err->code;
		room = part_bytes(self->filled->part) - self->filled->bytes.len;
		some = len < room ? len : room;
		if (zdb_buf_append(&self->filled->bytes, from, some, err))
			return err->code;
		from += some;
		len -= some;
		if (some == room && close_slot(self, err))
			return err->code;
	}
	return turn(self, 0, err);
}

static zdb_rc
cloud_rewrite(zdb_sink *sink, const void *bytes, size_t len, zdb_err *err)
{
	cloud_sink *self = (cloud_sink *) sink;

	if (len > self->first.bytes.len)
		return zdb_err_set(err, ZDB_INTERNAL,
						   "only the first part can be rewritten");
	memcpy(self->first.bytes.data, bytes, len);
	return ZDB_OK;
}

/* Nobody reads an object before it is complete. */
static zdb_rc
cloud_flush(zdb_sink *sink, zdb_err *err)
{
	(void) sink;
	return err->code;
}

/* Send part 1 and wait for all. */
static zdb_rc
send_rest(cloud_sink *self, zdb_err *err)
{
	bool busy = true;

	if ((self->filled && close_slot(self, err)) ||
		send_slot(self, &self->first, err))
		return err->code;
	while (busy && !err->code)
	{
		busy = self->first.sent;
		for (int i = 0; i < SLOTS; i++)
			busy = busy || self->slots[i].sent;
		turn(self, busy ? 100 : 0, err);
	}
	return err->code;
}

/* The whole object in one request. */
static zdb_rc
prepare_whole(cloud_sink *self, zdb_cloud_request *request, zdb_err *err)
{
	request->method = "PUT";
	request->body = self->first.bytes.data;
	request->body_bytes = self->first.bytes.len;
	return self->cloud->dialect->describe(self->cloud, &self->upload, request,
										  err);
}

/* The request that makes the object visible. */
static zdb_rc
prepare_last(cloud_sink *self, zdb_cloud_request *request, zdb_buf *body,
			 zdb_err *err)
{
	const zdb_cloud_dialect *dialect = self->cloud->dialect;
	bool whole = self->parts < 2;

	if (whole ? prepare_whole(self, request, err)
			  : dialect->complete(self->cloud, &self->upload, self->parts,
								  request, body, err))
		return err->code;
	if (!whole)
	{
		request->body = body->data;
		request->body_bytes = body->len;
	}
	return zdb_fields_set(
		&request->headers, "if-none-match",
		dialect->if_none_match && !self->overwrite ? "*" : NULL, err);
}

/*
 * An answer may be lost after the object was made: the next try then meets
 * an upload that is gone, or an object that exists. Ours has our nonce.
 */
static bool
is_there(cloud_sink *self)
{
	zdb_err ignored = {0};
	zdb_cloud_facts facts = {0};

	return zdb_cloud_look(self->cloud, self->key, &facts, &ignored) ==
			   ZDB_OK &&
		   strcmp(facts.nonce, self->upload.nonce) == 0;
}

static zdb_rc
send_last(cloud_sink *self, zdb_cloud_request *request, zdb_err *err)
{
	zdb_cloud_call call = {0};
	zdb_err why = {0};

	zdb_cloud_do(&call, self->cloud, request, &why);
	/* some servers do not know the condition; we have looked before */
	if (call.http.response.status == 501 &&
		*zdb_fields_get(&request->headers, "if-none-match"))
	{
		zdb_cloud_call_clear(&call);
		zdb_err_clear(&why);
		zdb_fields_set(&request->headers, "if-none-match", NULL, &why);
		zdb_cloud_do(&call, self->cloud, request, &why);
	}
	if ((why.code != ZDB_EXISTS && why.code != ZDB_NOT_FOUND) ||
		!is_there(self))
		*err = why;
	zdb_cloud_call_clear(&call);
	return err->code;
}

static zdb_rc
name_existing(const cloud_sink *self, zdb_err *err)
{
	zdb_err plain = {0};
	char *name = zdb_cloud_name(self->cloud, self->key, &plain);

	if (name)
		zdb_err_set(&plain, ZDB_EXISTS, "\"%s\" already exists", name);
	zdb_err_hint(&plain, "Choose another name, or give the option "
						 "\"overwrite\": true.");
	zdb_free(name);
	*err = plain;
	return err->code;
}

static zdb_rc
cloud_finish(zdb_sink *sink, zdb_err *err)
{
	cloud_sink *self = (cloud_sink *) sink;
	zdb_cloud_request request = {.verb = "write", .key = self->key};
	zdb_buf body = {0};

	if ((self->parts < 2 || send_rest(self, err) == ZDB_OK) &&
		prepare_last(self, &request, &body, err) == ZDB_OK &&
		send_last(self, &request, err) == ZDB_OK)
		self->finished = true;
	zdb_cloud_request_clear(&request);
	zdb_buf_clear(&body);
	return err->code == ZDB_EXISTS && !self->overwrite
			   ? name_existing(self, err)
			   : err->code;
}

static void
abort_upload(cloud_sink *self)
{
	zdb_err ignored = {0};
	bool found;

	if (self->finished || !self->upload.id || !self->cloud->dialect->abort)
		return;
	zdb_cloud_close(self->cloud);
	zdb_cloud_abort(self->cloud, &self->upload, &found, &ignored);
}

static void
cloud_free(zdb_sink *sink)
{
	cloud_sink *self = (cloud_sink *) sink;

	for (int i = 0; i < SLOTS; i++)
	{
		clear_slot(&self->slots[i]);
		zdb_buf_clear(&self->slots[i].bytes);
	}
	clear_slot(&self->first);
	zdb_buf_clear(&self->first.bytes);
	abort_upload(self);
	for (int i = 0; self->upload.tags && i < ZDB_CLOUD_PARTS_MAX; i++)
		zdb_free(self->upload.tags[i]);
	zdb_free(self->upload.tags);
	zdb_free(self->upload.id);
	zdb_cloud_drop(self->cloud);
	zdb_free(self->key);
	zdb_free(self);
}

static const zdb_sink_ops cloud_ops = {
	.write = cloud_write,
	.rewrite = cloud_rewrite,
	.flush = cloud_flush,
	.finish = cloud_finish,
	.free = cloud_free,
};

/* Before anything is sent; the last request asks again where it can. A key
 * that may write but not read is told nothing here. */
static zdb_rc
check_free(cloud_sink *self, zdb_err *err)
{
	zdb_cloud_facts facts;
	zdb_err why = {0};

	if (self->overwrite)
		return ZDB_OK;
	zdb_cloud_look(self->cloud, self->key, &facts, &why);
	if (why.code == ZDB_OK)
		return name_existing(self, err);
	if (why.code != ZDB_NOT_FOUND && why.code != ZDB_PERMISSION)
		*err = why;
	return err->code;
}

static zdb_rc
make_nonce(char nonce[33], zdb_err *err)
{
	uint8_t random[16];

	if (getrandom(random, sizeof random, 0) != (ssize_t) sizeof random)
		return zdb_err_set(err, ZDB_INTERNAL,
						   "the system gave no random "
						   "bytes");
	zdb_hex(random, sizeof random, nonce);
	return ZDB_OK;
}

zdb_rc
zdb_cloud_sink_open(zdb_cloud *cloud, const char *key, bool overwrite,
					zdb_sink **out, zdb_err *err)
{
	cloud_sink *self = zdb_calloc(1, sizeof *self);

	*out = NULL;
	if (!self)
		return zdb_err_nomem(err);
	self->base.ops = &cloud_ops;
	self->cloud = zdb_cloud_hold(cloud);
	self->overwrite = overwrite;
	self->key = zdb_strdup(key, err);
	self->upload.key = self->key;
	if (!self->key || make_nonce(self->upload.nonce, err) ||
		check_free(self, err))
		cloud_free(&self->base);
	else
		*out = &self->base;
	return err->code;
}
