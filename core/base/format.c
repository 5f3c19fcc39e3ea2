/*
 * format - text on the heap
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"

char *
zdb_strdup(const char *text, zdb_err *err)
{
	size_t bytes = strlen(text) + 1;
	char *copy = zdb_malloc(bytes);

	if (!copy)
		zdb_err_nomem(err);
	else
		memcpy(copy, text, bytes);
	return copy;
}

void
zdb_free_secret(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	zdb_free(text);
}

char *
zdb_format(zdb_err *err, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = len < 0 ? NULL : zdb_malloc((size_t) len + 1);
	if (!text)
	{
		zdb_err_nomem(err);
		return NULL;
	}
	va_start(args, fmt);
	vsnprintf(text, (size_t) len + 1, fmt, args);
	va_end(args);
	return text;
}
