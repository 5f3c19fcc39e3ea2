/*
 * hash - SHA-256 by OpenSSL, CRC-32 by ISA-L
 */
#include <isa-l.h>
#include <openssl/evp.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/codec/codec.h"
#include "core/codec/vector.h"

struct zdb_sha256_stream
{
	EVP_MD_CTX *context;
};

zdb_rc
zdb_sha256_new(zdb_sha256_stream **out, zdb_err *err)
{
	zdb_sha256_stream *stream = zdb_calloc(1, sizeof *stream);

	*out = stream;
	if (stream)
		stream->context = EVP_MD_CTX_new();
	if (stream && stream->context &&
		EVP_DigestInit_ex(stream->context, EVP_sha256(), NULL) == 1)
		return ZDB_OK;
	zdb_sha256_free(stream);
	*out = NULL;
	return zdb_err_nomem(err);
}

zdb_rc
zdb_sha256_update(zdb_sha256_stream *stream, const void *bytes, size_t len,
				  zdb_err *err)
{
	if (EVP_DigestUpdate(stream->context, bytes, len) != 1)
		return zdb_err_set(err, ZDB_INTERNAL, "could not compute SHA-256");
	return ZDB_OK;
}

zdb_rc
zdb_sha256_final(zdb_sha256_stream *stream, uint8_t digest[ZDB_SHA256_BYTES],
				 zdb_err *err)
{
	if (EVP_DigestFinal_ex(stream->context, digest, NULL) != 1)
		return zdb_err_set(err, ZDB_INTERNAL, "could not compute SHA-256");
	return ZDB_OK;
}

void
zdb_sha256_free(zdb_sha256_stream *stream)
{
	if (!stream)
		return;
	EVP_MD_CTX_free(stream->context);
	zdb_free(stream);
}

zdb_rc
zdb_sha256(const void *bytes, size_t len, uint8_t digest[ZDB_SHA256_BYTES],
		   zdb_err *err)
{
	if (EVP_Digest(bytes, len, digest, NULL, EVP_sha256(), NULL) != 1)
		return zdb_err_set(err, ZDB_INTERNAL, "could not compute SHA-256");
	return ZDB_OK;
}

zdb_rc
zdb_sha256_pieces(const void *bytes, uint32_t piece_bytes, uint64_t count,
				  uint32_t sum_bytes, uint8_t *sums, zdb_err *err)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	const EVP_MD *kind = EVP_sha256();
	uint8_t digest[ZDB_SHA256_BYTES];

	if (!context)
		return zdb_err_nomem(err);
	for (uint64_t i = 0; i < count && !err->code; i++)
	{
		const uint8_t *piece = (const uint8_t *) bytes + i * piece_bytes;

		/* without a kind a context begins anew with the one it has */
		if (EVP_DigestInit_ex(context, i ? NULL : kind, NULL) != 1 ||
			EVP_DigestUpdate(context, piece, piece_bytes) != 1 ||
			EVP_DigestFinal_ex(context, digest, NULL) != 1)
			zdb_err_set(err, ZDB_INTERNAL, "could not compute SHA-256");
		else
			memcpy(sums + i * sum_bytes, digest, sum_bytes);
	}
	EVP_MD_CTX_free(context);
	return err->code;
}

uint32_t
zdb_crc32(const void *bytes, size_t len)
{
	uint32_t crc = crc32_gzip_refl(0, bytes, len);

	zdb_vector_clear();
	return crc;
}
