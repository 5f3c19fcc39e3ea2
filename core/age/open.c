/*
 * open - whatever a file is: encrypted, armored, or neither
 */
#include "core/age/open.h"

#include <string.h>

#include "core/age/armor.h"

/* If the file is an encrypted one, *binary is it, or what its armor holds. */
static zdb_rc
find_binary(zdb_source *source, zdb_source **binary, zdb_err *err)
{
	char head[ZDB_AGE_ARMOR_HEAD_BYTES];
	size_t len =
		source->bytes < sizeof head ? (size_t) source->bytes : sizeof head;

	*binary = NULL;
	if (zdb_source_read(source, 0, head, len, err))
		return err->code;
	if (zdb_age_armor_is(head, len))
		return zdb_age_armor_open(source, binary, err);
	if (len >= strlen(ZDB_AGE_INTRO) &&
		memcmp(head, ZDB_AGE_INTRO, strlen(ZDB_AGE_INTRO)) == 0)
		*binary = source;
	return ZDB_OK;
}

zdb_rc
zdb_age_open(zdb_source **source, zdb_age_keys *keys, zdb_err *err)
{
	zdb_age_keys nobody = {0};
	zdb_source *binary, *plain;

	if (find_binary(*source, &binary, err) || !binary)
		return err->code;
	if (zdb_age_source_open(binary, keys ? keys : &nobody, &plain, err) ==
		ZDB_OK)
		*source = plain;
	else if (binary != *source)
		zdb_source_free(binary);
	return err->code;
}

zdb_rc
zdb_age_inspect(zdb_source *source, bool *encrypted, zdb_age_facts *facts,
				zdb_err *err)
{
	zdb_source *binary;
	zdb_age_header header;
	zdb_age_layout layout;

	*facts = (zdb_age_facts){0};
	*encrypted = false;
	if (find_binary(source, &binary, err) || !binary)
		return err->code;
	*encrypted = true;
	if (zdb_age_header_read(binary, &header, err) == ZDB_OK &&
		zdb_age_layout_compute(binary, &header, &layout, err) == ZDB_OK)
		zdb_age_facts_fill(facts, &header, &layout);
	zdb_age_header_clear(&header);
	if (binary != source)
		zdb_source_free(binary);
	return err->code;
}
