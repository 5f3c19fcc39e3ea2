/*
 * mlkem_poly - polynomials of ML-KEM: 256 coefficients modulo 3329
 *
 * FIPS 203, section 4. Coefficients are always below the modulus.
 */
#ifndef ZDB_CORE_AGE_MLKEM_POLY_H
#define ZDB_CORE_AGE_MLKEM_POLY_H

#include <stdbool.h>
#include <stdint.h>

#define ZDB_POLY_COEFFICIENTS 256

typedef struct zdb_poly
{
	uint16_t c[ZDB_POLY_COEFFICIENTS];
} zdb_poly;

/* Into the NTT domain and back. */
void zdb_poly_ntt(zdb_poly *poly);
void zdb_poly_ntt_inverse(zdb_poly *poly);

/* sum += a; sum -= a; sum += a * b, where all are in the NTT domain. */
void zdb_poly_add(zdb_poly *sum, const zdb_poly *a);
void zdb_poly_subtract(zdb_poly *sum, const zdb_poly *a);
void zdb_poly_add_product(zdb_poly *sum, const zdb_poly *a, const zdb_poly *b);

/* Coefficients of some bits each, 32 * bits bytes. With 12 bits they stay as
 * they are, and decode tells whether all were below the modulus; with fewer
 * they are rounded. */
void zdb_poly_encode(const zdb_poly *poly, int bits, uint8_t *out);
bool zdb_poly_decode(zdb_poly *poly, int bits, const uint8_t *bytes);

/* Small coefficients from 128 random bytes (eta is 2). */
void zdb_poly_noise(zdb_poly *poly, const uint8_t bytes[128]);

/* Uniform coefficients from public random bytes; false when they do not
 * suffice. */
bool zdb_poly_uniform(zdb_poly *poly, const uint8_t *bytes, int len);

#endif
