/*
 * open - whatever a file is: encrypted, armored, or neither
 */
#ifndef ZDB_CORE_AGE_OPEN_H
#define ZDB_CORE_AGE_OPEN_H

#include "core/age/source.h"

/* If *source is encrypted, put a decrypting one in its place, which owns it
 * and has its name. Otherwise nothing happens. keys may be NULL. After an
 * error *source is what it was. */
zdb_rc zdb_age_open(zdb_source **source, zdb_age_keys *keys, zdb_err *err);

/* Only look, without a key. *encrypted tells whether facts say anything. */
zdb_rc zdb_age_inspect(zdb_source *source, bool *encrypted,
					   zdb_age_facts *facts, zdb_err *err);

#endif
