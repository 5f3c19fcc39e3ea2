/*
 * source - somewhere bytes come from, by range
 */
#include "core/io/source.h"

zdb_rc
zdb_source_read(zdb_source *source, uint64_t offset, void *into, size_t len,
				zdb_err *err)
{
	if (offset > source->bytes || len > source->bytes - offset)
	{
		zdb_err_set(err, ZDB_DAMAGED,
					"\"%s\" ends at byte %llu, but byte %llu is needed",
					source->name, (unsigned long long) source->bytes,
					(unsigned long long) (offset + len));
		zdb_err_hint(err, "The file was cut short; use another copy.");
		return err->code;
	}
	return source->ops->read(source, offset, into, len, err);
}

zdb_source *
zdb_source_outer(zdb_source *source)
{
	while (source->under)
		source = source->under;
	return source;
}

void
zdb_source_free(zdb_source *source)
{
	if (source)
		source->ops->free(source);
}
