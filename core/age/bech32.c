/*
 * bech32 - the text form of age's keys: BIP 173, without its length limit
 */
#include "core/age/bech32.h"

#include <ctype.h>
#include <string.h>

#define CHECKSUM_DIGITS 6

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* The checksum's state with one more digit. */
static uint32_t
step(uint32_t state, uint32_t digit)
{
	static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
										 0x3d4233dd, 0x2a1462b3};
	uint32_t top = state >> 25;

	state = (state & 0x1ffffff) << 5 ^ digit;
	for (int i = 0; i < 5; i++)
		if (top >> i & 1)
			state ^= generator[i];
	return state;
}

static uint32_t
start(const char *prefix)
{
	uint32_t state = 1;

	for (const char *c = prefix; *c; c++)
		state = step(state, (uint32_t) (unsigned char) *c >> 5);
	state = step(state, 0);
	for (const char *c = prefix; *c; c++)
		state = step(state, (unsigned char) *c & 31);
	return state;
}

/* The value of a digit in the case that the text has; -1 for others. */
static int
value_of(char digit, bool upper)
{
	const char *at;
	int lower = tolower((unsigned char) digit);

	if (!digit || (isalpha((unsigned char) digit) &&
				   upper != (isupper((unsigned char) digit) != 0)))
		return -1;
	at = strchr(alphabet, lower);
	return at ? (int) (at - alphabet) : -1;
}

static bool
begins_with(const char *text, const char *prefix, bool upper)
{
	for (; *prefix; prefix++, text++)
		if (*text != (upper ? toupper((unsigned char) *prefix) : *prefix))
			return false;
	return *text == '1';
}

bool
zdb_age_bech32_decode(const char *text, size_t len, const char *prefix,
					  uint8_t *out, size_t bytes)
{
	size_t lead = strlen(prefix) + 1;
	size_t digits = (bytes * 8 + 4) / 5;
	bool upper = len > 0 && isupper((unsigned char) *text);
	uint32_t state = start(prefix), bits = 0;
	int have = 0;

	if (len != lead + digits + CHECKSUM_DIGITS ||
		!begins_with(text, prefix, upper))
		return false;
	for (size_t i = 0; i < digits + CHECKSUM_DIGITS; i++)
	{
		int value = value_of(text[lead + i], upper);

		if (value < 0)
			return false;
		state = step(state, (uint32_t) value);
		if (i >= digits)
			continue;
		bits = bits << 5 | (uint32_t) value;
		have += 5;
		if (have >= 8)
		{
			have -= 8;
			*out++ = (uint8_t) (bits >> have);
		}
		if (i == digits - 1 && (bits & ((1u << have) - 1)) != 0)
			return false; /* bits that no byte has */
	}
	return state == 1;
}
