/*
 * prune - remove the backups that no rule keeps
 */
#include "core/job/prune.h"

#include <stdio.h>
#include <string.h>

#include "core/archive/sums.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/job/report.h"

#define LEFTOVER_US 86400000000ll /* a day */
#define WHY_CHARS 200

typedef struct prune
{
	const zdb_prune_request *request;
	zdb_inventory inventory;
	zdb_store *copies;    /* the second place, or NULL */
	zdb_err copies_error; /* the first there */
	zdb_retained *list;   /* one for each of the inventory's */
	int64_t now_us;
	json_t *files;
	json_int_t kept;
	json_int_t removed;
	json_int_t failed;
	json_int_t left; /* not ours, or unreadable */
	json_int_t leftovers;
	json_int_t freed_bytes;
} prune;

static bool
is_same_text(const char *a, const char *b)
{
	return a ? b && strcmp(a, b) == 0 : !b;
}

/* Connect each backup with the one it stands on, and that with its own. */
static void
connect_bases(prune *self)
{
	const zdb_inventory *inventory = &self->inventory;

	for (size_t i = 0; i < inventory->count; i++)
	{
		const zdb_listed *base = inventory->list[i].stands_on;

		if (base)
			self->list[i].base = &self->list[base - inventory->list];
	}
}

static bool
is_like(const zdb_listed *one, const zdb_listed *other)
{
	return (!one->engine || !other->engine ||
			strcmp(one->engine, other->engine) == 0) &&
		   is_same_text(one->database, other->database) &&
		   is_same_text(one->type, other->type) &&
		   one->partial == other->partial &&
		   is_same_text(one->label, other->label);
}

/* Whose tiers it counts in; NULL when this run is not about it. What a restore
 * has set aside is a series of its own. */
static const char *
series_of(zdb_arena *arena, const zdb_listed *listed, const zdb_listed *like)
{
	bool aside = is_same_text(listed->label, ZDB_LABEL_PREBACKUP);

	if (!listed->indexed || (like && !is_like(listed, like)))
		return NULL;
	return zdb_arena_format(
		arena, "%s %s%s %s", listed->engine ? listed->engine : "a script",
		listed->partial ? "partial " : "",
		aside ? ZDB_LABEL_PREBACKUP : listed->type, listed->database);
}

/* The backup that was made a moment ago is not in the history yet. */
static bool
is_just_verified(const zdb_listed *listed, const zdb_listed *like)
{
	return like && like->verified >= ZDB_LEVEL_DATA && listed->sha256 &&
		   is_same_text(listed->sha256, like->sha256);
}

static zdb_rc
decide(prune *self, zdb_err *err)
{
	zdb_inventory *inventory = &self->inventory;
	const zdb_prune_request *request = self->request;
	size_t count = inventory->count;
	zdb_retained **order = zdb_calloc(count + 1, sizeof *order);

	self->list = zdb_calloc(count + 1, sizeof *self->list);
	if (!self->list || !order)
		zdb_err_nomem(err);
	for (size_t i = 0; !err->code && i < count; i++)
	{
		const zdb_listed *each = &inventory->list[i];

		self->list[i] = (zdb_retained){
			.series = series_of(&inventory->arena, each, request->like),
			.name = each->name,
			.created_us = each->created_us,
			.verified = each->verified >= ZDB_LEVEL_DATA ||
						is_just_verified(each, request->like),
			.labelled = is_same_text(each->label, ZDB_LABEL_KEEP)};
	}
	if (!err->code)
		connect_bases(self);
	if (!err->code)
		zdb_retain(&request->keep, self->list, count, self->now_us, order);
	zdb_free(order);
	if (!err->code && zdb_arena_failed(&inventory->arena))
		zdb_err_nomem(err);
	return err->code;
}

/* A line of the report. */
static zdb_rc
tell(prune *self, const char *name, const char *action, const char *why,
	 zdb_err *err)
{
	json_t *row = json_pack("{s:o, s:s, s:o}", "file", zdb_report_name(name),
							"action", action, "why", zdb_report_name(why));

	if (json_array_append_new(self->files, row) != 0)
		zdb_err_nomem(err);
	return err->code;
}

static zdb_rc
remove_beside(zdb_store *store, const zdb_listed *listed, const char *suffix,
			  zdb_err *err)
{
	char *beside = zdb_format(err, "%s%s", listed->name, suffix);

	if (beside)
		zdb_store_remove(store, beside, err);
	zdb_free(beside);
	return err->code;
}

/* The file first: what is left beside it by a crash does no harm, while a
 * plain backup without its index would not be recognised again. */
static zdb_rc
remove_from(zdb_store *store, const zdb_listed *listed, zdb_err *err)
{
	if (zdb_store_remove(store, listed->name, err) == ZDB_OK &&
		listed->has_index)
		remove_beside(store, listed, ZDB_SIDECAR_SUFFIX, err);
	if (!err->code && listed->has_sums)
		remove_beside(store, listed, ZDB_SUMS_SUFFIX, err);
	return err->code;
}

/* Its copy goes, too. First: while the file is here, the next run finds what
 * could not be removed there. A place that does not answer is asked once. */
static zdb_rc
remove_all(prune *self, const zdb_listed *listed, zdb_err *err)
{
	zdb_err why = {0};

	if (self->copies && !self->copies_error.code)
		remove_from(self->copies, listed, &why);
	if (why.code && why.code != ZDB_USAGE) /* what cannot be there is not */
		self->copies_error = why;
	if (self->copies_error.code)
	{
		*err = self->copies_error;
		return err->code;
	}
	return remove_from(self->inventory.store, listed, err);
}

/* Memory and cancelling end the run; other failures are told. */
static zdb_rc
settle(prune *self, const char *name, uint64_t bytes, const char *why,
	   json_int_t *removed, const zdb_err *failed, zdb_err *err)
{
	if (failed->code == ZDB_NOMEM || failed->code == ZDB_CANCELLED)
		*err = *failed;
	else if (failed->code)
	{
		self->failed++;
		tell(self, name, "failed", failed->msg, err);
	}
	else
	{
		(*removed)++;
		self->freed_bytes += (json_int_t) bytes;
		tell(self, name, "remove", why, err);
	}
	return err->code;
}

static void
explain(unsigned reasons, char why[WHY_CHARS])
{
	size_t used = 0;

	*why = '\0';
	for (int rule = 0; rule < ZDB_KEEP_REASONS; rule++)
		if (reasons & 1u << rule)
			used += (size_t) snprintf(why + used, WHY_CHARS - used, "%s%s",
									  used ? ", " : "",
									  zdb_keep_reason((zdb_keep_rule) rule));
}

static zdb_rc
keep_file(prune *self, const zdb_listed *listed, unsigned reasons,
		  zdb_err *err)
{
	char why[WHY_CHARS];
	bool ours = listed->indexed;

	self->kept += ours;
	self->left += !ours;
	if (!self->request->dry_run)
		return ZDB_OK;
	explain(reasons, why);
	if (ours)
		return tell(self, listed->name, "keep", why, err);
	return tell(self, listed->name, "leave",
				listed->error ? listed->error : "not a backup of ours", err);
}

static zdb_rc
prune_files(prune *self, zdb_err *err)
{
	for (size_t i = 0; i < self->inventory.count; i++)
	{
		const zdb_listed *each = &self->inventory.list[i];
		zdb_err failed = {0};

		if (self->list[i].reasons)
		{
			if (keep_file(self, each, self->list[i].reasons, err))
				return err->code;
			continue;
		}
		if (zdb_host_check(self->request->repository.host, 0, 0, &failed) ==
				ZDB_OK &&
			!self->request->dry_run)
			remove_all(self, each, &failed);
		if (settle(self, each->name, each->stored_bytes, "no rule keeps it",
				   &self->removed, &failed, err))
			return err->code;
	}
	return ZDB_OK;
}

static zdb_rc
sweep(prune *self, zdb_err *err)
{
	for (size_t i = 0; i < self->inventory.leftover_count; i++)
	{
		const zdb_leftover *each = &self->inventory.leftovers[i];
		zdb_err failed = {0};

		if (each->modified_us > self->now_us - LEFTOVER_US)
			continue; /* its run may go on */
		if (!self->request->dry_run)
			zdb_store_remove(self->inventory.store, each->name, &failed);
		if (settle(self, each->name, each->bytes, "left by a run that died",
				   &self->leftovers, &failed, err))
			return err->code;
	}
	return ZDB_OK;
}

static zdb_rc
report(prune *self, json_t *into, json_t *warnings, zdb_err *err)
{
	json_t *rules = zdb_keep_json(&self->request->keep);
	json_t *numbers =
		json_pack("{s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:O}", "keep",
				  rules, "dry_run", self->request->dry_run, "kept", self->kept,
				  "removed", self->removed, "failed", self->failed, "left",
				  self->left, "leftovers", self->leftovers, "freed_bytes",
				  self->freed_bytes, "files", self->files);
	const zdb_err *history = &self->inventory.history;

	if (!numbers || json_object_update(into, numbers) != 0)
		zdb_err_nomem(err);
	json_decref(numbers);
	if (history->code &&
		json_array_append_new(
			warnings, json_sprintf("what was verified is not known: %s",
								   history->msg)) != 0)
		zdb_err_nomem(err);
	return err->code;
}

static zdb_rc
open_copies(prune *self, zdb_err *err)
{
	const zdb_repository *repository = &self->request->repository;
	zdb_store_options place = {.where = repository->copy_to,
							   .host = repository->host,
							   .settings = repository->settings};

	return place.where ? zdb_store_open(&place, &self->copies, err) : ZDB_OK;
}

zdb_rc
zdb_prune(const zdb_prune_request *request, json_t *into, json_t *warnings,
		  zdb_err *err)
{
	prune self = {
		.request = request, .now_us = zdb_now_us(), .files = json_array()};

	if (!self.files)
		return zdb_err_nomem(err);
	if (zdb_inventory_read(&request->repository, &self.inventory, err) ==
			ZDB_OK &&
		open_copies(&self, err) == ZDB_OK && decide(&self, err) == ZDB_OK &&
		prune_files(&self, err) == ZDB_OK && sweep(&self, err) == ZDB_OK)
		report(&self, into, warnings, err);
	zdb_free(self.list);
	zdb_store_free(self.copies);
	zdb_inventory_clear(&self.inventory);
	json_decref(self.files);
	return err->code;
}

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* What went wrong with single files, as warnings of the backup. */
static zdb_rc
warn_failed(const json_t *pruned, json_t *warnings, zdb_err *err)
{
	size_t i;
	json_t *file;

	json_array_foreach (json_object_get(pruned, "files"), i, file)
		if (strcmp(text_of(file, "action"), "failed") == 0 &&
			json_array_append(warnings, json_object_get(file, "why")) != 0)
			return zdb_err_nomem(err);
	return ZDB_OK;
}

zdb_rc
zdb_prune_after(const zdb_repository *repository, const zdb_keep *keep,
				json_t *into, json_t *warnings, zdb_err *err)
{
	zdb_listed like = {.engine = text_of(into, "engine"),
					   .database = text_of(into, "database"),
					   .type = text_of(into, "type"),
					   .label = text_of(into, "label"),
					   .partial =
						   json_is_true(json_object_get(into, "partial")),
					   .sha256 = text_of(into, "sha256"),
					   .verified = zdb_level_of(text_of(into, "verified"))};
	zdb_prune_request request = {
		.repository = *repository, .keep = *keep, .like = &like};
	char *where = zdb_repository_of(repository->where, err);
	json_t *pruned = json_pack("{}");
	zdb_err why = {0};

	request.repository.where = where;
	if (!pruned || !where)
		zdb_err_nomem(err);
	else if (zdb_prune(&request, pruned, warnings, &why) == ZDB_OK)
		warn_failed(pruned, warnings, err);
	else if (why.code == ZDB_NOMEM || why.code == ZDB_CANCELLED)
		*err = why;
	else if (json_array_append_new(
				 warnings, json_sprintf("older backups were not looked at: %s",
										why.msg)) != 0)
		zdb_err_nomem(err);
	json_object_del(pruned, "files");
	json_object_set(into, "pruned", pruned);
	json_decref(pruned);
	zdb_free(where);
	return err->code;
}
