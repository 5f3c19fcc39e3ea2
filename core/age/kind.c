/*
 * kind - the kinds of key pairs
 */
#include "core/age/kind.h"

#include "core/age/bech32.h"

static const zdb_age_kind *const kinds[] = {&zdb_age_x25519, &zdb_age_hybrid};

#define KINDS (sizeof kinds / sizeof kinds[0])

bool
zdb_age_recipient_read(const char *text, size_t len,
					   zdb_age_recipient *recipient)
{
	for (size_t i = 0; i < KINDS; i++)
	{
		recipient->kind = kinds[i];
		if (zdb_age_bech32_decode(text, len, kinds[i]->recipient,
								  recipient->key, kinds[i]->public_bytes))
			return kinds[i]->is_public(recipient->key);
	}
	return false;
}

bool
zdb_age_identity_read(const char *text, size_t len, zdb_age_identity *identity)
{
	for (size_t i = 0; i < KINDS; i++)
	{
		identity->kind = kinds[i];
		if (zdb_age_bech32_decode(text, len, kinds[i]->identity, identity->key,
								  sizeof identity->key))
			return true;
	}
	return false;
}

zdb_rc
zdb_age_recipient_of(const zdb_age_identity *identity,
					 zdb_age_recipient *recipient, zdb_err *err)
{
	recipient->kind = identity->kind;
	return identity->kind->public_key(identity->key, recipient->key, err);
}
