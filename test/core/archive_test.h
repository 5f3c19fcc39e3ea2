/*
 * archive_test - small backups for tests, and a full reading of them
 */
#ifndef ZDB_TEST_CORE_ARCHIVE_TEST_H
#define ZDB_TEST_CORE_ARCHIVE_TEST_H

#include "core/archive/scan.h"
#include "core/archive/writer.h"

typedef struct sample
{
	const char *codec; /* as in options */
	bool image;        /* pages with page 1 given last; else a script */
	uint32_t bytes;    /* raw length */
	uint32_t chunk;    /* raw length of a chunk */
} sample;

/* The i-th raw byte of every sample. */
uint8_t sample_byte(uint64_t i);

/* The same of a later version. */
uint8_t sample_byte_of(uint64_t i, int version);

/* Write a sample backup to path. */
zdb_rc sample_write(const sample *what, const char *path, zdb_runner *runner,
					zdb_err *err);

/* Like sample_write(), but encrypted; sample_scan() has the key. */
zdb_rc sample_encrypt(const sample *what, const char *path, zdb_runner *runner,
					  zdb_err *err);

/* Open and scan the file at path. bytes (or NULL) gets the raw length if all
 * raw bytes are the sample's. */
zdb_rc sample_scan(const char *path, zdb_runner *runner, uint64_t *bytes,
				   zdb_err *err);

/* An incremental backup of a later version upon the one at base; NULL: a full
 * one. */
zdb_rc sample_upon(const sample *what, const char *base, int version,
				   bool encrypted, const char *path, zdb_runner *runner,
				   zdb_err *err);

/* Like sample_scan(), for a version; with own nothing of the chain is read. */
zdb_rc sample_scan_of(const char *path, zdb_runner *runner, int version,
					  bool own, uint64_t *bytes, zdb_err *err);

/* A backup whose index is to be changed: a gzip file with one group. */
typedef struct forged
{
	unsigned char *bytes; /* of the file; free() */
	size_t len;
	zdb_footer footer;
	unsigned char *group;
} forged;

void forged_load(forged *file, const char *path);

/* Make group hash, directory, root and footer fit what was changed. */
void forged_sign(forged *file);

#endif
