/*
 * mask - a restored database without the values that its mask names
 */
#include "sqlite_ext/mask.h"

#include <string.h>

#include "core/base/mem.h"
#include "sqlite_ext/sql.h"

static zdb_rc
plan(zdblite_call *call, sqlite3 *db, zdb_mask *mask)
{
	zdb_err *err = &call->err;
	const char *secret;

	if (zdblite_mask_facts(call, db, mask) ||
		zdb_mask_take(mask, call->options.mask, err))
		return err->code;
	for (const zdb_mask_table *table = mask->tables; table;
		 table = table->next)
		for (const zdb_mask_column *column = table->columns; column;
			 column = column->next)
			if (zdblite_mask_check(db, column, err))
				return err->code;
	secret = zdb_settings_get(&call->settings, ZDB_SET_MASK_KEY, err);
	return err->code ? err->code : zdb_mask_set_key(mask, secret, err);
}

/* Nothing else happens to rows than what the rules say; a misspelt "column" is
 * not a text. */
static zdb_rc
be_alone(sqlite3 *db, zdb_err *err)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	return zdblite_exec(db, err,
						"PRAGMA foreign_keys=OFF; PRAGMA journal_mode=DELETE;"
						" PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");
}

static zdb_rc
count_broken(sqlite3 *db, sqlite3_int64 *count, zdb_err *err)
{
	return zdblite_query_int(db, count, err,
							 "SELECT count(*) FROM pragma_foreign_key_check");
}

static zdb_rc
mask_tables(zdblite_call *call, sqlite3 *db, zdb_mask *mask)
{
	zdb_err *err = &call->err;
	sqlite3_int64 before = 0, after = 0;

	if (count_broken(db, &before, err) || zdblite_exec(db, err, "BEGIN"))
		return err->code;
	for (zdb_mask_table *table = mask->tables; table; table = table->next)
		if (table->masked && zdblite_mask_rows(call, db, mask, table))
			return err->code;
	if (zdblite_exec(db, err, "COMMIT") || count_broken(db, &after, err))
		return err->code;
	if (after > before)
	{
		zdb_err_set(err, ZDB_MISMATCH,
					"the mask has broken %lld references to other tables",
					(long long) (after - before));
		zdb_err_hint(err, "Give columns that refer to one another the same of "
						  "hash, email, name and phone.");
	}
	return err->code;
}

/* Full-text indexes hold words of their own; what other modules hold nobody
 * knows. */
static zdb_rc
rebuild_indexes(zdblite_call *call, sqlite3 *db)
{
	zdb_err *err = &call->err, why;
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(db, &stmt, err,
						"SELECT name, sql LIKE '%%using%%fts_%%(%%' FROM "
						"sqlite_schema WHERE sql LIKE 'create virtual "
						"table%%' AND sql NOT LIKE '%%using%%rtree%%'"))
		return err->code;
	while (zdblite_step(db, stmt, &row, err) == ZDB_OK && row)
	{
		const char *name = (const char *) sqlite3_column_text(stmt, 0);

		why = (zdb_err){0};
		if (!sqlite3_column_int(stmt, 1) ||
			zdblite_exec(db, &why,
						 "INSERT INTO \"%w\"(\"%w\") VALUES ('rebuild')", name,
						 name))
			zdblite_warn(call,
						 "virtual table \"%s\" may hold values that are "
						 "masked elsewhere",
						 name);
	}
	sqlite3_finalize(stmt);
	return err->code;
}

/* The planner's statistics hold samples of values. */
static zdb_rc
renew_statistics(sqlite3 *db, zdb_err *err)
{
	sqlite3_int64 has = 0;

	for (int version = 3; version <= 4; version++)
		if (zdblite_query_int(db, &has, err,
							  "SELECT count(*) FROM sqlite_schema WHERE name "
							  "= 'sqlite_stat%d'",
							  version) ||
			(has &&
			 zdblite_exec(db, err, "DELETE FROM sqlite_stat%d", version)))
			return err->code;
	if (zdblite_query_int(db, &has, err,
						  "SELECT count(*) FROM sqlite_schema WHERE name = "
						  "'sqlite_stat1'") ||
		!has)
		return err->code;
	return zdblite_exec(db, err, "ANALYZE");
}

/* No page keeps what was there before. */
static zdb_rc
write_anew(zdblite_image *image, const char *journal, zdb_err *err)
{
	if (zdblite_image_rewrite(image) || strcmp(journal, "wal") != 0)
		return err->code;
	return zdblite_exec(image->db, err, "PRAGMA journal_mode=WAL");
}

zdb_rc
zdblite_mask(zdblite_call *call, zdblite_image *image)
{
	zdb_err *err = &call->err;
	zdb_mask mask = {0};
	char *journal = NULL;

	call->phase = "mask";
	if (zdblite_image_change(image))
		return err->code;
	journal = zdblite_query_text(image->db, err, "PRAGMA journal_mode");
	if (journal && be_alone(image->db, err) == ZDB_OK &&
		plan(call, image->db, &mask) == ZDB_OK &&
		mask_tables(call, image->db, &mask) == ZDB_OK &&
		rebuild_indexes(call, image->db) == ZDB_OK &&
		renew_statistics(image->db, err) == ZDB_OK &&
		write_anew(image, journal, err) == ZDB_OK)
		zdb_mask_report(&mask, call->report);
	zdb_mask_clear(&mask);
	zdb_free(journal);
	return err->code ? err->code : zdblite_image_settle(image);
}
