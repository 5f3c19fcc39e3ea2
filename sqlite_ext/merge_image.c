/*
 * merge_image - any backup as a SQLite database to merge from
 */
#include "sqlite_ext/merge_image.h"

#include <string.h>

#include "core/base/mem.h"

zdb_rc
zdblite_merge_image(zdblite_image *image, zdblite_call *call,
					zdb_reader *reader, const zdb_merge *merge)
{
	const zdb_footer *footer = zdb_reader_footer(reader);
	char *beside = zdblite_scratch_base(call, call->options.schema);
	json_t *chunks =
		footer ? json_integer((json_int_t) footer->chunks) : json_null();

	(void) merge;
	zdblite_report(call, "chunks", json_incref(chunks));
	zdblite_report(call, "chunks_read", chunks);
	if (beside)
		zdblite_image_open(image, call, reader, beside);
	zdb_free(beside);
	return call->err.code;
}
