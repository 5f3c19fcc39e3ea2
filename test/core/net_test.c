/*
 * net_test - a real HTTP server for unit tests
 */
#include "test/core/net_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/core/test.h"

int
test_receiver(const char *certificate)
{
	const char *log = test_path("log");
	int in[2], out[2];
	char port[16] = {0};

	if (pipe(in) != 0 || pipe(out) != 0)
		abort();
	if (fork() == 0)
	{
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		execl("test/net/receiver.py", "receiver.py", log, certificate,
			  (char *) NULL);
		_exit(1);
	}
	close(in[0]);
	close(out[1]);
	if (read(out[0], port, sizeof port - 1) <= 0)
		abort();
	close(out[0]);
	return atoi(port);
}

char *
test_url(const char *scheme, int port, const char *path)
{
	static char urls[8][200];
	static int next;
	char *to = urls[next++ % 8];

	snprintf(to, sizeof urls[0], "%s://127.0.0.1:%d%s", scheme, port, path);
	return to;
}

static char *
read_log(void)
{
	size_t len;
	char *log = (char *) test_read(test_path("log"), &len);

	log[len] = '\0';
	return log;
}

bool
test_received(const char *text)
{
	char *log = read_log(), *last;
	bool found;

	if (*log)
		log[strlen(log) - 1] = '\0';
	last = strrchr(log, '\n');
	found = strstr(last ? last : log, text) != NULL;
	free(log);
	return found;
}

int
test_received_count(void)
{
	char *log = read_log();
	int count = 0;

	for (char *p = log; (p = strchr(p, '\n')); p++)
		count++;
	free(log);
	return count;
}
