/*
 * fuzz_reader - any bytes as a backup, or as a backup and its sidecar
 *
 * The first byte says where the sidecar begins (0: there is none).
 */
#include <string.h>

#include "core/archive/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	zdb_runner runner = zdb_runner_inline();
	zdb_scan_options options = {.runner = &runner};
	zdb_source *source = NULL, *sidecar = NULL;
	zdb_reader *reader = NULL;
	zdb_scan_result result;
	zdb_err err = {0};
	size_t cut;

	if (len < 1)
		return 0;
	cut = bytes[0] ? (len - 1) * bytes[0] / 256 : len - 1;
	if (zdb_source_memory_open("data", bytes + 1, cut, &source, &err))
		return 0;
	if (bytes[0] && zdb_source_memory_open("sidecar", bytes + 1 + cut,
										   len - 1 - cut, &sidecar, &err))
	{
		zdb_source_free(source);
		return 0;
	}
	if (zdb_reader_open_source(source, sidecar, &reader, &err) == ZDB_OK &&
		zdb_scan_index(reader, NULL, &err) == ZDB_OK)
		zdb_scan(reader, &options, &result, &err);
	zdb_reader_free(reader);
	return 0;
}
