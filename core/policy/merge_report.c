/*
 * merge_report - what became of every row
 */
#include <stdio.h>
#include <string.h>

#include "core/policy/merge_plan.h"

#define CONFLICTS_SHOWN 100

static const char *const outcome_names[OUTCOMES] = {
	NULL,       "identical", "inserted",  "updated",  "kept",
	"left_out", NULL,        "conflicts", "orphaned", "duplicates"};

/* Those that the policy's "rows" do not name are counted together. */
static int
counted_as(int outcome)
{
	return outcome == OUTCOME_ABSENT ? OUTCOME_LEFT : outcome;
}

void
zdb_merge_read(zdb_merge *merge, const zdb_merge_step *step, int64_t rows)
{
	merge->tables[step->table].read = rows;
}

bool
zdb_merge_tally(zdb_merge *merge, const zdb_merge_step *step, int64_t remapped,
				int outcome)
{
	merge_table *table = &merge->tables[step->table];

	if (!(step->tallied & 1u << outcome))
		return true;
	table->outcomes[counted_as(outcome)]++;
	table->remapped += remapped;
	return false;
}

void
zdb_merge_met(zdb_merge *merge, const zdb_merge_step *step, int64_t remapped,
			  int outcome)
{
	merge_table *table = &merge->tables[step->table];

	table->remapped += remapped;
	table->outcomes[outcome] += outcome != OUTCOME_NONE;
}

void
zdb_merge_inserted(zdb_merge *merge, const zdb_merge_step *step, int64_t read,
				   int64_t inserted)
{
	merge_table *table = &merge->tables[step->table];

	table->read = read;
	table->inserted = inserted;
	table->outcomes[OUTCOME_INSERTED] = inserted;
	table->pending = read - inserted - table->outcomes[OUTCOME_IDENTICAL] -
					 table->outcomes[OUTCOME_KEPT];
}

void
zdb_merge_count(zdb_merge *merge, const zdb_merge_step *step, int outcome,
				int64_t rows, int64_t remapped, int64_t new_ids)
{
	merge_table *table = &merge->tables[step->table];

	if (outcome <= OUTCOME_NONE || outcome >= OUTCOMES)
		return; /* the balance will say so */
	table->outcomes[counted_as(outcome)] += rows;
	if (outcome != OUTCOME_CONFLICT && outcome != OUTCOME_ORPHANED)
		table->remapped += remapped;
	table->new_ids += new_ids;
	if (outcome >= OUTCOME_CONFLICT)
		merge->conflict_total += rows;
}

void
zdb_merge_conflict(zdb_merge *merge, const zdb_merge_step *step, int outcome,
				   const char *index, const char *key)
{
	static const char *const kinds[] = {"unique", "orphan", "duplicate"};
	const merge_table *table = &merge->tables[step->table];
	json_t *value = key ? json_loads(key, JSON_DECODE_ANY, NULL) : NULL;

	if (outcome < OUTCOME_CONFLICT || outcome > OUTCOME_DUPLICATE ||
		json_array_size(merge->conflicts) >= CONFLICTS_SHOWN)
	{
		json_decref(value);
		return;
	}
	json_array_append_new(merge->conflicts,
						  json_pack("{s:s, s:s, s:s, s:s*, s:o}", "schema",
									table->schema, "table", table->name,
									"kind", kinds[outcome - OUTCOME_CONFLICT],
									"index", index, "key",
									value ? value : json_null()));
}

void
zdb_merge_near(zdb_merge *merge, const zdb_merge_step *step,
			   const char *backup, const char *live)
{
	const merge_table *table = &merge->tables[step->table];

	if (backup && live && json_array_size(merge->near) < CONFLICTS_SHOWN)
		json_array_append_new(
			merge->near,
			json_pack("{s:s, s:s, s:s, s:s}", "table", table->name, "column",
					  table->columns[table->match->elements[0].column].name,
					  "backup", backup, "live", live));
}

bool
zdb_merge_needs(const zdb_merge *merge, const zdb_merge_step *step)
{
	const merge_table *table = &merge->tables[step->table];
	const int64_t *outcomes = table->outcomes;

	if (table->direct && table->pending == 0)
		return step->kind == ZDB_MERGE_DIRECT;
	switch (step->kind)
	{
		case ZDB_MERGE_INSERT:
		case ZDB_MERGE_NEAR:
			return outcomes[OUTCOME_INSERTED] > table->inserted;
		case ZDB_MERGE_UPDATE:
			return outcomes[OUTCOME_UPDATED] > 0;
		case ZDB_MERGE_CONFLICT:
			return outcomes[OUTCOME_CONFLICT] + outcomes[OUTCOME_ORPHANED] +
					   outcomes[OUTCOME_DUPLICATE] >
				   0;
		default:
			return true;
	}
}

zdb_rc
zdb_merge_changed(const zdb_merge *merge, const zdb_merge_step *step,
				  int64_t rows, zdb_err *err)
{
	const merge_table *table = &merge->tables[step->table];
	int64_t wanted = table->outcomes[OUTCOME_UPDATED];

	if (step->kind == ZDB_MERGE_INSERT)
		wanted = table->outcomes[OUTCOME_INSERTED] - table->inserted;
	if (rows == wanted)
		return ZDB_OK;
	zdb_err_set(err, ZDB_MISMATCH,
				"%s: the database changed %lld rows instead of %lld",
				step->what, (long long) rows, (long long) wanted);
	zdb_err_hint(err, "A trigger or rule has taken or added rows; nothing was "
					  "changed.");
	return err->code;
}

zdb_rc
zdb_merge_balance(const zdb_merge *merge, zdb_err *err)
{
	for (int m = 0; m < merge->member_count; m++)
	{
		const merge_table *table = &merge->tables[merge->order[m]];
		int64_t sum = 0;

		for (int i = 0; i < OUTCOMES; i++)
			sum += table->outcomes[i];
		if (sum != table->read)
			return zdb_err_set(
				err, ZDB_INTERNAL,
				"table \"%s\": %lld rows were read and %lld accounted for; "
				"nothing was changed",
				table->name, (long long) table->read, (long long) sum);
	}
	return ZDB_OK;
}

static json_t *
key_names(const merge_table *table)
{
	json_t *names;

	if (!table->match)
		return json_null();
	names = json_array();
	for (int i = 0; i < table->match->count; i++)
	{
		const merge_element *element = &table->match->elements[i];

		json_array_append_new(
			names, json_string(element->column >= 0
								   ? table->columns[element->column].name
								   : element->sql));
	}
	return names;
}

static json_t *
defaulted(const merge_table *table)
{
	json_t *names = json_array();

	for (int c = 0; c < table->column_count; c++)
		if (!table->columns[c].common && !table->columns[c].generated)
			json_array_append_new(names, json_string(table->columns[c].name));
	return names;
}

static json_t *
dropped(const zdb_merge *merge, const merge_table *table)
{
	json_t *names = json_array(), *name;
	size_t i;

	json_array_foreach (json_object_get(table->backup, "columns"), i, name)
		if (zdb_merge_column_of(merge, table, json_string_value(name)) < 0)
			json_array_append(names, name);
	return names;
}

static json_t *
report_table(const zdb_merge *merge, const merge_table *table)
{
	json_t *report =
		json_pack("{s:s, s:s, s:o, s:s*, s:I}", "schema", table->schema,
				  "table", table->name, "key", key_names(table), "key_from",
				  table->key_from, "read", (json_int_t) table->read);

	for (int i = OUTCOME_IDENTICAL; i < OUTCOMES; i++)
		if (outcome_names[i])
			json_object_set_new(report, outcome_names[i],
								json_integer(table->outcomes[i]));
	json_object_set_new(report, "fk_remapped", json_integer(table->remapped));
	json_object_set_new(report, "new_ids", json_integer(table->new_ids));
	json_object_set_new(report, "dropped_columns", dropped(merge, table));
	json_object_set_new(report, "defaulted_columns", defaulted(table));
	return report;
}

/* There may be many rows: their number says enough. */
static json_t *
shown_tables(json_t *tables)
{
	json_t *shown = json_copy(tables), *rule, *rows;
	const char *name;

	json_object_foreach (tables, name, rule)
	{
		rows = json_object_get(rule, "rows");
		if (!rows)
			continue;
		rule = json_copy(rule);
		json_object_set_new(rule, "rows",
							json_integer((json_int_t) json_array_size(rows)));
		json_object_set_new(shown, name, rule);
	}
	return shown;
}

static json_t *
policy_in_force(const zdb_merge *merge)
{
	static const char *const match[] = {"keep", "overwrite", "newest", "fill",
										"fail"};
	static const char *const orphan[] = {"skip", "null", "fail"};
	static const char *const no_key[] = {"fail", "skip", "whole_row",
										 "append"};
	json_t *policy = json_pack(
		"{s:s, s:s, s:s, s:b, s:b}", "on_match", match[merge->rule.on_match],
		"on_orphan", orphan[merge->rule.on_orphan], "no_key",
		no_key[merge->rule.no_key], "triggers", merge->triggers,
		"create_missing", merge->create_missing);
	const char *key;
	json_t *value;

	json_object_foreach (merge->policy, key, value)
		if (strcmp(key, "tables") == 0)
			json_object_set_new(policy, key, shown_tables(value));
		else if (!json_object_get(policy, key))
			json_object_set(policy, key, value);
	return policy;
}

void
zdb_merge_report(const zdb_merge *merge, json_t *into)
{
	json_t *tables = json_array();
	int64_t totals[OUTCOMES] = {0}, read = 0;

	for (int m = 0; m < merge->member_count; m++)
	{
		const merge_table *table = &merge->tables[merge->order[m]];

		json_array_append_new(tables, report_table(merge, table));
		read += table->read;
		for (int i = 0; i < OUTCOMES; i++)
			totals[i] += table->outcomes[i];
	}
	json_object_set_new(into, "strategy", json_string("merge"));
	json_object_set_new(into, "dry_run", json_boolean(merge->dry_run));
	json_object_set_new(into, "policy", policy_in_force(merge));
	json_object_set_new(into, "tables", tables);
	json_object_set_new(into, "read", json_integer(read));
	for (int i = OUTCOME_IDENTICAL; i < OUTCOMES; i++)
		if (outcome_names[i] && i != OUTCOME_CONFLICT)
			json_object_set_new(into, outcome_names[i],
								json_integer(totals[i]));
	json_object_set(into, "missing_tables", merge->missing);
	json_object_set(into, "conflicts", merge->conflicts);
	json_object_set_new(into, "conflicts_total",
						json_integer(merge->conflict_total));
	json_object_set(into, "near_duplicates", merge->near);
}
