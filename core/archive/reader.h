/*
 * reader - a backup file opened from its end
 *
 * Three kinds of file open here: ours (a footer, or a sidecar), and foreign
 * ones without an index. A file that bears our mark but lacks its footer is
 * ZDB_DAMAGED: it was cut, or something was appended.
 *
 * Index groups are read as they are needed and checked against the footer's
 * root hash; one group is kept. One thread at a time.
 */
#ifndef ZDB_CORE_ARCHIVE_READER_H
#define ZDB_CORE_ARCHIVE_READER_H

#include "core/age/keys.h"
#include "core/archive/format.h"
#include "core/archive/manifest.h"
#include "core/store/store.h"

typedef struct zdb_reader zdb_reader;

/* Open a file, whose path or URL is file->where, its sidecar when there is
 * one, and its chain (core/archive/links.h). keys open what is encrypted, and
 * are not needed afterwards; NULL: nothing does. */
zdb_rc zdb_reader_open(const zdb_store_options *file, zdb_age_keys *keys,
					   zdb_reader **out, zdb_err *err);

/* Like zdb_reader_open(), but without the chain, and from sources that the
 * reader takes over, also when it fails; sidecar may be NULL. */
zdb_rc zdb_reader_open_source(zdb_source *source, zdb_source *sidecar,
							  zdb_age_keys *keys, zdb_reader **out,
							  zdb_err *err);

/* Open what another reader reads, in a helper of it: the file (a path or a
 * URL), and the sidecar ("": none), with the keys that the other has. */
zdb_rc zdb_reader_open_again(const zdb_store_options *file,
							 const char *sidecar,
							 const zdb_age_file_keys *keys, zdb_reader **out,
							 zdb_err *err);

void zdb_reader_free(zdb_reader *reader);

/* The source of what is read, decrypted; zdb_source_outer() is the file. */
zdb_source *zdb_reader_source(const zdb_reader *reader);

/* The keys of the file, its sidecar and its chain, as far as they are
 * encrypted: for helpers that open them again. The caller wipes them. */
void zdb_reader_file_keys(const zdb_reader *reader, zdb_age_file_keys *keys);

/* The source that holds the footer: the file, or its sidecar; NULL for a
 * foreign file. */
zdb_source *zdb_reader_tail(const zdb_reader *reader);

/* NULL for a foreign file. */
const zdb_footer *zdb_reader_footer(const zdb_reader *reader);
const zdb_manifest *zdb_reader_manifest(const zdb_reader *reader);

/* How the file (the chunks, or the whole foreign file) is compressed. */
zdb_codec_kind zdb_reader_codec(const zdb_reader *reader);

/* Image or script; for a foreign file as its first bytes say after
 * decompression. ZDB_FORMAT when they are neither. */
zdb_rc zdb_reader_content(zdb_reader *reader, zdb_content *content,
						  zdb_err *err);

/* Has it page sums? */
bool zdb_reader_has_sums(const zdb_reader *reader);

/* Copy the sums of the pages of an entry of reader's that has
 * ZDB_CHUNK_SUMS: 16 bytes each, as the entry's sha256 proves. */
zdb_rc zdb_reader_sums(zdb_reader *reader, const zdb_entry *entry,
					   uint8_t *sums, zdb_err *err);

/* Copy entry i (< footer->chunks). Checked against the directory's hash and
 * against its neighbours: offsets are contiguous, lengths within limits. */
zdb_rc zdb_reader_entry(zdb_reader *reader, uint64_t i, zdb_entry *entry,
						zdb_err *err);

/* Add to a damage message where it is: the file, the chunk, its pages or
 * table, and the byte offset. */
void zdb_reader_blame(const zdb_reader *reader, uint64_t i,
					  const zdb_entry *entry, zdb_err *err);

#endif
