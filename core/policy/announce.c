/*
 * announce - when a state of health is news
 */
#include "core/policy/announce.h"

#include <string.h>

#define AGAIN_AFTER_US INT64_C(86400000000)

static bool
is_ok(const zdb_health_state *state)
{
	return !state->status || strcmp(state->status, "ok") == 0;
}

static int
count_of(const zdb_health_state *state, const char *alert)
{
	int count = 0;

	for (int i = 0; i < state->alert_count; i++)
		count += strcmp(state->alerts[i], alert) == 0;
	return count;
}

static bool
has_new_alert(const zdb_health_state *said, const zdb_health_state *now)
{
	for (int i = 0; i < now->alert_count; i++)
		if (count_of(now, now->alerts[i]) > count_of(said, now->alerts[i]))
			return true;
	return false;
}

bool
zdb_announce(const zdb_health_state *said, const zdb_health_state *now)
{
	int64_t passed_us = now->at_us - said->at_us;

	if (is_ok(said) || is_ok(now))
		return is_ok(said) != is_ok(now);
	if (strcmp(said->status, now->status) != 0 || has_new_alert(said, now))
		return true;
	/* a clock that was set back must not silence anything */
	return passed_us >= AGAIN_AFTER_US || passed_us < 0;
}
