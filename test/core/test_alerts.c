/*
 * test_alerts - a state of health is announced when it is news, to a real
 * receiver
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/job/alerts.h"
#include "test/core/net_test.h"
#include "test/core/test.h"

#define HOUR_US INT64_C(3600000000)
#define NOON INT64_C(1788868800000000)

static zdb_settings settings;
static json_t *warnings;

/* A health check at this hour: what its only alert is called, or NULL. */
static int
check(const char *status, const char *alert, int hour)
{
	json_t *report = json_pack("{s:s, s:[]}", "status", status, "alerts");
	zdb_notice notice = {.operation = "health",
						 .database = "shop",
						 .details = report,
						 .now_us = NOON + hour * HOUR_US};
	int before = test_received_count();
	zdb_repository repository = {.where = test_path("repo")};

	if (alert)
		json_array_append_new(json_object_get(report, "alerts"),
							  json_pack("{s:s}", "name", alert));
	json_array_clear(warnings);
	zdb_alerts_tell(&repository, &notice, &settings, warnings);
	json_decref(report);
	return test_received_count() - before;
}

static void
test_sequence(void)
{
	struct stat file;

	test_ok(check("ok", NULL, 0) == 0, "all is well: nobody is told");
	test_ok(check("warning", "storage", 1) == 1 &&
				test_received("\\\"type\\\":\\\"health\\\""),
			"a warning is told");
	test_ok(stat(test_path("repo/" ZDB_ALERTS_NAME), &file) == 0 &&
				(file.st_mode & 0777) == 0600,
			"and kept, for us alone");
	test_ok(check("warning", "storage", 2) == 0, "once");
	test_ok(check("critical", "no success", 3) == 1 &&
				test_received("\\\"type\\\":\\\"critical\\\""),
			"worse: told");
	test_ok(check("critical", "no success", 26) == 0, "23 hours later: no");
	test_ok(check("critical", "no success", 27) == 1, "24 hours later: again");
	test_ok(check("ok", NULL, 28) == 1 && test_received("shop"),
			"recovery is told");
	test_ok(check("ok", NULL, 60) == 0, "once");
}

static void
test_trouble(int port)
{
	const char *file = test_path("repo/" ZDB_ALERTS_NAME);

	settings.host[ZDB_SET_WEBHOOK_URL] = test_url("http", port, "/status/500");
	test_ok(check("warning", "storage", 61) == 1 &&
				json_array_size(warnings) == 1,
			"a receiver that refuses");
	settings.host[ZDB_SET_WEBHOOK_URL] = test_url("http", port, "/ok");
	test_ok(check("warning", "storage", 62) == 1, "is told the next time");
	test_write(file, "{\"status\": ", 11);
	test_ok(check("warning", "storage", 63) == 1,
			"a file that cannot be read is as none");
	settings.host[ZDB_SET_NOTIFY_EVENTS] = "success";
	test_ok(check("ok", NULL, 64) == 0, "not an event that is wanted");
	settings.host[ZDB_SET_NOTIFY_EVENTS] = "";
	unlink(file);
	mkdir(file, 0700);
	test_ok(check("warning", "storage", 65) == 0,
			"what cannot be kept is not told again and again");
	test_ok(json_array_size(warnings) == 1, "but warned of: %s",
			json_string_value(json_array_get(warnings, 0)));
}

int
main(void)
{
	int port = test_receiver(NULL);

	clearenv();
	mkdir(test_path("repo"), 0700);
	warnings = json_array();
	settings.host[ZDB_SET_WEBHOOK_URL] = test_url("http", port, "/ok");
	test_sequence();
	test_trouble(port);
	json_decref(warnings);
	zdb_settings_clear(&settings);
	return test_done();
}
