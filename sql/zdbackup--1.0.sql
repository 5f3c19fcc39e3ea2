\echo Use "CREATE EXTENSION zdbackup" to load this file. \quit

CREATE FUNCTION zdb_backup_to(path text, compress boolean DEFAULT NULL,
                              options jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_backup';
COMMENT ON FUNCTION zdb_backup_to(text, boolean, jsonb) IS
'back up this database to a file on the server; returns a report';

CREATE FUNCTION zdb_backup_to(path text, compress text,
                              options jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_backup';
COMMENT ON FUNCTION zdb_backup_to(text, text, jsonb) IS
'back up this database to a file on the server, compressed as gzip, gzip:9, zstd, zstd:3 or none; returns a report';

CREATE FUNCTION zdb_verify(path text, options jsonb DEFAULT NULL)
RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_verify';
COMMENT ON FUNCTION zdb_verify(text, jsonb) IS
'prove that a backup is intact, or raise an error; returns a report';

CREATE FUNCTION zdb_info(path text, options jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_info';
COMMENT ON FUNCTION zdb_info(text, jsonb) IS 'what a backup is';

CREATE FUNCTION zdb_entries(path text, options jsonb DEFAULT NULL,
                            OUT schema text, OUT "table" text,
                            OUT rows bigint, OUT bytes bigint,
                            OUT chunks bigint, OUT sha256 text)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_entries';
COMMENT ON FUNCTION zdb_entries(text, jsonb) IS
'what is in a backup: a row for each table';

CREATE FUNCTION zdb_rows(rowtype anyelement, path text,
                         options jsonb DEFAULT NULL)
RETURNS SETOF anyelement
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
AS 'MODULE_PATHNAME', 'zdbpg_fn_rows';
COMMENT ON FUNCTION zdb_rows(anyelement, text, jsonb) IS
'the rows of a table in a backup, without restoring it: zdb_rows(NULL::public.users, path)';
REVOKE ALL ON FUNCTION zdb_rows(anyelement, text, jsonb) FROM PUBLIC;

CREATE FUNCTION zdb_list(repository text DEFAULT NULL, OUT path text,
    OUT file text, OUT type text, OUT engine text, OUT engine_version text,
    OUT database text, OUT created timestamptz, OUT modified timestamptz,
    OUT compress text, OUT bytes bigint, OUT stored_bytes bigint,
    OUT rows bigint, OUT tables bigint, OUT label text, OUT base text,
    OUT verified text, OUT verified_at timestamptz, OUT sha256 text,
    OUT indexed boolean, OUT error text)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_list';
COMMENT ON FUNCTION zdb_list(text) IS
'the backups of a repository, newest first';
REVOKE ALL ON FUNCTION zdb_list(text) FROM PUBLIC;

CREATE FUNCTION zdb_history(repository text DEFAULT NULL, OUT line bigint,
    OUT operation text, OUT job text, OUT started timestamptz,
    OUT ended timestamptz, OUT duration_s double precision, OUT outcome text,
    OUT code text, OUT error text, OUT warnings jsonb, OUT file text,
    OUT type text, OUT bytes bigint, OUT stored_bytes bigint, OUT rows bigint,
    OUT verified text, OUT sha256 text, OUT engine text, OUT database text,
    OUT host text, OUT pid integer, OUT version text)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_history';
COMMENT ON FUNCTION zdb_history(text) IS
'what ran in a repository and how it ended, in order';
REVOKE ALL ON FUNCTION zdb_history(text) FROM PUBLIC;

CREATE FUNCTION zdb_version() RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_version';
COMMENT ON FUNCTION zdb_version() IS
'the version of zdbackup and of the libraries it runs on';

REVOKE ALL ON FUNCTION zdb_backup_to(text, boolean, jsonb),
    zdb_backup_to(text, text, jsonb), zdb_verify(text, jsonb),
    zdb_info(text, jsonb), zdb_entries(text, jsonb) FROM PUBLIC;

CREATE FUNCTION zdb_restore_from(path text, options jsonb DEFAULT NULL)
RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_restore';
COMMENT ON FUNCTION zdb_restore_from(text, jsonb) IS
'restore a backup: this database, some of its tables, or a new database; returns a report';
REVOKE ALL ON FUNCTION zdb_restore_from(text, jsonb) FROM PUBLIC;

CREATE FUNCTION zdb_consolidate(path text, "to" text,
                                options jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_consolidate';
COMMENT ON FUNCTION zdb_consolidate(text, text, jsonb) IS
'write an incremental backup, and what it stands on, as an ordinary full one; returns a report';
REVOKE ALL ON FUNCTION zdb_consolidate(text, text, jsonb) FROM PUBLIC;

CREATE FUNCTION zdb_merge_from(path text, policy text DEFAULT NULL)
RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_merge_text';
COMMENT ON FUNCTION zdb_merge_from(text, text) IS
'bring the rows of a backup into this database, matched by natural key; the policy is JSON or one word; returns a report';
REVOKE ALL ON FUNCTION zdb_merge_from(text, text) FROM PUBLIC;

CREATE FUNCTION zdb_merge_from(path text, policy jsonb)
RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_merge_json';
COMMENT ON FUNCTION zdb_merge_from(text, jsonb) IS
'bring the rows of a backup into this database, matched by natural key; returns a report';
REVOKE ALL ON FUNCTION zdb_merge_from(text, jsonb) FROM PUBLIC;

CREATE FUNCTION zdb_diff(path text, options jsonb DEFAULT NULL,
    OUT "table" text, OUT kind text, OUT key jsonb, OUT columns jsonb,
    OUT live json, OUT backup json, OUT rows bigint)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_diff';
COMMENT ON FUNCTION zdb_diff(text, jsonb) IS
'the rows that differ between a backup and this database, matched by natural key';
REVOKE ALL ON FUNCTION zdb_diff(text, jsonb) FROM PUBLIC;

CREATE FUNCTION zdb_prune(repository text, keep integer,
                          options jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_prune';
COMMENT ON FUNCTION zdb_prune(text, integer, jsonb) IS
'remove the backups of a repository that are older than so many days; returns a report';
REVOKE ALL ON FUNCTION zdb_prune(text, integer, jsonb) FROM PUBLIC;

CREATE FUNCTION zdb_prune(repository text, keep text,
                          options jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_prune';
COMMENT ON FUNCTION zdb_prune(text, text, jsonb) IS
'remove the backups of a repository that no rule keeps, such as {"daily": 7, "weekly": 5}; returns a report';
REVOKE ALL ON FUNCTION zdb_prune(text, text, jsonb) FROM PUBLIC;

CREATE FUNCTION zdb_prune(repository text, keep jsonb,
                          options jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_prune';
COMMENT ON FUNCTION zdb_prune(text, jsonb, jsonb) IS
'remove the backups of a repository that no rule keeps, such as {"daily": 7, "weekly": 5}; returns a report';
REVOKE ALL ON FUNCTION zdb_prune(text, jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION zdb_health(repository text DEFAULT NULL,
                           options jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_health';
COMMENT ON FUNCTION zdb_health(text, jsonb) IS
'whether a repository is well, and its alerts; returns a report';
REVOKE ALL ON FUNCTION zdb_health(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zdb_health(text, jsonb) TO pg_monitor;

CREATE VIEW zdb_health AS
SELECT h ->> 'status' AS status,
       CASE h ->> 'status' WHEN 'ok' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END AS status_code,
       jsonb_array_length(h -> 'alerts') AS alert_count,
       (SELECT string_agg(a ->> 'message', '; ') FROM jsonb_array_elements(h -> 'alerts') a) AS alerts,
       (h ->> 'backups')::bigint AS backups,
       (h ->> 'total_backups')::bigint AS total_backups,
       (h ->> 'success_rate')::double precision AS success_rate,
       (h ->> 'consecutive_failures')::bigint AS consecutive_failures,
       (h ->> 'hours_since_last_success')::double precision AS hours_since_last_success,
       (h ->> 'hours_since_last_verified')::double precision AS hours_since_last_verified,
       (h ->> 'hours_since_last_restore_test')::double precision AS hours_since_last_restore_test,
       (h ->> 'running_time_s')::double precision AS running_time_s,
       (h ->> 'mean_duration_s')::double precision AS mean_duration_s,
       (h ->> 'largest_bytes')::bigint AS largest_bytes,
       (h ->> 'storage_bytes')::bigint AS storage_bytes,
       (h ->> 'storage_free_bytes')::bigint AS storage_free_bytes,
       (h ->> 'storage_used')::double precision AS storage_used,
       (h ->> 'cloud_in_step')::double precision AS cloud_in_step
FROM zdb_health() h;
COMMENT ON VIEW zdb_health IS
'whether the repository of zdbackup.repository is well, as one row of plain columns';
GRANT SELECT ON zdb_health TO pg_monitor;

CREATE FUNCTION zdb_report(repository text, period text) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_report';
COMMENT ON FUNCTION zdb_report(text, text) IS
'what happened in a repository: daily, weekly, monthly';
REVOKE ALL ON FUNCTION zdb_report(text, text) FROM PUBLIC;

CREATE FUNCTION zdb_report(repository text, period text, format text) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_report_page';
COMMENT ON FUNCTION zdb_report(text, text, text) IS
'what happened in a repository, as a page: format is html';
REVOKE ALL ON FUNCTION zdb_report(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zdb_report(text, text), zdb_report(text, text, text) TO pg_monitor;

CREATE FUNCTION zdb_notify(event text, details jsonb DEFAULT NULL)
RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_notify';
COMMENT ON FUNCTION zdb_notify(text, jsonb) IS
'send a notification now through every channel that is configured: success, failure, health, critical or report; returns what each answered';
REVOKE ALL ON FUNCTION zdb_notify(text, jsonb) FROM PUBLIC;

CREATE FUNCTION zdb_probe(url text) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_probe';
COMMENT ON FUNCTION zdb_probe(text) IS
'write, read back, list and remove a small object at a destination, or say what is wrong; returns a report';
REVOKE ALL ON FUNCTION zdb_probe(text) FROM PUBLIC;

CREATE FUNCTION zdb_progress_rows(OUT pid integer, OUT database text,
    OUT phase text, OUT "table" text, OUT bytes bigint,
    OUT started timestamptz, OUT share double precision,
    OUT bytes_per_s double precision, OUT updated timestamptz)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_progress';
COMMENT ON FUNCTION zdb_progress_rows() IS
'the running calls of zdbackup; see the view zdb_progress';

CREATE VIEW zdb_progress AS SELECT * FROM zdb_progress_rows();
COMMENT ON VIEW zdb_progress IS
'how far the running backups, verifications and restores are; share is 0 to 1';
GRANT SELECT ON zdb_progress TO PUBLIC;

CREATE FUNCTION zdb_schedule(name text, cron text, job jsonb) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_schedule';
COMMENT ON FUNCTION zdb_schedule(text, text, jsonb) IS
'have pg_cron run a job whenever the cron expression says; replaces the job of that name';
REVOKE ALL ON FUNCTION zdb_schedule(text, text, jsonb) FROM PUBLIC;

CREATE FUNCTION zdb_schedule_defaults(repository text) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_schedule_defaults';
COMMENT ON FUNCTION zdb_schedule_defaults(text) IS
'schedule the usual jobs: daily, incremental, weekly, monthly, verification, health';
REVOKE ALL ON FUNCTION zdb_schedule_defaults(text) FROM PUBLIC;

CREATE FUNCTION zdb_unschedule(name text) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_unschedule';
COMMENT ON FUNCTION zdb_unschedule(text) IS
'remove a scheduled job of this database';
REVOKE ALL ON FUNCTION zdb_unschedule(text) FROM PUBLIC;

CREATE FUNCTION zdb_jobs(repository text DEFAULT NULL, OUT name text,
    OUT database text, OUT cron text, OUT zone text, OUT job jsonb,
    OUT active boolean, OUT last_run timestamptz, OUT last_outcome text,
    OUT last_error text, OUT next_run timestamptz, OUT overdue boolean)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_jobs';
COMMENT ON FUNCTION zdb_jobs(text) IS
'the scheduled jobs, when they ran, when they are due; of one repository or all';
REVOKE ALL ON FUNCTION zdb_jobs(text) FROM PUBLIC;

CREATE FUNCTION zdb_run_due(repository text DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_run_due';
COMMENT ON FUNCTION zdb_run_due(text) IS
'run the jobs of this database that were due and did not run, such as while the server was down; of one repository or all; returns a report';
REVOKE ALL ON FUNCTION zdb_run_due(text) FROM PUBLIC;

CREATE FUNCTION zdb_run_job(job jsonb) RETURNS SETOF jsonb
LANGUAGE c VOLATILE STRICT ROWS 1 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'zdbpg_fn_run_job';
COMMENT ON FUNCTION zdb_run_job(jsonb) IS
'what pg_cron calls for a job that zdb_schedule made';
REVOKE ALL ON FUNCTION zdb_run_job(jsonb) FROM PUBLIC;
