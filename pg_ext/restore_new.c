/*
 * restore_new - a backup into a database of its own
 */
#include "pg_ext/restore.h"

#include "commands/dbcommands.h"
#include "miscadmin.h"

#include "pg_ext/masking.h"
#include "pg_ext/scratch.h"

#include "core/job/report.h"

static void
check_name(const zdbpg_restore *self, const char *database)
{
	Oid existing = get_database_oid(database, true);

	if (strlen(database) >= NAMEDATALEN)
		ereport(ERROR, (errcode(ERRCODE_NAME_TOO_LONG),
						errmsg("the name \"%s\" is too long for a database",
							   database)));
	if (existing == MyDatabaseId)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("\"%s\" is the database you are in", database),
						errhint("Leave out \"target\" to replace it.")));
	if (OidIsValid(existing) && !self->call->options.overwrite)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_DATABASE),
						errmsg("database \"%s\" exists", database),
						errhint("Choose another name, or set \"overwrite\" "
								"to true.")));
}

void
zdbpg_restore_new(zdbpg_restore *self, const char *database)
{
	const zdb_options *options = &self->call->options;
	const zdb_manifest *manifest = zdb_reader_manifest(self->reader);
	zdbpg_masking *masking = NULL;
	zdbpg_scratch *scratch;

	if (options->tables.count > 0 || self->data_only)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a new database takes a whole backup, not only rows"),
				 errhint("Leave out \"tables\", or use a backup of type "
						 "full.")));
	check_name(self, database);
	if (options->mask)
		masking = zdbpg_masking_plan(self->call, self->reader);
	scratch = zdbpg_scratch_load(self->call, self->reader, options->jobs,
								 false, masking ? masking->dump : NULL);
	if (!scratch->loaded)
		zdbpg_bg_raise(scratch->job);
	if (options->dry_run)
		zdbpg_scratch_drop(scratch);
	else
		zdbpg_scratch_publish(scratch, database);
	if (masking)
		zdb_mask_report(&masking->mask, self->call->report);
	zdbpg_report(self->call, "prebackup", json_null());
	if (manifest)
	{
		zdbpg_report(self->call, "tables", zdb_report_tables(manifest));
		zdbpg_report(self->call, "rows",
					 json_integer(zdb_report_rows(manifest)));
	}
}
