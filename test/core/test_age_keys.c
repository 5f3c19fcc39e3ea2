/*
 * test_age_keys - who can open what, and what is no key
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/age/open.h"
#include "core/age/sink.h"
#include "test/core/age_test.h"
#include "test/core/test.h"

#define CHEAP_WORK 4

static char *
secret_file(const char *name, const char *text)
{
	char *path = test_path(name);

	test_write(path, text, strlen(text));
	chmod(path, 0600);
	return path;
}

static zdb_rc
encrypt(const char *path, const zdb_age_recipients *recipients, zdb_err *err)
{
	zdb_sink *sink = NULL;

	if (zdb_sink_file_open(path, true, &sink, err) == ZDB_OK &&
		zdb_age_sink_open(sink, recipients, 0, &sink, err) == ZDB_OK)
	{
		zdb_sink_write(sink, "hello", 5, err);
		zdb_sink_finish(sink, err);
	}
	zdb_sink_free(sink);
	return err->code;
}

/* Does "hello" come out? */
static bool
opens(const char *path, zdb_age_keys *keys, zdb_err *err)
{
	zdb_source *source = NULL;
	char text[5] = "";

	if (zdb_source_file_open(path, &source, err) == ZDB_OK &&
		zdb_age_open(&source, keys, err) == ZDB_OK)
		zdb_source_read(source, 0, text, source->bytes == 5 ? 5 : 0, err);
	zdb_source_free(source);
	return memcmp(text, "hello", 5) == 0;
}

static zdb_age_recipients
recipients_of(const char *text)
{
	zdb_age_recipients recipients = {0};
	zdb_err err = {0};

	test_ok(zdb_age_recipients_add(&recipients, text, &err) == ZDB_OK,
			"%.12s... are recipients", text);
	return recipients;
}

static void
test_identities(void)
{
	zdb_age_recipients recipients = recipients_of(ANN);
	char *path = test_path("for-ann");
	zdb_age_keys keys = {.identity_setting = "the.setting"};
	zdb_err err = {0};

	encrypt(path, &recipients, &err);
	keys.identity_path = secret_file("ring", "# Bob's\n\n" BOB_KEY
											 "\r\n# Ann's\n" ANN_KEY "\n");
	test_ok(opens(path, &keys, &err), "one of two identities: %s", err.msg);
	zdb_age_keys_clear(&keys);
	zdb_age_recipients_clear(&recipients);

	keys.identity_setting = "the.setting";
	opens(path, &keys, &err);
	test_err(&err, ZDB_PERMISSION, "no identity is known");
	test_ok(strstr(err.hint, "the.setting") != NULL, "names the setting");
	zdb_err_clear(&err);
	keys.identity_path = secret_file("bob", BOB_KEY);
	opens(path, &keys, &err);
	test_err(&err, ZDB_PERMISSION, "no identity in");
	zdb_age_keys_clear(&keys);
}

static void
test_passphrases(void)
{
	zdb_age_recipients recipients = {.work = CHEAP_WORK};
	char *path = test_path("for-word");
	zdb_age_keys keys = {0};
	zdb_err err = {0};

	zdb_age_recipients_passphrase(
		&recipients, secret_file("word", "correct horse\n"), &err);
	encrypt(path, &recipients, &err);
	zdb_age_recipients_clear(&recipients);
	keys.passphrase_path = secret_file("crlf", "correct horse\r\n");
	test_ok(opens(path, &keys, &err), "the passphrase: %s", err.msg);
	test_ok(opens(path, &keys, &err) && keys.recent_count == 1,
			"scrypt runs once for a file");
	zdb_age_keys_clear(&keys);

	keys.passphrase_path = secret_file("wrong", "Correct Horse");
	opens(path, &keys, &err);
	test_err(&err, ZDB_PERMISSION, "does not open");
	zdb_age_keys_clear(&keys);
	zdb_err_clear(&err);
	keys.identity_path = secret_file("ann", ANN_KEY);
	opens(path, &keys, &err);
	test_err(&err, ZDB_PERMISSION, "encrypted with a passphrase");
	zdb_age_keys_clear(&keys);
}

static void
test_passphrase_files(void)
{
	static const char *const bad[] = {"", "\n", "one\ntwo\n", "one\n\n"};
	zdb_age_recipients recipients = {0};

	for (int i = 0; i < 4; i++)
	{
		zdb_err err = {0};

		zdb_age_recipients_passphrase(&recipients, secret_file("pw", bad[i]),
									  &err);
		test_err(&err, ZDB_USAGE, "passphrase in one line");
	}
}

static void
test_readable_secrets(void)
{
	char *path = secret_file("open", ANN_KEY);
	zdb_age_recipients recipients = recipients_of(ANN);
	zdb_age_keys keys = {.identity_path = path};
	zdb_err err = {0};

	encrypt(test_path("x"), &recipients, &err);
	zdb_age_recipients_clear(&recipients);
	chmod(path, 0640);
	test_ok(opens(test_path("x"), &keys, &err), "a group may read: %s",
			err.msg);
	zdb_age_keys_clear(&keys);
	keys.identity_path = path;
	chmod(path, 0644);
	opens(test_path("x"), &keys, &err);
	test_err(&err, ZDB_PERMISSION, "everybody may read");
	zdb_err_clear(&err);
	keys.identity_path = test_path("nowhere");
	opens(test_path("x"), &keys, &err);
	test_err(&err, ZDB_NOT_FOUND, "nowhere");
	zdb_age_keys_clear(&keys);
}

static void
test_bad_identities(void)
{
	static const struct
	{
		const char *text, *hint;
	} bad[] = {
		{"# a comment\nAGE-SECRET-KEY-1FTG0GA2H4SD65PWFP04AE87SR8CM76QVC7ASW9X"
		 "9JLD6TF73LMPQ5U4PQ9\n",
		 "AGE-SECRET-KEY-1"},
		{"#\nAGE-SECRET-KEY-1Ftg0ga2h4sd65pwfp04ae87sr8cm76qvc7asw9x9jld6tf73"
		 "lmpq5u4pq8\n",
		 "AGE-SECRET-KEY-1"},
		{"#\n" ANN "\n", "recipient"},
		{"#\n-----BEGIN OPENSSH PRIVATE KEY-----\n", "SSH"},
		{"#\nage-encryption.org/v1\n", "age -d"},
		{"#\n" ANN_KEY " # mine\n", "AGE-SECRET-KEY-1"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
	{
		zdb_age_keys keys = {0};
		zdb_err err = {0};

		zdb_age_keys_parse(&keys, "ring", bad[i].text, &err);
		test_err(&err, ZDB_USAGE, "line 2 of \"ring\"");
		test_ok(strstr(err.hint, bad[i].hint) && !strstr(err.msg, "FTG0"),
				"hint \"%s\", no secret", bad[i].hint);
		zdb_age_keys_clear(&keys);
	}
}

static void
test_recipients(void)
{
	static const char *const bad[] = {
		"age1", "bob",
		"age1fmsqqg2nup6fgw0fdwaw2a0efefv3g5v828pj5s75qas707h9gcqs33fab",
		"ssh-ed25519"};
	zdb_age_recipients recipients =
		recipients_of(" " ANN ", " BOB "\n" ANN " ");
	zdb_err err = {0};

	test_ok(zdb_age_recipients_count(&recipients) == 2, "twice is once");
	for (int i = 0; i < 4; i++)
	{
		zdb_err_clear(&err);
		zdb_age_recipients_add(&recipients, bad[i], &err);
		test_err(&err, ZDB_USAGE, bad[i]);
	}
	zdb_err_clear(&err);
	zdb_age_recipients_add(&recipients, ANN_KEY, &err);
	test_err(&err, ZDB_USAGE, "an age identity is given");
	test_ok(!strstr(err.msg, "FTG0") && !strstr(err.hint, "FTG0"),
			"and not shown");
	zdb_err_clear(&err);
	zdb_age_recipients_passphrase(&recipients, secret_file("word", "x"), &err);
	test_err(&err, ZDB_USAGE, "cannot both");
	zdb_age_recipients_clear(&recipients);
}

/* Who opened one file can be written another for. */
static void
test_opener(void)
{
	zdb_age_recipients first = recipients_of(BOB), again = {0};
	zdb_age_keys keys = {.identity_path =
							 secret_file("ring", ANN_KEY "\n" BOB_KEY "\n")};
	zdb_age_keys bob = {.identity_path = secret_file("bob", BOB_KEY)};
	zdb_err err = {0};

	zdb_age_keys_recipients(&keys, &again, &err);
	test_ok(zdb_age_recipients_count(&again) == 0, "nothing opened, nobody");
	encrypt(test_path("1"), &first, &err);
	opens(test_path("1"), &keys, &err);
	zdb_age_keys_recipients(&keys, &again, &err);
	encrypt(test_path("2"), &again, &err);
	test_ok(zdb_age_recipients_count(&again) == 1 &&
				opens(test_path("2"), &bob, &err),
			"for Bob, who opened it: %s", err.msg);
	zdb_age_recipients_clear(&first);
	zdb_age_recipients_clear(&again);
	zdb_age_keys_clear(&keys);
	zdb_age_keys_clear(&bob);
}

/* The identity of the specification's example. */
#define PQ_KEY           \
	"AGE-SECRET-KEY-PQ-" \
	"1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"

static void
test_post_quantum(void)
{
	zdb_age_recipients recipients = {0};
	zdb_age_recipient none = {.kind = &zdb_age_hybrid};
	zdb_age_identity identity;
	zdb_age_keys keys = {.identity_path =
							 secret_file("pq", ANN_KEY "\n" PQ_KEY "\n")};
	zdb_age_keys ann = {.identity_path = secret_file("ann", ANN_KEY)};
	zdb_err err = {0};

	test_ok(zdb_age_identity_read(PQ_KEY, strlen(PQ_KEY), &identity),
			"an identity of its kind");
	zdb_age_recipients_add_owner(&recipients, &identity, &err);
	encrypt(test_path("pq.age"), &recipients, &err);
	test_ok(opens(test_path("pq.age"), &keys, &err), "is opened: %s", err.msg);
	opens(test_path("pq.age"), &ann, &err);
	test_err(&err, ZDB_PERMISSION, "no identity in");
	zdb_err_clear(&err);
	zdb_age_recipients_add(&recipients, ANN, &err);
	test_err(&err, ZDB_USAGE, "post-quantum");
	memset(none.key, 0xff, sizeof none.key);
	test_ok(!none.kind->is_public(none.key), "not every text is a key");
	zdb_age_recipients_clear(&recipients);
	zdb_age_keys_clear(&keys);
	zdb_age_keys_clear(&ann);
}

/* The key of one file opens that file, and no other. */
static void
test_file_key(void)
{
	zdb_age_recipients recipients = recipients_of(ANN);
	zdb_age_keys ann = {.identity_path = secret_file("ann", ANN_KEY)};
	zdb_age_keys helper = {0};
	zdb_source *source = NULL;
	zdb_err err = {0};

	encrypt(test_path("1"), &recipients, &err);
	encrypt(test_path("2"), &recipients, &err);
	zdb_source_file_open(test_path("1"), &source, &err);
	zdb_age_open(&source, &ann, &err);
	zdb_age_source_key(source, &helper.files);
	zdb_source_free(source);
	test_ok(helper.files.count == 1 && opens(test_path("1"), &helper, &err),
			"opens its file: %s", err.msg);
	test_ok(!opens(test_path("2"), &helper, &err) &&
				err.code == ZDB_PERMISSION,
			"and no other");
	zdb_age_recipients_clear(&recipients);
	zdb_age_keys_clear(&ann);
	zdb_age_keys_clear(&helper);
}

static void
test_inspect(void)
{
	zdb_age_recipients recipients = recipients_of(ANN " " BOB);
	zdb_source *source = NULL;
	zdb_age_facts facts;
	bool encrypted;
	zdb_err err = {0};

	encrypt(test_path("x"), &recipients, &err);
	zdb_age_recipients_clear(&recipients);
	zdb_source_file_open(test_path("x"), &source, &err);
	zdb_age_inspect(source, &encrypted, &facts, &err);
	test_ok(encrypted && facts.recipients == 2 && !facts.passphrase &&
				facts.plain_bytes == 5,
			"a file tells its recipients' number and its length");
	zdb_source_free(source);
	zdb_source_memory_open("plain", "SQLite", 6, &source, &err);
	zdb_age_inspect(source, &encrypted, &facts, &err);
	test_ok(!encrypted && !err.code, "a plain one says nothing");
	zdb_source_free(source);
}

int
main(void)
{
	test_identities();
	test_passphrases();
	test_passphrase_files();
	test_readable_secrets();
	test_bad_identities();
	test_recipients();
	test_opener();
	test_post_quantum();
	test_file_key();
	test_inspect();
	return test_done();
}
