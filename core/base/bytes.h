/*
 * bytes - little-endian integers in byte arrays, and hexadecimal
 */
#ifndef ZDB_CORE_BASE_BYTES_H
#define ZDB_CORE_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t
zdb_get16(const uint8_t *p)
{
	return (uint16_t) (p[0] | p[1] << 8);
}

static inline uint32_t
zdb_get32(const uint8_t *p)
{
	return (uint32_t) zdb_get16(p) | (uint32_t) zdb_get16(p + 2) << 16;
}

static inline uint64_t
zdb_get64(const uint8_t *p)
{
	return (uint64_t) zdb_get32(p) | (uint64_t) zdb_get32(p + 4) << 32;
}

static inline void
zdb_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t) v;
	p[1] = (uint8_t) (v >> 8);
}

static inline void
zdb_put32(uint8_t *p, uint32_t v)
{
	zdb_put16(p, (uint16_t) v);
	zdb_put16(p + 2, (uint16_t) (v >> 16));
}

static inline void
zdb_put64(uint8_t *p, uint64_t v)
{
	zdb_put32(p, (uint32_t) v);
	zdb_put32(p + 4, (uint32_t) (v >> 32));
}

/* Write 2 * len lower-case digits and a NUL to hex. */
void zdb_hex(const uint8_t *bytes, size_t len, char *hex);

#endif
