/*
 * job_defaults - the plan for those who have none
 *
 * What has changed every six hours, in full each day. Each job has a label of
 * its own: "keep" looks at backups of the same label, so that the
 * daily one does not remove the archive of the month.
 */
#include "core/job/job.h"

#include <stdlib.h>
#include <string.h>

typedef struct plan_row
{
	const char *name;
	const char *cron;
	const char *spec; /* without "repo" */
} plan_row;

static const plan_row plan[ZDB_JOB_DEFAULTS] = {
	{"daily", "0 2 * * *",
	 "{\"operation\": \"backup\", \"compress\": \"gzip\", \"options\":"
	 " {\"label\": \"daily\", \"keep\": 30}}"},
	{"incremental", "0 */6 * * *",
	 "{\"operation\": \"backup\", \"compress\": \"gzip\", \"options\":"
	 " {\"label\": \"incremental\", \"type\": \"incremental\", \"keep\": "
	 "30}}"},
	{"weekly", "0 1 * * 0",
	 "{\"operation\": \"backup\", \"compress\": \"gzip\", \"options\":"
	 " {\"label\": \"weekly\", \"type\": \"schema\", \"keep\": 90}}"},
	{"monthly", "0 0 1 * *",
	 "{\"operation\": \"backup\", \"compress\": \"gzip\", \"options\":"
	 " {\"label\": \"monthly\", \"keep\": 365}}"},
	{"verification", "0 3 * * 0",
	 "{\"operation\": \"verify\", \"options\": {\"level\": \"restore\"}}"},
	{"health", "*/10 * * * *", "{\"operation\": \"health\"}"},
};

zdb_rc
zdb_job_open_default(zdb_job *job, zdb_engine engine, size_t i,
					 const char *repo, zdb_err *err)
{
	const plan_row *row = &plan[i];
	json_t *spec = json_loads(row->spec, 0, NULL);
	char *text = NULL;

	*job = (zdb_job){0};
	if (spec && json_object_set_new(spec, "repo", json_string(repo)) == 0)
		text = json_dumps(spec, JSON_COMPACT);
	if (text)
		zdb_job_open(job, engine, row->name, row->cron, text, strlen(text),
					 err);
	else
		zdb_err_nomem(err);
	free(text);
	json_decref(spec);
	return err->code;
}
