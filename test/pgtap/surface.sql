-- The SQL surface: signatures, comments, privileges, reports.
BEGIN;
SELECT plan(52);

SELECT has_function('zdb_backup_to', ARRAY['text', 'boolean', 'jsonb']);
SELECT has_function('zdb_backup_to', ARRAY['text', 'text', 'jsonb']);
SELECT has_function('zdb_verify', ARRAY['text', 'jsonb']);
SELECT has_function('zdb_restore_from', ARRAY['text', 'jsonb']);
SELECT has_function('zdb_consolidate', ARRAY['text', 'text', 'jsonb']);
SELECT has_function('zdb_info', ARRAY['text', 'jsonb']);
SELECT has_function('zdb_diff', ARRAY['text', 'jsonb']);
SELECT has_function('zdb_entries', ARRAY['text', 'jsonb']);
SELECT has_function('zdb_rows', ARRAY['anyelement', 'text', 'jsonb']);
SELECT has_function('zdb_version', '{}'::name[]);
SELECT has_function('zdb_probe', ARRAY['text']);
SELECT has_view('zdb_progress');
SELECT has_view('zdb_health');
SELECT has_function('zdb_report', ARRAY['text', 'text']);
SELECT has_function('zdb_report', ARRAY['text', 'text', 'text']);
SELECT has_function('zdb_health', ARRAY['text', 'jsonb']);
SELECT has_function('zdb_list', ARRAY['text']);
SELECT has_function('zdb_history', ARRAY['text']);
SELECT has_function('zdb_prune', ARRAY['text', 'integer', 'jsonb']);
SELECT has_function('zdb_prune', ARRAY['text', 'text', 'jsonb']);
SELECT has_function('zdb_prune', ARRAY['text', 'jsonb', 'jsonb']);
SELECT has_function('zdb_notify', ARRAY['text', 'jsonb']);
SELECT has_function('zdb_schedule', ARRAY['text', 'text', 'jsonb']);
SELECT has_function('zdb_schedule_defaults', ARRAY['text']);
SELECT has_function('zdb_unschedule', ARRAY['text']);
SELECT has_function('zdb_jobs', ARRAY['text']);
SELECT has_function('zdb_run_due', ARRAY['text']);
SELECT function_returns('zdb_run_job', ARRAY['jsonb'], 'setof jsonb');
SELECT function_returns('zdb_backup_to', ARRAY['text', 'text', 'jsonb'], 'jsonb');
SELECT function_returns('zdb_verify', ARRAY['text', 'jsonb'], 'jsonb');
SELECT function_returns('zdb_entries', ARRAY['text', 'jsonb'], 'setof record');
SELECT function_returns('zdb_list', ARRAY['text'], 'setof record');
SELECT function_returns('zdb_diff', ARRAY['text', 'jsonb'], 'setof record');

SELECT is_empty($$
    SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid
    JOIN pg_extension e ON e.oid = d.refobjid AND d.deptype = 'e'
    WHERE e.extname = 'zdbackup' AND obj_description(p.oid, 'pg_proc') IS NULL
$$, 'every function has a comment');
SELECT is_empty($$
    SELECT p.oid::regprocedure FROM pg_proc p
    WHERE proname LIKE 'zdb\_%'
    AND proname NOT IN ('zdb_version', 'zdb_progress_rows')
    AND has_function_privilege('public', p.oid, 'EXECUTE')
$$, 'nothing that touches files is for everybody');
SELECT is_empty($$
    SELECT p.oid::regprocedure FROM pg_proc p
    WHERE proname LIKE 'zdb\_%' AND (prosecdef OR proparallel <> 'u')
$$, 'no function runs as another user, or in a parallel query');

CREATE ROLE zdb_reader;
CREATE ROLE zdb_writer;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO zdb_reader, zdb_writer;
GRANT pg_read_server_files TO zdb_reader;
GRANT pg_write_server_files TO zdb_writer;
SET ROLE zdb_reader;
SELECT throws_ok($$SELECT zdb_backup_to('/tmp/never.sql')$$, '42501',
    'permission denied to write a file of the server', 'readers cannot write');
SELECT throws_ok($$SELECT zdb_verify('/nowhere/x')$$, '58P01', NULL,
    'readers may read');
SET ROLE zdb_writer;
SELECT throws_ok($$SELECT zdb_verify('/nowhere/x')$$, '42501',
    'permission denied to read a file of the server', 'writers cannot read');
SELECT throws_ok($$SELECT zdb_info('/nowhere/x')$$, '42501', NULL, 'nor ask');
SELECT throws_ok($$SELECT * FROM zdb_entries('/nowhere/x')$$, '42501', NULL,
    'nor look inside');
SELECT throws_ok($$SELECT * FROM zdb_diff('/nowhere/x')$$, '42501', NULL,
    'nor compare');
SELECT throws_ok($$SELECT zdb_rows(NULL::pg_class, '/nowhere/x')$$, '42501',
    NULL, 'nor query');
SELECT throws_ok($$SELECT zdb_probe('s3://bucket/')$$, '42501',
    'permission denied to reach URLs', 'nor reach a cloud');
SELECT throws_ok($$SELECT * FROM zdb_list('/nowhere')$$, '42501', NULL,
    'nor list');
SELECT throws_ok($$SELECT zdb_restore_from('/nowhere/x')$$, '42501', NULL,
    'nor restore');
SELECT throws_ok($$SET zdbackup.pg_dump = '/bin/true'$$, '42501', NULL,
    'the program is for superusers');
SELECT throws_ok($$SHOW zdbackup.pg_dump$$, '42501', NULL, 'to see, too');
SELECT throws_ok($$SET zdbackup.repository = '/'$$, '42501', NULL,
    'so is the repository');
RESET ROLE;

SELECT throws_ok($$SELECT zdb_backup_to('ftp://h/k')$$, '0A000',
    'cannot reach "ftp://" destinations', 'URLs are refused by name');
SELECT throws_ok($$SELECT zdb_verify('/nowhere/x', '{"levle": 1}')$$, '22023',
    'unknown option "levle"', 'options are checked');
SELECT is(zdb_version()->>'engine', 'postgresql', 'zdb_version');

SELECT * FROM finish();
ROLLBACK;
