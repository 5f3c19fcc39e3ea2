/*
 * test_announce - the table in announce.h, row by row
 */
#include "core/policy/announce.h"
#include "test/core/test.h"

#define HOUR_US INT64_C(3600000000)

static const char *const a[] = {"no success"};
static const char *const b[] = {"storage"};
static const char *const ab[] = {"storage", "no success"};

static const struct
{
	const char *what;
	zdb_health_state said;
	zdb_health_state now;
	int hours;
	bool announced;
} rows[] = {
	{"nothing, then ok", {0}, {"ok", NULL, 0, 0}, 0, false},
	{"nothing, then a warning", {0}, {"warning", a, 1, 0}, 0, true},
	{"nothing, then critical", {0}, {"critical", a, 1, 0}, 0, true},
	{"ok, then a warning", {"ok", NULL, 0, 0}, {"warning", a, 1, 0}, 0, true},
	{"a warning that is over",
	 {"warning", a, 1, 0},
	 {"ok", NULL, 0, 0},
	 0,
	 true},
	{"still ok after a day",
	 {"ok", NULL, 0, 0},
	 {"ok", NULL, 0, 0},
	 25,
	 false},
	{"worse", {"warning", a, 1, 0}, {"critical", a, 1, 0}, 0, true},
	{"less", {"critical", a, 1, 0}, {"warning", a, 1, 0}, 0, true},
	{"the same", {"warning", a, 1, 0}, {"warning", a, 1, 0}, 23, false},
	{"the same after a day",
	 {"warning", a, 1, 0},
	 {"warning", a, 1, 0},
	 24,
	 true},
	{"the same in another order",
	 {"warning", ab, 2, 0},
	 {"warning", (const char *const[]){"no success", "storage"}, 2, 0},
	 1,
	 false},
	{"one more", {"warning", a, 1, 0}, {"warning", ab, 2, 0}, 0, true},
	{"another one", {"warning", a, 1, 0}, {"warning", b, 1, 0}, 0, true},
	{"the same twice",
	 {"warning", a, 1, 0},
	 {"warning", (const char *const[]){"no success", "no success"}, 2, 0},
	 0,
	 true},
	{"one less", {"warning", ab, 2, 0}, {"warning", a, 1, 0}, 0, false},
	{"a clock that was set back",
	 {"warning", a, 1, 0},
	 {"warning", a, 1, 0},
	 -1,
	 true},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		zdb_health_state now = rows[i].now;

		now.at_us = rows[i].hours * HOUR_US;
		test_ok(zdb_announce(&rows[i].said, &now) == rows[i].announced,
				"%s: %s", rows[i].what,
				rows[i].announced ? "announced" : "not announced");
	}
	return test_done();
}
