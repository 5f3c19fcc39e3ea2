/*
 * out - text being written: a buffer that may exceed a gigabyte
 */
#include "pg_ext/out.h"

#include "utils/memutils.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

void
zdbpg_out_init(zdbpg_out *out, size_t cap)
{
	out->context = CurrentMemoryContext;
	out->data = MemoryContextAllocHuge(out->context, cap);
	out->len = 0;
	out->cap = cap;
}

void
zdbpg_out_reset(zdbpg_out *out, size_t cap)
{
	out->len = 0;
	if (out->cap <= cap)
		return;
	pfree(out->data);
	out->data = MemoryContextAllocHuge(out->context, cap);
	out->cap = cap;
}

void
zdbpg_out_grow(zdbpg_out *out, size_t more)
{
	size_t wanted = out->len + more;

	out->cap = Max(wanted, out->cap + out->cap / 2);
	out->data = repalloc_huge(out->data, out->cap);
}

size_t
zdbpg_plain_span(const char *text, size_t len, char also)
{
	size_t i = 0;

#ifdef __SSE2__
	const __m128i control = _mm_set1_epi8(0x1f);
	const __m128i backslash = _mm_set1_epi8('\\');
	const __m128i other = _mm_set1_epi8(also);

	for (; i + 16 <= len; i += 16)
	{
		__m128i x = _mm_loadu_si128((const __m128i *) (text + i));
		__m128i odd = _mm_or_si128(
			_mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(x, control), x),
						 _mm_cmpeq_epi8(x, other)),
			_mm_cmpeq_epi8(x, backslash));
		int mask = _mm_movemask_epi8(odd);

		if (mask)
			return i + (size_t) __builtin_ctz((unsigned) mask);
	}
#endif
	while (i < len && (unsigned char) text[i] > 0x1f && text[i] != '\\' &&
		   text[i] != also)
		i++;
	return i;
}

/* The letter after the backslash, or 0: the byte stands for itself. */
static inline char
escape_letter(char c)
{
	switch (c)
	{
		case '\b':
			return 'b';
		case '\f':
			return 'f';
		case '\n':
			return 'n';
		case '\r':
			return 'r';
		case '\t':
			return 't';
		case '\v':
			return 'v';
		case '\\':
			return '\\';
		default:
			return 0;
	}
}

void
zdbpg_out_escaped(zdbpg_out *out, const char *text, size_t len)
{
	zdbpg_out_reserve(out, len);
	for (;;)
	{
		size_t span = zdbpg_plain_span(text, len, '\\');
		char letter;

		zdbpg_out_bytes(out, text, span);
		if (span == len)
			return;
		letter = escape_letter(text[span]);
		if (letter)
		{
			zdbpg_out_char(out, '\\');
			zdbpg_out_char(out, letter);
		}
		else
			zdbpg_out_char(out, text[span]);
		text += span + 1;
		len -= span + 1;
		zdbpg_out_reserve(out, len);
	}
}
