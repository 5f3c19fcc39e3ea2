/*
 * gen - a SQLite database of realistic data, of about the size asked for
 *
 * usage: gen FILE MEGABYTES
 *
 * Users (uuid, e-mail, JSON profile), conversations, and messages in English
 * and Chinese whose words follow Zipf's law; timestamps; secondary indexes.
 * The same size gives the same rows.
 */
#include <math.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 4000
#define BATCH 20000

static uint64_t state = 88172645463325252ull;
static char words[2][WORDS][24];

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static unsigned int
below(unsigned int n)
{
	return (unsigned int) ((next() >> 11) % n);
}

/* Invented English words of 2 to 10 letters, Chinese ones of 1 to 3. */
static void
make_words(void)
{
	static const char letters[] = "eeeeetttaaaooiinnssrrhhldcumfpgwybvk";

	for (int i = 0; i < WORDS; i++)
	{
		int len = 2 + (int) below(9), at = 0;

		for (int c = 0; c < len; c++)
			words[0][i][c] = letters[below(sizeof letters - 1)];
		for (int c = 1 + (int) below(3); c > 0; c--)
		{
			unsigned int code = 0x4e00 + below(3000);

			words[1][i][at++] = (char) (0xe0 | code >> 12);
			words[1][i][at++] = (char) (0x80 | (code >> 6 & 63));
			words[1][i][at++] = (char) (0x80 | (code & 63));
		}
	}
}

static int
zipf(void)
{
	double u = (double) (next() >> 11) / 9007199254740992.0;

	return (int) (pow(WORDS, u)) % WORDS;
}

static int
make_text(char *out, int count)
{
	int language = below(3) == 0, len = 0;

	for (int i = 0; i < count; i++)
		len += sprintf(out + len, "%s%s", words[language][zipf()],
					   language ? "" : (i % 12 == 11 ? ". " : " "));
	return len;
}

static void
make_uuid(char *out)
{
	uint64_t a = next(), b = next();

	sprintf(out, "%08x-%04x-4%03x-a%03x-%012llx", (unsigned int) (a >> 32),
			(unsigned int) (a >> 16 & 0xffff), (unsigned int) (a & 0xfff),
			(unsigned int) (b >> 52), (unsigned long long) b >> 16);
}

static void
run(sqlite3 *db, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
	{
		fprintf(stderr, "%s: %s\n", sql, message);
		exit(1);
	}
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
	{
		fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
		exit(1);
	}
	return stmt;
}

static void
insert_message(sqlite3_stmt *stmt, sqlite3_int64 number)
{
	static char text[1 << 16];
	char uuid[40], json[160];
	int len = make_text(text, 8 + (int) below(120));

	make_uuid(uuid);
	snprintf(json, sizeof json,
			 "{\"model\":\"zd-%u\",\"tokens\":%u,\"latency_ms\":%u,"
			 "\"finish\":\"stop\"}",
			 below(4), below(4000), below(90000));
	sqlite3_bind_text(stmt, 1, uuid, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, 1 + number / 9);
	sqlite3_bind_text(stmt, 3, number % 2 ? "assistant" : "user", -1,
					  SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, text, len, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 5, json, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 6, 1700000000000 + number * 731 + below(700));
	sqlite3_step(stmt);
	sqlite3_reset(stmt);
}

static void
insert_user(sqlite3_stmt *stmt, sqlite3_int64 number)
{
	char uuid[40], mail[60], json[300], city[100];
	int len = make_text(city, 3);

	make_uuid(uuid);
	snprintf(mail, sizeof mail, "user%lld@example.com", number);
	snprintf(json, sizeof json,
			 "{\"city\":\"%.*s\",\"plan\":\"pro\",\"score\":%u.%02u}", len,
			 city, below(100), below(100));
	sqlite3_bind_text(stmt, 1, uuid, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, mail, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, json, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 4, 1700000000000 + number * 4001);
	sqlite3_step(stmt);
	sqlite3_reset(stmt);
}

int
main(int argc, char **argv)
{
	sqlite3_stmt *message, *user, *size;
	sqlite3_int64 wanted, number = 0;
	sqlite3 *db;

	if (argc != 3 || sqlite3_open(argv[1], &db) != SQLITE_OK)
	{
		fprintf(stderr, "usage: gen FILE MEGABYTES\n");
		return 1;
	}
	wanted = atoll(argv[2]) * 1000000;
	make_words();
	run(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
			"PRAGMA cache_size=-400000;"
			"CREATE TABLE users(id TEXT PRIMARY KEY, email TEXT NOT NULL"
			" UNIQUE, profile TEXT, created_at INTEGER);"
			"CREATE TABLE messages(id INTEGER PRIMARY KEY, uuid TEXT NOT"
			" NULL, conversation_id INTEGER, role TEXT, content TEXT,"
			" meta TEXT, created_at INTEGER)");
	message = prepare(db, "INSERT INTO messages(uuid, conversation_id, role,"
						  " content, meta, created_at)"
						  " VALUES(?,?,?,?,?,?)");
	user = prepare(db, "INSERT INTO users VALUES(?,?,?,?)");
	size = prepare(db, "SELECT page_count * page_size FROM"
					   " pragma_page_count, pragma_page_size");
	for (sqlite3_int64 bytes = 0; bytes < wanted * 92 / 100;)
	{
		run(db, "BEGIN");
		for (int i = 0; i < BATCH; i++, number++)
		{
			insert_message(message, number);
			if (number % 20 == 0)
				insert_user(user, number);
		}
		run(db, "COMMIT");
		sqlite3_step(size);
		bytes = sqlite3_column_int64(size, 0);
		sqlite3_reset(size);
	}
	run(db, "CREATE INDEX messages_uuid ON messages(uuid);"
			"CREATE INDEX messages_time ON messages(created_at);"
			"PRAGMA journal_mode=WAL");
	sqlite3_finalize(message);
	sqlite3_finalize(user);
	sqlite3_finalize(size);
	return sqlite3_close(db) != SQLITE_OK;
}
