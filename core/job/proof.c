/*
 * proof - which backups of a inventory were verified, by the history
 *
 * A run counts for a file when name, length and SHA-256, as far as they are
 * known, are the file's: one that was replaced is not proven. A verification
 * that found damage takes back what earlier ones said.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/inventory.h"

typedef struct proofs
{
	zdb_listed **by_name;
	size_t count;
} proofs;

static int
by_name(const void *a, const void *b)
{
	return strcmp((*(zdb_listed *const *) a)->name,
				  (*(zdb_listed *const *) b)->name);
}

static zdb_listed *
find(const proofs *self, const char *name)
{
	zdb_listed key = {.name = name}, *wanted = &key, **found;

	found = bsearch(&wanted, self->by_name, self->count, sizeof *self->by_name,
					by_name);
	return found ? *found : NULL;
}

static const char *
text_of(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

/* Does the record speak of this very file? */
static bool
is_same(const zdb_listed *listed, const json_t *record)
{
	const json_t *bytes = json_object_get(record, "stored_bytes");
	const char *sha256 = text_of(record, "sha256");

	if (json_is_integer(bytes) &&
		(uint64_t) json_integer_value(bytes) != listed->stored_bytes)
		return false;
	return !*sha256 || !listed->sha256 || strcmp(sha256, listed->sha256) == 0;
}

/* Was it the backup that was bad, and not the attempt to verify it? */
static bool
is_damage(const json_t *record)
{
	static const char *const codes[] = {"damaged", "format", "mismatch",
										"XX001", "0A000"};
	const char *code = text_of(record, "code");

	if (strcmp(text_of(record, "outcome"), "failure") != 0)
		return false;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (strcmp(code, codes[i]) == 0)
			return true;
	return false;
}

static zdb_rc
take_record(void *arg, size_t line, const json_t *record, zdb_err *err)
{
	const char *operation = text_of(record, "operation");
	bool success = strcmp(text_of(record, "outcome"), "success") == 0;
	zdb_listed *listed = find(arg, text_of(record, "file"));
	zdb_level level =
		success ? zdb_level_of(text_of(record, "verified")) : ZDB_LEVEL_NONE;
	int64_t ended_us, unit_us;

	(void) line;
	if (!listed || !is_same(listed, record))
		return err->code;
	/* a new file of that name, or one that has been damaged since */
	if (success && strcmp(operation, "backup") == 0)
		listed->verified = ZDB_LEVEL_NONE;
	if (strcmp(operation, "verify") == 0 && is_damage(record))
	{
		listed->verified = ZDB_LEVEL_NONE;
		listed->damaged = true;
	}
	else if (level > ZDB_LEVEL_INDEX)
		listed->damaged = listed->error != NULL;
	if (level > ZDB_LEVEL_NONE && level >= listed->verified &&
		zdb_text_parse_time(text_of(record, "ended"), &ended_us, &unit_us))
	{
		listed->verified = level;
		listed->verified_us = ended_us;
	}
	return err->code;
}

static void
forget_times(zdb_inventory *inventory)
{
	for (size_t i = 0; i < inventory->count; i++)
		if (inventory->list[i].verified == ZDB_LEVEL_NONE)
			inventory->list[i].verified_us = ZDB_UNKNOWN;
}

zdb_rc
zdb_inventory_read(const zdb_repository *repository, zdb_inventory *inventory,
				   zdb_err *err)
{
	proofs self = {0};

	if (zdb_inventory_open(repository, inventory, err))
		return err->code;
	self.by_name = zdb_calloc(inventory->count + 1, sizeof *self.by_name);
	if (!self.by_name)
		return zdb_err_nomem(err);
	for (self.count = 0; self.count < inventory->count; self.count++)
		self.by_name[self.count] = &inventory->list[self.count];
	qsort(self.by_name, self.count, sizeof *self.by_name, by_name);
	zdb_repository_runs(repository, take_record, &self, &inventory->history);
	forget_times(inventory);
	zdb_free(self.by_name);
	if (inventory->history.code == ZDB_NOMEM)
		zdb_err_nomem(err);
	return err->code;
}
