/*
 * links - the files that an incremental backup stands on
 *
 * They are looked for where they were, seen from the incremental's directory:
 * beside it, or in a sister directory (days of a repository); then beside it
 * by their bare name; then, on a local disk, at the path on record. Each must
 * have the identity that the chain names. A chain of which one link fails is
 * not used at all.
 */
#ifndef ZDB_CORE_ARCHIVE_LINKS_H
#define ZDB_CORE_ARCHIVE_LINKS_H

#include "core/archive/reader.h"

/* Open the chain of the reader of file; nothing to do without one. What is
 * wrong with a link is no error here: see zdb_reader_linked(). */
zdb_rc zdb_reader_link(zdb_reader *reader, const zdb_store_options *file,
					   zdb_age_keys *keys, zdb_err *err);

/* The chain is base and what that one is linked to; base outlives reader. */
zdb_rc zdb_reader_link_to(zdb_reader *reader, zdb_reader *base, zdb_err *err);

/* The reader of link 1 to manifest->chain.count; of 0 reader itself. */
zdb_rc zdb_reader_linked(zdb_reader *reader, uint32_t link, zdb_reader **out,
						 zdb_err *err);

/* Why the chain cannot be read; NULL if it can, or there is none. */
const zdb_err *zdb_reader_trouble(const zdb_reader *reader);

/* What a new backup at the path or URL where has to name: the chain of base,
 * and base itself. Links in another local directory get their path, those in
 * another place are ZDB_USAGE. SHA-256 comes from the .sha256 beside base, or
 * is computed. */
zdb_rc zdb_chain_upon(zdb_reader *base, const zdb_store_options *where,
					  zdb_chain *chain, zdb_err *err);

/* ZDB_BUSY when base, or NULL, is a local file that is no longer there: what
 * stands on it must not appear. */
zdb_rc zdb_chain_upon_check(zdb_reader *base, zdb_err *err);

#endif
