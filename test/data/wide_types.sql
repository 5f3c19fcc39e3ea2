-- Every built-in type with edge values; run by wide.sql.
CREATE SCHEMA wide_types;
SET search_path = wide_types, pg_catalog;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', E'it''s \\ "quoted", {}', '');
ALTER TYPE mood RENAME VALUE 'ok' TO 'so so';
ALTER TYPE mood ADD VALUE 'first' BEFORE 'sad';
ALTER TYPE mood ADD VALUE 'between' AFTER 'so so';
CREATE TYPE pair AS (x integer, "Y y" text, z numeric(6,2)[], m mood);
CREATE TYPE pair_of_pairs AS (a pair, b pair[]);
CREATE TYPE dropped_in AS (a integer, gone text, b text);
ALTER TYPE dropped_in DROP ATTRIBUTE gone;
ALTER TYPE dropped_in ADD ATTRIBUTE c date;
CREATE TYPE no_columns AS ();
CREATE TYPE textrange AS RANGE (SUBTYPE = text, COLLATION = "C");
CREATE TYPE float8range AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
CREATE DOMAIN posint AS integer CONSTRAINT positive CHECK (VALUE > 0);
CREATE DOMAIN posint2 AS posint DEFAULT 7 NOT NULL CONSTRAINT small CHECK (VALUE < 1000);
CREATE DOMAIN pairdom AS pair CHECK ((VALUE).x IS DISTINCT FROM 13);
CREATE DOMAIN code AS varchar(5) COLLATE "C" DEFAULT E'\\N' CHECK (VALUE !~ '^x');
ALTER DOMAIN code ADD CONSTRAINT later CHECK (VALUE <> 'never') NOT VALID;

-- The values: a type and its literals. A temporary table, thus never dumped.
CREATE TEMP TABLE src (type text, vals text[]);
INSERT INTO src VALUES
('smallint', '{-32768,-1,0,1,32767}'), ('integer', '{-2147483648,0,2147483647}'),
('bigint', '{-9223372036854775808,-1,0,9223372036854775807}'), ('boolean', '{t,f}'),
('text', ARRAY['', ' ', '  padded  ', E'\t', E'\n', E'\r', E'\r\n', E'a\tb\nc\rd\\e', '\', '\\', '\N', '\\N',
  'N', '\.', E'\n\\.\n', E'before\n\\.\nafter', E'\\.\n', 'NULL', 'null', '{}', '{NULL}', '"', '""', '''', '''''',
  ',', '(', ')', '(,)', '$$', '$_$', '$1', ';', '--', '/* */', E'\b\f\v\x07\x1b\x7f', E'\\b\\x41\\101\\t',
  'é', U&'e\0301', '汉字', U&'\+01F600\200D\+01F468', U&'\FEFFbom', U&'\200Frtl\202E', U&'\+10FFFF', U&'\0080\009F\00A0\2028\2029\FFFE',
  'COPY x FROM stdin;', E'COPY x FROM stdin;\n1\n\\.\n', '\connect postgres', E'\n\\! true\n', '\restrict abc', ':name :''x'' :"y"', '%s %n', '\copy']),
('varchar', ARRAY['', E'\\N', E'\\.', '汉字']), ('varchar(7)', ARRAY['', '1234567', '七七七七七七七', E'\\\\\\\\\t\n\\']),
('character(5)', ARRAY['', 'a', 'ab   ', '   ab', '汉字', E'\\N', E'\\.', E'\t\n']), ('bpchar', ARRAY['', 'a  ', E'\\N']),
('"char"', ARRAY['', 'a', ' ', '\', E'\t', E'\n', '''', '"', E'\x01', E'\x7f']),
('name', ARRAY['', 'a', 'A b"c', '\N', repeat('n', 63), repeat('汉', 21)]),
('bytea', ARRAY['', '\x', '\x00', '\x5c2e0a', '\x5c4e', '\xff00ff', (SELECT string_agg(set_byte('\x00'::bytea, 0, i), '' ORDER BY i) FROM generate_series(0, 255) i)::text]),
('uuid', '{00000000-0000-0000-0000-000000000000,ffffffff-ffff-ffff-ffff-ffffffffffff,A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}'),
('date', ARRAY['infinity', '-infinity', '4714-11-24 BC', '0001-12-31 BC', '0001-01-01', '1582-10-15', '1970-01-01', '1999-12-31', '2000-01-01', '2000-02-29', '10000-01-01', '294276-12-31', '5874897-12-31']),
('time', '{00:00:00,00:00:00.000001,12:34:56.7,23:59:59.999999,24:00:00}'), ('time(0)', '{23:59:59.4,00:00:00.5}'),
('timetz', '{00:00:00+15:59:59,24:00:00-15:59:59,12:00:00.123456+05:45,12:00:00-03:30:17,00:00:00+00}'), ('timetz(2)', '{12:00:00.126+14}'),
('timestamp', ARRAY['infinity', '-infinity', '4714-11-24 00:00:00 BC', '0044-03-15 12:00:00.000001 BC', '0001-01-01 00:00:00', '1999-12-31 23:59:59.999999', '2000-01-01', '10000-01-01 00:00:00', '294276-12-31 23:59:59.999999']),
('timestamp(0)', '{2024-02-29 23:59:59.5}'), ('timestamptz(3)', '{2024-02-29 23:59:59.9994+00}'),
('timestamptz', ARRAY['infinity', '-infinity', '4714-11-24 00:00:00+00 BC', '0001-01-01 00:00:00+15:59 BC', '1890-01-01 00:00:00 Asia/Kathmandu', '1883-11-18 12:03:57 America/New_York', '1937-05-01 00:00:00 Europe/Amsterdam', '2011-12-30 12:00:00 Pacific/Apia', '2024-03-31 01:30:00 Europe/Berlin', '2024-10-27 02:30:00+02', '2024-10-27 02:30:00+01', '1970-01-01 00:00:00.000001+00', '294276-12-31 23:59:59.999999+00']),
('interval', ARRAY['0', '178000000 years', '-178000000 years', '1 mon -1 day +00:00:00.000001', '-1 mon +1 day -00:00:00.000001', '2147483647 days', '-2147483648 days', '1 year -13 mons', '100 hours', 'P1Y2M3DT4H5M6.789S', '-00:00:01']),
('interval year to month', '{7 years 5 mons}'), ('interval day to second(2)', '{3 days 04:05:06.789}'), ('interval second', '{59.123456}'),
('real', '{NaN,Infinity,-Infinity,-0,0,0.1,1e-45,1.17549435e-38,1.1754942e-38,3.4028235e38,-3.4028235e38,16777216,16777217,1.2345678e-7,0.3,33554432,8388608.5}'),
('double precision', '{NaN,Infinity,-Infinity,-0,0,0.1,0.30000000000000004,5e-324,2.2250738585072011e-308,2.2250738585072014e-308,1.7976931348623157e308,9007199254740993,1e15,1e16,1e22,1e23,123456789012345680,4.35,9.5367431640625e-07,2e-5,1e-4,1.0000000000000002}'),
('numeric', ARRAY['NaN', '0', '0.00', '-0.0', '1', '-1.10', '0.00000000000000000001', '1e20', '12345678901234567890.12345678901234567890', '10000', '9999.9999', '0.0001', repeat('9', 131072), '-' || repeat('1', 131072) || '.' || repeat('7', 16383), '0.' || repeat('0', 16382) || '1', '1.' || repeat('0', 16383)]),
('numeric(10,2)', '{NaN,-99999999.99,99999999.99,0,0.005,-0.004}'), ('numeric(1000,500)', ARRAY[repeat('8', 500) || '.' || repeat('3', 500)]), ('numeric(5)', '{99999,0.5}'),
('money', '{-92233720368547758.08,92233720368547758.07,0,-0.01,1234.5}'),
('json', ARRAY['null', '""', '{}', '[]', ' { "b" : 1 , "a":2,"b" :3 } ', E'{\n\t"k":\r\n "v"}', '1e400', '-0', '1.50E+10', '"\u0000\u00e9\ud83d\ude00"', '"\\.\\N\n\t\"\/"', '"汉字"', '{"":{"":[[[{}]]]}}', repeat('[', 900) || repeat(']', 900)]),
('jsonb', ARRAY['null', '""', '{}', '[]', 'true', '{"b":1,"a":2,"b":3,"aa":null}', '1e400', '1e-400', '-0', '-0.0', '1.50E+10', '1.000', '"\u00e9\ud83d\ude00\u0001"', '"\\.\\N\n\t\"\/"', '{"":{"":[[[{}]]]}}', repeat('{"a":[', 400) || '1' || repeat(']}', 400), '[' || repeat('123456789.5,', 20000) || '0]', '{"k":"' || repeat('v\n', 300000) || '"}']),
('jsonpath', ARRAY['$', 'strict $."a b"[0 to last] ? (@ > 1 && exists(@.x))', '$.a.**{2 to 5}.b.type()', '$ ? (@ like_regex "^\\d+" flag "i")', '"\\.\n"', '$var + 1.5e3']),
('point', '{"(0,-0)","(NaN,Infinity)","(1e-300,5e-324)","(0.1,-1.7976931348623157e308)"}'), ('line', '{"{1,-1,0}","{0,-1,2.5}","{-1,0,3}"}'),
('lseg', '{"[(0,0),(1,1)]","[(-0.1,2),(NaN,3)]"}'), ('box', '{"(1,1),(0,0)","(-1,2),(3,-4)"}'), ('path', '{"[(0,0),(1,1),(2,0)]","((0,0),(1,1),(2,0))","[(0,0)]"}'),
('polygon', '{"((0,0),(1,1),(2,0))","((1e10,-1e-10))"}'), ('circle', '{"<(0,0),0>","<(1.5,-2),Infinity>","<(0.1,0.2),0.3>"}'),
('inet', '{0.0.0.0,255.255.255.255,10.1.2.3/8,192.168.0.1/32,::,::1/0,2001:db8::ff00:42:8329/64,::ffff:1.2.3.4}'), ('cidr', '{0.0.0.0/0,10.0.0.0/8,1.2.3.4/32,::/0,2001:db8::/32,::1/128}'),
('macaddr', '{00:00:00:00:00:00,ff:ff:ff:ff:ff:ff,08002b010203}'), ('macaddr8', '{00:00:00:00:00:00:00:00,ffffffffffffffff,08:00:2b:01:02:03}'),
('bit', '{0,1}'), ('bit(3)', '{000,101,111}'), ('bit varying', ARRAY['', '0', '1', '0000000', repeat('10', 5000)]), ('bit varying(5)', ARRAY['', '10101', '0']),
('tsvector', ARRAY['', 'a', 'a:1A,2B,3C b:16383 ''it''''s'':4 ''\\\\'':5 '' '':6 ''\\\\.''', '''汉字'':1 ''a b'':2D']),
('tsquery', ARRAY['', 'a', 'a & !b | (c <-> d:*AB)', '''it''''s'' <3> ''\\\\''', '!!(''a b'' & ''汉'')']),
('int4range', '{empty,"(,)","[1,10)","[-2147483648,2147483647)","(,5]","[3,)"}'), ('int8range', '{empty,"(,)","[-9223372036854775808,0)"}'),
('numrange', '{empty,"(,)","[0.00,1.10]","(-1e50,NaN)","[1,1]"}'), ('tsrange', ARRAY['empty', '(,)', '[-infinity,infinity]', '["0044-03-15 00:00:00 BC","2000-01-01 00:00:00"]', '[2000-01-01,)']),
('tstzrange', ARRAY['empty', '(,)', '["1999-12-31 23:59:59.999999+05:45",infinity)']), ('daterange', '{empty,"(,)","[2000-01-01,2000-12-31]","[4714-11-24 BC,infinity)","(-infinity,infinity]"}'),
('oid', '{0,1,2147483648,4294967295}'), ('xid', '{0,4294967295}'), ('xid8', '{0,18446744073709551615}'), ('cid', '{0,4294967295}'), ('tid', '{"(0,0)","(4294967295,65535)"}'),
('pg_lsn', '{0/0,16/B374D848,FFFFFFFF/FFFFFFFF}'), ('txid_snapshot', '{"10:20:10,14,15","1:1:","100:9223372036854775807:"}'), ('pg_snapshot', '{"10:20:10,14,15","1:1:"}'),
('oidvector', ARRAY['', '1', '1 2 4294967295']), ('int2vector', ARRAY['', '1', '-32768 0 32767']), ('refcursor', ARRAY['', 'c "1"', '\N']),
('aclitem', ARRAY['zdb_test_reader=r/zdb_test_owner', '=arwdDxt/zdb_test_owner', 'zdb_test_writer=a*w*/zdb_test_owner']),
('regproc', '{-,now,boolin}'), ('regprocedure', '{-,"abs(integer)","pg_catalog.generate_series(bigint,bigint,bigint)"}'), ('regoper', '{0,|/,"pg_catalog.||/"}'), ('regoperator', '{0,"+(integer,integer)","-(none,bigint)"}'),
('regclass', '{-,pg_class,information_schema.tables,999999999}'), ('regtype', ARRAY['-', 'integer', 'timestamp with time zone', '"char"', 'wide_types.mood', 'wide_types.pair[]', 'numeric[]']),
('regrole', ARRAY['-', 'zdb_test_owner', E'"zdb_test_""odd"" \\; role''s"']), ('regnamespace', '{-,wide_types,pg_catalog}'), ('regconfig', '{-,english,pg_catalog.simple}'), ('regdictionary', '{-,simple,english_stem}'), ('regcollation', '{-,"\"C\"","pg_catalog.\"POSIX\""}'),
('mood', ARRAY['first', 'sad', 'so so', 'between', E'it''s \\ "quoted", {}', '']),
('pair', ARRAY['(,,,)', '(1,"","{}",sad)', E'(-1,"a""b\\\\c,\n\\\\.\n","{1.00,NULL,-9999.99}","it''s \\\\ ""quoted"", {}")', '(,"(\"x\")",,"")']),
('pair_of_pairs', ARRAY['(,)', '("(1,a,,sad)","{""(2,b,,)"",NULL}")']), ('dropped_in', '{"(1,x,2000-01-01)","(,,)"}'), ('no_columns', '{"()"}'),
('textrange', ARRAY['empty', '(,)', '["",a]', '["\"","\\\\"]', E'["\t\n","\\\\N"]']), ('float8range', '{empty,"[-Infinity,NaN]","(-0,5e-324]"}'),
('posint', '{1,2147483647}'), ('pairdom', '{"(1,a,,sad)"}'), ('code', ARRAY['', E'\\N', E'\\.', 'abcde']);
\if :xml
INSERT INTO src VALUES ('xml', ARRAY['', 'text only', '<a/>', '<a b="1">x<!-- c -->&amp;&#10;<![CDATA[ ]]></a>', '<a/><b/>', '<?xml version="1.0"?><d>汉字</d>', '<!DOCTYPE a [<!ELEMENT a ANY>]><a/>', E'<a>\n\\.\n\\N\t</a>']);
\endif
\if :pg14
INSERT INTO src VALUES ('numeric', '{Infinity,-Infinity}'),
('int4multirange', ARRAY['{}', '{[1,3),[5,9)}', '{(,)}', '{(,1),[2147483646,)}']), ('int8multirange', ARRAY['{}', '{[-9223372036854775808,0),[7,8)}']),
('nummultirange', ARRAY['{}', '{[0.00,1.10],(2,Infinity)}']), ('datemultirange', ARRAY['{}', '{[2000-01-01,2000-02-29],[-infinity,1999-01-01]}']),
('tsmultirange', ARRAY['{}', '{[2000-01-01,"2000-02-29 12:00:00"]}']), ('tstzmultirange', ARRAY['{}', '{["1999-12-31 23:59:59+00",infinity)}']),
('textmultirange', ARRAY['{}', '{["",a],["{\"","}\\\\"]}']), ('float8multirange', ARRAY['{}', '{[0.1,0.2]}']);
\endif
\if :pg15
INSERT INTO src VALUES ('numeric(3,-2)', '{12345,-99949}'), ('numeric(2,4)', '{0.0099,-0.00005}'), ('interval', '{2562047788:00:54.775807,-2562047788:00:54.775807}');
\endif
\if :pg16
INSERT INTO src VALUES ('"char"', ARRAY['\377', '\200']);
\endif
\if :pg17
INSERT INTO src VALUES ('interval', '{infinity,-infinity}');
\endif

-- For each type a domain, a composite and a table of plain, domain, array, domain array, composite.
DO $$
DECLARE r record; n text; t text; d text; c text; i integer;
BEGIN
    FOR r IN SELECT type, array_agg(v ORDER BY o, k) AS vals
             FROM (SELECT row_number() OVER () AS o, * FROM src) s, unnest(vals) WITH ORDINALITY u(v, k) GROUP BY type ORDER BY min(o)
    LOOP
        n := translate(r.type, '"', ''); t := r.type; d := quote_ident('d ' || n); c := quote_ident('c ' || n);
        EXECUTE format('CREATE DOMAIN %s AS %s', d, t);
        EXECUTE format('CREATE TYPE %s AS (f %s, g %s[], h %s)', c, t, t, d);
        EXECUTE format('CREATE TABLE %I (id integer PRIMARY KEY, v %s, d %s, a %s[], b %s[], c %s)', 't ' || n, t, d, t, d, c);
        FOR i IN 1 .. cardinality(r.vals) LOOP   -- as a literal: text::regclass is not regclassin
            EXECUTE format('INSERT INTO %1$I SELECT %2$s, v, v, ARRAY[v, NULL, v], ARRAY[[v], [v]]::%4$s[], '
                           'CASE WHEN %2$s %% 2 = 0 THEN ROW(v, ARRAY[v], NULL)::%5$s ELSE ROW(NULL, ''{}'', v)::%5$s END '
                           'FROM (SELECT %6$L::%3$s OFFSET 0) s(v)', 't ' || n, i, t, d, c, r.vals[i]);
        END LOOP;
        EXECUTE format('INSERT INTO %I VALUES (0, NULL, NULL, NULL, NULL, NULL), (-1, NULL, NULL, ''{}'', ''{NULL}'', ROW(NULL, NULL, NULL))', 't ' || n);
    END LOOP;
END $$;
-- A domain over each kind of container.
CREATE DOMAIN d_array AS integer[] CHECK (cardinality(VALUE) < 100);
CREATE DOMAIN d_range AS int4range NOT NULL DEFAULT '[1,2)';
CREATE DOMAIN d_enum AS mood DEFAULT 'so so' CHECK (VALUE <> 'sad');
CREATE DOMAIN d_of_d_array AS posint[];
CREATE TABLE containers (a d_array, r d_range, e d_enum, p d_of_d_array, q posint2, m mood[] DEFAULT '{sad,"it''s \\ \"quoted\", {}"}');
INSERT INTO containers VALUES ('{1,2,NULL}', 'empty', 'first', '{1}', 999, DEFAULT), (NULL, DEFAULT, DEFAULT, '{}', DEFAULT, '{}');
CREATE TABLE arrays (i int[], t text[], c pair[], b bytea[], n numeric(5,2)[][], j jsonb[]);
INSERT INTO arrays VALUES
('{}', '{}', '{}', '{}', '{}', '{}'), (NULL, NULL, NULL, NULL, NULL, NULL),
('{NULL,1,NULL}', ARRAY[NULL, 'NULL', 'null', '', ' ', '"', '\', '{', '}', ',', E'\n', E'\\.', E'\\N', 'a b'], ARRAY[NULL, ROW(1, '"', NULL, 'sad')::pair], ARRAY[NULL, '\x00'::bytea, ''], '{{1,2},{3,NULL}}', ARRAY['null'::jsonb, NULL, '{"a":"\""}']),
('[-2:0]={1,2,3}', '[0:1][5:6]={{a,b},{c,"d,e"}}', '[3:3]={"(1,x,{1.50},sad)"}', '[2:2]={"\\x5c"}', '[0:0][0:0][0:0]={{{1.5}}}', '[0:0]={"[]"}'),
('{{{{{{1,2}}}}}}', '[2147483640:2147483640]={x}', NULL, NULL, NULL, NULL), ((SELECT array_agg(g) FROM generate_series(1, 20000) g), NULL, NULL, NULL, NULL, NULL);

-- Wide values: every storage and compression; those of several MB; rows updated and deleted.
CREATE TABLE toast (id integer PRIMARY KEY, plain text, external text, extended text, main text, b bytea, v varchar(400000));
ALTER TABLE toast ALTER plain SET STORAGE plain, ALTER external SET STORAGE external, ALTER main SET STORAGE main,
    ALTER b SET STORAGE external, ALTER extended SET STATISTICS 500, ALTER v SET (n_distinct = -0.5);
ALTER TABLE toast SET (toast_tuple_target = 256, autovacuum_enabled = false, toast.autovacuum_enabled = false, fillfactor = 70);
\if :pg14
ALTER TABLE toast ADD pglz text, ADD z text;
ALTER TABLE toast ALTER pglz SET COMPRESSION pglz;
\if :lz4
ALTER TABLE toast ALTER z SET COMPRESSION lz4;
\endif
\endif
CREATE FUNCTION noise(n integer, seed text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS
$$ SELECT string_agg(md5(seed || g), CASE g % 7 WHEN 0 THEN E'\n' WHEN 1 THEN E'\\' ELSE '' END ORDER BY g) FROM generate_series(1, n / 32) g $$;
INSERT INTO toast (id, plain, external, extended, main, b, v)
SELECT g, noise(2000, 'p' || g), noise(40000, 'e' || g), repeat('compressible ', 4000 * g), repeat('main', 1500), convert_to(noise(9000, 'b' || g), 'UTF8'), repeat('汉', 100000)
FROM generate_series(1, 6) g;
\if :pg14
UPDATE toast SET pglz = repeat('pglz ', 5000), z = noise(5000, 'z') || repeat('z', 9000) WHERE id < 5;
\endif
DELETE FROM toast WHERE id = 3;
CREATE TABLE big (id integer, body text, data bytea, doc jsonb);
INSERT INTO big VALUES (1, noise(3000000, 'x'), NULL, NULL), (2, repeat(E'\\.\n\\N\t', 500000), NULL, NULL), (3, NULL, decode(repeat('00ff5c0a', 600000), 'hex'), NULL),
    (4, repeat('汉字', 400000), '\x00', (SELECT jsonb_agg(jsonb_build_object('i', i, 's', md5(i::text))) FROM generate_series(1, 20000) i));
\if :{?big}
INSERT INTO big SELECT 10 + g, noise(8000000, 'y' || g), convert_to(noise(8000000, 'z' || g), 'UTF8'), NULL FROM generate_series(1, 8) g;
\endif
CREATE TABLE many_columns ();
SELECT format('ALTER TABLE many_columns %s', string_agg(format('ADD c%s %s', g, (ARRAY['int', 'text', 'bool', 'date'])[1 + g % 4]), ', ' ORDER BY g)) FROM generate_series(1, 1000) g \gexec
INSERT INTO many_columns (c1, c1000) VALUES ('first', 1), (NULL, NULL);
DROP TABLE src;
RESET search_path;
