/*
 * secret - files that hold secrets: identities, passphrases
 */
#include "core/age/secret.h"

#include <string.h>
#include <sys/stat.h>

#include "core/age/crypto.h"
#include "core/base/mem.h"
#include "core/io/source.h"

static zdb_rc
check_mode(const char *path, zdb_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || !(st.st_mode & (S_IROTH | S_IWOTH)))
		return ZDB_OK; /* opening it will say what is wrong */
	zdb_err_set(err, ZDB_PERMISSION,
				"\"%s\" holds a secret, and everybody may read or write it",
				path);
	zdb_err_hint(err, "chmod 600 it, or 640 with a group that is yours.");
	return err->code;
}

zdb_rc
zdb_age_secret_read(const char *path, char **text, size_t *len, zdb_err *err)
{
	zdb_source *source;

	*text = NULL;
	*len = 0;
	if (check_mode(path, err) || zdb_source_file_open(path, &source, err))
		return err->code;
	if (source->bytes > ZDB_AGE_SECRET_BYTES_MAX)
		zdb_err_set(err, ZDB_USAGE,
					"\"%s\" is too long for a file of identities or a "
					"passphrase",
					path);
	else
	{
		*len = (size_t) source->bytes;
		*text = zdb_calloc(1, *len + 1);
		if (!*text)
			zdb_err_nomem(err);
		else
			zdb_source_read(source, 0, *text, *len, err);
	}
	zdb_source_free(source);
	if (!err->code)
		return ZDB_OK;
	zdb_age_wipe_free(*text, *len);
	*text = NULL;
	return err->code;
}

/* One line that is not empty, without zero bytes. */
static bool
is_passphrase(const char *text, size_t len)
{
	return len > 0 && !memchr(text, '\n', len) && !memchr(text, '\0', len);
}

zdb_rc
zdb_age_passphrase_read(const char *path, char **passphrase, zdb_err *err)
{
	size_t len, line;
	char *text;

	*passphrase = NULL;
	if (zdb_age_secret_read(path, &text, &len, err))
		return err->code;
	line = len;
	if (line > 0 && text[line - 1] == '\n')
		line--;
	if (line < len && line > 0 && text[line - 1] == '\r')
		line--;
	if (!is_passphrase(text, line))
	{
		zdb_err_set(err, ZDB_USAGE,
					"\"%s\" is not a file with a passphrase in one line",
					path);
		zdb_age_wipe_free(text, len);
		return err->code;
	}
	zdb_age_wipe(text + line, len - line);
	*passphrase = text;
	return ZDB_OK;
}

void
zdb_age_passphrase_free(char *passphrase)
{
	if (passphrase)
		zdb_age_wipe_free(passphrase, strlen(passphrase));
}
