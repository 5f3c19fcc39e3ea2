/*
 * value_numeric - numeric from its stored form
 *
 * The layout is that of PostgreSQL's src/backend/utils/adt/numeric.c, on disk
 * and therefore fixed: a 16-bit header, in its long form followed by a 16-bit
 * weight, then digits in base 10,000. NaN and infinities go through the
 * output function.
 */
#include "pg_ext/value_text.h"

#include "utils/numeric.h"

#define SIGN_MASK 0xC000
#define NEGATIVE 0x4000
#define SHORT 0x8000
#define SPECIAL 0xC000
#define LONG_DSCALE_MASK 0x3FFF
#define SHORT_NEGATIVE 0x2000
#define SHORT_DSCALE_MASK 0x1F80
#define SHORT_DSCALE_SHIFT 7
#define SHORT_WEIGHT_SIGN 0x0040
#define SHORT_WEIGHT_MASK 0x003F
#define DIGIT_WIDTH 4

typedef struct parts
{
	bool negative;
	int weight; /* of the first digit, in digits */
	int dscale; /* decimal digits after the point */
	int ndigits;
	const char *digits; /* not aligned */
} parts;

/* Returns false for what is no number. */
static bool
take_apart(const char *data, size_t len, parts *into)
{
	uint16 header;
	size_t header_bytes = sizeof header;

	memcpy(&header, data, sizeof header);
	if ((header & SIGN_MASK) == SPECIAL)
		return false;
	if ((header & SIGN_MASK) == SHORT)
	{
		into->negative = (header & SHORT_NEGATIVE) != 0;
		into->dscale = (header & SHORT_DSCALE_MASK) >> SHORT_DSCALE_SHIFT;
		into->weight = header & SHORT_WEIGHT_MASK;
		if (header & SHORT_WEIGHT_SIGN)
			into->weight |= ~SHORT_WEIGHT_MASK;
	}
	else
	{
		int16 weight;

		memcpy(&weight, data + sizeof header, sizeof weight);
		header_bytes += sizeof weight;
		into->negative = (header & SIGN_MASK) == NEGATIVE;
		into->dscale = header & LONG_DSCALE_MASK;
		into->weight = weight;
	}
	into->digits = data + header_bytes;
	into->ndigits = (int) ((len - header_bytes) / sizeof(int16));
	return true;
}

static inline int
digit_at(const parts *number, int i)
{
	int16 digit;

	if (i < 0 || i >= number->ndigits)
		return 0;
	memcpy(&digit, number->digits + (size_t) i * sizeof digit, sizeof digit);
	return digit;
}

/* "00" to "99". */
static const char pairs[] = "0001020304050607080910111213141516171819"
							"2021222324252627282930313233343536373839"
							"4041424344454647484950515253545556575859"
							"6061626364656667686970717273747576777879"
							"8081828384858687888990919293949596979899";

static inline char *
put_four(char *to, int digit)
{
	memcpy(to, &pairs[2 * (digit / 100)], 2);
	memcpy(to + 2, &pairs[2 * (digit % 100)], 2);
	return to + DIGIT_WIDTH;
}

/* The digits before the point, without leading zeros. */
static char *
put_whole(char *to, const parts *number)
{
	int digit = digit_at(number, 0);
	char first[DIGIT_WIDTH];
	int skip = digit < 10 ? 3 : digit < 100 ? 2 : digit < 1000 ? 1 : 0;

	if (number->weight < 0)
	{
		*to = '0';
		return to + 1;
	}
	put_four(first, digit);
	memcpy(to, first + skip, sizeof first - (size_t) skip);
	to += sizeof first - (size_t) skip;
	for (int i = 1; i <= number->weight; i++)
		to = put_four(to, digit_at(number, i));
	return to;
}

void
zdbpg_write_numeric(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
	parts number;
	char *to;

	if (!take_apart(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed), &number))
	{
		zdbpg_write_any(column, out, value);
		return;
	}
	zdbpg_out_reserve(out, (size_t) (Max(number.weight, 0) + 2) * DIGIT_WIDTH +
							   (size_t) number.dscale + 2 * DIGIT_WIDTH);
	to = out->data + out->len;
	if (number.negative)
		*to++ = '-';
	to = put_whole(to, &number);
	if (number.dscale > 0)
	{
		char *point = to;

		*to++ = '.';
		for (int i = number.weight + 1; to - point <= number.dscale; i++)
			to = put_four(to, digit_at(&number, i));
		to = point + 1 + number.dscale;
	}
	out->len = (size_t) (to - out->data);
}
