/*
 * pg_rows - the rows of a script of PostgreSQL into scratch tables
 */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "sqlite_ext/pg_source.h"
#include "sqlite_ext/sql.h"

/* One COPY block. */
typedef struct block
{
	zdblite_pg *self;
	zdb_script *script;
	zdb_pg_table *from; /* as the script names it: maybe a partition */
	zdblite_pg_table *table;
	zdblite_pg_column **columns; /* one a field; NULL: it goes nowhere */
	size_t count;
	zdb_copy_field *fields;
	sqlite3_stmt *insert;
	zdb_buf buffer;
} block;

/* "file", table "public.t", row 3 (line 12): ... */
static zdb_rc
blame(const block *self, zdb_rc code, const char *column, const char *why)
{
	char place[ZDB_SCRIPT_PLACE_BYTES];
	zdb_err *err = &self->self->call->err;

	zdb_script_place(self->script, place);
	return zdb_err_set(err, code,
					   "\"%s\", table \"%s.%s\", row %llu (%s)%s%s%s: %s",
					   self->self->file, self->from->schema, self->from->name,
					   (unsigned long long) self->from->rows, place,
					   column ? ", column \"" : "", column ? column : "",
					   column ? "\"" : "", why);
}

static int
bind(sqlite3_stmt *stmt, int place, const zdb_cell *cell)
{
	switch (cell->kind)
	{
		case ZDB_CELL_NULL:
			return sqlite3_bind_null(stmt, place);
		case ZDB_CELL_INTEGER:
			return sqlite3_bind_int64(stmt, place, cell->integer);
		case ZDB_CELL_REAL:
			return sqlite3_bind_double(stmt, place, cell->real);
		case ZDB_CELL_TEXT:
			return sqlite3_bind_text64(stmt, place, cell->bytes, cell->len,
									   SQLITE_TRANSIENT, SQLITE_UTF8);
		case ZDB_CELL_BLOB:
			return sqlite3_bind_blob64(stmt, place, cell->bytes, cell->len,
									   SQLITE_TRANSIENT);
	}
	return SQLITE_INTERNAL;
}

static zdb_rc
take_field(block *self, size_t i, int place)
{
	zdblite_pg_column *column = self->columns[i];
	zdb_err *err = &self->self->call->err, why = {0};
	zdb_cell cell;
	int rc;

	if (zdb_value_convert(column->type, &column->target, &self->fields[i],
						  &self->buffer, &cell, &why))
	{
		if (why.code != ZDB_MISMATCH)
			*err = why;
		blame(self, ZDB_MISMATCH, column->name, why.msg);
		zdb_err_hint(err,
					 "Change it in PostgreSQL, or the type of the column "
					 "here; or leave the table out. Nothing was changed.");
		return err->code;
	}
	column->cut += cell.cut;
	rc = bind(self->insert, place, &cell);
	return rc == SQLITE_OK
			   ? ZDB_OK
			   : zdblite_err_db(err, self->self->image->db, rc,
								"could not take a value of column \"%s\"",
								column->name);
}

static zdb_rc
take_row(block *self, char *row, size_t len)
{
	zdb_err *err = &self->self->call->err;
	size_t count = zdb_copy_split(row, len, self->fields, self->count);
	char why[100];
	bool done;
	int place = 0;

	self->from->rows++;
	if (count != self->count)
	{
		snprintf(why, sizeof why,
				 "it has %zu values, and COPY lists %zu "
				 "columns",
				 count, self->count);
		blame(self, ZDB_DAMAGED, NULL, why);
		zdb_err_hint(err, "Use another copy or an older backup.");
		return err->code;
	}
	for (size_t i = 0; i < self->count; i++)
		if (self->columns[i] && take_field(self, i, ++place))
			return err->code;
	zdblite_step(self->self->image->db, self->insert, &done, err);
	sqlite3_reset(self->insert);
	return err->code;
}

static zdblite_pg_column *
column_called(const zdblite_pg_table *table, const char *name)
{
	zdblite_pg_column *column = table->columns;

	while (column && strcmp(column->name, name) != 0)
		column = column->next;
	return column;
}

static size_t
count_columns(const zdblite_pg_table *table)
{
	size_t count = 0;

	for (const zdblite_pg_column *column = table->columns; column;
		 column = column->next)
		count++;
	return count;
}

/* All blocks of a table, and its partitions', list the same columns. */
static zdb_rc
place_fields(block *self, const zdb_pg_name *names, zdb_arena *arena)
{
	zdblite_pg_table *table = self->table;
	size_t count = count_columns(table), i = 0;

	self->columns =
		zdb_arena_alloc(arena, (count + 1) * sizeof *self->columns);
	self->fields = zdb_arena_alloc(arena, (count + 1) * sizeof *self->fields);
	if (!self->columns || !self->fields)
		return zdb_err_nomem(&self->self->call->err);
	self->count = count;
	if (!names)
		for (zdblite_pg_column *column = table->columns; column;
			 column = column->next)
			self->columns[i++] = column;
	for (; names && i < count; names = names->next)
		if (!(self->columns[i++] = column_called(table, names->text)))
			break;
	if (i < count || names)
		return blame(self, ZDB_DAMAGED, NULL,
					 "its COPY block lists other columns than the one "
					 "before");
	return ZDB_OK;
}

/* Only what has a place here is kept. */
static zdb_rc
prepare_insert(block *self)
{
	zdblite_pg *source = self->self;
	sqlite3_str *sql = sqlite3_str_new(NULL);
	int places = 0;
	char *text;

	sqlite3_str_appendf(sql, "INSERT INTO \"%w\"", self->table->name);
	for (size_t i = 0; i < self->count; i++)
		if (self->columns[i]->here)
			sqlite3_str_appendf(sql, "%s\"%w\"", places++ ? ", " : "(",
								self->columns[i]->name);
		else
			self->columns[i] = NULL;
	sqlite3_str_appendall(sql, places ? ") VALUES (?" : " DEFAULT VALUES");
	for (int i = 1; i < places; i++)
		sqlite3_str_appendall(sql, ", ?");
	if (places)
		sqlite3_str_appendall(sql, ")");
	text = sqlite3_str_finish(sql);
	if (!text)
		zdb_err_nomem(&source->call->err);
	else
		zdblite_prepare(source->image->db, &self->insert, &source->call->err,
						"%s", text);
	sqlite3_free(text);
	return source->call->err.code;
}

static zdb_rc
open_block(block *self, const zdb_pg_copy *copy, zdb_arena *arena)
{
	zdblite_pg_table *table = self->table;

	if (!copy->plain)
	{
		blame(self, ZDB_UNSUPPORTED, NULL,
			  "its COPY block is not in pg_dump's format");
		zdb_err_hint(&self->self->call->err,
					 "Dump with pg_dump, or with COPY without options.");
		return self->self->call->err.code;
	}
	if (!table->made && zdblite_pg_make(self->self, table, copy->columns))
		return self->self->call->err.code;
	if (place_fields(self, copy->columns, arena))
		return self->self->call->err.code;
	return prepare_insert(self);
}

static zdb_rc
take_block(zdblite_pg *self, zdb_script *script, const zdb_pg_copy *copy,
		   zdb_arena *arena)
{
	block one = {.self = self, .script = script};
	zdb_err *err = &self->call->err;
	char *row;
	size_t len;

	one.from = zdb_catalog_find(&self->catalog, copy->schema, copy->name);
	one.table = one.from ? zdb_pg_table_root(one.from)->user : NULL;
	if (one.table && !one.table->wanted)
		one.table = NULL;
	if (one.table)
		open_block(&one, copy, arena);
	while (!err->code && zdb_script_row(script, &row, &len, err) == ZDB_OK &&
		   row)
		if (one.table && take_row(&one, row, len))
			break;
	sqlite3_finalize(one.insert);
	zdb_buf_clear(&one.buffer);
	return err->code;
}

static zdb_rc
load_range(zdblite_pg *self, uint64_t first, uint64_t end)
{
	zdb_err *err = &self->call->err;
	zdb_script_item item;
	zdb_script *script;

	if (zdb_script_open(self->reader, first, end, &self->call->host, &script,
						err))
		return err->code;
	while (zdb_script_next(script, &item, err) == ZDB_OK &&
		   item.kind != ZDB_SCRIPT_END)
	{
		zdb_arena arena = {0};
		zdb_pg_copy copy;

		if (item.kind == ZDB_SCRIPT_STATEMENT &&
			zdb_catalog_copy(&self->catalog, item.text, item.len, &arena,
							 &copy))
			take_block(self, script, &copy, &arena);
		else
			zdb_catalog_setting(&self->catalog, item.text, item.len);
		zdb_arena_clear(&arena);
		if (err->code)
			break;
	}
	zdb_script_free(script);
	return err->code;
}

/* Chunks of the tables that take part, run by run. */
static zdb_rc
load_chunks(zdblite_pg *self, uint64_t chunks)
{
	const zdb_manifest *manifest = zdb_reader_manifest(self->reader);
	zdb_err *err = &self->call->err;
	uint64_t end;

	for (uint64_t i = 0; i < chunks; i = end)
	{
		const zdb_pg_table *from;
		const zdblite_pg_table *table;
		zdb_entry entry, next;

		if (zdb_reader_entry(self->reader, i, &entry, err))
			return err->code;
		for (end = i + 1; end < chunks; end++)
			if (zdb_reader_entry(self->reader, end, &next, err))
				return err->code;
			else if (next.table != entry.table || next.kind != entry.kind)
				break;
		if (entry.kind != ZDB_CHUNK_ROWS || entry.table == 0 ||
			entry.table > manifest->table_count)
			continue;
		from = zdb_catalog_find(&self->catalog,
								manifest->tables[entry.table - 1].schema,
								manifest->tables[entry.table - 1].name);
		table = from ? zdb_pg_table_root((zdb_pg_table *) from)->user : NULL;
		if (!table || !table->wanted)
			continue;
		if (load_range(self, i, end))
			return err->code;
		self->chunks_read += end - i;
	}
	return ZDB_OK;
}

zdb_rc
zdblite_pg_rows(zdblite_pg *self)
{
	const zdb_footer *footer = zdb_reader_footer(self->reader);

	self->catalog.schema = NULL; /* the script sets it again */
	return footer ? load_chunks(self, footer->chunks) : load_range(self, 0, 0);
}
