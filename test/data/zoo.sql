-- Every feature of SQLite that a backup must carry.
PRAGMA user_version = 42;
PRAGMA application_id = 7;
CREATE TABLE "we ird ""名"" t" (
    "a b" INTEGER PRIMARY KEY AUTOINCREMENT,
    'c''d' TEXT,
    g AS ("a b" * 2),
    s TEXT GENERATED ALWAYS AS (upper("c'd")) STORED,
    d REAL DEFAULT 1.5,
    "select" DEFAULT 'x'
);
INSERT INTO "we ird ""名"" t"("a b", "c'd", d)
VALUES (5, 'O''Neil' || char(10) || ' line', 1e300), (6, NULL, -0.0),
       (9007199254740993, '中文', 0.1);
DELETE FROM "we ird ""名"" t" WHERE "a b" = 9007199254740993;
CREATE TABLE "values"(x, y BLOB, z NUMERIC, t TEXT, r REAL);
INSERT INTO "values" VALUES
    (-9223372036854775808, x'00ff', 9e999, 'a' || char(0) || 'b', 3.0),
    (9223372036854775807, 'text in blob', -9e999, CAST(x'e4b8' AS TEXT), 1e-320),
    (9007199254740993, x'', '12abc', 'a' || char(13) || char(10) || 'b', 0.1 + 0.2),
    ('1', 1, 1.0, '', 123456789012345678.0),
    (2.2250738585072014e-308, -0.0, 1.7976931348623157e308, x'616263', 5e-324),
    (0.1, 1e22, 123456789.123456789, ';--/*''"', -1.0000000000000002),
    (NULL, NULL, NULL, NULL, NULL);
INSERT INTO "values"(rowid, x) VALUES (77, 'seventy-seven'), (-5, 'negative');
DELETE FROM "values" WHERE rowid = 2;
CREATE TABLE without_rowid(k TEXT PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO without_rowid VALUES ('a', 1), ('b', x'01'), ('', NULL);
CREATE TABLE strict_table(a INT, b TEXT, c ANY) STRICT;
INSERT INTO strict_table VALUES (1, 'x', '1'), (2, 'y', 1);
CREATE TABLE rowid_taken(rowid TEXT, _rowid_ TEXT, oid TEXT);
INSERT INTO rowid_taken VALUES ('a', 'b', 'c');
CREATE VIRTUAL TABLE search USING fts5(body);
INSERT INTO search VALUES ('hello world'), ('中文 备份');
CREATE TABLE documents(id INTEGER PRIMARY KEY, body);
INSERT INTO documents VALUES (10, 'external content'), (20, 'second');
CREATE VIRTUAL TABLE external USING fts5(body, content='documents', content_rowid='id');
INSERT INTO external(external) VALUES ('rebuild');
CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1);
INSERT INTO boxes VALUES (1, 0, 1), (2, 5, 6);
CREATE TABLE hen(id INTEGER PRIMARY KEY, egg INTEGER REFERENCES egg(id));
CREATE TABLE egg(id INTEGER PRIMARY KEY, hen INTEGER REFERENCES hen(id));
INSERT INTO hen VALUES (1, 1);
INSERT INTO egg VALUES (1, 1);
CREATE TABLE log(message);
CREATE TRIGGER hen_log AFTER INSERT ON hen BEGIN
    INSERT INTO log VALUES ('hen; ' || new.id);
END;
CREATE VIEW all_values AS SELECT * FROM "values" -- a comment at the end
;
CREATE INDEX some_values ON "values"(x) WHERE x > 0;
CREATE INDEX lower_text ON "values"(lower(t));
CREATE TABLE empty(a);
