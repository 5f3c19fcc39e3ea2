/*
 * page_json - what the page reads out of a report
 */
#include "core/html/page_json.h"

#include "core/base/text.h"

const char *
zdb_page_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int64_t
zdb_page_time(const json_t *object, const char *key)
{
	const char *text = zdb_page_text(object, key);
	int64_t us, unit_us;

	return text && zdb_text_parse_time(text, &us, &unit_us) ? us : 0;
}
