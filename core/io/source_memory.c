/*
 * source_memory - ranges of memory
 */
#include <string.h>

#include "core/base/mem.h"
#include "core/io/source.h"

typedef struct memory_source
{
	zdb_source base;
	const uint8_t *bytes;
} memory_source;

static zdb_rc
memory_read(zdb_source *source, uint64_t offset, void *into, size_t len,
			zdb_err *err)
{
	(void) err;
	if (len)
		memcpy(into, ((memory_source *) source)->bytes + offset, len);
	return ZDB_OK;
}

static void
memory_free(zdb_source *source)
{
	zdb_free(source);
}

static const zdb_source_ops memory_ops = {.read = memory_read,
										  .free = memory_free};

zdb_rc
zdb_source_memory_open(const char *name, const void *bytes, size_t len,
					   zdb_source **out, zdb_err *err)
{
	memory_source *self = zdb_calloc(1, sizeof *self);

	*out = NULL;
	if (!self)
		return zdb_err_nomem(err);
	*self = (memory_source){
		.base = {.ops = &memory_ops, .name = name, .bytes = len},
		.bytes = bytes};
	*out = &self->base;
	return ZDB_OK;
}
