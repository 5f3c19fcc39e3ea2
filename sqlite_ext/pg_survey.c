/*
 * pg_survey - what a script of PostgreSQL defines, and which of its tables
 * take part
 */
#include <string.h>
#include <strings.h>

#include "core/dump/token.h"
#include "sqlite_ext/pg_source.h"
#include "sqlite_ext/sql.h"

/* Statements and commands that rows may hide behind. */
static zdb_rc
refuse(const zdblite_pg *self, const zdb_script *script, const char *what,
	   const char *hint)
{
	char place[ZDB_SCRIPT_PLACE_BYTES];
	zdb_err *err = &self->call->err;

	zdb_script_place(script, place);
	zdb_err_set(err, ZDB_UNSUPPORTED, "\"%s\", %s: %s", self->file, place,
				what);
	zdb_err_hint(err, "%s", hint);
	return err->code;
}

/* What psql would obey itself. */
static zdb_rc
take_command(const zdblite_pg *self, const zdb_script *script,
			 const zdb_script_item *item)
{
	static const char *const harmless[] = {"\\restrict ", "\\unrestrict ",
										   "\\set ",      "\\echo ",
										   "\\pset ",     "\\encoding UTF8"};
	static const char *const databases[] = {"\\connect ", "\\c "};

	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
		if (strncmp(item->text, harmless[i], strlen(harmless[i])) == 0)
			return ZDB_OK;
	for (size_t i = 0; i < sizeof databases / sizeof *databases; i++)
		if (strncmp(item->text, databases[i], strlen(databases[i])) == 0)
			return self->catalog.tables
					   ? refuse(self, script,
								"tables of another database follow",
								"Dump the database that is meant, with "
								"pg_dump.")
					   : ZDB_OK;
	return refuse(self, script, "a command of psql that cannot be obeyed here",
				  "Load the script into PostgreSQL, and dump it from there.");
}

/* There are rows for this table. */
static zdb_rc
note_rows(zdblite_pg *self, const char *schema, const char *name)
{
	zdb_catalog *catalog = &self->catalog;
	zdb_pg_table *table = zdb_catalog_find(catalog, schema, name);

	if (!table)
		table = zdb_catalog_table(
			catalog, zdb_arena_format(&catalog->arena, "%s", schema),
			zdb_arena_format(&catalog->arena, "%s", name));
	if (!table)
		return zdb_err_nomem(&self->call->err);
	table->copied = true;
	return ZDB_OK;
}

/* Is it a COPY block? Its rows are passed over. */
static zdb_rc
take_rows(zdblite_pg *self, zdb_script *script, const zdb_script_item *item,
		  bool *rows)
{
	zdb_arena arena = {0};
	zdb_err *err = &self->call->err;
	zdb_pg_copy copy;

	*rows =
		zdb_catalog_copy(&self->catalog, item->text, item->len, &arena, &copy);
	if (*rows)
		note_rows(self, copy.schema, copy.name);
	zdb_arena_clear(&arena);
	return *rows && !err->code ? zdb_script_pass_rows(script, err) : err->code;
}

static zdb_rc
take_statement(zdblite_pg *self, zdb_script *script,
			   const zdb_script_item *item)
{
	zdb_err *err = &self->call->err;
	zdb_tokens tokens;
	bool rows;

	zdb_tokens_open(&tokens, item->text, item->len);
	if (zdb_token_is(&tokens, "insert"))
		return refuse(self, script, "rows as INSERT statements",
					  "Dump without --inserts, --column-inserts and "
					  "--rows-per-insert: rows are read from COPY blocks.");
	if (take_rows(self, script, item, &rows) || rows)
		return err->code;
	if (!item->whole &&
		(zdb_token_take(&tokens, "create") ||
		 zdb_token_take(&tokens, "alter")) &&
		zdb_token_is(&tokens, "table"))
		return refuse(self, script, "the definition of a table is too long",
					  "Merge it in PostgreSQL.");
	return zdb_catalog_take(&self->catalog, item->text, item->len, err);
}

static zdb_rc
read_range(zdblite_pg *self, uint64_t first, uint64_t end)
{
	zdblite_call *call = self->call;
	zdb_script_item item;
	zdb_script *script;

	if (zdb_script_open(self->reader, first, end, &call->host, &script,
						&call->err))
		return call->err.code;
	while (zdb_script_next(script, &item, &call->err) == ZDB_OK &&
		   item.kind != ZDB_SCRIPT_END)
		if (item.kind == ZDB_SCRIPT_COMMAND
				? take_command(self, script, &item)
				: take_statement(self, script, &item))
			break;
	zdb_script_free(script);
	return call->err.code;
}

/* Of an indexed backup, the runs of chunks that are no table's rows. */
static zdb_rc
read_text(zdblite_pg *self, uint64_t chunks)
{
	zdb_err *err = &self->call->err;
	uint64_t first = 0;
	zdb_entry entry;

	for (uint64_t i = 0; i <= chunks; i++)
	{
		if (i < chunks && zdb_reader_entry(self->reader, i, &entry, err))
			return err->code;
		if (i < chunks && entry.kind != ZDB_CHUNK_ROWS)
			continue;
		if (i > first && read_range(self, first, i))
			return err->code;
		self->chunks_read += i - first;
		first = i + 1;
	}
	return ZDB_OK;
}

/* Of an indexed backup, the manifest knows whose rows there are. */
static zdb_rc
note_manifest(zdblite_pg *self, const zdb_manifest *manifest)
{
	for (uint32_t i = 0; manifest && i < manifest->table_count; i++)
		if (note_rows(self, manifest->tables[i].schema,
					  manifest->tables[i].name))
			break;
	return self->call->err.code;
}

static zdb_rc
check_encoding(const zdblite_pg *self)
{
	static const char *const known[] = {"UTF8", "UTF-8", "UNICODE",
										"SQL_ASCII"};
	const char *encoding = self->catalog.encoding;
	zdb_err *err = &self->call->err;

	if (!encoding)
		return ZDB_OK;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcasecmp(encoding, known[i]) == 0)
			return ZDB_OK;
	zdb_err_set(err, ZDB_UNSUPPORTED, "\"%s\" is in encoding %s", self->file,
				encoding);
	zdb_err_hint(err, "Dump with pg_dump --encoding=UTF8.");
	return err->code;
}

zdb_rc
zdblite_pg_survey(zdblite_pg *self)
{
	const zdb_manifest *manifest = zdb_reader_manifest(self->reader);
	const zdb_footer *footer = zdb_reader_footer(self->reader);
	zdb_err *err = &self->call->err;

	if (manifest && strcmp(manifest->type, "data") == 0)
	{
		zdb_err_set(err, ZDB_UNSUPPORTED,
					"\"%s\" holds rows without their tables' definitions, "
					"which tell the types",
					self->file);
		zdb_err_hint(err, "Merge a backup of type \"full\".");
		return err->code;
	}
	if (footer ? read_text(self, footer->chunks) : read_range(self, 0, 0))
		return err->code;
	if (note_manifest(self, manifest))
		return err->code;
	return check_encoding(self);
}

/* The name of the table here whose name differs in case at most, or NULL. */
static const char *
find_live(zdblite_pg *self, const char *name)
{
	zdblite_call *call = self->call;
	const char *found = NULL;
	sqlite3_stmt *stmt;
	bool row;

	if (zdblite_prepare(call->db, &stmt, &call->err,
						"SELECT name FROM pragma_table_list WHERE schema = %Q "
						"AND type = 'table' AND name = %Q COLLATE NOCASE AND "
						"name NOT LIKE 'sqlite\\_%%' ESCAPE '\\'",
						call->options.schema, name))
		return NULL;
	if (zdblite_step(call->db, stmt, &row, &call->err) == ZDB_OK && row)
		found = zdb_arena_format(&self->catalog.arena, "%s",
								 sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return found;
}

static zdblite_pg_table *
table_called(const zdblite_pg *self, const char *name)
{
	zdblite_pg_table *table = self->tables;

	while (table && strcasecmp(table->name, name) != 0)
		table = table->next;
	return table;
}

/* Who has the better claim to a name: a table of schema public, then one that
 * is spelled as the table here. */
static int
claim(const zdb_pg_table *from, const char *name)
{
	return 2 * (strcmp(from->schema, "public") == 0) +
		   (strcmp(from->name, name) == 0);
}

/* Two tables of the script have one name. The other one is listed under its
 * full name, as one that is not here. */
static zdb_rc
settle(zdblite_pg *self, zdblite_pg_table *one, zdblite_pg_table *other)
{
	int claims[] = {claim(one->from, other->name),
					claim(other->from, other->name)};
	zdblite_pg_table *loser = claims[0] < claims[1] ? one : other;
	zdb_err *err = &self->call->err;

	if (claims[0] == claims[1])
	{
		zdb_err_set(err, ZDB_USAGE,
					"tables \"%s.%s\" and \"%s.%s\" of \"%s\" have one name "
					"in SQLite",
					other->from->schema, other->from->name, one->from->schema,
					one->from->name, self->file);
		if (strcmp(one->from->schema, other->from->schema) == 0)
			zdb_err_hint(err, "Rename one of them.");
		zdb_err_hint(err,
					 "Choose in the policy: {\"tables\": {\"%s.%s\": "
					 "false}}.",
					 one->from->schema, one->from->name);
		return err->code;
	}
	loser->name = zdb_arena_format(&self->catalog.arena, "%s.%s",
								   loser->from->schema, loser->from->name);
	loser->live = loser->wanted = false;
	zdblite_warn(self->call,
				 "table \"%s\" takes no part: another one has its name here",
				 loser->name);
	return err->code;
}

static bool
is_wanted(const zdblite_pg *self, const zdb_pg_table *from, const char *name)
{
	const char *schema = self->call->options.schema;

	return zdb_merge_wants(self->merge, from->schema, from->name) &&
		   zdb_merge_wants(self->merge, schema, name);
}

static zdb_rc
choose_one(zdblite_pg *self, zdb_pg_table *from)
{
	zdb_err *err = &self->call->err;
	const char *live = find_live(self, from->name);
	zdblite_pg_table *table, *other;

	if (err->code || !is_wanted(self, from, live ? live : from->name))
		return err->code;
	table = zdb_arena_alloc(&self->catalog.arena, sizeof *table);
	if (!table)
		return zdb_err_nomem(err);
	table->from = from;
	table->live = live != NULL;
	table->wanted =
		live || (from->made && zdb_merge_create_missing(self->merge));
	table->name = live ? live
				  : table->wanted || strcmp(from->schema, "public") == 0
					  ? from->name
					  : zdb_arena_format(&self->catalog.arena, "%s.%s",
										 from->schema, from->name);
	other = table_called(self, table->name);
	if (other && settle(self, table, other))
		return err->code;
	from->user = table;
	if (self->last)
		self->last->next = table;
	else
		self->tables = table;
	self->last = table;
	return ZDB_OK;
}

/* Only what CREATE TABLE made has columns with types. */
static zdb_rc
check_types(const zdblite_pg *self, const zdblite_pg_table *table)
{
	zdb_err *err = &self->call->err;

	if (!table->live || table->from->made)
		return ZDB_OK;
	zdb_err_set(
		err, ZDB_UNSUPPORTED,
		"\"%s\" has rows of table \"%s.%s\", but not its CREATE TABLE, "
		"which tells the types",
		self->file, table->from->schema, table->from->name);
	zdb_err_hint(err,
				 "Dump without --data-only; or leave the table out: "
				 "{\"tables\": {\"%s\": false}}.",
				 table->name);
	return err->code;
}

/* Those of schema public come first, because they have the better claim. */
static zdb_rc
choose_of(zdblite_pg *self, bool public)
{
	for (zdb_pg_table *from = self->catalog.tables; from; from = from->next)
		if ((strcmp(from->schema, "public") == 0) == public &&
			(from->made || from->copied) && zdb_pg_table_root(from) == from &&
			choose_one(self, from))
			break;
	return self->call->err.code;
}

zdb_rc
zdblite_pg_choose(zdblite_pg *self)
{
	zdb_err *err = &self->call->err;

	if (choose_of(self, true) || choose_of(self, false))
		return err->code;
	for (zdblite_pg_table *table = self->tables; table; table = table->next)
		if (check_types(self, table) ||
			(table->wanted && zdb_merge_origin(self->merge, table->name,
											   table->from->schema, err)))
			return err->code;
	return zdb_arena_failed(&self->catalog.arena) ? zdb_err_nomem(err)
												  : ZDB_OK;
}
