/*
 * mask_facts - what core/policy/mask.h must know of a SQLite database
 */
#include "sqlite_ext/mask.h"
#include "sqlite_ext/sql.h"
#include "sqlite_ext/tables.h"

typedef struct facts
{
	zdblite_call *call;
	sqlite3 *db;
	zdb_mask *mask;
} facts;

static const char *
text_at(sqlite3_stmt *stmt, int column)
{
	return (const char *) sqlite3_column_text(stmt, column);
}

/* Call take with each row of a query about a table. */
static zdb_rc
each(facts *self, zdb_mask_table *table, const char *sql,
	 zdb_rc (*take)(facts *self, zdb_mask_table *table, sqlite3_stmt *stmt))
{
	zdb_err *err = &self->call->err;
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(self->db, &stmt, err, sql, table ? table->name : NULL))
		return err->code;
	while (zdblite_step(self->db, stmt, &row, err) == ZDB_OK && row)
		if (take(self, table, stmt))
			break;
	sqlite3_finalize(stmt);
	return err->code;
}

static void
take_collation(facts *self, zdb_mask_column *column)
{
	const char *name = NULL;

	if (sqlite3_table_column_metadata(self->db, "main", column->table->name,
									  column->name, NULL, &name, NULL, NULL,
									  NULL) != SQLITE_OK ||
		!name)
		return;
	column->nocase = sqlite3_stricmp(name, "NOCASE") == 0;
	column->rtrim = sqlite3_stricmp(name, "RTRIM") == 0;
}

static zdb_rc
take_column(facts *self, zdb_mask_table *table, sqlite3_stmt *stmt)
{
	zdb_mask_column *column =
		zdb_mask_add_column(self->mask, table, text_at(stmt, 0));
	bool primary = sqlite3_column_int(stmt, 2) > 0;

	if (!column)
		return zdb_err_nomem(&self->call->err);
	column->type = ZDB_MASK_ANY;
	take_collation(self, column);
	column->not_null = primary || sqlite3_column_int(stmt, 1) != 0;
	column->generated = sqlite3_column_int(stmt, 3) > 1;
	column->keyed = primary;
	column->unique = primary && sqlite3_column_int(stmt, 4) == 1;
	return ZDB_OK;
}

static zdb_rc
take_unique(facts *self, zdb_mask_table *table, sqlite3_stmt *stmt)
{
	const char *name = text_at(stmt, 0);
	zdb_mask_column *column =
		name ? zdb_mask_column_of(self->mask, table, name) : NULL;

	if (!column)
		return ZDB_OK; /* an expression */
	column->keyed = true;
	column->unique = column->unique || sqlite3_column_int(stmt, 1) == 1;
	return ZDB_OK;
}

static zdb_rc
take_foreign(facts *self, zdb_mask_table *table, sqlite3_stmt *stmt)
{
	const zdb_mask_table *parent =
		zdb_mask_find(self->mask, NULL, text_at(stmt, 0));
	const char *to = text_at(stmt, 2);

	if (!parent || !to)
		return ZDB_OK;
	return zdb_mask_link(
		self->mask, zdb_mask_column_of(self->mask, table, text_at(stmt, 1)),
		zdb_mask_column_of(self->mask, parent, to), true, &self->call->err);
}

static zdb_rc
take_table(facts *self, zdb_mask_table *none, sqlite3_stmt *stmt)
{
	zdb_mask_table *table =
		zdb_mask_add_table(self->mask, NULL, text_at(stmt, 0));

	(void) none;
	if (!table)
		return zdb_err_nomem(&self->call->err);
	if (each(self, table,
			 "SELECT name, \"notnull\", pk, hidden, max(pk) OVER () FROM "
			 "pragma_table_xinfo(%Q, 'main') WHERE hidden <> 1 ORDER BY cid",
			 take_column))
		return self->call->err.code;
	for (zdb_mask_column *column = table->columns; column;
		 column = column->next)
		column->generated = column->generated || sqlite3_column_int(stmt, 1);
	return each(self, table,
				"SELECT i.name, count(*) OVER (PARTITION BY l.seq) FROM "
				"pragma_index_list(%Q, 'main') l, pragma_index_info(l.name, "
				"'main') i WHERE l.\"unique\"",
				take_unique);
}

/* Masked where its rows are. */
#define IS_INDEX                                                   \
	"EXISTS (SELECT 1 FROM sqlite_schema v WHERE v.name = t.name " \
	"AND " ZDBLITE_FTS_OF_ANOTHER("sqlite_schema") ")"

/* The columns of a parent that no name is given for are its primary key. */
#define FOREIGN                                                              \
	"SELECT f.\"table\", f.\"from\", coalesce(f.\"to\", (SELECT p.name FROM" \
	" pragma_table_xinfo(f.\"table\", 'main') p WHERE p.pk = f.seq + 1))"    \
	" FROM pragma_foreign_key_list(%Q, 'main') f"

zdb_rc
zdblite_mask_facts(zdblite_call *call, sqlite3 *db, zdb_mask *mask)
{
	facts self = {call, db, mask};

	mask->any_case = true;
	if (each(&self, NULL,
			 "SELECT name, " IS_INDEX
			 " FROM pragma_table_list t WHERE schema = 'main' AND type IN "
			 "('table', 'virtual') AND name NOT LIKE 'sqlite\\_%%' "
			 "ESCAPE '\\' ORDER BY name",
			 take_table))
		return call->err.code;
	for (zdb_mask_table *table = mask->tables; table; table = table->next)
		if (each(&self, table, FOREIGN, take_foreign))
			break;
	return call->err.code;
}
