/*
 * cloud_source - an object that is read by ranges
 *
 * The last 64 KiB come with the open: footer and index of most backups. A
 * read elsewhere fetches a small window; one that goes on where a window
 * ended fetches one four times as large each time, up to 4 MiB, and the next
 * one beforehand. So an index costs few bytes, and a whole file few requests.
 *
 * Every range is of the same object: one that was replaced meanwhile is an
 * error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/cloud_call.h"

#define TAIL_BYTES (64u << 10)
#define SMALLEST_BYTES (64u << 10)
#define LARGEST_BYTES (4u << 20)
#define WINDOWS 3 /* one read, one fetched, one for jumps to the index */

typedef struct window
{
	uint64_t offset;
	size_t len; /* 0: empty */
	size_t room;
	uint8_t *bytes;
	unsigned long used; /* when it was looked at, by a count */
	bool fetched;       /* a call is under way */
	zdb_cloud_request request;
	zdb_cloud_call call;
} window;

typedef struct cloud_source
{
	zdb_source base;
	zdb_cloud *cloud;
	char *key;
	char *name;
	char *tag; /* which version of the object */
	uint8_t *tail;
	size_t tail_len;
	uint64_t stream_end; /* where the stream's windows end */
	size_t stream_bytes; /* how large its next one is */
	unsigned long count;
	window windows[WINDOWS];
} cloud_source;

static uint64_t
tail_offset(const cloud_source *self)
{
	return self->base.bytes - self->tail_len;
}

static void
end_fetch(window *each)
{
	zdb_cloud_call_clear(&each->call);
	zdb_cloud_request_clear(&each->request);
	each->request = (zdb_cloud_request){0};
	each->fetched = false;
}

static zdb_rc
turn(cloud_source *self, int wait_ms, zdb_err *err)
{
	zdb_cloud_call *calls[WINDOWS];
	int count = 0;

	for (int i = 0; i < WINDOWS; i++)
		if (self->windows[i].fetched)
			calls[count++] = &self->windows[i].call;
	if (count == 0)
		return ZDB_OK;
	return zdb_cloud_turn(self->cloud, calls, count, wait_ms, err);
}

static zdb_rc
replaced(const cloud_source *self, zdb_err *err)
{
	zdb_err_clear(err);
	return zdb_err_set(err, ZDB_DAMAGED,
					   "\"%s\" was replaced while it was read", self->name);
}

/* Wait until the window's bytes are there. */
static zdb_rc
await(cloud_source *self, window *each, zdb_err *err)
{
	if (!each->fetched)
		return ZDB_OK;
	while (each->call.state != ZDB_CLOUD_DONE)
		if (turn(self, 100, err))
			return err->code;
	if (each->call.err.code)
		*err = each->call.err;
	if (each->call.http.response.status == 412)
		replaced(self, err);
	end_fetch(each);
	if (err->code)
		each->len = 0;
	return err->code;
}

static zdb_rc
set_range(zdb_cloud_request *request, uint64_t offset, size_t len,
		  const char *tag, zdb_err *err)
{
	char text[64];

	snprintf(text, sizeof text, "bytes=%llu-%llu", (unsigned long long) offset,
			 (unsigned long long) (offset + len - 1));
	zdb_fields_set(&request->headers, "range", text, err);
	return zdb_fields_set(&request->headers, "if-match", tag, err);
}

static zdb_rc
make_room(window *each, size_t len, zdb_err *err)
{
	uint8_t *bytes;

	if (len <= each->room)
		return ZDB_OK;
	bytes = zdb_realloc(each->bytes, len);
	if (!bytes)
		return zdb_err_nomem(err);
	each->bytes = bytes;
	each->room = len;
	return ZDB_OK;
}

/* Begin to fetch a window. */
static zdb_rc
fetch(cloud_source *self, window *each, uint64_t offset, size_t len,
	  zdb_err *err)
{
	uint64_t left = tail_offset(self) - offset;

	each->offset = offset;
	each->len = left < len ? (size_t) left : len;
	each->used = ++self->count;
	if (make_room(each, each->len, err))
		return err->code;
	each->request = (zdb_cloud_request){.verb = "read",
										.method = "GET",
										.key = self->key,
										.into = each->bytes,
										.into_bytes = each->len};
	if (set_range(&each->request, offset, each->len, self->tag, err) ||
		zdb_cloud_start(&each->call, self->cloud, &each->request, err))
		return err->code;
	each->fetched = true;
	return ZDB_OK;
}

/* The window that holds offset, loaded or under way; NULL: none. */
static window *
find(cloud_source *self, uint64_t offset)
{
	for (int i = 0; i < WINDOWS; i++)
	{
		window *each = &self->windows[i];

		if (each->len > 0 && offset >= each->offset &&
			offset - each->offset < each->len)
			return each;
	}
	return NULL;
}

/* The one that was looked at longest ago. */
static window *
oldest(cloud_source *self)
{
	window *found = &self->windows[0];

	for (int i = 1; i < WINDOWS; i++)
		if (self->windows[i].used < found->used)
			found = &self->windows[i];
	return found;
}

static bool
ends_window(const cloud_source *self, uint64_t offset)
{
	for (int i = 0; i < WINDOWS; i++)
		if (self->windows[i].len > 0 &&
			self->windows[i].offset + self->windows[i].len == offset)
			return true;
	return false;
}

static zdb_rc
fetch_next(cloud_source *self, zdb_err *err)
{
	window *each = oldest(self);

	if (self->stream_end >= tail_offset(self) || find(self, self->stream_end))
		return ZDB_OK;
	end_fetch(each);
	if (fetch(self, each, self->stream_end, self->stream_bytes, err))
		return err->code;
	self->stream_end += each->len;
	if (self->stream_bytes < LARGEST_BYTES)
		self->stream_bytes *= 4;
	return ZDB_OK;
}

/* A window that holds offset, which none does so far. */
static zdb_rc
miss(cloud_source *self, uint64_t offset, size_t len, zdb_err *err)
{
	size_t least = len > SMALLEST_BYTES ? len : SMALLEST_BYTES;
	window *each;

	if (offset == self->stream_end)
		return fetch_next(self, err);
	if (ends_window(self, offset))
	{
		self->stream_end = offset;
		/* the next one, four times as large, is asked for at once */
		self->stream_bytes = SMALLEST_BYTES;
		return fetch_next(self, err);
	}
	each = oldest(self);
	end_fetch(each);
	return fetch(self, each, offset,
				 least < LARGEST_BYTES ? least : LARGEST_BYTES, err);
}

/* Copy what one window has; returns how much. */
static zdb_rc
read_some(cloud_source *self, uint64_t offset, void *into, size_t *len,
		  zdb_err *err)
{
	window *each = find(self, offset);
	size_t within;

	if (!each)
	{
		if (miss(self, offset, *len, err))
			return err->code;
		each = find(self, offset);
	}
	each->used = ++self->count;
	if (await(self, each, err))
		return err->code;
	/* it is the stream's last: have the next one fetched meanwhile */
	if (each->offset + each->len == self->stream_end && fetch_next(self, err))
		return err->code;
	within = (size_t) (offset - each->offset);
	if (*len > each->len - within)
		*len = each->len - within;
	memcpy(into, each->bytes + within, *len);
	return turn(self, 0, err);
}

static zdb_rc
cloud_read(zdb_source *source, uint64_t offset, void *into, size_t len,
		   zdb_err *err)
{
	cloud_source *self = (cloud_source *) source;
	uint8_t *to = into;

	while (len > 0 && offset < tail_offset(self))
	{
		uint64_t before_tail = tail_offset(self) - offset;
		size_t some = len < before_tail ? len : (size_t) before_tail;

		if (read_some(self, offset, to, &some, err))
			return err->code;
		to += some;
		offset += some;
		len -= some;
	}
	if (len > 0)
		memcpy(to, self->tail + (offset - tail_offset(self)), len);
	return ZDB_OK;
}

static void
cloud_free(zdb_source *source)
{
	cloud_source *self = (cloud_source *) source;

	for (int i = 0; i < WINDOWS; i++)
	{
		end_fetch(&self->windows[i]);
		zdb_free(self->windows[i].bytes);
	}
	zdb_cloud_drop(self->cloud);
	zdb_free(self->tail);
	zdb_free(self->tag);
	zdb_free(self->name);
	zdb_free(self->key);
	zdb_free(self);
}

static const zdb_source_ops cloud_ops = {.read = cloud_read,
										 .free = cloud_free};

/* A header's value as text, to be freed; NULL when there is none. */
static char *
header(const zdb_http_response *response, const char *name, zdb_err *err)
{
	size_t len;
	const char *value = zdb_http_header(response, name, &len);

	return value ? zdb_format(err, "%.*s", (int) len, value) : NULL;
}

static zdb_rc
no_ranges(const cloud_source *self, zdb_err *err)
{
	return zdb_err_set(err, ZDB_UNSUPPORTED,
					   "the server does not give ranges of \"%s\"",
					   self->name);
}

/* Size and tail from the answer to "the last 64 KiB". */
static zdb_rc
take_tail(cloud_source *self, const zdb_http_response *response, zdb_err *err)
{
	char *range = header(response, "content-range", err); /* "bytes 5-9/10" */
	const char *total = range ? strchr(range, '/') : NULL;

	self->tag = header(response, "etag", err);
	self->tail_len = response->body.len;
	if (response->status == 200)
		self->base.bytes = response->body.len; /* all of it */
	else if (total)
		self->base.bytes = strtoull(total + 1, NULL, 10);
	zdb_free(range);
	if (self->tail_len > TAIL_BYTES || self->tail_len > self->base.bytes)
		return no_ranges(self, err);
	self->tail = zdb_malloc(self->tail_len + 1);
	if (!self->tail)
		return zdb_err_nomem(err);
	if (self->tail_len)
		memcpy(self->tail, response->body.data, self->tail_len);
	return err->code;
}

static zdb_rc
get_tail(cloud_source *self, const char *range, zdb_err *err)
{
	zdb_cloud_request request = {
		.verb = "read", .method = "GET", .key = self->key};
	zdb_cloud_call call = {0};
	zdb_err why = {0};

	zdb_fields_set(&request.headers, "range", range, &why);
	if (!why.code)
		zdb_cloud_do(&call, self->cloud, &request, &why);
	if (call.http.response.status == 416)
		self->tail = zdb_malloc(1); /* an empty object has no last bytes */
	else if (why.code)
		*err = why;
	else
		take_tail(self, &call.http.response, err);
	zdb_cloud_call_clear(&call);
	zdb_cloud_request_clear(&request);
	return self->tail || err->code ? err->code : zdb_err_nomem(err);
}

/* Ask for the size first. */
static zdb_rc
look_for_tail(cloud_source *self, zdb_err *err)
{
	zdb_cloud_facts facts;
	char range[64];

	if (zdb_cloud_look(self->cloud, self->key, &facts, err))
		return err->code;
	snprintf(range, sizeof range, "bytes=%llu-",
			 (unsigned long long) (facts.bytes > TAIL_BYTES
									   ? facts.bytes - TAIL_BYTES
									   : 0));
	return get_tail(self, range, err);
}

zdb_rc
zdb_cloud_source_open(zdb_cloud *cloud, const char *key, zdb_source **out,
					  zdb_err *err)
{
	cloud_source *self = zdb_calloc(1, sizeof *self);
	char range[32];

	*out = NULL;
	if (!self)
		return zdb_err_nomem(err);
	snprintf(range, sizeof range, "bytes=-%u", TAIL_BYTES);
	self->base.ops = &cloud_ops;
	self->cloud = zdb_cloud_hold(cloud);
	self->stream_end = UINT64_MAX;
	self->key = zdb_strdup(key, err);
	self->name = zdb_cloud_name(cloud, key, err);
	self->base.name = self->name;
	if (err->code ||
		(cloud->dialect->suffix_ranges ? get_tail(self, range, err)
									   : look_for_tail(self, err)))
		cloud_free(&self->base);
	else
		*out = &self->base;
	return err->code;
}
