/*
 * copy_row - a line of a COPY block as the values of a row type
 */
#include "pg_ext/copy_row.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/xml.h"

void
zdbpg_copy_row_columns(zdbpg_copy_row *row, Oid relid, List *columns)
{
	size_t cap = (size_t) Max(list_length(columns), 1);
	ListCell *cell;

	row->fields = palloc0(cap * sizeof *row->fields);
	row->places = palloc(cap * sizeof *row->places);
	row->places[0] = -1;
	row->count = 0;
	foreach(cell, columns)
	{
		AttrNumber here = get_attnum(relid, lfirst(cell));

		row->places[row->count++] = here > 0 ? here - 1 : -1;
	}
	row->count = cap; /* a row without columns is an empty field */
}

static void
read_values(zdbpg_copy_row *row, Datum *values, bool *nulls)
{
	memset(nulls, true, (size_t) row->desc->natts);
	for (size_t i = 0; i < row->count; i++)
	{
		zdb_copy_field *field = &row->fields[i];
		int place = row->places[i];
		char *text = NULL;

		if (place < 0)
			continue;
		row->column = place + 1;
		field->bytes[field->len] = '\0'; /* in place of what ended it */
		if (!field->null)
			text = pg_any_to_server(field->bytes, (int) field->len,
									row->encoding);
		nulls[place] = field->null;
		values[place] = InputFunctionCall(&row->input->attinfuncs[place], text,
										  row->input->attioparams[place],
										  row->input->atttypmods[place]);
	}
	row->column = 0;
}

/* Would the caller's settings read all that pg_dump writes as it was meant? */
static bool
settings_agree(void)
{
	return IntervalStyle == INTSTYLE_POSTGRES &&
		   xmloption == XMLOPTION_CONTENT && Array_nulls;
}

static void
read_with_settings(zdbpg_copy_row *row, Datum *values, bool *nulls)
{
	static const char *const pinned[][2] = {{"intervalstyle", "postgres"},
											{"xmloption", "content"},
											{"array_nulls", "on"}};
	int nest = NewGUCNestLevel();

	for (int i = 0; i < (int) lengthof(pinned); i++)
		(void) set_config_option(pinned[i][0], pinned[i][1], PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
								 false);
	read_values(row, values, nulls);
	AtEOXact_GUC(false, nest);
}

void
zdbpg_copy_row_read(zdbpg_copy_row *row, char *line, size_t len, Datum *values,
					bool *nulls)
{
	size_t count = zdb_copy_split(line, len, row->fields, row->count);

	if (count != row->count)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("a row has %zu values, and COPY lists %zu columns",
						count, row->count)));
	if (settings_agree())
		read_values(row, values, nulls);
	else
		read_with_settings(row, values, nulls);
}
