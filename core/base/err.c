/*
 * err - what went wrong, as plain data
 */
#include "core/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *
zdb_err_name(zdb_rc code)
{
	static const char *const names[] = {
		[ZDB_OK] = "ok",
		[ZDB_NOMEM] = "out_of_memory",
		[ZDB_CANCELLED] = "cancelled",
		[ZDB_USAGE] = "usage",
		[ZDB_NOT_FOUND] = "not_found",
		[ZDB_EXISTS] = "exists",
		[ZDB_PERMISSION] = "permission",
		[ZDB_DISK_FULL] = "disk_full",
		[ZDB_IO] = "io",
		[ZDB_DAMAGED] = "damaged",
		[ZDB_FORMAT] = "format",
		[ZDB_MISMATCH] = "mismatch",
		[ZDB_BUSY] = "busy",
		[ZDB_UNSUPPORTED] = "unsupported",
		[ZDB_INTERNAL] = "internal",
	};

	return names[code];
}

void
zdb_err_clear(zdb_err *err)
{
	*err = (zdb_err){0};
}

/* Print into out; what does not fit is cut between characters and ends in
 * "...". */
static void
print_cut(char *out, size_t cap, const char *fmt, va_list args)
{
	int len = vsnprintf(out, cap, fmt, args);
	size_t cut = cap - 4;

	if (len >= 0 && (size_t) len < cap)
		return;
	while (cut > 0 && ((unsigned char) out[cut] & 0xC0) == 0x80)
		cut--;
	memcpy(out + cut, "...", 4);
}

zdb_rc
zdb_err_set(zdb_err *err, zdb_rc code, const char *fmt, ...)
{
	va_list args;

	if (err->code)
		return err->code;
	err->code = code;
	va_start(args, fmt);
	print_cut(err->msg, sizeof err->msg, fmt, args);
	va_end(args);
	return code;
}

static zdb_rc
code_from_errno(int errnum)
{
	switch (errnum)
	{
		case ENOMEM:
			return ZDB_NOMEM;
		case ENOENT:
		case ENOTDIR:
			return ZDB_NOT_FOUND;
		case EEXIST:
			return ZDB_EXISTS;
		case EACCES:
		case EPERM:
		case EROFS:
			return ZDB_PERMISSION;
		case ENOSPC:
		case EDQUOT:
		case EFBIG:
			return ZDB_DISK_FULL;
		case EISDIR:
		case ENAMETOOLONG:
		case ELOOP:
			return ZDB_USAGE;
		default:
			return ZDB_IO;
	}
}

zdb_rc
zdb_err_set_errno(zdb_err *err, int errnum, const char *fmt, ...)
{
	char text[sizeof err->msg - 100], reason[96];
	va_list args;

	if (err->code)
		return err->code;
	va_start(args, fmt);
	print_cut(text, sizeof text, fmt, args);
	va_end(args);
	err->sys_errno = errnum;
	return zdb_err_set(err, code_from_errno(errnum), "%s: %s", text,
					   strerror_r(errnum, reason, sizeof reason));
}

zdb_rc
zdb_err_nomem(zdb_err *err)
{
	return zdb_err_set(err, ZDB_NOMEM, "out of memory");
}

void
zdb_err_hint(zdb_err *err, const char *fmt, ...)
{
	va_list args;

	if (*err->hint)
		return;
	va_start(args, fmt);
	print_cut(err->hint, sizeof err->hint, fmt, args);
	va_end(args);
}
