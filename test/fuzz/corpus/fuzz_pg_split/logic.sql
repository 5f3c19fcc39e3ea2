-- Functions, types of one's own, views, rules, triggers; run by wide.sql.
SET search_path = wide, pg_catalog;
CREATE FUNCTION f_sql(a integer, b text DEFAULT E'\\N', VARIADIC c integer[] DEFAULT '{1,2}') RETURNS text LANGUAGE sql
    IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF COST 7 AS $_$ SELECT $1::text || $2 || cardinality($3) $_$;
CREATE FUNCTION f_copy() RETURNS text LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = wide, pg_temp SET work_mem = '1MB' SET "DateStyle" = 'ISO, DMY' AS $body$
DECLARE x text := $$ it's $ quoted \$$;
BEGIN
    x := x || $q$
COPY wide.options (a, b) FROM stdin;
1	\N
\.
$q$;
    /* COPY x FROM stdin;
\.
    */
    RETURN x; -- $_$ ; \.
END $body$;
CREATE FUNCTION "f ""odd"" ;
name"(OUT a integer, OUT "b c" text, INOUT d numeric DEFAULT 1.0) RETURNS SETOF record LANGUAGE plpgsql ROWS 5 STABLE
    AS 'BEGIN RETURN QUERY SELECT 1, E''\\n''::text, d; END';
CREATE FUNCTION f_table(p integer) RETURNS TABLE (x integer, y text) LANGUAGE sql ROWS 3
    AS 'SELECT g, ''t'' || g FROM generate_series(1, p) g';
CREATE FUNCTION f_poly(anyelement, anyarray) RETURNS anyarray LANGUAGE sql AS 'SELECT array_append($2, $1)';
CREATE FUNCTION f_same(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION f_same(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION f_same() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION f_rows(base) RETURNS SETOF derived LANGUAGE sql AS 'SELECT * FROM wide.derived';
CREATE FUNCTION f_support(integer, integer) RETURNS SETOF integer LANGUAGE internal STRICT
    SUPPORT generate_series_int4_support AS 'generate_series_int4';
CREATE FUNCTION f_cr() RETURNS text LANGUAGE sql AS E'SELECT ''a\r\nb\rc''::text';
CREATE FUNCTION f_window() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number';
CREATE FUNCTION f_virtual(options) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ($1).b || ''!''';
CREATE PROCEDURE p_one(a integer, INOUT b text DEFAULT 'x') LANGUAGE plpgsql AS $$ BEGIN b := b || a; COMMIT; END $$;
CREATE PROCEDURE p_two() LANGUAGE sql SET client_min_messages = 'warning' AS $$ SELECT 1; SELECT 2 $$;
\if :pg14
CREATE FUNCTION f_atomic(a integer, b text DEFAULT CURRENT_USER) RETURNS bigint LANGUAGE sql BEGIN ATOMIC
    INSERT INTO wide.options (a, b) VALUES (f_atomic.a, E'\\.');
    SELECT count(*) FROM wide.options WHERE options.a > f_atomic.a;
END;
CREATE FUNCTION f_return(a integer) RETURNS text IMMUTABLE RETURN wide.f_sql(a, 'x', 1) || E'it''s;\n';
CREATE PROCEDURE p_out(IN b integer, OUT a integer) LANGUAGE sql BEGIN ATOMIC SELECT b + 1; END;
CREATE VIEW v_atomic AS SELECT f_return(a) AS r FROM options;
\endif
CREATE FUNCTION f_state(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1, 0) + $2';
CREATE AGGREGATE agg(integer) (SFUNC = f_state, STYPE = integer, INITCOND = '0', COMBINEFUNC = int4pl, PARALLEL = SAFE,
    MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MINITCOND = '0');
CREATE AGGREGATE agg_ordered(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal,
    FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA, FINALFUNC_MODIFY = READ_WRITE);
CREATE AGGREGATE agg_none(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
CREATE AGGREGATE agg_max(integer) (SFUNC = int4larger, STYPE = integer, SORTOP = >);

-- A base type, a shell, operators, operator classes, casts, a transform, languages, access methods.
CREATE TYPE shell;
CREATE TYPE int42;
CREATE FUNCTION int42_in(cstring) RETURNS int42 LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION int42_out(int42) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE int42 (INTERNALLENGTH = 4, INPUT = int42_in, OUTPUT = int42_out, ALIGNMENT = int4, DEFAULT = 42,
    PASSEDBYVALUE, CATEGORY = 'N', DELIMITER = ';');
CREATE TYPE text42;
CREATE FUNCTION text42_in(cstring) RETURNS text42 LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION text42_out(text42) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE text42 (INTERNALLENGTH = variable, INPUT = text42_in, OUTPUT = text42_out, ALIGNMENT = int4,
    STORAGE = extended, COLLATABLE = true, DEFAULT = E'zippo''s\\');
CREATE TABLE base_types (a int42, b text42 COLLATE "C", c int42[]);
INSERT INTO base_types VALUES (DEFAULT, DEFAULT, '{1;NULL;2}'), ('-7', E'\n\\.', NULL);
SELECT format('CREATE FUNCTION %s42(int42, int42) RETURNS %s LANGUAGE internal IMMUTABLE STRICT AS %L', f, t, s)
FROM (VALUES ('lt', 'boolean', 'int4lt'), ('le', 'boolean', 'int4le'), ('eq', 'boolean', 'int4eq'), ('ge', 'boolean', 'int4ge'),
             ('gt', 'boolean', 'int4gt'), ('cmp', 'integer', 'btint4cmp')) v(f, t, s) \gexec
CREATE FUNCTION neg42(int42) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'int4um';
CREATE OPERATOR = (FUNCTION = eq42, LEFTARG = int42, RIGHTARG = int42, COMMUTATOR = =, RESTRICT = eqsel, JOIN = eqjoinsel, MERGES);
CREATE OPERATOR < (FUNCTION = lt42, LEFTARG = int42, RIGHTARG = int42, COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR > (FUNCTION = gt42, LEFTARG = int42, RIGHTARG = int42, COMMUTATOR = <, NEGATOR = <=);
CREATE OPERATOR <= (FUNCTION = le42, LEFTARG = int42, RIGHTARG = int42, NEGATOR = >);
CREATE OPERATOR >= (FUNCTION = ge42, LEFTARG = int42, RIGHTARG = int42, NEGATOR = <);
CREATE OPERATOR @#@ (FUNCTION = neg42, RIGHTARG = int42);
CREATE OPERATOR CLASS int42_ops DEFAULT FOR TYPE int42 USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =,
    OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 cmp42(int42, int42);
CREATE OPERATOR FAMILY fam USING btree;
CREATE OPERATOR CLASS int42_alt FOR TYPE int42 USING btree FAMILY fam AS OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 cmp42(int42, int42);
CREATE FUNCTION cmp428(int42, bigint) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 0';
ALTER OPERATOR FAMILY fam USING btree ADD FUNCTION 1 (int42, bigint) cmp428(int42, bigint);
CREATE OPERATOR FAMILY "empty fam" USING hash;
CREATE INDEX base_types_a ON base_types (a);
CREATE INDEX base_types_alt ON base_types (a int42_alt DESC);
CREATE FUNCTION from_mood(wide_types.mood) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT length($1::text)';
CREATE CAST (int42 AS integer) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (wide_types.mood AS integer) WITH FUNCTION from_mood(wide_types.mood) AS ASSIGNMENT;
CREATE CAST (text42 AS integer) WITH INOUT;
CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
CREATE FUNCTION call_handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION inline_handler(internal) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_inline_handler';
CREATE FUNCTION validator(oid) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE LANGUAGE zdb_test_language HANDLER call_handler INLINE inline_handler VALIDATOR validator;
CREATE TRUSTED LANGUAGE "zdb test ""lang""" HANDLER call_handler;
CREATE FUNCTION f_language() RETURNS integer LANGUAGE zdb_test_language AS 'BEGIN RETURN 1; END';
CREATE FUNCTION f_transform(integer) RETURNS integer TRANSFORM FOR TYPE integer LANGUAGE sql AS 'SELECT 1';
CREATE ACCESS METHOD zdb_test_gist TYPE INDEX HANDLER gisthandler;
CREATE ACCESS METHOD zdb_test_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE access_method (a integer) USING zdb_test_heap;
INSERT INTO access_method VALUES (1);
CREATE MATERIALIZED VIEW mv_am USING zdb_test_heap AS SELECT a FROM access_method;
CREATE DEFAULT CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE CONVERSION conv2 FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
CREATE COLLATION coll_c FROM "C";
CREATE COLLATION coll_p (LC_COLLATE = 'POSIX', LC_CTYPE = 'POSIX');
\if :icu
CREATE COLLATION coll_icu (PROVIDER = icu, LOCALE = 'de-u-co-phonebk');
CREATE COLLATION coll_ci (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
CREATE TABLE collated (a text COLLATE coll_icu, b text COLLATE coll_ci UNIQUE);
INSERT INTO collated VALUES ('ä', 'A');
\if :pg16
CREATE COLLATION coll_rules (PROVIDER = icu, LOCALE = 'und', RULES = '&a < g');
\endif
\endif
\if :pg17
CREATE COLLATION coll_builtin (PROVIDER = builtin, LOCALE = 'C.UTF-8');
\endif
CREATE TEXT SEARCH PARSER parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH TEMPLATE template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = template, accept = false);
CREATE TEXT SEARCH DICTIONARY "stem ""q""" (TEMPLATE = snowball, LANGUAGE = 'english', STOPWORDS = 'english');
CREATE TEXT SEARCH CONFIGURATION conf (PARSER = parser);
ALTER TEXT SEARCH CONFIGURATION conf ADD MAPPING FOR asciiword, word WITH dict, "stem ""q""", simple;
CREATE TEXT SEARCH CONFIGURATION conf2 (COPY = english);
ALTER TEXT SEARCH CONFIGURATION conf2 DROP MAPPING FOR url, email;
CREATE TABLE searched (t text, v tsvector GENERATED ALWAYS AS (to_tsvector('wide.conf2', t)) STORED);
INSERT INTO searched (t) VALUES ('running dogs');
CREATE STATISTICS stats ON a, b, d FROM dropped;
ALTER STATISTICS stats SET STATISTICS 50;
CREATE STATISTICS "stats ""2""" (ndistinct, mcv) ON a, c FROM dropped;
\if :pg14
CREATE STATISTICS stats_expr (dependencies, mcv) ON (a + 1), (upper(b)), c FROM dropped;
CREATE STATISTICS stats_one ON (a * 2) FROM dropped;
\endif

-- Views: on views, recursive, one another's, with every clause.
CREATE VIEW v_base AS SELECT id, t, E'a\\b\n;' AS lit, (ROW(id, t)::text) AS r, ARRAY[id, NULL] AS a, t || E'\\.' AS "COPY x FROM stdin;"
    FROM ONLY base WHERE id IS NOT NULL;
CREATE VIEW v_top AS SELECT * FROM v_base NATURAL JOIN base;
CREATE VIEW v_checked WITH (security_barrier) AS SELECT a, b FROM options WHERE a > 0 WITH LOCAL CHECK OPTION;
CREATE VIEW v_cascaded AS SELECT a, b FROM v_checked WHERE a < 100 WITH CASCADED CHECK OPTION;
ALTER VIEW v_cascaded ALTER b SET DEFAULT 'view default';
CREATE RECURSIVE VIEW v_recursive (n, path) AS VALUES (1, ARRAY[1]) UNION ALL SELECT n + 1, path || (n + 1) FROM v_recursive WHERE n < 10;
CREATE VIEW v_with AS
    WITH RECURSIVE t(id, b) AS MATERIALIZED (SELECT id, b FROM fk_a UNION SELECT a.id, a.b FROM fk_a a JOIN t ON a.parent = t.id),
        u AS NOT MATERIALIZED (SELECT 1 AS one)
    SELECT t.*, u.one, rank() OVER w AS rk, sum(t.b) FILTER (WHERE t.b > 0)
        OVER (PARTITION BY t.id ORDER BY t.b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) AS s
    FROM t CROSS JOIN u WINDOW w AS (ORDER BY t.id);
CREATE VIEW v_group AS
    SELECT i.id % 3 AS g, count(DISTINCT i.t) AS c, array_agg(i.t ORDER BY i.id DESC) AS l, percentile_cont(0.5) WITHIN GROUP (ORDER BY i.id) AS p
    FROM indexed i TABLESAMPLE bernoulli (100) REPEATABLE (1) GROUP BY GROUPING SETS ((i.id % 3), ())
    HAVING count(*) > 0 ORDER BY 1 NULLS FIRST LIMIT 5 OFFSET 0;
CREATE VIEW v_functional_dependency AS SELECT b.id, b.t, count(d.id) FROM base b LEFT JOIN derived d USING (id) GROUP BY b.id;
CREATE VIEW v_set AS (SELECT 1 AS a EXCEPT ALL SELECT 2) UNION (SELECT 3 INTERSECT SELECT 3) ORDER BY 1 FETCH FIRST 2 ROWS WITH TIES;
CREATE VIEW v_no_columns AS SELECT;
CREATE VIEW v_whole AS SELECT b AS b, b.id FROM base b;
CREATE VIEW v_functions AS
    SELECT f.x, "y z", ord FROM ROWS FROM (generate_series(1, 3), unnest(ARRAY['a'])) WITH ORDINALITY f(x, "y z", ord),
        LATERAL (SELECT f.x * 2) l(z) LEFT JOIN f_table(2) t ON t.x = z;
CREATE VIEW v_misc AS
    SELECT CASE a WHEN 1 THEN 'x' ELSE NULL END AS c, a BETWEEN SYMMETRIC 5 AND 1 AS b, a IN (1, 2) AS i, b LIKE E'\\%' ESCAPE '!' AS l,
        (dd).a AS f, EXTRACT(year FROM now()) AS e, now() AT TIME ZONE 'UTC' AS z, COALESCE(b, 'n') AS co, NULLIF(a, 1) AS n,
        GREATEST(a, 2) AS gr, a IS DISTINCT FROM 1 AS di, (a, b) < (1, 'x') AS rc, a::numeric(5,2) AS ca, interval '1' year AS iv,
        b COLLATE "C" AS cl, EXISTS (SELECT 1) AS ex, a = ANY (ARRAY(SELECT 1)) AS an, OVERLAY(b PLACING 'x' FROM 1) AS ov,
        CURRENT_USER AS cu, B'101' AS bi, -5 AS neg, (- 2147483648) AS min, 1e400 AS big, 'NaN'::float8 AS nan,
        date '2000-01-01' AS da, dd AS row_, a OPERATOR(pg_catalog.+) 1 AS op FROM dropped dd;
CREATE VIEW v_renamed AS SELECT id, l.late, r.own FROM base l JOIN derived r USING (id, t);
ALTER TABLE derived RENAME own TO "own one";
CREATE VIEW v_locked AS SELECT a FROM options FOR UPDATE SKIP LOCKED;
CREATE TABLE to_view (a integer, b text);
CREATE VIEW v_loop AS SELECT a, b FROM to_view;
CREATE RULE loop_rule AS ON INSERT TO to_view WHERE new.a < 0 DO INSTEAD INSERT INTO options (a, b) SELECT v.a, v.b FROM v_loop v;
CREATE VIEW v_loop_a AS SELECT 1 AS a;
CREATE VIEW v_loop_b AS SELECT a FROM v_loop_a;
CREATE OR REPLACE VIEW v_loop_a AS SELECT 2 AS a UNION SELECT b.a FROM v_loop_b b;
\if :pg15
CREATE VIEW v_invoker WITH (security_invoker = true) AS SELECT * FROM options;
\endif
\if :xml
CREATE VIEW v_xml AS SELECT xmlelement(NAME "a b", xmlattributes(a AS "x"), b) AS e, xmlforest(a, b) AS f, x.n
    FROM options, XMLTABLE('/r' PASSING ('<r><n>1</n></r>'::xml) COLUMNS n integer PATH 'n' DEFAULT 5) x;
\endif
\if :pg16
CREATE VIEW v_json AS SELECT JSON_OBJECT('a': 1 ABSENT ON NULL) AS o, JSON_ARRAYAGG(a ORDER BY a) AS ar, '1' IS JSON SCALAR AS j FROM options;
\endif
\if :pg17
CREATE VIEW v_json_table AS SELECT t.*, JSON_VALUE('{"a":1}', '$.a' RETURNING integer DEFAULT 0 ON EMPTY) AS v
    FROM JSON_TABLE('[1,2]', '$[*]' COLUMNS (n FOR ORDINALITY, x integer PATH '$')) t;
\endif
CREATE MATERIALIZED VIEW mv_z AS SELECT id, t FROM base;
CREATE MATERIALIZED VIEW mv_a AS SELECT count(*) AS n FROM mv_z WITH DATA;
CREATE MATERIALIZED VIEW mv_b WITH (fillfactor = 80) AS SELECT n, v.id FROM mv_a, v_base v;
CREATE VIEW v_on_mv AS SELECT n FROM mv_a;
CREATE MATERIALIZED VIEW mv_0 AS SELECT n FROM v_on_mv;
CREATE MATERIALIZED VIEW mv_never AS SELECT 1 / 0 AS boom WITH NO DATA;
CREATE MATERIALIZED VIEW mv_on_never AS SELECT boom FROM mv_never WITH NO DATA;
CREATE UNIQUE INDEX mv_z_id ON mv_z (id);
ALTER MATERIALIZED VIEW mv_z ALTER t SET STATISTICS 7;
ALTER MATERIALIZED VIEW mv_z CLUSTER ON mv_z_id;

-- Rules, triggers, event triggers, policies. Those that raise would do so if a restore fired them.
CREATE RULE r_instead AS ON UPDATE TO v_top DO INSTEAD (UPDATE base SET t = new.t WHERE base.id = old.id; NOTIFY "chan ""nel");
CREATE RULE "r ""odd""" AS ON DELETE TO options WHERE old.a > 1000 DO ALSO INSERT INTO to_view VALUES (old.a, E'\\.');
CREATE RULE r_nothing AS ON INSERT TO searched WHERE new.t = 'never' DO INSTEAD NOTHING;
ALTER TABLE options DISABLE RULE "r ""odd""";
ALTER TABLE searched ENABLE ALWAYS RULE r_nothing;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN COALESCE(NEW, OLD); END $$;
CREATE FUNCTION tf_boom() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'fired'; END $$;
CREATE TRIGGER t_plain BEFORE INSERT OR UPDATE OF a, b OR DELETE ON options FOR EACH ROW WHEN (pg_trigger_depth() < 5) EXECUTE FUNCTION tf('a', E'b\\''\n', '');
CREATE TRIGGER "t ""odd"" ;" AFTER TRUNCATE ON options EXECUTE FUNCTION tf();
CREATE TRIGGER t_disabled BEFORE INSERT ON options FOR EACH ROW EXECUTE FUNCTION tf_boom();
ALTER TABLE options DISABLE TRIGGER t_disabled;
CREATE TRIGGER t_boom BEFORE INSERT ON indexed FOR EACH ROW EXECUTE FUNCTION tf_boom();
CREATE TRIGGER t_boom_always AFTER INSERT ON indexed EXECUTE FUNCTION tf_boom();
ALTER TABLE indexed ENABLE ALWAYS TRIGGER t_boom_always;
CREATE TRIGGER t_always AFTER UPDATE ON options FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION tf();
ALTER TABLE options ENABLE ALWAYS TRIGGER t_always;
CREATE TRIGGER t_replica AFTER DELETE ON options EXECUTE FUNCTION tf();
ALTER TABLE options ENABLE REPLICA TRIGGER t_replica;
CREATE CONSTRAINT TRIGGER t_constraint AFTER INSERT ON fk_a FROM fk_b DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TRIGGER t_transition AFTER UPDATE ON indexed REFERENCING OLD TABLE AS o NEW TABLE AS "n n" FOR EACH STATEMENT EXECUTE FUNCTION tf();
CREATE TRIGGER t_part AFTER INSERT ON part FOR EACH ROW EXECUTE FUNCTION tf();
ALTER TABLE part_2001 DISABLE TRIGGER t_part;
CREATE TRIGGER t_instead INSTEAD OF INSERT ON v_top FOR EACH ROW EXECUTE FUNCTION tf();
CREATE FUNCTION etf() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER zdb_et_end ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION etf();
CREATE EVENT TRIGGER "zdb et ""odd""" ON sql_drop EXECUTE FUNCTION etf();
ALTER EVENT TRIGGER "zdb et ""odd""" ENABLE ALWAYS;
CREATE EVENT TRIGGER zdb_et_off ON ddl_command_start EXECUTE FUNCTION etf();
ALTER EVENT TRIGGER zdb_et_off DISABLE;
CREATE EVENT TRIGGER zdb_et_rewrite ON table_rewrite EXECUTE FUNCTION etf();
ALTER EVENT TRIGGER zdb_et_rewrite ENABLE REPLICA;
CREATE TABLE secured (id integer, owner name, secret text);
INSERT INTO secured VALUES (1, 'zdb_test_reader', 'a'), (2, 'nobody', 'b');
ALTER TABLE secured ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY p_all ON secured;
CREATE POLICY "p ""sel"" ;" ON secured AS RESTRICTIVE FOR SELECT TO zdb_test_reader, zdb_test_writer USING (owner = CURRENT_USER);
CREATE POLICY p_ins ON secured FOR INSERT TO PUBLIC WITH CHECK (secret <> E'\\.');
CREATE POLICY p_upd ON secured FOR UPDATE USING (id IN (SELECT a FROM options)) WITH CHECK (true);
CREATE POLICY p_not_enabled ON options FOR DELETE TO zdb_test_owner USING (false);
