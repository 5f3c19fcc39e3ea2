/*
 * value_text - one value as COPY writes it, fast where the type allows
 */
#include "pg_ext/value_text.h"

#include "common/shortest_dec.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/uuid.h"

static const char hex_digits[] = "0123456789abcdef";

void
zdbpg_write_any(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	char *text = OutputFunctionCall(&column->output, value);

	zdbpg_out_escaped(out, text, strlen(text));
}

static void
write_bool(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	zdbpg_out_char(out, DatumGetBool(value) ? 't' : 'f');
}

static void
write_int2(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	zdbpg_out_reserve(out, MAXINT8LEN);
	out->len += (size_t) pg_ltoa(DatumGetInt16(value), out->data + out->len);
}

static void
write_int4(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	zdbpg_out_reserve(out, MAXINT8LEN);
	out->len += (size_t) pg_ltoa(DatumGetInt32(value), out->data + out->len);
}

static void
write_int8(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	zdbpg_out_reserve(out, MAXINT8LEN + 1);
	out->len += (size_t) pg_lltoa(DatumGetInt64(value), out->data + out->len);
}

static void
write_oid(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	zdbpg_out_reserve(out, MAXINT8LEN);
	out->len +=
		(size_t) pg_ultoa_n(DatumGetObjectId(value), out->data + out->len);
}

static void
write_float4(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	zdbpg_out_reserve(out, FLOAT_SHORTEST_DECIMAL_LEN);
	out->len += (size_t) float_to_shortest_decimal_buf(DatumGetFloat4(value),
													   out->data + out->len);
}

static void
write_float8(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	zdbpg_out_reserve(out, DOUBLE_SHORTEST_DECIMAL_LEN);
	out->len += (size_t) double_to_shortest_decimal_buf(DatumGetFloat8(value),
														out->data + out->len);
}

static void
write_text(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);

	zdbpg_out_escaped(out, VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed));
}

static char *
put_hex(char *to, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
	{
		*to++ = hex_digits[bytes[i] >> 4];
		*to++ = hex_digits[bytes[i] & 15];
	}
	return to;
}

static void
write_uuid(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	static const int parts[] = {4, 2, 2, 2, 6};
	const unsigned char *bytes = DatumGetUUIDP(value)->data;
	char *to;

	zdbpg_out_reserve(out, 2 * UUID_LEN + 4);
	to = out->data + out->len;
	for (int i = 0; i < (int) lengthof(parts); bytes += parts[i++])
	{
		if (i > 0)
			*to++ = '-';
		to = put_hex(to, bytes, (size_t) parts[i]);
	}
	out->len += 2 * UUID_LEN + 4;
}

static void
write_bytea(zdbpg_column *column, zdbpg_out *out, Datum value)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
	size_t len = VARSIZE_ANY_EXHDR(packed);

	zdbpg_out_bytes(out, "\\\\x", 3);
	zdbpg_out_reserve(out, 2 * len);
	put_hex(out->data + out->len, (unsigned char *) VARDATA_ANY(packed), len);
	out->len += 2 * len;
}

void
zdbpg_column_init(zdbpg_column *column, int attnum, Oid type)
{
	static const struct
	{
		Oid function;
		void (*write)(zdbpg_column *column, zdbpg_out *out, Datum value);
	} fast[] = {
		{F_BOOLOUT, write_bool},
		{F_INT2OUT, write_int2},
		{F_INT4OUT, write_int4},
		{F_INT8OUT, write_int8},
		{F_OIDOUT, write_oid},
		{F_FLOAT4OUT, write_float4},
		{F_FLOAT8OUT, write_float8},
		{F_TEXTOUT, write_text},
		{F_VARCHAROUT, write_text},
		{F_BPCHAROUT, write_text},
		{F_JSON_OUT, write_text},
		{F_UUID_OUT, write_uuid},
		{F_BYTEAOUT, write_bytea},
		{F_JSONB_OUT, zdbpg_write_jsonb},
		{F_NUMERIC_OUT, zdbpg_write_numeric},
		{F_DATE_OUT, zdbpg_write_date},
		{F_TIMESTAMP_OUT, zdbpg_write_timestamp},
		{F_TIMESTAMPTZ_OUT, zdbpg_write_timestamptz},
	};
	Oid function;
	bool varlena;

	getTypeOutputInfo(type, &function, &varlena);
	fmgr_info(function, &column->output);
	column->attnum = attnum;
	column->write = zdbpg_write_any;
	column->day = PG_INT32_MIN;
	for (size_t i = 0; i < lengthof(fast); i++)
		if (fast[i].function == function)
			column->write = fast[i].write;
}
