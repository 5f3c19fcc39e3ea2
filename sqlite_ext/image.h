/*
 * image - a backup opened as a database
 *
 * A plain database file is opened where it lies, read-only; a compressed one
 * is unpacked to a scratch file, every chunk checked on the way (measured
 * faster than integrity_check through a decompressing VFS, whose reads are
 * random); a script is run in a scratch database that can reach no file.
 *
 * The bytes come from outside: the connection trusts no schema.
 */
#ifndef ZDB_SQLITE_EXT_IMAGE_H
#define ZDB_SQLITE_EXT_IMAGE_H

#include "core/archive/scan.h"
#include "sqlite_ext/call.h"
#include "sqlite_vfs/connection.h"

typedef struct zdblite_image
{
	zdblite_call *call;
	sqlite3 *db;
	char *path;   /* what db is open on */
	bool scratch; /* path is ours and goes with the image */
	zdb_content content;
	zdb_scan_result scan;
	zdbvfs_connection over; /* of zdblite_image_browse(), where db is on it */
} zdblite_image;

/* Read and check all of the reader's file and open it. The scratch file is
 * made beside the path "beside", also for a plain file; NULL: in the temporary
 * directory. A script of
 * data alone finds the tables of the call's own database. Close in either
 * case. */
zdb_rc zdblite_image_open(zdblite_image *image, zdblite_call *call,
						  zdb_reader *reader, const char *beside);

/* Make an empty database in a scratch file beside the path "beside" (NULL: in
 * the temporary directory), and open it to be filled. */
zdb_rc zdblite_image_make(zdblite_image *image, zdblite_call *call,
						  const char *beside);

/* Like zdblite_image_open(), but nothing is checked beforehand: of a backup
 * only the chunks are read that db asks for, each checked then. The connection
 * is in a transaction: all it reads is of one moment. beside: where a scratch
 * file is made if one is needed. */
zdb_rc zdblite_image_browse(zdblite_image *image, zdblite_call *call,
							zdb_reader *reader, const char *beside);

/* If the call failed because a chunk could not be read: say so, in place of
 * what SQLite made of it. */
void zdblite_image_explain(zdblite_image *image);

/* So far: chunks read, and bytes of scratch files. */
uint64_t zdblite_image_chunks_read(const zdblite_image *image);
uint64_t zdblite_image_scratch_bytes(const zdblite_image *image);

/* The bytes of the database in reader's file, read as they are needed; a
 * scratch file is made beside the path "beside" if it needs one. The runner
 * outlives the image. */
zdb_rc zdblite_image_chunks(zdb_reader *reader, const zdb_host *host,
							zdb_runner *runner, const char *beside,
							zdb_image **out, zdb_err *err);

/* After zdblite_image_settle(): open the scratch file again, to be changed. */
zdb_rc zdblite_image_change(zdblite_image *image);

/* Write a scratch file that is open to be changed anew, without what is free
 * or left over in its pages, into one beside it that takes its place. (VACUUM
 * alone would give rows other numbers.) */
zdb_rc zdblite_image_rewrite(zdblite_image *image);

/* Close the connection and keep the scratch file: image->path is the
 * caller's to publish. */
zdb_rc zdblite_image_settle(zdblite_image *image);

void zdblite_image_close(zdblite_image *image);

/* Is the file itself a database, which can be opened where it lies? Not in a
 * cloud, and not encrypted. */
bool zdblite_image_lies_plain(const zdb_reader *reader);

/* Return what scratch files of the call's database stand beside, to be freed:
 * its file; for one without a file a name in the temporary directory. */
char *zdblite_scratch_base(zdblite_call *call, const char *schema);

/* The directory for scratch files without a better place, by SQLite's rule:
 * $SQLITE_TMPDIR, $TMPDIR, /var/tmp, /tmp. */
const char *zdblite_temp_directory(void);

#endif
