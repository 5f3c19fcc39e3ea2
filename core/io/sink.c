/*
 * sink - somewhere bytes go
 */
#include "core/io/sink.h"

/* Remember the first failure and repeat it ever after. */
static zdb_rc
settle(zdb_sink *sink, zdb_err *err)
{
	if (err->code && !sink->failed.code)
		sink->failed = *err;
	return err->code;
}

static bool
has_failed(zdb_sink *sink, zdb_err *err)
{
	if (!sink->failed.code)
		return false;
	if (!err->code)
		*err = sink->failed;
	return true;
}

zdb_rc
zdb_sink_write(zdb_sink *sink, const void *bytes, size_t len, zdb_err *err)
{
	if (has_failed(sink, err))
		return err->code;
	if (sink->ops->write(sink, bytes, len, err) == ZDB_OK)
		sink->written += len;
	return settle(sink, err);
}

zdb_rc
zdb_sink_rewrite(zdb_sink *sink, const void *bytes, size_t len, zdb_err *err)
{
	if (has_failed(sink, err))
		return err->code;
	sink->ops->rewrite(sink, bytes, len, err);
	return settle(sink, err);
}

zdb_rc
zdb_sink_flush(zdb_sink *sink, zdb_err *err)
{
	if (has_failed(sink, err))
		return err->code;
	sink->ops->flush(sink, err);
	return settle(sink, err);
}

zdb_rc
zdb_sink_reread(zdb_sink *sink, zdb_source **out, zdb_err *err)
{
	*out = NULL;
	if (has_failed(sink, err))
		return err->code;
	return sink->ops->reread(sink, out, err);
}

bool
zdb_sink_rereads(const zdb_sink *sink)
{
	return sink->ops->reread != NULL;
}

zdb_rc
zdb_sink_finish(zdb_sink *sink, zdb_err *err)
{
	if (has_failed(sink, err))
		return err->code;
	sink->ops->finish(sink, err);
	return settle(sink, err);
}

void
zdb_sink_free(zdb_sink *sink)
{
	if (sink)
		sink->ops->free(sink);
}
