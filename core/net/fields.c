/*
 * fields - names and their values: the headers or the query of a request
 */
#include "core/net/fields.h"

#include <string.h>

#include "core/base/mem.h"

/* Where name is, or belongs. */
static size_t
place_of(const zdb_fields *fields, const char *name)
{
	size_t i = 0;

	while (i < fields->count && strcmp(fields->list[i].name, name) < 0)
		i++;
	return i;
}

static bool
is_at(const zdb_fields *fields, size_t i, const char *name)
{
	return i < fields->count && strcmp(fields->list[i].name, name) == 0;
}

static zdb_rc
make_room(zdb_fields *fields, zdb_err *err)
{
	size_t room = fields->room ? fields->room * 2 : 8;
	zdb_field *grown;

	if (fields->count < fields->room)
		return ZDB_OK;
	grown = zdb_realloc(fields->list, room * sizeof *grown);
	if (!grown)
		return zdb_err_nomem(err);
	fields->list = grown;
	fields->room = room;
	return ZDB_OK;
}

static zdb_rc
insert(zdb_fields *fields, size_t i, const char *name, char *value,
	   zdb_err *err)
{
	char *copy = zdb_strdup(name, err);

	if (!copy || make_room(fields, err))
	{
		zdb_free(copy);
		return err->code;
	}
	memmove(fields->list + i + 1, fields->list + i,
			(fields->count - i) * sizeof *fields->list);
	fields->list[i] = (zdb_field){.name = copy, .value = value};
	fields->count++;
	return ZDB_OK;
}

static void
take_away(zdb_fields *fields, size_t i)
{
	zdb_free(fields->list[i].name);
	zdb_free(fields->list[i].value);
	fields->count--;
	memmove(fields->list + i, fields->list + i + 1,
			(fields->count - i) * sizeof *fields->list);
}

zdb_rc
zdb_fields_set(zdb_fields *fields, const char *name, const char *value,
			   zdb_err *err)
{
	size_t i = place_of(fields, name);
	bool there = is_at(fields, i, name);
	char *copy;

	if (err->code)
		return err->code;
	if (!value)
	{
		if (there)
			take_away(fields, i);
		return ZDB_OK;
	}
	copy = zdb_strdup(value, err);
	if (!copy)
		return err->code;
	if (!there)
	{
		if (insert(fields, i, name, copy, err))
			zdb_free(copy);
		return err->code;
	}
	zdb_free(fields->list[i].value);
	fields->list[i].value = copy;
	return ZDB_OK;
}

const char *
zdb_fields_get(const zdb_fields *fields, const char *name)
{
	size_t i = place_of(fields, name);

	return is_at(fields, i, name) ? fields->list[i].value : "";
}

void
zdb_fields_clear(zdb_fields *fields)
{
	for (size_t i = 0; i < fields->count; i++)
	{
		zdb_free(fields->list[i].name);
		zdb_free(fields->list[i].value);
	}
	zdb_free(fields->list);
	*fields = (zdb_fields){0};
}
