-- Every kind of object and every built-in type pg_dump can dump, for a fresh
-- PostgreSQL 13 to 18 database in UTF-8, run by a superuser:
--   psql -v ON_ERROR_STOP=1 -f wide.sql
-- Roles are made when missing and stay: zdb_test_owner, _reader, _writer.
-- Also done when asked for with psql -v NAME=1:
--   subscription  a subscription (its database cannot be dropped before it)
--   big           128 MB more in rows of 8 MB
--   order         children whose columns stand in another order than pg_dump
--                 makes them: the data is kept, a second pg_dump differs
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = error;
SET client_encoding = 'UTF8';
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET lc_monetary = 'C';
SET standard_conforming_strings = on;
SELECT v >= 140000 AS pg14, v >= 150000 AS pg15, v >= 160000 AS pg16,
       v >= 170000 AS pg17, v >= 180000 AS pg18,
       EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression'
               AND 'lz4' = ANY (enumvals)) AS lz4,
       EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') AS icu
FROM (SELECT current_setting('server_version_num')::int) AS s(v) \gset
SELECT coalesce((SELECT true FROM pg_available_extensions WHERE name = 'btree_gist'), false) AS btree_gist,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'citext'), false) AS citext,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'cube'), false) AS cube,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'file_fdw'), false) AS file_fdw,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'hstore'), false) AS hstore,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'isn'), false) AS isn,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'lo'), false) AS lo,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'ltree'), false) AS ltree,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'pg_trgm'), false) AS pg_trgm,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'postgres_fdw'), false) AS postgres_fdw,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'seg'), false) AS seg,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'bloom'), false) AS bloom,
       coalesce((SELECT true FROM pg_available_extensions WHERE name = 'unaccent'), false) AS unaccent \gset
DO $$
DECLARE r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['zdb_test_owner', 'zdb_test_reader', 'zdb_test_writer',
                             E'zdb_test_"odd" \\; role''s'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I', r);
        END IF;
    END LOOP;
    BEGIN
        PERFORM xml '<a/>';
        PERFORM set_config('zdb.xml', 'true', false);
    EXCEPTION WHEN feature_not_supported THEN
        PERFORM set_config('zdb.xml', 'false', false);
    END;
END $$;
SELECT current_setting('zdb.xml') AS xml \gset
\ir wide_types.sql
\ir wide_objects.sql
\ir wide_logic.sql
\ir wide_rights.sql
