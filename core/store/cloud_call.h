/*
 * cloud_call - a request that is sent again until it is answered
 *
 * A call is done when a good answer came, or one that will not get better, or
 * its time is over. What may get better (429, 5xx, lost connections, what was
 * damaged on its way) is tried again after a while that doubles each time and
 * is partly random.
 *
 * Several calls go on at the same time, and all of them while the caller does
 * other things in between: they move during zdb_cloud_turn() only.
 */
#ifndef ZDB_CORE_STORE_CLOUD_CALL_H
#define ZDB_CORE_STORE_CLOUD_CALL_H

#include "core/store/cloud.h"

typedef enum zdb_cloud_state
{
	ZDB_CLOUD_IDLE,
	ZDB_CLOUD_RUNNING,
	ZDB_CLOUD_WAITING, /* for its next try */
	ZDB_CLOUD_DONE,
} zdb_cloud_state;

/* Does not move between start and clear. {0} is idle. */
typedef struct zdb_cloud_call
{
	zdb_cloud *cloud;
	zdb_cloud_request *request;
	zdb_cloud_state state;
	zdb_http http; /* the present try; its response is the call's */
	zdb_http_request sent;
	char *url;
	char **lines;
	size_t into_len;
	int tries;
	double resume_s;
	double deadline_s;
	zdb_err err; /* of a call that is done: what its outcome is */
} zdb_cloud_call;

/* Begin; the request stays the caller's and must last until clear. */
zdb_rc zdb_cloud_start(zdb_cloud_call *call, zdb_cloud *cloud,
					   zdb_cloud_request *request, zdb_err *err);

/* Let calls go on, and wait up to wait_ms for something to happen. Fails when
 * the host wants to stop, or for lack of memory. */
zdb_rc zdb_cloud_turn(zdb_cloud *cloud, zdb_cloud_call *const *calls,
					  int count, int wait_ms, zdb_err *err);

/* Start, wait for the end, and fail with the call's error. Clear it in either
 * case. */
zdb_rc zdb_cloud_do(zdb_cloud_call *call, zdb_cloud *cloud,
					zdb_cloud_request *request, zdb_err *err);

/* End it in whatever state. */
void zdb_cloud_call_clear(zdb_cloud_call *call);

#endif
