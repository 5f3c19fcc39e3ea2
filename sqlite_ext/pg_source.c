/*
 * pg_source - a script of PostgreSQL as a SQLite database to merge from
 */
#include "sqlite_ext/pg_source.h"

#include "sqlite_ext/sql.h"

/* Tables without rows take part, too; those that are not here are listed, for
 * the report. */
static zdb_rc
make_others(zdblite_pg *self)
{
	bool create = zdb_merge_create_missing(self->merge);

	for (zdblite_pg_table *table = self->tables; table; table = table->next)
	{
		if (table->made)
			continue;
		if (!table->wanted && create) /* it would be created */
			zdblite_warn(self->call,
						 "table \"%s\" cannot be created: the "
						 "script does not define it",
						 table->name);
		else if (zdblite_pg_make(self, table, NULL))
			break;
	}
	return self->call->err.code;
}

static zdb_rc
load(zdblite_pg *self)
{
	sqlite3 *db = self->image->db;
	zdb_err *err = &self->call->err;

	if (zdblite_exec(db, err, "BEGIN") || zdblite_pg_rows(self) ||
		make_others(self) || zdblite_exec(db, err, "COMMIT"))
		return err->code;
	/* what may fail needs a journal */
	if (zdblite_exec(db, err, "PRAGMA journal_mode=MEMORY"))
		return err->code;
	return zdblite_pg_keys(self);
}

/* Not an error, because most columns of PostgreSQL have microseconds, and no
 * program that counts milliseconds misses them. */
static void
warn_of_cuts(const zdblite_pg *self)
{
	for (const zdblite_pg_table *table = self->tables; table;
		 table = table->next)
		for (const zdblite_pg_column *column = table->columns; column;
			 column = column->next)
			if (column->cut > 0)
				zdblite_warn(self->call,
							 "table \"%s\", column \"%s\": %llu of its times "
							 "were cut to whole %s",
							 table->name, column->name,
							 (unsigned long long) column->cut,
							 column->target.time.unit == ZDB_TIME_SECONDS
								 ? "seconds"
								 : "milliseconds");
}

zdb_rc
zdblite_pg_image(zdblite_image *image, zdblite_call *call, zdb_reader *reader,
				 zdb_merge *merge, const char *beside, uint64_t *chunks_read)
{
	zdblite_pg self = {.call = call,
					   .reader = reader,
					   .merge = merge,
					   .image = image,
					   .file = zdb_reader_source(reader)->name};

	if (zdblite_pg_survey(&self) == ZDB_OK &&
		zdblite_pg_choose(&self) == ZDB_OK &&
		zdblite_image_make(image, call, beside) == ZDB_OK &&
		load(&self) == ZDB_OK)
		warn_of_cuts(&self);
	*chunks_read = self.chunks_read;
	zdb_catalog_clear(&self.catalog);
	return call->err.code;
}
