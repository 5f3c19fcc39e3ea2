-- A small database as Prisma lays it out: DateTime as milliseconds since 1970,
-- booleans as 0 and 1, names in camelCase.
PRAGMA foreign_keys=ON;
BEGIN;
CREATE TABLE "User" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "email" TEXT NOT NULL,
    "name" TEXT,
    "avatar" BLOB,
    "isActive" BOOLEAN NOT NULL DEFAULT true,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL
);
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
CREATE TABLE "Conversation" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "title" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "parentId" TEXT,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "Conversation_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Conversation_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Conversation" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "Conversation_userId_idx" ON "Conversation"("userId");
CREATE TABLE "Message" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "conversationId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "tokens" BIGINT,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "Message_conversationId_fkey" FOREIGN KEY ("conversationId") REFERENCES "Conversation" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE "Merchant" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "rating" DECIMAL,
    "verified" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "profile" JSONB
);
CREATE UNIQUE INDEX "Merchant_uid_key" ON "Merchant"("uid");
CREATE TABLE "Favorite" (
    "userId" TEXT NOT NULL,
    "merchantId" INTEGER NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY ("userId", "merchantId"),
    CONSTRAINT "Favorite_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Favorite_merchantId_fkey" FOREIGN KEY ("merchantId") REFERENCES "Merchant" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "User" VALUES ('c0a041b9462caa4a31bac3567','test@example.com','测试用户',x'89504e470d0a1a0a00ff',1,1756700000000,1756700000005);
INSERT INTO "Conversation" VALUES ('c4ae47b2b94176a5dbcf58c47','如何备份数据库?','c0a041b9462caa4a31bac3567',NULL,1756700000010);
INSERT INTO "Message" ("conversationId","role","content","tokens","createdAt") VALUES ('c4ae47b2b94176a5dbcf58c47','user','How do I restore yesterday''s backup?',12,1756700000020);
INSERT INTO "Message" ("conversationId","role","content","tokens","createdAt") VALUES ('c4ae47b2b94176a5dbcf58c47','assistant','Use merge: it keeps	current rows
and adds what is missing. \. is not the end.',9007199254740993,1756700000021);
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100001','恒点餐饮店 #1','餐饮',3.82,0,1756700000000,'{"city":"深圳","tags":["餐饮","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100002','星信零售店 #2','零售',3.16,1,1756703600000,'{"city":"深圳","tags":["零售","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100003','星泰教育店 #3','教育',2.69,1,1756707200000,'{"city":"深圳","tags":["教育","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100004','智信医疗店 #4','医疗',3.59,1,1756710800000,'{"city":"杭州","tags":["医疗","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100005','悦禾美业店 #5','美业',4.48,1,1756714400000,'{"city":"上海","tags":["美业","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100006','云源汽修店 #6','汽修',3.54,1,1756718000000,'{"city":"深圳","tags":["汽修","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100007','悦途家政店 #7','家政',3.11,1,1756721600000,'{"city":"深圳","tags":["家政","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100008','悦途物流店 #8','物流',3.69,0,1756725200000,'{"city":"深圳","tags":["物流","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100009','智途旅游店 #9','旅游',3.85,1,1756728800000,'{"city":"深圳","tags":["旅游","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100010','云泰法律店 #10','法律',2.8,1,1756732400000,'{"city":"杭州","tags":["法律","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100011','智泰餐饮店 #11','餐饮',4.96,1,1756736000000,'{"city":"上海","tags":["餐饮","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100012','安途零售店 #12','零售',3.54,1,1756739600000,'{"city":"杭州","tags":["零售","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100013','智途教育店 #13','教育',4.38,1,1756743200000,'{"city":"深圳","tags":["教育","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100014','星禾医疗店 #14','医疗',4.81,1,1756746800000,'{"city":"深圳","tags":["医疗","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100015','星信美业店 #15','美业',3.79,0,1756750400000,'{"city":"杭州","tags":["美业","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100016','云信汽修店 #16','汽修',2.59,1,1756754000000,'{"city":"上海","tags":["汽修","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100017','恒禾家政店 #17','家政',4.71,1,1756757600000,'{"city":"深圳","tags":["家政","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100018','星源物流店 #18','物流',4.32,1,1756761200000,'{"city":"杭州","tags":["物流","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100019','悦禾旅游店 #19','旅游',4.03,1,1756764800000,'{"city":"杭州","tags":["旅游","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100020','安泰法律店 #20','法律',3.77,1,1756768400000,'{"city":"杭州","tags":["法律","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100021','悦途餐饮店 #21','餐饮',3.8,1,1756772000000,'{"city":"深圳","tags":["餐饮","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100022','星途零售店 #22','零售',4.14,0,1756775600000,'{"city":"杭州","tags":["零售","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100023','星泰教育店 #23','教育',4.14,1,1756779200000,'{"city":"深圳","tags":["教育","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100024','智点医疗店 #24','医疗',3.0,1,1756782800000,'{"city":"上海","tags":["医疗","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100025','星泰美业店 #25','美业',3.97,1,1756786400000,'{"city":"深圳","tags":["美业","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100026','悦途汽修店 #26','汽修',4.34,1,1756790000000,'{"city":"上海","tags":["汽修","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100027','智禾家政店 #27','家政',4.44,1,1756793600000,'{"city":"上海","tags":["家政","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100028','星途物流店 #28','物流',3.86,1,1756797200000,'{"city":"深圳","tags":["物流","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100029','星禾旅游店 #29','旅游',3.23,0,1756800800000,'{"city":"上海","tags":["旅游","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100030','星信法律店 #30','法律',4.78,1,1756804400000,'{"city":"深圳","tags":["法律","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100031','云途餐饮店 #31','餐饮',3.18,1,1756808000000,'{"city":"杭州","tags":["餐饮","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100032','悦途零售店 #32','零售',4.63,1,1756811600000,'{"city":"上海","tags":["零售","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100033','悦点教育店 #33','教育',4.16,1,1756815200000,'{"city":"上海","tags":["教育","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100034','星源医疗店 #34','医疗',3.88,1,1756818800000,'{"city":"深圳","tags":["医疗","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100035','智禾美业店 #35','美业',3.91,1,1756822400000,'{"city":"上海","tags":["美业","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100036','星泰汽修店 #36','汽修',2.69,0,1756826000000,'{"city":"上海","tags":["汽修","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100037','云途家政店 #37','家政',2.79,1,1756829600000,'{"city":"杭州","tags":["家政","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100038','智禾物流店 #38','物流',2.71,1,1756833200000,'{"city":"上海","tags":["物流","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100039','云信旅游店 #39','旅游',2.64,1,1756836800000,'{"city":"上海","tags":["旅游","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100040','星信法律店 #40','法律',3.49,1,1756840400000,'{"city":"深圳","tags":["法律","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100041','悦点餐饮店 #41','餐饮',4.24,1,1756844000000,'{"city":"上海","tags":["餐饮","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100042','云泰零售店 #42','零售',3.37,1,1756847600000,'{"city":"深圳","tags":["零售","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100043','悦途教育店 #43','教育',4.87,0,1756851200000,'{"city":"深圳","tags":["教育","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100044','恒途医疗店 #44','医疗',4.86,1,1756854800000,'{"city":"深圳","tags":["医疗","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100045','星源美业店 #45','美业',3.05,1,1756858400000,'{"city":"杭州","tags":["美业","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100046','星禾汽修店 #46','汽修',4.06,1,1756862000000,'{"city":"上海","tags":["汽修","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100047','云源家政店 #47','家政',3.49,1,1756865600000,'{"city":"上海","tags":["家政","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100048','悦信物流店 #48','物流',4.05,1,1756869200000,'{"city":"杭州","tags":["物流","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100049','安点旅游店 #49','旅游',2.91,1,1756872800000,'{"city":"深圳","tags":["旅游","O''Neil"]}');
INSERT INTO "Merchant" ("uid","name","category","rating","verified","createdAt","profile") VALUES ('M100050','智点法律店 #50','法律',2.73,0,1756876400000,'{"city":"上海","tags":["法律","O''Neil"]}');
INSERT INTO "Favorite" VALUES ('c0a041b9462caa4a31bac3567',1,1756700000031);
INSERT INTO "Favorite" VALUES ('c0a041b9462caa4a31bac3567',7,1756700000037);
INSERT INTO "Favorite" VALUES ('c0a041b9462caa4a31bac3567',42,1756700000072);
COMMIT;
