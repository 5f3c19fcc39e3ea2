/*
 * mlkem - ML-KEM-768 (FIPS 203), a key encapsulation against quantum computers
 */
#include "core/age/mlkem.h"

#include <string.h>

#include "core/age/keccak.h"
#include "core/age/mlkem_poly.h"

#define K 3
#define POLY_BYTES 384 /* with 12 bits a coefficient */
#define U_BITS 10
#define V_BITS 4
#define RHO_OFFSET (K * POLY_BYTES) /* in a public key */
#define U_BYTES (32 * U_BITS)

/* 280 pieces of three bytes fail to make a polynomial once in 2^261 (FIPS 203,
 * appendix B). */
#define UNIFORM_BYTES 840

typedef struct vector
{
	zdb_poly of[K];
} vector;

/* A secret key: what its seed becomes. */
typedef struct secret
{
	vector s;
	uint8_t public_key[ZDB_MLKEM_PUBLIC_BYTES];
	uint8_t public_hash[32];
} secret;

/* The element of the matrix that the public seed rho means. */
static zdb_rc
matrix_element(const uint8_t *rho, int column, int row, zdb_poly *out,
			   zdb_err *err)
{
	const uint8_t place[2] = {(uint8_t) column, (uint8_t) row};
	const zdb_piece pieces[] = {{rho, 32}, {place, 2}};
	uint8_t bytes[UNIFORM_BYTES];

	if (zdb_keccak_hash(ZDB_SHAKE128, pieces, 2, bytes, sizeof bytes, err))
		return err->code;
	if (!zdb_poly_uniform(out, bytes, sizeof bytes))
		zdb_err_set(err, ZDB_INTERNAL, "ML-KEM met a seed of bad luck");
	return err->code;
}

static zdb_rc
noise(const uint8_t seed[32], int number, zdb_poly *out, zdb_err *err)
{
	const uint8_t last = (uint8_t) number;
	const zdb_piece pieces[] = {{seed, 32}, {&last, 1}};
	uint8_t bytes[128];

	if (zdb_keccak_hash(ZDB_SHAKE256, pieces, 2, bytes, sizeof bytes, err) ==
		ZDB_OK)
		zdb_poly_noise(out, bytes);
	zdb_age_wipe(bytes, sizeof bytes);
	return err->code;
}

static zdb_rc
noise_vector(const uint8_t seed[32], int first, vector *out, zdb_err *err)
{
	for (int i = 0; i < K && !err->code; i++)
		noise(seed, first + i, &out->of[i], err);
	return err->code;
}

/* sum += matrix * v, or its transpose * v; all in the NTT domain. */
static zdb_rc
add_matrix_product(vector *sum, const uint8_t *rho, bool transposed,
				   const vector *v, zdb_err *err)
{
	zdb_poly a;

	for (int i = 0; i < K; i++)
		for (int j = 0; j < K; j++)
		{
			if (matrix_element(rho, transposed ? i : j, transposed ? j : i, &a,
							   err))
				return err->code;
			zdb_poly_add_product(&sum->of[i], &a, &v->of[j]);
		}
	return ZDB_OK;
}

static void
ntt(vector *v)
{
	for (int i = 0; i < K; i++)
		zdb_poly_ntt(&v->of[i]);
}

/* Algorithm 13, and the hash of the public key. */
static zdb_rc
expand(const uint8_t seed[ZDB_MLKEM_SEED_BYTES], secret *key, zdb_err *err)
{
	const uint8_t k = K;
	const zdb_piece d[] = {{seed, 32}, {&k, 1}};
	const zdb_piece whole = {key->public_key, ZDB_MLKEM_PUBLIC_BYTES};
	uint8_t seeds[64]; /* rho, sigma */
	vector t;

	if (zdb_keccak_hash(ZDB_SHA3_512, d, 2, seeds, sizeof seeds, err) ||
		noise_vector(seeds + 32, 0, &key->s, err) ||
		noise_vector(seeds + 32, K, &t, err))
		goto done;
	ntt(&key->s);
	ntt(&t);
	if (add_matrix_product(&t, seeds, false, &key->s, err))
		goto done;
	for (int i = 0; i < K; i++)
		zdb_poly_encode(&t.of[i], 12, key->public_key + i * POLY_BYTES);
	memcpy(key->public_key + RHO_OFFSET, seeds, 32);
	zdb_keccak_hash(ZDB_SHA3_256, &whole, 1, key->public_hash,
					sizeof key->public_hash, err);

done:
	zdb_age_wipe(seeds, sizeof seeds);
	return err->code;
}

/* Returns false for what is no public key. */
static bool
decode_public(const uint8_t key[ZDB_MLKEM_PUBLIC_BYTES], vector *t)
{
	bool ok = true;

	for (int i = 0; i < K; i++)
		ok = zdb_poly_decode(&t->of[i], 12, key + i * POLY_BYTES) && ok;
	return ok;
}

/* What one encryption works with. */
typedef struct encryption
{
	vector t, y, u;
	zdb_poly v, e2, message;
} encryption;

/* Algorithm 14: message under the randomness r. */
static zdb_rc
encrypt(const uint8_t key[ZDB_MLKEM_PUBLIC_BYTES], const uint8_t message[32],
		const uint8_t r[32], uint8_t cipher[ZDB_MLKEM_CIPHER_BYTES],
		zdb_err *err)
{
	encryption self = {0};
	vector e1;

	(void) decode_public(key, &self.t);
	if (noise_vector(r, 0, &self.y, err) || noise_vector(r, K, &e1, err) ||
		noise(r, 2 * K, &self.e2, err))
		goto done;
	ntt(&self.y);
	if (add_matrix_product(&self.u, key + RHO_OFFSET, true, &self.y, err))
		goto done;
	for (int i = 0; i < K; i++)
	{
		zdb_poly_ntt_inverse(&self.u.of[i]);
		zdb_poly_add(&self.u.of[i], &e1.of[i]);
		zdb_poly_encode(&self.u.of[i], U_BITS, cipher + i * U_BYTES);
		zdb_poly_add_product(&self.v, &self.t.of[i], &self.y.of[i]);
	}
	zdb_poly_ntt_inverse(&self.v);
	zdb_poly_add(&self.v, &self.e2);
	(void) zdb_poly_decode(&self.message, 1, message);
	zdb_poly_add(&self.v, &self.message);
	zdb_poly_encode(&self.v, V_BITS, cipher + K * U_BYTES);

done:
	zdb_age_wipe(&self, sizeof self);
	zdb_age_wipe(&e1, sizeof e1);
	return err->code;
}

/* Algorithm 15. */
static void
decrypt(const vector *s, const uint8_t cipher[ZDB_MLKEM_CIPHER_BYTES],
		uint8_t message[32])
{
	zdb_poly u, v, product = {{0}};

	for (int i = 0; i < K; i++)
	{
		(void) zdb_poly_decode(&u, U_BITS, cipher + i * U_BYTES);
		zdb_poly_ntt(&u);
		zdb_poly_add_product(&product, &s->of[i], &u);
	}
	zdb_poly_ntt_inverse(&product);
	(void) zdb_poly_decode(&v, V_BITS, cipher + K * U_BYTES);
	zdb_poly_subtract(&v, &product);
	zdb_poly_encode(&v, 1, message);
	zdb_age_wipe(&v, sizeof v);
	zdb_age_wipe(&product, sizeof product);
}

/* The shared secret and the randomness of a message. */
static zdb_rc
derive(const uint8_t message[32], const uint8_t public_hash[32],
	   uint8_t both[64], zdb_err *err)
{
	const zdb_piece pieces[] = {{message, 32}, {public_hash, 32}};

	return zdb_keccak_hash(ZDB_SHA3_512, pieces, 2, both, 64, err);
}

zdb_rc
zdb_mlkem_public(const uint8_t seed[ZDB_MLKEM_SEED_BYTES],
				 uint8_t out[ZDB_MLKEM_PUBLIC_BYTES], zdb_err *err)
{
	secret key;

	if (expand(seed, &key, err) == ZDB_OK)
		memcpy(out, key.public_key, ZDB_MLKEM_PUBLIC_BYTES);
	zdb_age_wipe(&key, sizeof key);
	return err->code;
}

bool
zdb_mlkem_is_public(const uint8_t key[ZDB_MLKEM_PUBLIC_BYTES])
{
	vector t;

	return decode_public(key, &t);
}

zdb_rc
zdb_mlkem_encapsulate(const uint8_t key[ZDB_MLKEM_PUBLIC_BYTES],
					  const uint8_t message[ZDB_MLKEM_SHARED_BYTES],
					  uint8_t cipher[ZDB_MLKEM_CIPHER_BYTES],
					  uint8_t shared[ZDB_MLKEM_SHARED_BYTES], zdb_err *err)
{
	const zdb_piece whole = {key, ZDB_MLKEM_PUBLIC_BYTES};
	uint8_t public_hash[32], both[64];

	if (zdb_keccak_hash(ZDB_SHA3_256, &whole, 1, public_hash,
						sizeof public_hash, err) == ZDB_OK &&
		derive(message, public_hash, both, err) == ZDB_OK &&
		encrypt(key, message, both + 32, cipher, err) == ZDB_OK)
		memcpy(shared, both, ZDB_MLKEM_SHARED_BYTES);
	zdb_age_wipe(both, sizeof both);
	return err->code;
}

/* Take a where the texts are equal, else b; nobody can tell which by time. */
static void
choose(const uint8_t *one, const uint8_t *other, const uint8_t a[32],
	   const uint8_t b[32], uint8_t out[32])
{
	uint32_t differ = 0;
	uint8_t mask;

	for (int i = 0; i < ZDB_MLKEM_CIPHER_BYTES; i++)
		differ |= (uint32_t) (one[i] ^ other[i]);
	mask = (uint8_t) ((differ - 1) >> 8); /* all ones where they are equal */
	for (int i = 0; i < 32; i++)
		out[i] = (uint8_t) ((a[i] & mask) | (b[i] & ~mask));
}

/* Algorithm 18. */
zdb_rc
zdb_mlkem_decapsulate(const uint8_t seed[ZDB_MLKEM_SEED_BYTES],
					  const uint8_t cipher[ZDB_MLKEM_CIPHER_BYTES],
					  uint8_t shared[ZDB_MLKEM_SHARED_BYTES], zdb_err *err)
{
	const zdb_piece refused[] = {{seed + 32, 32},
								 {cipher, ZDB_MLKEM_CIPHER_BYTES}};
	uint8_t again[ZDB_MLKEM_CIPHER_BYTES];
	uint8_t message[32], both[64], instead[32];
	secret key;

	if (expand(seed, &key, err))
		goto done;
	decrypt(&key.s, cipher, message);
	if (derive(message, key.public_hash, both, err) == ZDB_OK &&
		zdb_keccak_hash(ZDB_SHAKE256, refused, 2, instead, sizeof instead,
						err) == ZDB_OK &&
		encrypt(key.public_key, message, both + 32, again, err) == ZDB_OK)
		choose(cipher, again, both, instead, shared);

done:
	zdb_age_wipe(&key, sizeof key);
	zdb_age_wipe(message, sizeof message);
	zdb_age_wipe(both, sizeof both);
	zdb_age_wipe(instead, sizeof instead);
	return err->code;
}
