/*
 * cron_jobs - our jobs among those of pg_cron
 */
#include "pg_ext/cron_jobs.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "core/base/text.h"
#include "pg_ext/cron_server.h"

#define PREFIX "zdbackup: "
#define FUNCTION "zdb_run_job"

/* The schema of our function; empty: one may not call it. */
#define FIND_SCHEMA                                                         \
	"SELECT CASE WHEN pg_catalog.has_function_privilege(p.oid, 'EXECUTE')"  \
	" THEN n.nspname::text ELSE '' END FROM pg_catalog.pg_extension e"      \
	" JOIN pg_catalog.pg_depend d ON d.refobjid = e.oid AND d.refclassid"   \
	" = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'" \
	" JOIN pg_catalog.pg_proc p ON p.oid = d.objid AND d.classid"           \
	" = 'pg_catalog.pg_proc'::pg_catalog.regclass"                          \
	" JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"             \
	" WHERE e.extname = 'zdbackup' AND p.proname = '" FUNCTION "'"

/* One that is replaced keeps its number and with it its runs, but also whether
 * it is active: cron.schedule() does not change that. */
#define FORGET                                                               \
	"(SELECT count(cron.unschedule(jobid)) FROM cron.job WHERE jobname = %s" \
	" AND active <> %s AND username = current_user) >= 0"

/* Runs that gave no row are ticks at which it was not time. */
#define LIST                                                                  \
	"SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object("     \
	"'schedule', j.schedule, 'command', j.command, 'database', j.database,"   \
	" 'active', j.active, 'started', extract(epoch FROM d.start_time)::int8," \
	" 'status', d.status, 'message', d.return_message) ORDER BY j.jobid),"    \
	" '[]')::text FROM cron.job j LEFT JOIN LATERAL (SELECT * FROM"           \
	" cron.job_run_details r WHERE r.jobid = j.jobid AND r.start_time"        \
	" IS NOT NULL AND NOT coalesce(r.return_message IN"                       \
	" ('SELECT 0', '0 rows'), false) ORDER BY r.runid DESC LIMIT 1) d"        \
	" ON true WHERE j.jobname LIKE '" PREFIX "%'"

/* The name it has in pg_cron, where names are short. */
static char *
cron_name(const char *name, const char *database)
{
	char *full = psprintf(PREFIX "%s/%s", database, name);

	if (strlen(full) >= NAMEDATALEN)
		ereport(
			ERROR,
			(errcode(ERRCODE_NAME_TOO_LONG),
			 errmsg("the job's name \"%s\" is too long", name),
			 errhint("In pg_cron it is called \"%s\", of at most %d bytes.",
					 full, NAMEDATALEN - 1)));
	return full;
}

/* Scheduling the same again does not begin anew. */
static int64
since_of(const zdb_job *job, const char *database)
{
	ListCell *cell;

	foreach(cell, zdbpg_cron_list())
	{
		const zdbpg_cron_job *one = lfirst(cell);

		if (strcmp(one->database, zdbpg_to_utf8(database)) == 0 &&
			strcmp(one->job->name, job->name) == 0 &&
			strcmp(one->job->text, job->text) == 0 &&
			strcmp(zdb_job_zone(one->job), zdb_job_zone(job)) == 0)
			return one->since_s;
	}
	return zdb_now_us() / 1000000;
}

static char *
command(const zdb_job *job, const char *database, const char **schedule)
{
	const char *schema = zdbpg_query_in(database, FIND_SCHEMA);

	if (!schema)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("database \"%s\" has no extension zdbackup", database),
				 errhint("In that database: CREATE EXTENSION zdbackup.")));
	if (!*schema)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for function " FUNCTION),
				 errhint("pg_cron calls it as the user who schedules: GRANT "
						 "EXECUTE ON FUNCTION " FUNCTION " to that role.")));
	return psprintf("SELECT %s." FUNCTION "(%s)", quote_identifier(schema),
					quote_literal_cstr(zdbpg_job_literal(
						job, since_of(job, database), schedule)));
}

void
zdbpg_cron_put(const zdb_job *job, const char *database)
{
	const char *home = zdbpg_cron_database();
	const char *active = zdb_job_active(job) ? "true" : "false";
	const char *schedule, *name, *text;
	StringInfoData sql;

	text = quote_literal_cstr(command(job, database, &schedule));
	name = quote_literal_cstr(cron_name(zdbpg_from_utf8(job->name), database));
	initStringInfo(&sql);
	/* the other function is for superusers, unless granted */
	if (strcmp(database, home) == 0 && zdb_job_active(job))
		appendStringInfo(&sql, "SELECT cron.schedule(%s, %s, %s)::text", name,
						 quote_literal_cstr(schedule), text);
	else
		appendStringInfo(&sql,
						 "SELECT cron.schedule_in_database(%s, %s, %s, %s,"
						 " active := %s)::text",
						 name, quote_literal_cstr(schedule), text,
						 quote_literal_cstr(database), active);
	appendStringInfo(&sql, " WHERE " FORGET, name, active);
	zdbpg_cron_query(sql.data);
}

int
zdbpg_cron_remove(const char *name, const char *database)
{
	return atoi(zdbpg_cron_query(
		psprintf("SELECT count(cron.unschedule(jobid))::text FROM cron.job"
				 " WHERE jobname = %s",
				 quote_literal_cstr(cron_name(name, database)))));
}

/* The literal in a command of ours; NULL when it is not one. */
static char *
find_literal(const char *text)
{
	const char *at = strstr(text, "." FUNCTION "(");
	bool escapes;
	StringInfoData literal;

	at = at ? strchr(at, '\'') : NULL;
	if (!at)
		return NULL;
	escapes = at[-1] == 'E';
	initStringInfo(&literal);
	for (at++; *at && (*at != '\'' || at[1] == '\''); at++)
	{
		if (*at == '\'' || (escapes && *at == '\\' && at[1]))
			at++;
		appendStringInfoChar(&literal, *at);
	}
	return literal.data;
}

static const char *
text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? pstrdup(text) : NULL;
}

/* NULL for a command that somebody wrote by hand under a name of ours. */
static zdbpg_cron_job *
read_row(const json_t *row)
{
	const char *literal = find_literal(text_of(row, "command"));
	zdbpg_cron_job *one = palloc0(sizeof *one);
	zdbpg_job_kept kept;

	if (!literal)
		return NULL;
	kept = zdbpg_job_read(literal, zdbpg_from_utf8(text_of(row, "schedule")),
						  json_is_true(json_object_get(row, "active")));
	one->job = kept.job;
	one->since_s = kept.since_s;
	one->database = text_of(row, "database");
	one->last_s = json_integer_value(json_object_get(row, "started"));
	one->status = text_of(row, "status");
	one->message = text_of(row, "message");
	return one;
}

List *
zdbpg_cron_list(void)
{
	json_t **rows = zdbpg_own_json();
	List *jobs = NIL;
	size_t i;
	json_t *row;

	*rows = json_loads(zdbpg_to_utf8(zdbpg_cron_query(LIST)), 0, NULL);
	json_array_foreach (*rows, i, row)
	{
		zdbpg_cron_job *one = read_row(row);

		if (one)
			jobs = lappend(jobs, one);
	}
	return jobs;
}
