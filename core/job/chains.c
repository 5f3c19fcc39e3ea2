/*
 * chains - which backup of a repository stands on which
 */
#include "core/job/chains.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static int
by_id(const void *a, const void *b)
{
	return strcmp((*(zdb_listed *const *) a)->id,
				  (*(zdb_listed *const *) b)->id);
}

static bool
is_text(const char *text, const char *word)
{
	return text && strcmp(text, word) == 0;
}

/* What an incremental backup that nobody can open stands on is not known: it
 * is taken to be the next older one that may be it. */
static const zdb_listed *
guess(const zdb_inventory *inventory, const zdb_listed *of)
{
	const zdb_listed *end = inventory->list + inventory->count;

	for (const zdb_listed *each = of + 1; each < end; each++)
		if (each->indexed && is_text(each->database, of->database) &&
			(is_text(each->type, "full") ||
			 is_text(each->type, "incremental")) &&
			(!each->partial || of->partial) &&
			!is_text(each->label, ZDB_LABEL_PREBACKUP))
			return each;
	return NULL;
}

/* What nobody can open has no id that could be read: it goes by its name. */
static const zdb_listed *
sealed_base(const zdb_inventory *inventory, const zdb_listed *of)
{
	for (size_t i = 0; i < inventory->count; i++)
	{
		const zdb_listed *each = &inventory->list[i];
		const char *slash = strrchr(each->name, '/');

		if (each->sealed && !each->id &&
			is_text(of->base_file, slash ? slash + 1 : each->name))
			return each;
	}
	return NULL;
}

/* Then its error names a link further down: what is above needs no more. */
static bool
is_broken_below(const zdb_listed *base)
{
	return base->stands_on && base->stands_on->error;
}

static void
mark_broken(zdb_arena *arena, zdb_listed *listed)
{
	const zdb_listed *base = listed->stands_on;

	if (listed->base && !base && listed->base_inside)
		listed->error = zdb_arena_format(
			arena, "\"%s\" stands on a backup that is not here", listed->name);
	else if (base && base->error && !base->sealed)
		listed->error =
			is_broken_below(base)
				? base->error
				: zdb_arena_format(arena,
								   "\"%s\" stands on \"%s\", which "
								   "cannot be used: %s",
								   listed->name, base->name, base->error);
	else
		return;
	listed->damaged = true;
}

zdb_rc
zdb_chains_connect(zdb_inventory *inventory, zdb_err *err)
{
	zdb_listed **ids = zdb_calloc(inventory->count + 1, sizeof *ids);
	size_t count = 0;

	if (!ids)
		return zdb_err_nomem(err);
	for (size_t i = 0; i < inventory->count; i++)
		if (inventory->list[i].id)
			ids[count++] = &inventory->list[i];
	qsort(ids, count, sizeof *ids, by_id);
	for (size_t i = inventory->count; i-- > 0;) /* bases first */
	{
		zdb_listed *each = &inventory->list[i];
		zdb_listed key = {.id = each->base}, *wanted = &key, **base = NULL;

		if (key.id)
			base = bsearch(&wanted, ids, count, sizeof *ids, by_id);
		if (base)
			each->stands_on = *base;
		else if (each->sealed && is_text(each->type, "incremental"))
			each->stands_on = guess(inventory, each);
		else if (each->base)
			each->stands_on = sealed_base(inventory, each);
		mark_broken(&inventory->arena, each);
	}
	zdb_free(ids);
	return zdb_arena_failed(&inventory->arena) ? zdb_err_nomem(err) : ZDB_OK;
}
