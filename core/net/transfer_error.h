/*
 * transfer_error - libcurl's outcomes in words that one can act on
 */
#ifndef ZDB_CORE_NET_TRANSFER_ERROR_H
#define ZDB_CORE_NET_TRANSFER_ERROR_H

#include "core/net/transfer.h"

/* Set the transfer's err and transient from what libcurl returned, unless a
 * callback has set err. */
void zdb_transfer_judge(zdb_transfer *transfer, CURLcode code);

#endif
