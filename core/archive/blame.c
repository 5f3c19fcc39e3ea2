/*
 * blame - where in a backup the damage is
 */
#include <stdio.h>

#include "core/archive/reader_part.h"

/* "pages 33-64", "table \"users\"", "script" */
static void
describe_entry(const zdb_reader *reader, const zdb_entry *entry, char *out,
			   size_t cap)
{
	const zdb_manifest *manifest = zdb_reader_manifest(reader);

	if (entry->kind == ZDB_CHUNK_PAGES)
		snprintf(out, cap, "pages %llu-%llu",
				 (unsigned long long) entry->first,
				 (unsigned long long) (entry->first + entry->count - 1));
	else if (entry->kind == ZDB_CHUNK_ROWS && entry->table >= 1 &&
			 entry->table <= manifest->table_count)
		snprintf(out, cap, "table \"%.150s\"",
				 manifest->tables[entry->table - 1].name);
	else
		snprintf(out, cap, "script");
}

void
zdb_reader_blame(const zdb_reader *reader, uint64_t i, const zdb_entry *entry,
				 zdb_err *err)
{
	bool elsewhere = entry->link > 0 && reader->links;
	const zdb_source *source =
		elsewhere ? reader->links[entry->link - 1]->source : reader->source;
	zdb_err plain = *err;
	char what[200];

	if (err->code != ZDB_DAMAGED || err->msg[0] == '"')
		return;
	describe_entry(reader, entry, what, sizeof what);
	zdb_err_clear(err);
	zdb_err_set(
		err, ZDB_DAMAGED,
		"\"%s\" is damaged: chunk %llu (%s; bytes %llu-%llu of the %sfile): "
		"%s",
		source->name, (unsigned long long) i, what,
		(unsigned long long) entry->file_offset,
		(unsigned long long) (entry->file_offset + entry->stored_bytes - 1),
		source->under ? "decrypted " : "", plain.msg);
	if (elsewhere)
		zdb_err_hint(err,
					 "\"%.120s\" stands on that file. Use another copy of it, "
					 "or an older backup.",
					 reader->source->name);
	else
		zdb_err_hint(err, "Use another copy or an older backup.");
}
