/*
 * ladder - which type holds all the values of a column
 */
#include "core/lite/values.h"

/* Integers that a double holds. */
#define DOUBLE_EXACT (INT64_C(1) << 53)

/* What a column is tried as, best first. Then text, then bytes. */
static const struct
{
	zdb_lite_type declared;
	zdb_lite_type rungs[6];
} ladders[] = {
	{ZDB_LITE_BOOLEAN,
	 {ZDB_LITE_BOOLEAN, ZDB_LITE_BIGINT, ZDB_LITE_DOUBLE, ZDB_LITE_NUMERIC}},
	{ZDB_LITE_BIGINT, {ZDB_LITE_BIGINT, ZDB_LITE_DOUBLE, ZDB_LITE_NUMERIC}},
	{ZDB_LITE_DOUBLE, {ZDB_LITE_DOUBLE, ZDB_LITE_NUMERIC}},
	{ZDB_LITE_NUMERIC, {ZDB_LITE_NUMERIC, ZDB_LITE_DOUBLE}},
	{ZDB_LITE_TEXT, {ZDB_LITE_TEXT}},
	{ZDB_LITE_VARCHAR, {ZDB_LITE_VARCHAR, ZDB_LITE_TEXT}},
	{ZDB_LITE_BYTEA, {ZDB_LITE_BYTEA}},
	{ZDB_LITE_DATE,
	 {ZDB_LITE_DATE, ZDB_LITE_TIMESTAMP, ZDB_LITE_TIMESTAMPTZ, ZDB_LITE_BIGINT,
	  ZDB_LITE_DOUBLE, ZDB_LITE_NUMERIC}},
	{ZDB_LITE_TIME,
	 {ZDB_LITE_TIME, ZDB_LITE_BIGINT, ZDB_LITE_DOUBLE, ZDB_LITE_NUMERIC}},
	{ZDB_LITE_TIMESTAMP,
	 {ZDB_LITE_TIMESTAMP, ZDB_LITE_TIMESTAMPTZ, ZDB_LITE_BIGINT,
	  ZDB_LITE_DOUBLE, ZDB_LITE_NUMERIC}},
	{ZDB_LITE_TIMESTAMPTZ,
	 {ZDB_LITE_TIMESTAMPTZ, ZDB_LITE_BIGINT, ZDB_LITE_DOUBLE,
	  ZDB_LITE_NUMERIC}},
	{ZDB_LITE_JSON, {ZDB_LITE_JSON}},
	{ZDB_LITE_JSONB, {ZDB_LITE_JSONB, ZDB_LITE_JSON}},
};

static bool
is_misfit(const zdb_lite_values *values, zdb_lite_type type)
{
	return values->misfits & (1U << type);
}

/* Numbers that read like 202509010413 or 20250901041320, all of them. */
static bool
are_digits_of_dates(const zdb_lite_values *values)
{
	static const int64_t units[] = {INT64_C(100000000), INT64_C(10000000000)};

	for (int i = 0; values->integers > 0 && i < 2; i++)
		if (values->smallest >= 1900 * units[i] &&
			values->largest < 2200 * units[i])
			return true;
	return false;
}

static bool
are_times(const zdb_lite_values *values, zdb_lite_type type)
{
	return values->blobs == 0 && !is_misfit(values, type) &&
		   !(values->milliseconds && values->seconds) &&
		   !are_digits_of_dates(values);
}

static bool
are_text(const zdb_lite_values *values)
{
	return !values->binary;
}

static bool
are_numbers(const zdb_lite_values *values)
{
	return values->texts == 0 && values->blobs == 0;
}

static bool
is_empty(const zdb_lite_values *values)
{
	return values->integers + values->reals == 0 && are_numbers(values);
}

/* With that many digits before and behind the point? */
static bool
have_digits(const zdb_lite_values *values)
{
	const zdb_lite_declared *declared = &values->declared;

	return declared->length == 0 ||
		   (values->scale <= declared->scale &&
			values->digits <= declared->length - declared->scale);
}

static bool
fit(const zdb_lite_values *values, zdb_lite_type type)
{
	switch (type)
	{
		case ZDB_LITE_ANY:
			return false;
		case ZDB_LITE_BOOLEAN:
			return values->reals == 0 && values->blobs == 0 &&
				   !is_misfit(values, type) && values->smallest >= 0 &&
				   values->largest <= 1;
		case ZDB_LITE_BIGINT:
			return are_numbers(values) && !values->fractions;
		case ZDB_LITE_DOUBLE:
			return are_numbers(values) && values->smallest >= -DOUBLE_EXACT &&
				   values->largest <= DOUBLE_EXACT;
		case ZDB_LITE_NUMERIC:
			return values->blobs == 0 && !is_misfit(values, type);
		case ZDB_LITE_TEXT:
			return are_text(values);
		case ZDB_LITE_VARCHAR:
			return are_text(values) &&
				   values->characters <= values->declared.length;
		case ZDB_LITE_BYTEA:
			return values->blobs > 0 || is_empty(values);
		case ZDB_LITE_DATE:
			return are_times(values, type) && !values->zoned;
		case ZDB_LITE_TIME:
			return values->integers == 0 && values->reals == 0 &&
				   values->blobs == 0 && !is_misfit(values, type);
		case ZDB_LITE_TIMESTAMP:
			return are_times(values, type) && !values->zoned;
		case ZDB_LITE_TIMESTAMPTZ:
			return are_times(values, ZDB_LITE_TIMESTAMP);
		case ZDB_LITE_JSON:
		case ZDB_LITE_JSONB:
			return values->blobs == 0 && !is_misfit(values, type);
	}
	return false;
}

/* Nothing says what it is but the values. */
static zdb_lite_type
type_of_values(const zdb_lite_values *values)
{
	if (values->texts + values->blobs == 0 && values->integers > 0 &&
		values->reals == 0)
		return ZDB_LITE_BIGINT;
	if (values->texts + values->blobs == 0 && values->reals > 0)
		return fit(values, ZDB_LITE_DOUBLE) ? ZDB_LITE_DOUBLE
											: ZDB_LITE_NUMERIC;
	if (values->blobs > 0 && values->texts + values->integers == 0)
		return ZDB_LITE_BYTEA;
	return are_text(values) ? ZDB_LITE_TEXT : ZDB_LITE_BYTEA;
}

static zdb_lite_type
climb(const zdb_lite_values *values)
{
	for (size_t i = 0; i < sizeof ladders / sizeof ladders[0]; i++)
		for (int k = 0; ladders[i].declared == values->declared.type &&
						k < 6 && ladders[i].rungs[k];
			 k++)
			if (fit(values, ladders[i].rungs[k]))
				return ladders[i].rungs[k];
	return type_of_values(values);
}

zdb_lite_declared
zdb_lite_choose(const zdb_lite_values *values)
{
	zdb_lite_declared chosen = {climb(values), 0, 0};

	if (chosen.type == values->declared.type &&
		(chosen.type != ZDB_LITE_NUMERIC || have_digits(values)))
		return values->declared;
	return chosen;
}

/* How many of numbers, texts and blobs there are. */
static int
kinds(const zdb_lite_values *values)
{
	return (values->integers + values->reals > 0) + (values->texts > 0) +
		   (values->blobs > 0);
}

bool
zdb_lite_is_widened(const zdb_lite_values *values, zdb_lite_declared chosen)
{
	bool text =
		chosen.type == ZDB_LITE_TEXT || chosen.type == ZDB_LITE_VARCHAR;

	if ((text || chosen.type == ZDB_LITE_BYTEA) && kinds(values) > 1)
		return true;
	if (values->declared.type == ZDB_LITE_ANY)
		return false;
	return chosen.type != values->declared.type ||
		   chosen.length != values->declared.length ||
		   (text && values->blobs > 0);
}
