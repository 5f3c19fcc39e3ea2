/*
 * net_test - a real HTTP server for unit tests (test/net/receiver.py)
 */
#ifndef ZDB_TEST_CORE_NET_TEST_H
#define ZDB_TEST_CORE_NET_TEST_H

#include <stdbool.h>

/* Start one and return its port. With a certificate (PEM, with its key) it
 * speaks TLS. It ends when this program does. */
int test_receiver(const char *certificate);

/* "http://127.0.0.1:<port><path>"; valid for a while. */
char *test_url(const char *scheme, int port, const char *path);

/* Does the last request that a receiver got hold this text? */
bool test_received(const char *text);

/* How many requests came in all. */
int test_received_count(void);

#endif
