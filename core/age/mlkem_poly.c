/*
 * mlkem_poly - polynomials of ML-KEM: 256 coefficients modulo 3329
 */
#include "core/age/mlkem_poly.h"

#define Q 3329
#define HALF_Q 1664
#define N ZDB_POLY_COEFFICIENTS
#define INVERSE_128 3303 /* of 128, modulo Q */

/* 2^24 / Q: division by a multiplication, whose time tells nothing */
#define BARRETT 5039
#define BARRETT_SHIFT 24

/* 17^(i with its 7 bits reversed); FIPS 203, appendix A */
static const uint16_t zetas[128] = {
	1,    1729, 2580, 3289, 2642, 630,  1897, 848,  1062, 1919, 193,  797,
	2786, 3260, 569,  1746, 296,  2447, 1339, 1476, 3046, 56,   2240, 1333,
	1426, 2094, 535,  2882, 2393, 2879, 1974, 821,  289,  331,  3253, 1756,
	1197, 2304, 2277, 2055, 650,  1977, 2513, 632,  2865, 33,   1320, 1915,
	2319, 1435, 807,  452,  1438, 2868, 1534, 2402, 2647, 2617, 1481, 648,
	2474, 3110, 1227, 910,  17,   2761, 583,  2649, 1637, 723,  2288, 1100,
	1409, 2662, 3281, 233,  756,  2156, 3015, 3050, 1703, 1651, 2789, 1789,
	1847, 952,  1461, 2687, 939,  2308, 2437, 2388, 733,  2337, 268,  641,
	1584, 2298, 2037, 3220, 375,  2549, 2090, 1645, 1063, 319,  2773, 757,
	2099, 561,  2466, 2594, 2804, 1092, 403,  1026, 1143, 2150, 2775, 886,
	1722, 1212, 1874, 1029, 2110, 2935, 885,  2154,
};

/* x below 2 Q */
static uint16_t
reduce_once(uint32_t x)
{
	uint32_t less = x - Q;

	return (uint16_t) (less + (Q & (0 - (less >> 31))));
}

/* x up to Q^2 */
static uint16_t
reduce(uint32_t x)
{
	uint32_t quotient = (uint32_t) ((uint64_t) x * BARRETT >> BARRETT_SHIFT);

	return reduce_once(x - quotient * Q);
}

static uint16_t
multiply(uint16_t a, uint16_t b)
{
	return reduce((uint32_t) a * b);
}

static uint16_t
subtract(uint16_t a, uint16_t b)
{
	return reduce_once((uint32_t) a + Q - b);
}

void
zdb_poly_ntt(zdb_poly *poly)
{
	int k = 1;

	for (int len = 128; len >= 2; len /= 2)
		for (int start = 0; start < N; start += 2 * len)
		{
			uint16_t zeta = zetas[k++];

			for (int j = start; j < start + len; j++)
			{
				uint16_t t = multiply(zeta, poly->c[j + len]);

				poly->c[j + len] = subtract(poly->c[j], t);
				poly->c[j] = reduce_once((uint32_t) poly->c[j] + t);
			}
		}
}

void
zdb_poly_ntt_inverse(zdb_poly *poly)
{
	int k = 127;

	for (int len = 2; len <= 128; len *= 2)
		for (int start = 0; start < N; start += 2 * len)
		{
			uint16_t zeta = zetas[k--];

			for (int j = start; j < start + len; j++)
			{
				uint16_t t = poly->c[j];

				poly->c[j] = reduce_once((uint32_t) t + poly->c[j + len]);
				poly->c[j + len] =
					multiply(zeta, subtract(poly->c[j + len], t));
			}
		}
	for (int i = 0; i < N; i++)
		poly->c[i] = multiply(poly->c[i], INVERSE_128);
}

void
zdb_poly_add(zdb_poly *sum, const zdb_poly *a)
{
	for (int i = 0; i < N; i++)
		sum->c[i] = reduce_once((uint32_t) sum->c[i] + a->c[i]);
}

void
zdb_poly_subtract(zdb_poly *sum, const zdb_poly *a)
{
	for (int i = 0; i < N; i++)
		sum->c[i] = subtract(sum->c[i], a->c[i]);
}

/* (a0 + a1 X)(b0 + b1 X) modulo X^2 - gamma; algorithm 12. */
static void
add_pair(uint16_t sum[2], const uint16_t a[2], const uint16_t b[2],
		 uint16_t gamma)
{
	uint32_t low = multiply(a[0], b[0]);
	uint32_t high = multiply(a[0], b[1]);

	low += multiply(multiply(a[1], b[1]), gamma);
	high += multiply(a[1], b[0]);
	sum[0] = reduce_once((uint32_t) sum[0] + reduce_once(low));
	sum[1] = reduce_once((uint32_t) sum[1] + reduce_once(high));
}

void
zdb_poly_add_product(zdb_poly *sum, const zdb_poly *a, const zdb_poly *b)
{
	for (int i = 0; i < N; i += 4)
	{
		uint16_t gamma = zetas[64 + i / 4];

		add_pair(sum->c + i, a->c + i, b->c + i, gamma);
		add_pair(sum->c + i + 2, a->c + i + 2, b->c + i + 2,
				 (uint16_t) (Q - gamma));
	}
}

/* x * 2^bits / Q, rounded, modulo 2^bits */
static uint32_t
compress(uint16_t x, int bits)
{
	uint32_t dividend = (uint32_t) x << bits;
	uint32_t quotient =
		(uint32_t) ((uint64_t) dividend * BARRETT >> BARRETT_SHIFT);
	uint32_t remainder = dividend - quotient * Q;

	quotient += (HALF_Q - remainder) >> 31;
	quotient += (Q + HALF_Q - remainder) >> 31;
	return quotient & ((1u << bits) - 1);
}

/* y * Q / 2^bits, rounded */
static uint16_t
decompress(uint32_t y, int bits)
{
	return (uint16_t) ((y * Q + (1u << (bits - 1))) >> bits);
}

void
zdb_poly_encode(const zdb_poly *poly, int bits, uint8_t *out)
{
	uint32_t have = 0;
	int count = 0;

	for (int i = 0; i < N; i++)
	{
		uint32_t value = bits == 12 ? poly->c[i] : compress(poly->c[i], bits);

		have |= value << count;
		for (count += bits; count >= 8; count -= 8, have >>= 8)
			*out++ = (uint8_t) have;
	}
}

bool
zdb_poly_decode(zdb_poly *poly, int bits, const uint8_t *bytes)
{
	uint32_t have = 0, too_large = 0;
	int count = 0;

	for (int i = 0; i < N; i++)
	{
		uint32_t value;

		for (; count < bits; count += 8)
			have |= (uint32_t) *bytes++ << count;
		value = have & ((1u << bits) - 1);
		have >>= bits;
		count -= bits;
		too_large |= bits == 12 ? (Q - 1 - value) >> 31 : 0;
		poly->c[i] = bits == 12 ? (uint16_t) value : decompress(value, bits);
	}
	return !too_large;
}

/* Two bits minus two bits, for each coefficient; algorithm 8. */
void
zdb_poly_noise(zdb_poly *poly, const uint8_t bytes[128])
{
	for (int i = 0; i < N; i++)
	{
		uint32_t four = (uint32_t) bytes[i / 2] >> (i % 2 * 4);
		uint32_t plus = (four & 1) + (four >> 1 & 1);
		uint32_t minus = (four >> 2 & 1) + (four >> 3 & 1);

		poly->c[i] = reduce_once(plus + Q - minus);
	}
}

/* Twelve bits at a time, those below Q; algorithm 7. */
bool
zdb_poly_uniform(zdb_poly *poly, const uint8_t *bytes, int len)
{
	int have = 0;

	for (int i = 0; i + 3 <= len && have < N; i += 3)
	{
		uint16_t one = (uint16_t) (bytes[i] | (bytes[i + 1] & 15) << 8);
		uint16_t two = (uint16_t) (bytes[i + 1] >> 4 | bytes[i + 2] << 4);

		if (one < Q)
			poly->c[have++] = one;
		if (two < Q && have < N)
			poly->c[have++] = two;
	}
	return have == N;
}
