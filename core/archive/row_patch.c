/*
 * row_patch - the rows of a chunk that changed
 */
#include "core/archive/row_patch.h"

#include <string.h>

#include "core/base/bytes.h"

#define MAP_LENGTH_BYTES 4

static const char header_end[] = " FROM stdin;\n";
static const char rows_end[] = "\\.\n";

/* Some bytes, read from the beginning. */
typedef struct run
{
	const uint8_t *bytes;
	uint32_t len;
	uint32_t at;
} run;

/* The parts of a patch. */
typedef struct parts
{
	run map;
	run kept;
	run text;
} parts;

static uint32_t
left(const run *self)
{
	return self->len - self->at;
}

/* The next block; beyond the end there are no rows. */
static bool
next_block(run *map, zdb_row_slots *slots)
{
	return zdb_row_map_next(map->bytes, map->len, &map->at, slots);
}

/* The next line with its newline; NULL when there is none. */
static const uint8_t *
next_line(run *text, uint32_t *len)
{
	const uint8_t *line = text->bytes + text->at;
	const uint8_t *newline =
		left(text) ? memchr(line, '\n', left(text)) : NULL;

	if (!newline)
		return NULL;
	*len = (uint32_t) (newline - line) + 1;
	text->at += *len;
	return line;
}

static uint32_t
count_lines(const uint8_t *bytes, uint32_t len)
{
	uint32_t lines = 0;

	for (uint32_t i = 0; i < len; i++)
		lines += bytes[i] == '\n';
	return lines;
}

/* Pass a whole map; *blocks and *rows of it. */
static bool
pass_map(run *map, uint32_t *blocks, uint64_t *rows)
{
	zdb_row_slots slots;

	for (*blocks = 0, *rows = 0; next_block(map, &slots); ++*blocks)
		*rows += zdb_row_slots_rows(&slots);
	return left(map) == 0;
}

/* A block's rows that are kept are rows it has now. */
static bool
is_within(const zdb_row_slots *kept, const zdb_row_slots *now)
{
	uint32_t bytes = (kept->count + 7) / 8;

	for (uint32_t i = 0; i < bytes; i++)
		if (kept->bits[i] & ~now->bits[i])
			return false;
	return true;
}

/* Find the parts of a patch, of which only the maps are looked at. */
static bool
take_apart(const uint8_t *patch, uint32_t len, parts *out)
{
	run map, kept;
	zdb_row_slots now, slots;

	if (len < MAP_LENGTH_BYTES || zdb_get32(patch) > len - MAP_LENGTH_BYTES)
		return false;
	map = (run){.bytes = patch + MAP_LENGTH_BYTES, .len = zdb_get32(patch)};
	kept = (run){.bytes = map.bytes + map.len,
				 .len = len - MAP_LENGTH_BYTES - map.len};
	while (next_block(&map, &now))
		if (!next_block(&kept, &slots) || !is_within(&slots, &now))
			return false;
	if (left(&map) > 0)
		return false;
	*out =
		(parts){.map = {.bytes = map.bytes, .len = map.len},
				.kept = {.bytes = kept.bytes, .len = kept.at},
				.text = {.bytes = kept.bytes + kept.at, .len = left(&kept)}};
	return true;
}

/* As many lines as there are rows that are not kept, and nothing else. */
static bool
text_fits(const parts *patch)
{
	run map = patch->map, kept = patch->kept;
	const run *text = &patch->text;
	uint32_t blocks;
	uint64_t rows, rows_kept;

	return pass_map(&map, &blocks, &rows) &&
		   pass_map(&kept, &blocks, &rows_kept) &&
		   count_lines(text->bytes, text->len) == rows - rows_kept &&
		   (text->len == 0 || text->bytes[text->len - 1] == '\n');
}

zdb_rc
zdb_row_patch_make(const zdb_buf *map, const zdb_buf *kept, const void *text,
				   uint32_t text_bytes, zdb_buf *patch, zdb_err *err)
{
	uint8_t map_bytes[MAP_LENGTH_BYTES];
	parts made;

	patch->len = 0;
	zdb_put32(map_bytes, (uint32_t) map->len);
	if (zdb_buf_append(patch, map_bytes, sizeof map_bytes, err) ||
		zdb_buf_append(patch, map->data, map->len, err) ||
		zdb_buf_append(patch, kept->data, kept->len, err) ||
		zdb_buf_append(patch, text, text_bytes, err))
		return err->code;
	if (patch->len > UINT32_MAX ||
		!take_apart(patch->data, (uint32_t) patch->len, &made) ||
		made.kept.len != kept->len || !text_fits(&made))
		zdb_err_set(err, ZDB_INTERNAL, "a patch of rows contradicts itself");
	return err->code;
}

uint32_t
zdb_row_patch_text(const uint8_t *patch, uint32_t len)
{
	parts found;

	return take_apart(patch, len, &found) ? found.text.len : UINT32_MAX;
}

uint32_t
zdb_row_patch_rows(const uint8_t *patch, uint32_t len)
{
	parts found;

	return take_apart(patch, len, &found)
			   ? count_lines(found.text.bytes, found.text.len)
			   : 0;
}

uint32_t
zdb_row_patch_trim(const uint8_t *raw, uint32_t len)
{
	uint32_t text = len;

	while (text > 0 && raw[text - 1] == '\n')
		text--;
	if (text == len || text < 2 || memcmp(raw + text - 2, "\\.", 2) != 0 ||
		(text > 2 && raw[text - 3] != '\n'))
		return len;
	return text + 1;
}

/* Cut a chunk in two: its header, and its rows, of which there are so many.
 * The header may have several lines, so what counts is the end. */
static bool
cut_header(const uint8_t *raw, uint32_t len, uint64_t rows, run *header,
		   run *lines)
{
	uint32_t end = zdb_row_patch_trim(raw, len) - (sizeof rows_end - 1);
	uint32_t tail = sizeof header_end - 1, all, bytes;

	/* what is no chunk of rows has no header either */
	if (len < sizeof rows_end - 1)
		return false;
	all = count_lines(raw, end);
	if (rows > all)
		return false;
	*header = (run){.bytes = raw, .len = end};
	for (uint64_t i = all - rows; i > 0; i--)
		next_line(header, &bytes);
	*lines = (run){.bytes = raw + header->at, .len = end - header->at};
	header->len = header->at;
	return header->len >= tail &&
		   memcmp(raw + header->len - tail, header_end, tail) == 0 &&
		   memcmp(raw + end, rows_end, sizeof rows_end - 1) == 0 &&
		   (lines->len == 0 || lines->bytes[lines->len - 1] == '\n');
}

/* Append the rows that a block has now: lines of the chunk before, if they are
 * kept, else of the text. There are as many of both as the maps say. */
static bool
put_block(const zdb_row_slots *now, const zdb_row_slots *kept,
		  const zdb_row_slots *before, run *lines, run *text, uint8_t **to)
{
	uint32_t last = now->count > before->count ? now->count : before->count;

	for (uint32_t i = 1; i <= last; i++)
	{
		bool keep = zdb_row_slots_has(kept, i);
		const uint8_t *line = NULL;
		uint32_t len;

		if (zdb_row_slots_has(before, i))
			line = next_line(lines, &len);
		else if (keep)
			return false;
		if (!keep && zdb_row_slots_has(now, i))
			line = next_line(text, &len);
		else if (!keep)
			continue;
		if (!line)
			return false;
		memcpy(*to, line, len);
		*to += len;
	}
	return true;
}

static bool
put_rows(parts *patch, run before, run *lines, uint8_t **to)
{
	zdb_row_slots now, kept, was;

	while (next_block(&patch->map, &now))
	{
		next_block(&patch->kept, &kept);
		next_block(&before, &was);
		if (!put_block(&now, &kept, &was, lines, &patch->text, to))
			return false;
	}
	return true;
}

static zdb_rc
does_not_fit(zdb_err *err)
{
	return zdb_err_set(err, ZDB_DAMAGED,
					   "its rows are not those that its patch is for");
}

/* Write the new chunk into scratch, of which no line is written twice: so it
 * has room for all. */
static zdb_rc
put_chunk(parts *patch, uint32_t raw_bytes, const zdb_buf *raw,
		  const zdb_buf *map, zdb_buf *scratch, zdb_err *err)
{
	run before = {.bytes = map->data, .len = (uint32_t) map->len};
	run counted = before, header, lines;
	uint32_t blocks;
	uint64_t rows;
	uint8_t *to;

	if (!pass_map(&counted, &blocks, &rows) ||
		!cut_header(raw->data, (uint32_t) raw->len, rows, &header, &lines))
		return does_not_fit(err);
	scratch->len = 0;
	if (zdb_buf_reserve(scratch, raw_bytes, err))
		return err->code;
	to = scratch->data;
	memcpy(to, header.bytes, header.len);
	to += header.len;
	if (!put_rows(patch, before, &lines, &to))
		return does_not_fit(err);
	memcpy(to, rows_end, sizeof rows_end - 1);
	to += sizeof rows_end - 1;
	memset(to, '\n', raw_bytes - (size_t) (to - scratch->data));
	scratch->len = raw_bytes;
	return ZDB_OK;
}

zdb_rc
zdb_row_patch_apply(const uint8_t *patch, uint32_t len, uint32_t raw_bytes,
					zdb_buf *raw, zdb_buf *map, zdb_buf *scratch, zdb_err *err)
{
	parts found;
	zdb_buf before;

	if (!take_apart(patch, len, &found) || !text_fits(&found))
		return zdb_err_set(err, ZDB_DAMAGED, "its patch is not well formed");
	if (raw->len + found.text.len != raw_bytes)
		return zdb_err_set(err, ZDB_DAMAGED,
						   "its patch makes another length of it");
	if (put_chunk(&found, raw_bytes, raw, map, scratch, err))
		return err->code;
	before = *raw;
	*raw = *scratch;
	*scratch = before;
	map->len = 0;
	return zdb_buf_append(map, patch + MAP_LENGTH_BYTES, zdb_get32(patch),
						  err);
}
