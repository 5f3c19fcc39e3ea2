/*
 * layout - where the chunks of an encrypted file lie
 */
#include "core/age/layout.h"

zdb_rc
zdb_age_layout_compute(const zdb_source *file, const zdb_age_header *header,
					   zdb_age_layout *layout, zdb_err *err)
{
	uint64_t sealed, last;

	layout->nonce = header->bytes;
	if (file->bytes - header->bytes < ZDB_AGE_NONCE_BYTES + ZDB_AGE_TAG_BYTES)
	{
		zdb_err_set(err, ZDB_DAMAGED,
					"\"%s\" was cut short: it ends right behind its age "
					"header",
					file->name);
		zdb_err_hint(err, "Use another copy or an older backup.");
		return err->code;
	}
	sealed = file->bytes - header->bytes - ZDB_AGE_NONCE_BYTES;
	layout->chunks =
		(sealed + ZDB_AGE_SEALED_BYTES - 1) / ZDB_AGE_SEALED_BYTES;
	last = sealed - (layout->chunks - 1) * ZDB_AGE_SEALED_BYTES;
	layout->plain_bytes = sealed - layout->chunks * ZDB_AGE_TAG_BYTES;
	if (last > ZDB_AGE_TAG_BYTES ||
		(last == ZDB_AGE_TAG_BYTES && layout->chunks == 1))
		return ZDB_OK;
	zdb_err_set(err, ZDB_DAMAGED,
				"\"%s\" was cut short, or something was appended: its last "
				"encrypted chunk has %llu bytes, too few",
				file->name, (unsigned long long) last);
	zdb_err_hint(err, "Use another copy or an older backup.");
	return err->code;
}

uint64_t
zdb_age_layout_offset(const zdb_age_layout *layout, uint64_t number)
{
	return layout->nonce + ZDB_AGE_NONCE_BYTES + number * ZDB_AGE_SEALED_BYTES;
}

size_t
zdb_age_layout_plain(const zdb_age_layout *layout, uint64_t number)
{
	uint64_t left = layout->plain_bytes - number * ZDB_AGE_CHUNK_BYTES;

	return left < ZDB_AGE_CHUNK_BYTES ? (size_t) left : ZDB_AGE_CHUNK_BYTES;
}
