-- A SQLite database with much of what SQLite allows and PostgreSQL does not.
PRAGMA foreign_keys = OFF;

-- names
CREATE TABLE "Käufe ""x"" 'y'"("Sp alte" TEXT PRIMARY KEY, "select" INT DEFAULT 7, "a.b" TEXT,
    [Ünï] REAL) WITHOUT ROWID;
INSERT INTO "Käufe ""x"" 'y'" VALUES ('a', 1, '.', 0.1), ('b', NULL, 'x', -0.0);
CREATE TABLE "order"(GROUP_ INTEGER PRIMARY KEY, "User" TEXT UNIQUE, "end" INT CHECK ("end" > 0));
INSERT INTO "order" VALUES (1, 'u', 1), (-5, NULL, 2);
CREATE TABLE names_that_are_longer_than_the_sixty_three_bytes_of_postgresql_ä(
    id INTEGER PRIMARY KEY, columns_that_are_longer_than_the_sixty_three_bytes_of_postgresql INT);
INSERT INTO names_that_are_longer_than_the_sixty_three_bytes_of_postgresql_ä VALUES (3, 4);

-- ids
CREATE TABLE counted(id INTEGER PRIMARY KEY AUTOINCREMENT, v);
INSERT INTO counted VALUES (1, 'a'), (40, 'gone');
DELETE FROM counted WHERE id = 40;
CREATE TABLE one_row(id INTEGER PRIMARY KEY, v TEXT NOT NULL);
INSERT INTO one_row VALUES (1, 'x');
CREATE TABLE no_rowid_alias(id INTEGER PRIMARY KEY DESC, v);
INSERT INTO no_rowid_alias VALUES (1, 'x'), (NULL, 'y'), (NULL, 'z');
CREATE TABLE no_key(a INT, b TEXT);
INSERT INTO no_key VALUES (1, 'x'), (1, 'x'), (NULL, NULL);
CREATE TABLE strictly(id INT PRIMARY KEY, a ANY, b BLOB) STRICT;
INSERT INTO strictly VALUES (1, 5, x'00'), (2, 'five', x''), (3, NULL, NULL);
CREATE TABLE mixed_key(id PRIMARY KEY, v);
INSERT INTO mixed_key VALUES (1, 'a number'), ('1', 'a text'), (2.5, 'a real');
CREATE TABLE long_key(t TEXT PRIMARY KEY);
INSERT INTO long_key VALUES (replace(hex(zeroblob(20000)), '0', 'é')), ('short');

-- foreign keys
CREATE TABLE a(id INTEGER PRIMARY KEY, b_id INT NOT NULL
    CONSTRAINT "a to b" REFERENCES b DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE b(id INTEGER PRIMARY KEY, a_id INT NOT NULL REFERENCES a(id) ON DELETE RESTRICT);
INSERT INTO a VALUES (1, 20), (2, 10);
INSERT INTO b VALUES (10, 1), (20, 2);
CREATE TABLE tree(id INTEGER PRIMARY KEY, parent INT REFERENCES tree ON DELETE CASCADE ON UPDATE SET NULL);
INSERT INTO tree VALUES (1, 3), (2, 1), (3, NULL), (4, 99);
CREATE TABLE pair(x INT, y VARCHAR(5), z TEXT UNIQUE, PRIMARY KEY (y, x));
INSERT INTO pair VALUES (1, 'one', 'Z1'), (2, 'two', 'Z2');
CREATE TABLE of_pair(id INTEGER PRIMARY KEY, x INT, y TEXT, z REFERENCES pair(z),
    CONSTRAINT pair FOREIGN KEY (x, y) REFERENCES pair(x, y) ON DELETE SET DEFAULT,
    FOREIGN KEY (y, x) REFERENCES pair);
INSERT INTO of_pair VALUES (1, 1, 'one', 'Z2'), (2, NULL, 'nobody', NULL), (3, 2, 'one', NULL),
    (4, 2, 'two', 'nobody');
CREATE TABLE of_tree(id INTEGER PRIMARY KEY, tree INT REFERENCES tree);
INSERT INTO of_tree VALUES (1, 4), (2, 3);
CREATE TABLE of_nowhere(id INTEGER PRIMARY KEY, v REFERENCES nowhere, w INT REFERENCES no_key(a),
    t TEXT REFERENCES tree);
INSERT INTO of_nowhere VALUES (1, 'v', 1, 'not an id'), (2, NULL, NULL, NULL);
CREATE TABLE fold(name TEXT COLLATE NOCASE PRIMARY KEY);
INSERT INTO fold VALUES ('Ann'), ('ANNA');
CREATE TABLE of_fold(id INTEGER PRIMARY KEY, name TEXT REFERENCES fold);
INSERT INTO of_fold VALUES (1, 'ANN');

-- constraints, indexes, defaults
CREATE TABLE rules(
    id INTEGER PRIMARY KEY,
    flag BOOLEAN NOT NULL DEFAULT 0 CHECK (flag IN (0, 1)),
    n INT DEFAULT (1 + 2) CONSTRAINT "n is small" CHECK (n BETWEEN -10 AND 0x10),
    status TEXT DEFAULT "draft" CHECK (status IN ("draft", 'done') OR status LIKE 'x%'),
    email TEXT COLLATE NOCASE UNIQUE ON CONFLICT IGNORE,
    made DATETIME DEFAULT CURRENT_TIMESTAMP,
    made_text TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    seconds INT DEFAULT (strftime('%s', 'now')),
    data JSON CHECK (json_valid(data) OR data IS NULL),
    bytes BLOB DEFAULT x'00ff',
    token TEXT DEFAULT (lower(hex(randomblob(16)))),
    bad INT DEFAULT '',
    CHECK (length(status) > 0 AND n <> 13),
    CHECK (status GLOB '*'));
CREATE UNIQUE INDEX rules_lower ON rules(lower(status), n DESC) WHERE flag = 1 AND n > 0;
CREATE INDEX rules_n ON rules(n DESC, status);
CREATE INDEX rules_nocase ON rules(status COLLATE NOCASE);
CREATE INDEX rules_odd ON rules(status COLLATE RTRIM, typeof(n));
CREATE INDEX a_pkey ON rules(made);
CREATE UNIQUE INDEX rules_moment ON rules(made, status);
INSERT INTO rules(id, flag, n, status, email, made, data, bad) VALUES
    (1, 0, 1, 'done', 'Ann@x.org', 1756700000005, '{"b":  1, "a": [null]}', NULL),
    (2, 1, 2, 'done', 'bob@x.org', '2025-09-01 04:13:20.005', NULL, NULL),
    (3, 1, 2, 'xyz', NULL, NULL, '"x"', NULL);
CREATE TABLE computed(
    id INTEGER PRIMARY KEY, price REAL, amount INT,
    total REAL AS (price * amount) STORED,
    label TEXT GENERATED ALWAYS AS (upper(name) || '!'),
    name TEXT,
    whole INT AS (cast(price AS INTEGER)),
    words TEXT AS (trim(name, 'x') || length(name)) VIRTUAL,
    ratio INT AS (amount / 2 * 2),
    cents AS (round(price)));
INSERT INTO computed(id, price, amount, name) VALUES (1, 1.1, 3, 'äx'), (2, 2.5, -3, 'xyx'), (3, NULL, 1, NULL);

-- types
CREATE TABLE kinds(
    id INTEGER PRIMARY KEY, untyped, untyped_int, untyped_mix, small SMALLINT, big BIGINT, i_text INT, i_real INT,
    i_big_real INT, truth BOOLEAN, truth2 BOOLEAN, v VARCHAR(3), v_long VARCHAR(3), c CHAR(5), uuid UUID, s STRING,
    d DATE, d_time DATE, t TIME, dt DATETIME, dt_ms DATETIME, dt_s TIMESTAMP, dt_julian DATETIME, dt_zone DATETIME,
    dt_odd DATETIME, dt_mix DATETIME, num DECIMAL(10,2), num_wide DECIMAL(10,2), num_text NUMERIC, num_inf NUMERIC,
    r REAL, f FLOAT, j JSON, jb JSONB, jb_twice JSONB, j_bad JSON, bl BLOB, bl_text BLOB, bl_mix BLOB, t_blob TEXT,
    t_bytes TEXT, none DATETIME, everything, digits TEXT);
INSERT INTO kinds VALUES
    (1, 'x', 1, 1, 1, 9223372036854775807, 1, 1, 9223372036854775807, 1, 2, 'abc', 'abcd', 'ab', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '007',
     '2025-09-01', '2025-09-01 10:00', '04:13', '2025-09-01 04:13:20.123456', 1756700000005, 1756700000, 2460919.5,
     '2025-09-01T04:13:20+02:00', 'yesterday', 1756700000005, 3.82, 3.825, '12345678901234567890.12345678901234567890', 9e999,
     1.5, -9e999, '{"a":  1}', '{"b": 1, "a": [true, null, "é"]}', '{"a": 1, "a": 2}', '{', x'00ff', 'text', x'ff', x'62',
     x'ff00', NULL, 1, '00012.50'),
    (2, '', -5, 'text', -7, -9223372036854775807, 'two', 1.5, 1.5, 0, 0, '测试é', '', 'abcde', 'x', 'str',
     NULL, NULL, '23:59:59.5', '0001-01-01', -62135596800000, 0, 2460919.25, '2025-09-01 04:13:20', NULL, 1756700000, -0.05,
     12345678.5, 7, 1, 1e300, 0.1, '5', '7', '{}', '[]', x'', '', 'text', 'text', 'text', NULL, 'two', '1e5'),
    (3, NULL, NULL, 2.5, NULL, NULL, NULL, NULL, NULL, 'true', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -1e-300, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 5, NULL,
     NULL, NULL, x'fe', NULL),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, 0.1 + 0.2, NULL);
CREATE TABLE empty(a INT, b TEXT, c DATETIME, d, e BLOB, f DECIMAL(5,2));

-- SQLite's own
CREATE VIEW seen AS SELECT * FROM tree;
CREATE TRIGGER changed AFTER INSERT ON tree BEGIN DELETE FROM no_key; END;
CREATE VIRTUAL TABLE words USING fts5(body);
INSERT INTO words VALUES ('not brought along');
