/*
 * libraries - what does the work, and in which version
 */
#include "core/codec/libraries.h"

#include <isa-l.h>
#include <libdeflate.h>
#include <openssl/crypto.h>
#include <zstd.h>

/* ISA-L and libdeflate tell the version they were compiled against only. */
json_t *
zdb_libraries_json(void)
{
	return json_pack(
		"{s:o, s:s, s:s, s:s, s:s}", "isal",
		json_sprintf("%d.%d", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION),
		"libdeflate", LIBDEFLATE_VERSION_STRING, "zstd", ZSTD_versionString(),
		"openssl", OpenSSL_version(OPENSSL_VERSION_STRING), "jansson",
		jansson_version_str());
}
