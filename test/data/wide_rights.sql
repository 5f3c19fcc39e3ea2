-- Foreign data, publications, owners, rights and comments; run by wide.sql.
SET search_path = wide, pg_catalog;
CREATE FOREIGN DATA WRAPPER zdb_test_fdw OPTIONS (debug 'true', "o ""q""" E'it''s \\');
CREATE SERVER "zdb server ""q""" TYPE 'ty''pe' VERSION '1.0' FOREIGN DATA WRAPPER zdb_test_fdw OPTIONS (host 'h', "port" '1');
CREATE USER MAPPING FOR PUBLIC SERVER "zdb server ""q""";
CREATE USER MAPPING FOR zdb_test_writer SERVER "zdb server ""q""" OPTIONS (user 'u', password E'p''w\\');
CREATE FOREIGN TABLE ft (a integer OPTIONS (column_name 'x y') NOT NULL, b text DEFAULT 'd', CHECK (a > 0))
    SERVER "zdb server ""q""" OPTIONS (table_name E't''\\');
CREATE TABLE ft_parent (a integer) PARTITION BY LIST (a);
CREATE FOREIGN TABLE ft_part PARTITION OF ft_parent FOR VALUES IN (1) SERVER "zdb server ""q""";
\if :postgres_fdw
CREATE SERVER zdb_pg FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost', dbname 'none');
CREATE USER MAPPING FOR zdb_test_reader SERVER zdb_pg OPTIONS (user 'x', password 'secret');
CREATE FOREIGN TABLE ft_pg (a integer) SERVER zdb_pg OPTIONS (schema_name 's', table_name 't');
\endif
\if :file_fdw
CREATE SERVER zdb_file FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE ft_file (a text OPTIONS (force_null 'true')) SERVER zdb_file OPTIONS (filename '/dev/null', format 'csv', null E'\\N');
\endif
CREATE PUBLICATION zdb_pub_all FOR ALL TABLES;
CREATE PUBLICATION "zdb pub ""q""" FOR TABLE base, ONLY base2, "select" WITH (publish = 'insert, delete');
CREATE PUBLICATION zdb_pub_empty;
CREATE PUBLICATION zdb_pub_root FOR TABLE part WITH (publish_via_partition_root);
\if :pg15
CREATE PUBLICATION zdb_pub_filter FOR TABLE options (a, b) WHERE (a > 10 AND b <> E'\\'), TABLE "select" ("from");
CREATE PUBLICATION zdb_pub_schema FOR TABLES IN SCHEMA wide_types, "\""; DROP", TABLE base;
\endif
\if :pg18
CREATE PUBLICATION zdb_pub_generated FOR TABLE generated WITH (publish_generated_columns = stored);
\endif
\if :{?subscription}
CREATE SUBSCRIPTION zdb_sub CONNECTION 'dbname=none' PUBLICATION "p ""1""", p2 WITH (connect = false, slot_name = NONE);
\endif

-- Owners, rights, default rights, settings.
ALTER TABLE options OWNER TO zdb_test_owner;
ALTER TABLE secured OWNER TO zdb_test_owner;
ALTER VIEW v_top OWNER TO zdb_test_owner;
ALTER FUNCTION f_sql OWNER TO zdb_test_owner;
ALTER TYPE wide_types.pair OWNER TO zdb_test_owner;
ALTER SCHEMA "\""; DROP" OWNER TO "zdb_test_""odd"" \; role's";
GRANT USAGE ON SCHEMA wide TO zdb_test_reader, PUBLIC;
GRANT CREATE ON SCHEMA wide TO zdb_test_writer WITH GRANT OPTION;
REVOKE ALL ON SCHEMA wide FROM zdb_test_owner;
GRANT ALL ON SCHEMA "\""; DROP" TO "zdb_test_""odd"" \; role's", zdb_test_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA wide_types TO zdb_test_reader;
GRANT INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON base TO zdb_test_writer WITH GRANT OPTION;
GRANT SELECT (a), UPDATE (a, b), REFERENCES (b) ON options TO zdb_test_reader, PUBLIC;
GRANT INSERT (a) ON options TO zdb_test_writer WITH GRANT OPTION;
SET SESSION AUTHORIZATION zdb_test_writer;
GRANT INSERT (a) ON wide.options TO zdb_test_reader;
GRANT INSERT ON wide.base TO zdb_test_reader;
RESET SESSION AUTHORIZATION;
REVOKE ALL ON secured FROM zdb_test_owner;
GRANT ALL ON v_base TO PUBLIC;
GRANT ALL ON mv_z TO "zdb_test_""odd"" \; role's";
GRANT USAGE ON SEQUENCE s_never TO zdb_test_reader;
GRANT ALL ON SEQUENCE s_called TO zdb_test_writer;
REVOKE ALL ON FUNCTION f_sql FROM PUBLIC;
GRANT EXECUTE ON FUNCTION f_copy() TO zdb_test_reader WITH GRANT OPTION;
REVOKE EXECUTE ON PROCEDURE p_one FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agg(integer) TO zdb_test_reader;
REVOKE USAGE ON TYPE wide_types.mood FROM PUBLIC;
GRANT USAGE ON TYPE wide_types.mood TO zdb_test_reader;
GRANT USAGE ON DOMAIN wide_types.code TO zdb_test_writer;
REVOKE USAGE ON LANGUAGE "zdb test ""lang""" FROM PUBLIC;
GRANT USAGE ON FOREIGN DATA WRAPPER zdb_test_fdw TO zdb_test_owner;
GRANT USAGE ON FOREIGN SERVER "zdb server ""q""" TO zdb_test_reader WITH GRANT OPTION;
ALTER SERVER "zdb server ""q""" OWNER TO zdb_test_owner;
GRANT SELECT ON ft TO zdb_test_reader;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir() TO zdb_test_reader;
GRANT SELECT (oid) ON pg_catalog.pg_authid TO zdb_test_reader;
REVOKE SELECT ON pg_catalog.pg_user FROM PUBLIC;
\if :pg17
GRANT MAINTAIN ON base TO zdb_test_writer;
\endif
ALTER DEFAULT PRIVILEGES FOR ROLE zdb_test_owner IN SCHEMA wide GRANT SELECT ON TABLES TO zdb_test_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE zdb_test_owner IN SCHEMA "\""; DROP" GRANT ALL ON SEQUENCES TO zdb_test_writer WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE zdb_test_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE zdb_test_owner GRANT USAGE ON SCHEMAS TO zdb_test_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE zdb_test_owner REVOKE USAGE ON TYPES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE zdb_test_writer REVOKE ALL ON TABLES FROM zdb_test_writer;
\if :pg18
ALTER DEFAULT PRIVILEGES FOR ROLE zdb_test_owner GRANT SELECT ON LARGE OBJECTS TO zdb_test_reader;
\endif
SELECT format(f, current_database()) FROM unnest(ARRAY['ALTER DATABASE %I SET search_path = "$user", public, wide',
    'ALTER ROLE zdb_test_reader IN DATABASE %I SET work_mem = ''5MB''', E'COMMENT ON DATABASE %I IS E''It''''s\\n\\\\.\\n''',
    'GRANT TEMPORARY ON DATABASE %I TO zdb_test_reader']) f \gexec

-- A comment on everything made.
DO $do$
DECLARE r record; k text; i text;
BEGIN
    FOR r IN SELECT o.classid, o.objid, o.objsubid, x.type, x.identity
        FROM (SELECT 'pg_class'::regclass, oid, 0 FROM pg_class WHERE relkind NOT IN ('t', 'c') AND relpersistence <> 't'
              UNION ALL SELECT 'pg_class'::regclass, attrelid, attnum FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
                  WHERE relkind IN ('r', 'v', 'm', 'p', 'f', 'c') AND relpersistence <> 't' AND relname <> 'many_columns'
                  AND attnum > 0 AND NOT attisdropped
              UNION ALL SELECT 'pg_type'::regclass, oid, 0 FROM pg_type t WHERE typtype <> 'm' AND typisdefined
                  AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
                  AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND relkind <> 'c')
              UNION ALL SELECT 'pg_proc'::regclass, oid, 0 FROM pg_proc p WHERE NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND deptype = 'i')
              UNION ALL SELECT 'pg_constraint'::regclass, oid, 0 FROM pg_constraint WHERE contype NOT IN ('n', 't')
              UNION ALL SELECT 'pg_trigger'::regclass, oid, 0 FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0
              UNION ALL SELECT 'pg_rewrite'::regclass, oid, 0 FROM pg_rewrite WHERE rulename <> '_RETURN'
              UNION ALL SELECT 'pg_operator'::regclass, oid, 0 FROM pg_operator WHERE oprcode <> 0
              UNION ALL SELECT 'pg_namespace'::regclass, oid, 0 FROM pg_namespace WHERE nspname !~ '^pg_'
              UNION ALL SELECT 'pg_policy'::regclass, oid, 0 FROM pg_policy
              UNION ALL SELECT 'pg_opclass'::regclass, oid, 0 FROM pg_opclass
              UNION ALL SELECT 'pg_opfamily'::regclass, oid, 0 FROM pg_opfamily
              UNION ALL SELECT 'pg_cast'::regclass, oid, 0 FROM pg_cast
              UNION ALL SELECT 'pg_collation'::regclass, oid, 0 FROM pg_collation
              UNION ALL SELECT 'pg_conversion'::regclass, oid, 0 FROM pg_conversion
              UNION ALL SELECT 'pg_am'::regclass, oid, 0 FROM pg_am
              UNION ALL SELECT 'pg_language'::regclass, oid, 0 FROM pg_language
              UNION ALL SELECT 'pg_event_trigger'::regclass, oid, 0 FROM pg_event_trigger
              UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0 FROM pg_foreign_data_wrapper
              UNION ALL SELECT 'pg_foreign_server'::regclass, oid, 0 FROM pg_foreign_server
              UNION ALL SELECT 'pg_publication'::regclass, oid, 0 FROM pg_publication
              UNION ALL SELECT 'pg_subscription'::regclass, oid, 0 FROM pg_subscription
                  WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
              UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, 0 FROM pg_statistic_ext
              UNION ALL SELECT 'pg_transform'::regclass, oid, 0 FROM pg_transform
              UNION ALL SELECT 'pg_ts_config'::regclass, oid, 0 FROM pg_ts_config
              UNION ALL SELECT 'pg_ts_dict'::regclass, oid, 0 FROM pg_ts_dict
              UNION ALL SELECT 'pg_ts_parser'::regclass, oid, 0 FROM pg_ts_parser
              UNION ALL SELECT 'pg_ts_template'::regclass, oid, 0 FROM pg_ts_template
              UNION ALL SELECT 'pg_extension'::regclass, oid, 0 FROM pg_extension) o(classid, objid, objsubid),
             pg_identify_object(o.classid, o.objid, o.objsubid) x
        WHERE o.objid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend d
              WHERE d.classid = o.classid AND d.objid = o.objid AND deptype = 'e')
    LOOP
        k := replace(upper(r.type), '-', ' ');
        i := r.identity;
        IF r.objsubid > 0 THEN k := 'COLUMN';
        ELSIF k = 'TABLE CONSTRAINT' THEN k := 'CONSTRAINT';
        ELSIF k = 'DOMAIN CONSTRAINT' THEN
            k := 'CONSTRAINT';
            i := (SELECT format('%I ON DOMAIN %s', conname, contypid::regtype) FROM pg_constraint WHERE oid = r.objid);
        ELSIF k = 'STATISTICS OBJECT' THEN k := 'STATISTICS';
        ELSIF k = 'TRANSFORM' THEN i := replace(i, ' on language ', ' language ');
        ELSIF k = 'AGGREGATE' THEN k := 'ROUTINE';
        END IF;
        EXECUTE format('COMMENT ON %s %s IS %L', k, i, CASE length(i) % 4 WHEN 0 THEN E'Multi\nline\n\\.\n'
            WHEN 1 THEN 'it''s; "汉" \ $$' WHEN 2 THEN 'COPY x FROM stdin;' ELSE '--' END || ' ' || r.type);
    END LOOP;
END $do$;
RESET search_path;
