/*
 * probe - is a destination fit for the night it is needed?
 */
#include "core/job/probe.h"

#include <string.h>
#include <sys/random.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/job/path.h"
#include "core/job/report.h"

#define TEXT_BYTES 32 /* what is written: 16 random bytes, in hex */

typedef struct probe
{
	zdb_store *store;
	char name[sizeof ZDB_OWN_PREFIX "probe_" + TEXT_BYTES];
	char text[TEXT_BYTES + 1];
	bool listed;
} probe;

static zdb_rc
write_object(probe *self, zdb_err *err)
{
	zdb_sink *sink;

	if (zdb_store_sink(self->store, self->name, false, &sink, err))
		return err->code;
	if (zdb_sink_write(sink, self->text, TEXT_BYTES, err) == ZDB_OK)
		zdb_sink_finish(sink, err);
	zdb_sink_free(sink);
	return err->code;
}

static zdb_rc
read_object(probe *self, zdb_err *err)
{
	char text[TEXT_BYTES];
	zdb_source *source;

	if (zdb_store_source(self->store, self->name, &source, err))
		return err->code;
	if (zdb_source_read(source, 0, text, sizeof text, err) == ZDB_OK &&
		memcmp(text, self->text, sizeof text) != 0)
		zdb_err_set(err, ZDB_DAMAGED,
					"\"%s\" does not give back what was written",
					source->name);
	zdb_source_free(source);
	return err->code;
}

static zdb_rc
look_at_item(void *arg, const zdb_item *item, zdb_err *err)
{
	probe *self = arg;

	(void) err;
	self->listed = self->listed || strcmp(item->name, self->name) == 0;
	return ZDB_OK;
}

static zdb_rc
list_object(probe *self, zdb_err *err)
{
	if (zdb_store_list(self->store, self->name, look_at_item, self, err) ==
			ZDB_OK &&
		!self->listed)
		zdb_err_set(err, ZDB_IO, "\"%s\" does not list what was written",
					self->store->where);
	return err->code;
}

static zdb_rc
remove_object(probe *self, zdb_err *err)
{
	return zdb_store_remove(self->store, self->name, err);
}

static const struct
{
	const char *key;
	zdb_rc (*run)(probe *self, zdb_err *err);
} steps[] = {
	{"write_s", write_object},
	{"read_s", read_object},
	{"list_s", list_object},
	{"remove_s", remove_object},
};

static zdb_rc
run_steps(probe *self, json_t *report, zdb_err *err)
{
	size_t count = sizeof steps / sizeof steps[0];
	zdb_err ignored = {0};

	for (size_t i = 0; i < count; i++)
	{
		double began_s = zdb_monotonic_s();

		if (steps[i].run(self, err))
		{
			if (i > 0 && i < count - 1)
				remove_object(self, &ignored);
			return err->code;
		}
		json_object_set_new(report, steps[i].key,
							json_real(zdb_monotonic_s() - began_s));
	}
	return ZDB_OK;
}

static zdb_rc
make_names(probe *self, zdb_err *err)
{
	uint8_t random[TEXT_BYTES / 2];

	if (getrandom(random, sizeof random, 0) != (ssize_t) sizeof random)
		return zdb_err_set(err, ZDB_INTERNAL,
						   "the system gave no random bytes");
	zdb_hex(random, sizeof random, self->text);
	strcpy(self->name, ZDB_OWN_PREFIX "probe_");
	strcat(self->name, self->text);
	return ZDB_OK;
}

zdb_rc
zdb_probe(const zdb_store_options *where, json_t *report, zdb_err *err)
{
	zdb_store_options once = *where;
	probe self = {0};

	once.once = true;
	json_object_set_new(report, "url", zdb_report_name(where->where));
	if (make_names(&self, err) == ZDB_OK &&
		zdb_store_open(&once, &self.store, err) == ZDB_OK &&
		run_steps(&self, report, err) == ZDB_OK)
		json_object_set_new(report, "ok", json_true());
	zdb_store_free(self.store);
	return err->code;
}
