-- What a user sees first. No sizes, times or paths of this machine.
CREATE EXTENSION zdbackup;
\pset format unaligned
\pset footer off
\dx+ zdbackup
SELECT p.proname, pg_get_function_arguments(p.oid), obj_description(p.oid)
FROM pg_proc p WHERE p.proname LIKE 'zdb\_%' ORDER BY 1, 2;
\pset format aligned
\pset footer on
SHOW zdbackup.jobs;
SHOW zdbackup.repository;

-- errors name the thing and say what to do
SELECT zdb_backup_to('backup.sql.gz');
SELECT zdb_backup_to('');
SELECT zdb_backup_to(NULL);
SELECT zdb_backup_to('/nowhere/x', 'lz4');
SELECT zdb_backup_to('/nowhere/x', 'gzip:77');
SELECT zdb_backup_to('/nowhere/x', true, '{"jobs": "many"}');
SELECT zdb_backup_to('/nowhere/x', true, '{"table": ["a"]}');
SELECT zdb_backup_to('/nowhere/x', true, '{"tables": ["a"]}');
SELECT zdb_verify('/nowhere/x');
SELECT zdb_verify('/nowhere/x', '{"level": "deep"}');
SELECT zdb_restore_from('/nowhere/x');
SELECT * FROM zdb_progress;
DROP EXTENSION zdbackup;
