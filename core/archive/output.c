/*
 * output - the files of one backup on their way into a store
 */
#include "core/archive/output.h"

#include "core/archive/format.h"
#include "core/archive/sums.h"
#include "core/base/mem.h"
#include "core/io/file.h"

/* "<name><suffix>", or what that is called until finish; to be freed. */
static char *
name_of(const zdb_output *output, const char *suffix, bool at_once,
		zdb_err *err)
{
	return zdb_format(err, "%s%s%s", output->name, suffix,
					  output->aside && !at_once ? output->aside : "");
}

static zdb_rc
open_sink(zdb_output *output, const char *suffix, bool at_once, bool overwrite,
		  zdb_sink **sink, zdb_err *err)
{
	char *name = name_of(output, suffix, at_once, err);

	if (name)
		zdb_store_sink(output->store, name, overwrite, sink, err);
	zdb_free(name);
	return err->code;
}

/* Would an object be replaced? Then it stays until the new one is verified. */
static zdb_rc
put_aside(zdb_output *output, zdb_err *err)
{
	bool exists;

	if (output->store->local || !output->overwrite ||
		zdb_store_exists(output->store, output->name, &exists, err) || !exists)
		return err->code;
	output->aside = zdb_file_temp_name("", err);
	return err->code;
}

zdb_rc
zdb_output_open(zdb_output *output, const zdb_store_options *where,
				bool overwrite, bool sidecar, zdb_err *err)
{
	*output = (zdb_output){.overwrite = overwrite};
	if (zdb_store_at(where, &output->store, &output->name, err) ||
		put_aside(output, err) ||
		open_sink(output, "", false, overwrite, &output->file, err) ||
		open_sink(output, ZDB_SUMS_SUFFIX, true, true, &output->sums, err) ||
		(sidecar && open_sink(output, ZDB_SIDECAR_SUFFIX, false, true,
							  &output->sidecar, err)))
		return err->code;
	output->file_top = output->file;
	output->sidecar_top = output->sidecar;
	return ZDB_OK;
}

static zdb_rc
remove_beside(zdb_store *store, const char *name, const char *suffix,
			  zdb_err *err)
{
	char *beside = zdb_format(err, "%s%s", name, suffix);

	if (beside)
		zdb_store_remove(store, beside, err);
	zdb_free(beside);
	return err->code;
}

zdb_rc
zdb_output_clear_beside(zdb_store *store, const char *name, zdb_err *err)
{
	if (remove_beside(store, name, ZDB_SIDECAR_SUFFIX, err))
		return err->code;
	return remove_beside(store, name, ZDB_SUMS_SUFFIX, err);
}

/* What an older backup left beside the name goes first; but not when the name
 * is somebody else's, of whom one hears only in the end in a cloud. */
static zdb_rc
publish(zdb_output *output, zdb_err *err)
{
	bool ours = output->store->local || (output->overwrite && !output->aside);

	if (output->published)
		return ZDB_OK;
	if (zdb_store_check_free(output->store, output->name, output->overwrite,
							 err) ||
		(ours && zdb_output_clear_beside(output->store, output->name, err)) ||
		zdb_sink_finish(output->file_top, err))
		return err->code;
	output->published = true;
	return ZDB_OK;
}

static zdb_rc
publish_sidecar(zdb_output *output, zdb_err *err)
{
	return output->sidecar ? zdb_sink_finish(output->sidecar_top, err)
						   : ZDB_OK;
}

/* Open what was published. */
static zdb_rc
open_source(zdb_output *output, const char *suffix, zdb_source **source,
			zdb_err *err)
{
	char *name = name_of(output, suffix, false, err);

	if (name)
		zdb_store_source(output->store, name, source, err);
	zdb_free(name);
	return err->code;
}

static zdb_rc
open_published(zdb_output *output, zdb_source **file, zdb_source **sidecar,
			   zdb_err *err)
{
	if (publish(output, err) || publish_sidecar(output, err) ||
		open_source(output, "", file, err))
		return err->code;
	return sidecar && output->sidecar
			   ? open_source(output, ZDB_SIDECAR_SUFFIX, sidecar, err)
			   : ZDB_OK;
}

zdb_rc
zdb_output_sources(zdb_output *output, zdb_source **file, zdb_source **sidecar,
				   zdb_err *err)
{
	*file = NULL;
	if (sidecar)
		*sidecar = NULL;
	if (!zdb_sink_rereads(output->file))
		open_published(output, file, sidecar, err);
	else if (zdb_sink_reread(output->file, file, err) == ZDB_OK && sidecar &&
			 output->sidecar)
		zdb_sink_reread(output->sidecar, sidecar, err);
	if (err->code)
	{
		zdb_source_free(*file);
		*file = NULL;
	}
	return err->code;
}

static zdb_rc
write_sums(zdb_output *output, const uint8_t sha256[ZDB_SHA256_BYTES],
		   zdb_err *err)
{
	zdb_buf line = {0};

	if (zdb_sums_format(output->name, sha256, &line, err) == ZDB_OK)
		zdb_sink_write(output->sums, line.data, line.len, err);
	zdb_buf_clear(&line);
	return err->code;
}

static zdb_rc
move_into_place(zdb_output *output, const char *suffix, zdb_err *err)
{
	char *from = name_of(output, suffix, false, err);
	char *to = name_of(output, suffix, true, err);

	if (!err->code)
		zdb_store_move(output->store, from, to, err);
	zdb_free(from);
	zdb_free(to);
	return err->code;
}

/* Replace what was there by what has been verified. */
static zdb_rc
replace(zdb_output *output, zdb_err *err)
{
	if (!output->aside ||
		zdb_output_clear_beside(output->store, output->name, err) ||
		move_into_place(output, "", err))
		return err->code;
	return output->sidecar ? move_into_place(output, ZDB_SIDECAR_SUFFIX, err)
						   : ZDB_OK;
}

zdb_rc
zdb_output_finish(zdb_output *output, const uint8_t sha256[ZDB_SHA256_BYTES],
				  zdb_err *err)
{
	if ((sha256 && write_sums(output, sha256, err)) || publish(output, err) ||
		publish_sidecar(output, err) || replace(output, err) ||
		(sha256 && zdb_sink_finish(output->sums, err)))
		return err->code;
	output->finished = true;
	return ZDB_OK;
}

static void
remove_published(zdb_output *output, const char *suffix)
{
	zdb_err ignored = {0};
	char *name = name_of(output, suffix, false, &ignored);

	if (name)
		zdb_store_remove(output->store, name, &ignored);
	zdb_free(name);
}

/* A name that was free shall be free again; what would have replaced another
 * one goes, and that stays. A directory's was good when it was replaced. */
static void
take_back(zdb_output *output)
{
	if (!output->published || output->finished ||
		(output->overwrite && output->store->local))
		return;
	zdb_store_hurry(output->store);
	remove_published(output, "");
	remove_published(output, ZDB_SIDECAR_SUFFIX);
	if (!output->aside)
		remove_published(output, ZDB_SUMS_SUFFIX);
}

void
zdb_output_clear(zdb_output *output)
{
	take_back(output);
	zdb_sink_free(output->file_top ? output->file_top : output->file);
	zdb_sink_free(output->sidecar_top ? output->sidecar_top : output->sidecar);
	zdb_sink_free(output->sums);
	zdb_store_free(output->store);
	zdb_free(output->name);
	zdb_free(output->aside);
	*output = (zdb_output){0};
}
