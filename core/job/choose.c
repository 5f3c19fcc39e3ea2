/*
 * choose - which backup a path means
 */
#include "core/job/choose.h"

#include <stdio.h>
#include <string.h>

#include "core/archive/mark.h"
#include "core/base/text.h"
#include "core/job/path.h"
#include "core/job/report.h"
#include "core/policy/health.h"

#define NAMES_CHARS 200

static bool
is_type(const zdb_listed *listed, const char *type)
{
	return strcmp(listed->type, type) == 0;
}

static bool
is_prebackup(const zdb_listed *listed)
{
	return listed->label && strcmp(listed->label, ZDB_LABEL_PREBACKUP) == 0;
}

static bool
serves(const zdb_listed *listed, const zdb_wanted *wanted)
{
	if (!listed->indexed || is_prebackup(listed))
		return false;
	switch (wanted->purpose)
	{
		case ZDB_PURPOSE_READ:
			return true;
		case ZDB_PURPOSE_RESTORE:
			return strcmp(listed->engine, wanted->engine) == 0 &&
				   !is_type(listed, "schema") && !is_type(listed, "data");
		case ZDB_PURPOSE_MERGE:
			return !is_type(listed, "schema");
	}
	return false;
}

/* Add a word to a list for people, once; a long list is cut. */
static void
add_name(char names[NAMES_CHARS], const char *name)
{
	size_t used = strlen(names), len = strlen(name);
	const char *there = strstr(names, name);

	for (; there; there = strstr(there + 1, name))
		if ((there == names || there[-1] == ' ') &&
			(!there[len] || there[len] == ','))
			return;
	if (used + len + 8 < NAMES_CHARS)
		snprintf(names + used, NAMES_CHARS - used, "%s%s", used ? ", " : "",
				 name);
	else if (strncmp(names + used - 3, "...", 3) != 0)
		snprintf(names + used, NAMES_CHARS - used, ", ...");
}

/* Say what there is: "full of app (sqlite), schema of app (sqlite)". */
static void
hint_contents(const zdb_inventory *inventory, zdb_err *err)
{
	char names[NAMES_CHARS] = "", name[NAMES_CHARS];

	for (size_t i = 0; i < inventory->count; i++)
	{
		const zdb_listed *each = &inventory->list[i];

		if (each->error)
			snprintf(name, sizeof name, "files that cannot be read");
		else if (!each->indexed)
			snprintf(name, sizeof name, "files without an index of ours");
		else
			snprintf(name, sizeof name, "%s of %.100s (%s)",
					 is_prebackup(each) ? ZDB_LABEL_PREBACKUP : each->type,
					 each->database, each->engine);
		add_name(names, name);
	}
	if (*names)
		zdb_err_hint(err, "It holds: %s.", names);
	else
		zdb_err_hint(err, "It holds no backup at all.");
}

static const char *
what(const zdb_wanted *wanted)
{
	switch (wanted->purpose)
	{
		case ZDB_PURPOSE_READ:
			break;
		case ZDB_PURPOSE_RESTORE:
			return strcmp(wanted->engine, "sqlite") == 0
					   ? "full backup of a SQLite database"
					   : "full backup of a PostgreSQL database";
		case ZDB_PURPOSE_MERGE:
			return "backup with rows";
	}
	return "backup";
}

/* Whose backups: NULL is anybody's. Fails when that would be a guess. */
static zdb_rc
choose_database(const zdb_inventory *inventory, const zdb_wanted *wanted,
				const char **database, zdb_err *err)
{
	char names[NAMES_CHARS] = "";
	const char *only = NULL;
	bool several = false;

	*database = NULL;
	if (wanted->purpose == ZDB_PURPOSE_READ)
		return ZDB_OK;
	for (size_t i = 0; i < inventory->count; i++)
	{
		const zdb_listed *each = &inventory->list[i];

		if (!serves(each, wanted))
			continue;
		if (strcmp(each->database, wanted->database) == 0)
		{
			*database = wanted->database;
			return ZDB_OK;
		}
		several = several || (only && strcmp(only, each->database) != 0);
		only = each->database;
		add_name(names, each->database);
	}
	if (!several)
		return ZDB_OK;
	zdb_err_set(err, ZDB_NOT_FOUND,
				"\"%s\" holds backups of several databases, and none of "
				"\"%s\"",
				inventory->store->where, wanted->database);
	zdb_err_hint(err, "They are of: %s. Give the path of a file.", names);
	return err->code;
}

/* The newest moment that counts: now, or all of the second or minute that is
 * given. Clocks of several machines may differ. */
static zdb_rc
latest_us(const zdb_wanted *wanted, int64_t *us, zdb_err *err)
{
	int64_t unit_us;

	*us = zdb_now_us() + ZDB_HEALTH_AHEAD_US;
	if (!wanted->at)
		return ZDB_OK;
	if (!zdb_text_parse_time(wanted->at, us, &unit_us))
	{
		zdb_err_set(err, ZDB_USAGE, "\"at\" is not a moment: \"%s\"",
					wanted->at);
		zdb_err_hint(err, "Write it as \"2025-09-03 12:00\" (UTC) or "
						  "\"2025-09-03T12:00:00+02:00\".");
		return err->code;
	}
	if (unit_us <= 1000000)
		*us += unit_us - 1;
	return ZDB_OK;
}

/* A directory may be a dump of pg_dump's, which has a table of contents. */
static bool
is_dump(const zdb_inventory *inventory)
{
	for (size_t i = 0; i < inventory->count; i++)
		if (strcmp(inventory->list[i].name, "toc.dat") == 0)
			return true;
	return false;
}

/* Nothing fits; oldest would, but for the moment that was asked for. */
static void
fail_nothing(const zdb_inventory *inventory, const zdb_wanted *wanted,
			 const zdb_listed *oldest, zdb_err *err)
{
	char created[ZDB_ISO8601_BYTES];

	if (!oldest && is_dump(inventory))
		zdb_mark_refuse_dump(inventory->store->where, "directory", err);
	else if (!oldest)
	{
		zdb_err_set(err, ZDB_NOT_FOUND, "\"%s\" holds no %s",
					inventory->store->where, what(wanted));
		hint_contents(inventory, err);
	}
	if (!oldest)
		return;
	zdb_text_iso8601(oldest->created_us, created);
	zdb_err_set(err, ZDB_NOT_FOUND, "\"%s\" holds no %s of %s or before",
				inventory->store->where, what(wanted), wanted->at);
	zdb_err_hint(err, "The oldest is \"%s\" of %s.", oldest->name, created);
}

/* One from the future was made while a clock was wrong: it is said, and taken
 * only when there is no other. */
static zdb_rc
warn_future(const zdb_wanted *wanted, const zdb_listed *future, bool taken,
			zdb_err *err)
{
	json_t *text;

	if (!wanted->warnings)
		return ZDB_OK;
	text = json_sprintf(
		"\"%s\" is from the future, as a clock was wrong: %s", future->name,
		taken ? "it is taken, as there is no other" : "an older one is taken");
	return json_array_append_new(wanted->warnings, text) == 0
			   ? ZDB_OK
			   : zdb_err_nomem(err);
}

static bool
is_candidate(const zdb_listed *listed, const zdb_wanted *wanted,
			 const char *database)
{
	return serves(listed, wanted) &&
		   (!database || strcmp(listed->database, database) == 0);
}

/* Then one of some tables is not taken for the database. */
static bool
has_whole(const zdb_inventory *inventory, const zdb_wanted *wanted,
		  const char *database)
{
	for (size_t i = 0; i < inventory->count; i++)
		if (!inventory->list[i].partial &&
			is_candidate(&inventory->list[i], wanted, database))
			return true;
	return false;
}

const zdb_listed *
zdb_choose(const zdb_inventory *inventory, const zdb_wanted *wanted,
		   zdb_err *err)
{
	const zdb_listed *chosen = NULL, *newest = NULL, *oldest = NULL;
	const char *database;
	int64_t latest;
	bool whole;

	if (latest_us(wanted, &latest, err) ||
		choose_database(inventory, wanted, &database, err))
		return NULL;
	whole = wanted->purpose != ZDB_PURPOSE_READ &&
			has_whole(inventory, wanted, database);
	for (size_t i = 0; !chosen && i < inventory->count; i++)
	{
		const zdb_listed *each = &inventory->list[i];

		if (!is_candidate(each, wanted, database) || (whole && each->partial))
			continue;
		newest = newest ? newest : each;
		oldest = each;
		if (each->created_us <= latest)
			chosen = each;
	}
	if (newest != chosen && !wanted->at)
	{
		warn_future(wanted, newest, !chosen, err);
		chosen = chosen ? chosen : newest;
	}
	if (!chosen)
		fail_nothing(inventory, wanted, oldest, err);
	return err->code ? NULL : chosen;
}

/* A file that cannot be read may be the one that was meant. */
static zdb_rc
warn_unreadable(const zdb_inventory *inventory, const zdb_wanted *wanted,
				zdb_err *err)
{
	for (size_t i = 0; wanted->warnings && i < inventory->count; i++)
		if (inventory->list[i].error &&
			json_array_append_new(wanted->warnings,
								  zdb_report_name(inventory->list[i].error)))
			return zdb_err_nomem(err);
	return ZDB_OK;
}

static zdb_rc
open_chosen(const zdb_wanted *wanted, zdb_reader **out, zdb_err *err)
{
	zdb_repository repository = {.where = wanted->path,
								 .host = wanted->host,
								 .settings = wanted->settings,
								 .keys = wanted->keys};
	zdb_inventory inventory;
	const zdb_listed *chosen = NULL;

	if (zdb_inventory_open(&repository, &inventory, err) == ZDB_OK)
		chosen = zdb_choose(&inventory, wanted, err);
	if (chosen && warn_unreadable(&inventory, wanted, err) == ZDB_OK)
		zdb_listed_open_chain(inventory.store, &repository, chosen, out, err);
	zdb_inventory_clear(&inventory);
	return err->code;
}

/* A URL that lacks its "/" is taken for a file. */
static zdb_rc
open_file(const zdb_store_options *file, zdb_age_keys *keys, zdb_reader **out,
		  zdb_err *err)
{
	if (zdb_reader_open(file, keys, out, err) == ZDB_NOT_FOUND &&
		zdb_store_scheme(file->where))
		zdb_err_hint(err, "The URL of a repository ends in \"/\".");
	return err->code;
}

/* A file that was named, if it serves: without rows every live one would look
 * new. */
static zdb_rc
open_named(const zdb_store_options *file, const zdb_wanted *wanted,
		   zdb_reader **out, zdb_err *err)
{
	const zdb_manifest *manifest;

	if (open_file(file, wanted->keys, out, err))
		return err->code;
	manifest = zdb_reader_manifest(*out);
	if (wanted->purpose != ZDB_PURPOSE_MERGE || !manifest ||
		strcmp(manifest->type, "schema") != 0)
		return ZDB_OK;
	zdb_reader_free(*out);
	*out = NULL;
	return zdb_err_set(err, ZDB_USAGE, "\"%s\" holds a schema without rows",
					   wanted->path);
}

zdb_rc
zdb_backup_open(const zdb_wanted *wanted, zdb_reader **out, zdb_err *err)
{
	zdb_store_options file = {.where = wanted->path,
							  .host = wanted->host,
							  .settings = wanted->settings};

	*out = NULL;
	if (zdb_path_is_directory(wanted->path))
		return open_chosen(wanted, out, err);
	if (!wanted->at)
		return open_named(&file, wanted, out, err);
	zdb_err_set(err, ZDB_USAGE,
				"option \"at\" chooses from a directory, but "
				"\"%s\" is not one",
				wanted->path);
	return err->code;
}
