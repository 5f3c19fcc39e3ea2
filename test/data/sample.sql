-- A small chat platform: users talk, keep conversations, and favour merchants.
PRAGMA foreign_keys = ON;
BEGIN;
CREATE TABLE users (
    id         TEXT PRIMARY KEY,
    email      TEXT NOT NULL UNIQUE,
    name       TEXT,
    avatar     BLOB,
    active     INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
);
CREATE TABLE conversations (
    id         TEXT PRIMARY KEY,
    title      TEXT NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
);
CREATE INDEX conversations_user ON conversations(user_id);
CREATE TABLE messages (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id TEXT NOT NULL REFERENCES conversations(id)
                    ON DELETE CASCADE,
    role            TEXT NOT NULL,
    content         TEXT NOT NULL,
    tokens          INTEGER
);
CREATE TABLE merchants (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    uid      TEXT NOT NULL UNIQUE,
    name     TEXT NOT NULL,
    category TEXT NOT NULL,
    rating   REAL,
    profile  TEXT
);
CREATE TABLE favourites (
    user_id     TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    merchant_id INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, merchant_id)
);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
INSERT INTO users
SELECT printf('u%04d', i), printf('user%d@example.com', i),
       CASE i % 3 WHEN 0 THEN '用户 ' || i ELSE 'User ' || i END,
       CASE WHEN i % 5 = 0 THEN x'89504e470d0a1a0a00ff' END,
       i % 7 <> 0, 1756700000000 + i * 86400000
FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
INSERT INTO conversations
SELECT printf('c%05d', i),
       CASE i % 2 WHEN 0 THEN '如何备份数据库？' ELSE 'How do I restore?' END,
       printf('u%04d', 1 + i % 200), 1756700000000 + i * 3600000
FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
INSERT INTO messages(conversation_id, role, content, tokens)
SELECT printf('c%05d', 1 + i % 600),
       CASE i % 2 WHEN 0 THEN 'assistant' ELSE 'user' END,
       'Message ' || i || ': it''s kept, 一条消息 ' || (i * 7919 % 10007), i % 900
FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
INSERT INTO merchants(uid, name, category, rating, profile)
SELECT printf('M%06d', 100000 + i), '商家 #' || i,
       CASE i % 3 WHEN 0 THEN '餐饮' WHEN 1 THEN 'retail' ELSE '教育' END,
       i * 5.0 / 100, json_object('city', '深圳', 'no', i)
FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO favourites
SELECT printf('u%04d', 1 + i % 200), 1 + (i * 7 + i / 200 * 3) % 100 FROM n;
COMMIT;
