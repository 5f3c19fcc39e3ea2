/*
 * announce - when a state of health is news
 *
 *   said last     now             announced
 *   nothing       ok              no
 *   nothing       not ok          yes
 *   ok            not ok          yes
 *   not ok        ok              yes: it is over
 *   not ok        worse or less   yes: the status changed
 *   not ok        a new alert     yes, also when the status is the same
 *   not ok        the same, less  after 24 hours, then again every 24 hours
 *   ok            ok              no
 *
 * So a health check may run as often as one likes: nobody is told the same
 * twice a day.
 */
#ifndef ZDB_CORE_POLICY_ANNOUNCE_H
#define ZDB_CORE_POLICY_ANNOUNCE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct zdb_health_state
{
	const char *status;        /* "ok", "warning", "critical"; NULL: none */
	const char *const *alerts; /* names in any order, one twice for two */
	int alert_count;
	int64_t at_us; /* when it was announced, or now */
} zdb_health_state;

/* Is it to be announced now? The caller then keeps now as said. */
bool zdb_announce(const zdb_health_state *said, const zdb_health_state *now);

#endif
