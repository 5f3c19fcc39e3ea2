/*
 * base64 - RFC 4648, section 4, as strictly as age wants it
 */
#include "core/age/base64.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
zdb_age_base64_digits(size_t len)
{
	return (len * 8 + 5) / 6;
}

void
zdb_age_base64_encode(const uint8_t *bytes, size_t len, char *out)
{
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < len; i++)
	{
		bits = bits << 8 | bytes[i];
		for (have += 8; have >= 6; have -= 6)
			*out++ = alphabet[bits >> (have - 6) & 63];
	}
	if (have)
		*out++ = alphabet[bits << (6 - have) & 63];
	*out = '\0';
}

/* The value of a digit; -1 for anything else. */
static int
value_of(char digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A';
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a' + 26;
	if (digit >= '0' && digit <= '9')
		return digit - '0' + 52;
	return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

bool
zdb_age_base64_decode(const char *text, size_t digits, uint8_t *out,
					  size_t *len)
{
	uint32_t bits = 0;
	int have = 0;

	*len = 0;
	for (size_t i = 0; i < digits; i++)
	{
		int value = value_of(text[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t) value;
		have += 6;
		if (have >= 8)
		{
			have -= 8;
			out[(*len)++] = (uint8_t) (bits >> have);
		}
	}
	/* a digit too many, or bits that no byte has */
	return have < 6 && (bits & ((1u << have) - 1)) == 0;
}

bool
zdb_age_base64_decode_padded(const char *text, size_t digits, uint8_t *out,
							 size_t *len)
{
	size_t plain = digits;

	*len = 0;
	if (digits % 4 != 0)
		return false;
	while (plain > 0 && digits - plain < 2 && text[plain - 1] == '=')
		plain--;
	return zdb_age_base64_decode(text, plain, out, len);
}
