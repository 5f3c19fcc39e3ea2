/*
 * path - the name a backup gets, and what a name says
 */
#include "core/job/path.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/store/store.h"

#define SAME_SECOND_MAX 1000
#define AGE ".age"

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Does it end so, whether ".age" follows or not? */
static bool
says(const char *path, const char *suffix)
{
	size_t len = strlen(path), suffix_len = strlen(suffix);

	if (ends_with(path, AGE))
		len -= strlen(AGE);
	return len >= suffix_len &&
		   memcmp(path + len - suffix_len, suffix, suffix_len) == 0;
}

bool
zdb_path_is_directory(const char *path)
{
	size_t scheme = zdb_store_scheme(path);
	struct stat st;

	if (ends_with(path, "/"))
		return true;
	if (scheme)
		return !strchr(path + scheme + strlen("://"), '/');
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

zdb_rc
zdb_path_codec(const char *path, const char *compress, zdb_codec *codec,
			   zdb_err *err)
{
	const char *text = compress;

	if (!text && (zdb_path_is_directory(path) || says(path, ".gz")))
		text = "gzip";
	if (!text)
		text = says(path, ".zst") ? "zstd" : "none";
	return zdb_codec_parse(text, codec, err);
}

/* What a name says, in the forms it can hold. */
typedef struct words
{
	char type[32];
	char date[16];
	char time[16];
	char timestamp[32];
} words;

static void
fill_words(const zdb_path_facts *facts, words *into)
{
	time_t seconds = (time_t) (facts->now_us / 1000000);
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(into->date, sizeof into->date, "%Y%m%d", &utc);
	strftime(into->time, sizeof into->time, "%H%M%S", &utc);
	strftime(into->timestamp, sizeof into->timestamp, "%Y%m%d_%H%M%S", &utc);
	snprintf(into->type, sizeof into->type, "%s%s", facts->type,
			 facts->partial ? ZDB_PARTIAL_SUFFIX : "");
}

/* The value of the placeholder that begins at "{", or NULL; its length. */
static const char *
placeholder(const char *at, const zdb_path_facts *facts, const words *words,
			size_t *len)
{
	const struct
	{
		const char *name;
		const char *value;
	} known[] = {
		{"{db}", facts->database},         {"{type}", words->type},
		{"{date}", words->date},           {"{time}", words->time},
		{"{timestamp}", words->timestamp},
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
	{
		*len = strlen(known[i].name);
		if (strncmp(at, known[i].name, *len) == 0)
			return known[i].value;
	}
	return NULL;
}

static char *
expand(const char *path, const zdb_path_facts *facts, zdb_err *err)
{
	zdb_buf out = {0};
	words words;

	fill_words(facts, &words);
	while (*path)
	{
		size_t len = strcspn(path, "{");
		const char *value = path;
		size_t value_len = len;

		if (len == 0)
		{
			value = placeholder(path, facts, &words, &len);
			if (!value)
			{
				zdb_err_set(err, ZDB_USAGE,
							"unknown placeholder in the path at \"%.40s\"",
							path);
				zdb_err_hint(err, "The placeholders are {db}, {type}, {date}, "
								  "{time} and {timestamp}.");
				goto fail;
			}
			value_len = strlen(value);
		}
		if (zdb_buf_append(&out, value, value_len, err))
			goto fail;
		path += len;
	}
	if (zdb_buf_append(&out, "", 1, err))
		goto fail;
	return (char *) out.data;

fail:
	zdb_buf_clear(&out);
	return NULL;
}

static zdb_rc
is_taken(const zdb_store_options *reach, const char *path, bool *taken,
		 zdb_err *err)
{
	zdb_store_options file = *reach;
	zdb_store *store;
	char *name;

	file.where = path;
	if (zdb_store_at(&file, &store, &name, err) == ZDB_OK)
		zdb_store_exists(store, name, taken, err);
	zdb_store_free(store);
	zdb_free(name);
	return err->code;
}

char *
zdb_path_in(const char *directory, const zdb_path_facts *facts,
			zdb_codec_kind kind, zdb_err *err)
{
	words words;

	fill_words(facts, &words);
	for (int i = 1; i <= SAME_SECOND_MAX; i++)
	{
		char again[16] = "";
		bool taken = false;
		char *name;

		if (i > 1)
			snprintf(again, sizeof again, "_%d", i);
		name =
			zdb_format(err, "%s/%s_%s_%s%s%s%s%s", directory, facts->database,
					   words.type, words.timestamp, again, facts->suffix,
					   zdb_codec_suffix(kind), facts->encrypted ? AGE : "");
		if (name && is_taken(&facts->reach, name, &taken, err) == ZDB_OK &&
			!taken)
			return name;
		zdb_free(name);
		if (err->code)
			return NULL;
	}
	zdb_err_set(err, ZDB_EXISTS, "too many backups of this second in \"%s\"",
				directory);
	return NULL;
}

/* In the repository's layout: a directory for the day. */
static char *
name_in_repository(const char *path, const zdb_path_facts *facts,
				   zdb_codec_kind kind, zdb_err *err)
{
	const char *slash = ends_with(path, "/") ? "" : "/";
	char *directory, *name = NULL;
	words words;

	fill_words(facts, &words);
	directory = zdb_format(err, "%s%s%s", path, slash, words.date);
	if (directory)
		name = zdb_path_in(directory, facts, kind, err);
	zdb_free(directory);
	return name;
}

zdb_rc
zdb_path_check_local(const char *path, zdb_err *err)
{
	size_t len = zdb_store_scheme(path);

	if (!*path)
		return zdb_err_set(err, ZDB_USAGE, "the path is empty");
	if (len == 0)
		return ZDB_OK;
	zdb_err_set(err, ZDB_UNSUPPORTED, "\"%.*s://\" is no place for this file",
				(int) len, path);
	zdb_err_hint(err, "Give the path of a local file or directory.");
	return err->code;
}

/* The name of a file that the caller chose. */
static char *
name_as_given(char *name, const zdb_path_facts *facts, zdb_err *err)
{
	char *longer;

	if (facts->encrypted == ends_with(name, AGE))
		return name;
	if (!facts->encrypted)
	{
		zdb_err_set(err, ZDB_USAGE,
					"\"%s\" says that it is encrypted, and it would not be",
					name);
		zdb_err_hint(err, "Give the option \"encrypt_to\", or a name without "
						  "\"" AGE "\".");
		zdb_free(name);
		return NULL;
	}
	longer = zdb_format(err, "%s" AGE, name);
	zdb_free(name);
	return longer;
}

char *
zdb_path_resolve(const char *path, const zdb_path_facts *facts,
				 zdb_codec_kind kind, zdb_err *err)
{
	char *expanded, *name;

	if (!*path)
	{
		zdb_err_set(err, ZDB_USAGE, "the path is empty");
		return NULL;
	}
	if (zdb_store_scheme(path) &&
		!path[zdb_store_scheme(path) + strlen("://")])
	{
		zdb_err_set(err, ZDB_USAGE, "\"%s\" names no bucket", path);
		return NULL; /* or the file's name would become one */
	}
	expanded = expand(path, facts, err);
	if (!expanded)
		return NULL;
	if (!zdb_path_is_directory(expanded))
		return name_as_given(expanded, facts, err);
	name = name_in_repository(expanded, facts, kind, err);
	zdb_free(expanded);
	return name;
}

char *
zdb_path_database(const char *file, zdb_err *err)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	const char *base = slash ? slash + 1 : file;
	const char *dot;

	if (!base || !*base)
		return zdb_strdup("memory", err);
	dot = strrchr(base, '.');
	if (!dot || dot == base)
		return zdb_strdup(base, err);
	return zdb_format(err, "%.*s", (int) (dot - base), base);
}

char *
zdb_path_directory(const char *file, zdb_err *err)
{
	const char *slash = strrchr(file, '/');

	if (!slash)
		return zdb_strdup(".", err);
	return zdb_format(err, "%.*s", slash == file ? 1 : (int) (slash - file),
					  file);
}

bool
zdb_path_suffix_lies(const char *path, zdb_codec_kind kind, char *warning,
					 size_t cap)
{
	const char *suffix = zdb_codec_suffix(kind);

	if (*suffix && !says(path, suffix))
		snprintf(warning, cap,
				 "the file is compressed with %s, but its name does not "
				 "end in %s",
				 zdb_codec_name(kind), suffix);
	else if (!*suffix && (says(path, ".gz") || says(path, ".zst")))
		snprintf(warning, cap,
				 "the file is not compressed, but its name says so");
	else
		return false;
	return true;
}
