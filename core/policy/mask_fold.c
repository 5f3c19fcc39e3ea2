/*
 * mask_fold - texts that a column takes for equal, written alike
 */
#include <string.h>

#include "core/policy/mask.h"

/* As SQLite's NOCASE has it, which sees of what follows a zero byte no more
 * than its length. */
static void
fold_case(char *text, size_t len)
{
	size_t used = strnlen(text, len);

	for (size_t i = 0; i < used; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char) (text[i] - 'A' + 'a');
	memset(text + used, 0, len - used);
}

zdb_rc
zdb_mask_fold(const zdb_mask_column *column, const char *text, size_t len,
			  zdb_buf *out, zdb_err *err)
{
	size_t before = out->len;

	while (column->rtrim && len > 0 && text[len - 1] == ' ')
		len--;
	if (zdb_buf_append(out, text, len, err) == ZDB_OK && len > 0 &&
		column->nocase)
		fold_case((char *) out->data + before, len);
	return err->code;
}
