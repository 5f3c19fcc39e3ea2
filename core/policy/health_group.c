/*
 * health_group - files and runs that belong together
 */
#include <string.h>

#include "core/base/mem.h"
#include "core/policy/health_judge.h"

/* Clocks of several hosts may differ a little. */
double
zdb_health_since(const health_judge *self, int64_t us)
{
	return (double) (self->facts->now_us - us);
}

bool
zdb_health_is_future(const health_judge *self, const zdb_health_file *file)
{
	return zdb_health_since(self, file->created_us) < -ZDB_HEALTH_AHEAD_US;
}

/* The group with this key, made if there is none; NULL without memory. */
static health_group *
find_group(health_groups *all, const char *database, const char *type,
		   const char *codec, bool partial)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->list[i].database, database) == 0 &&
			strcmp(all->list[i].type, type) == 0 &&
			strcmp(all->list[i].codec, codec) == 0 &&
			all->list[i].partial == partial)
			return &all->list[i];
	if (all->count == all->room)
	{
		size_t room = all->room ? 2 * all->room : 8;
		health_group *grown = zdb_realloc(all->list, room * sizeof *grown);

		if (!grown)
			return NULL;
		all->list = grown;
		all->room = room;
	}
	all->list[all->count] = (health_group){.database = database,
										   .type = type,
										   .codec = codec,
										   .partial = partial};
	return &all->list[all->count++];
}

static zdb_rc
group_file(health_judge *self, const zdb_health_file *file, zdb_err *err)
{
	health_group *of =
		find_group(&self->databases, file->database, "", "", false);
	health_group *series = find_group(&self->series, file->database,
									  file->type, file->codec, file->partial);

	if (!of || !series)
		return zdb_err_nomem(err);
	if (file->has_rows && !of->newest)
		of->newest = file;
	if (file->has_rows && !of->verified && file->verified)
		of->verified = file;
	if (!series->newest)
		series->newest = file;
	else if (series->size_count < ZDB_HEALTH_MEDIAN_OF)
		series->sizes[series->size_count++] = file->bytes;
	return ZDB_OK;
}

zdb_rc
zdb_health_group(health_judge *self, zdb_err *err)
{
	const zdb_health_facts *facts = self->facts;

	for (size_t i = 0; i < facts->file_count; i++)
		if (*facts->files[i].database &&
			!zdb_health_is_future(self, &facts->files[i]) &&
			group_file(self, &facts->files[i], err))
			return err->code;
	for (size_t i = 0; i < facts->run_count; i++)
	{
		const zdb_health_run *run = &facts->runs[i];
		health_group *of =
			find_group(&self->runs, run->database, run->type, "", false);

		if (!of)
			return zdb_err_nomem(err);
		of->failures = run->success ? 0 : of->failures + 1;
		of->failed_us = run->ended_us;
	}
	return ZDB_OK;
}
