/*
 * test_row_patch - a chunk of rows becomes what a patch makes of it; what does
 * not fit is refused
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/mem.h"
#include "test/core/row_test.h"
#include "test/core/test.h"

#define STEPS 60

static void
test_maps(void)
{
	zdb_row_slots blocks[4] = {0}, back;
	zdb_buf map = {0};
	zdb_err err = {0};
	uint32_t at = 0;
	bool same = true;

	for (uint32_t i = 1; i <= 9; i++)
		zdb_row_slots_set(&blocks[1], i);
	zdb_row_slots_set(&blocks[2], ZDB_ROW_SLOTS_MAX);
	zdb_row_slots_set(&blocks[2], 1);
	zdb_row_slots_set(&blocks[3], 3);
	for (int i = 0; i < 4; i++)
		zdb_row_map_add(&map, &blocks[i], &err);
	test_ok(!err.code && map.len == 2 + 2 + 2 + 512 + 3,
			"no row and all rows take two bytes: %zu", map.len);
	for (int i = 0; i < 4; i++)
		same = same &&
			   zdb_row_map_next(map.data, (uint32_t) map.len, &at, &back) &&
			   memcmp(&back, &blocks[i], sizeof back) == 0;
	test_ok(same && at == map.len &&
				!zdb_row_map_next(map.data, (uint32_t) map.len, &at, &back),
			"a map comes back block by block, and ends");
	test_ok(zdb_row_slots_rows(&blocks[1]) == 9 &&
				zdb_row_slots_rows(&blocks[2]) == 2 &&
				zdb_row_slots_has(&blocks[3], 3) &&
				!zdb_row_slots_has(&blocks[3], 2) &&
				!zdb_row_slots_has(&blocks[3], 4) &&
				!zdb_row_slots_has(&blocks[3], ZDB_ROW_SLOTS_MAX),
			"slots are counted and found");
	zdb_buf_clear(&map);
}

static void
test_wrong_maps(void)
{
	static const struct
	{
		uint8_t bytes[4];
		uint32_t len;
		const char *what;
	} wrong[] = {
		{{5}, 1, "half a number"},
		{{5, 0}, 2, "no bits"},
		{{9, 0, 0xff}, 3, "bits of eight of nine"},
		{{5, 0, 0x0f}, 3, "no row in the last slot"},
		{{5, 0, 0x3f}, 3, "a row behind the last slot"},
		{{0, 0x80}, 2, "all of no rows"},
		{{0, 0x10}, 2, "4096 slots"},
		{{0, 0x90}, 2, "all of 4096 slots"},
	};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
	{
		zdb_row_slots slots;
		uint32_t at = 0;

		test_ok(!zdb_row_map_next(wrong[i].bytes, wrong[i].len, &at, &slots) &&
					at == 0 && slots.count == 0,
				"no map: %s", wrong[i].what);
	}
}

/* A chunk, what becomes of it, and what it needs for that. */
typedef struct state
{
	zdb_buf raw, map, scratch, patch;
} state;

static void
clear(state *self)
{
	zdb_buf_clear(&self->raw);
	zdb_buf_clear(&self->map);
	zdb_buf_clear(&self->scratch);
	zdb_buf_clear(&self->patch);
}

/* Apply the patch to the chunk, with a length that may be wrong. */
static zdb_rc
apply(state *self, uint32_t raw_bytes, zdb_err *err)
{
	return zdb_row_patch_apply(self->patch.data, (uint32_t) self->patch.len,
							   raw_bytes, &self->raw, &self->map,
							   &self->scratch, err);
}

static uint32_t
new_length(const state *self)
{
	return (uint32_t) self->raw.len +
		   zdb_row_patch_text(self->patch.data, (uint32_t) self->patch.len);
}

static bool
map_is(const rows *table, const zdb_buf *map)
{
	zdb_buf raw = {0}, expected = {0};
	zdb_err err = {0};
	bool same;

	rows_chunk(table, &raw, &expected, &err);
	same = map->len == expected.len &&
		   (map->len == 0 || memcmp(map->data, expected.data, map->len) == 0);
	zdb_buf_clear(&raw);
	zdb_buf_clear(&expected);
	return same;
}

/* One patch upon the other; tables grow, shrink, and lose all their rows. */
static void
test_steps(void)
{
	rows before, after;
	state self = {0};
	zdb_err err = {0};
	int right = 0, empty = 0;

	rows_make(&before, 3);
	rows_chunk(&before, &self.raw, &self.map, &err);
	for (unsigned int i = 0; i < STEPS; i++)
	{
		uint32_t len;

		after = before;
		rows_change(&after, i);
		rows_patch(&before, &after, &self.patch, &err);
		len = new_length(&self);
		right += apply(&self, len, &err) == ZDB_OK && self.raw.len == len &&
				 rows_are(&after, self.raw.data, len) &&
				 map_is(&after, &self.map) &&
				 rows_are(&after, self.raw.data,
						  zdb_row_patch_trim(self.raw.data, len));
		empty += after.blocks == 0;
		before = after;
	}
	test_ok(right == STEPS, "%d of %d patches make what they should: %s",
			right, STEPS, err.msg);
	test_ok(empty > 0 && empty < STEPS / 2, "%d of them of nothing", empty);
	clear(&self);
}

/* All rows go, and the empty lines of a table of one column stay rows. */
static void
test_trim(void)
{
	static const struct
	{
		const char *raw;
		size_t len;
	} texts[] = {
		{"COPY t FROM stdin;\n\n\n\\.\n", 24},
		{"COPY t FROM stdin;\n\n\n\\.\n\n\n", 24},
		{"COPY t FROM stdin;\n\\\\.\n\\.\n\n", 26},
		{"\\.\n\n\n", 3},
		{"SELECT 1;\n\n\n", 12},
		{"COPY t FROM stdin;\nx\\.\n\n", 24},
		{"\\.", 2},
		{"", 0},
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		test_ok(zdb_row_patch_trim((const uint8_t *) texts[i].raw,
								   (uint32_t) strlen(texts[i].raw)) ==
					texts[i].len,
				"text %zu without the empty lines behind it", i);
}

/* A sound patch of one block: rows 1 to 3 were, 2 is kept, 4 is new. */
static void
make_small(state *self, zdb_err *err)
{
	static const char raw[] = "COPY t FROM stdin;\na\nb\nc\n\\.\n\n";
	zdb_row_slots was = {0}, now = {0}, kept = {0};
	zdb_buf map = {0}, same = {0};

	for (uint32_t i = 1; i <= 3; i++)
		zdb_row_slots_set(&was, i);
	zdb_row_slots_set(&now, 2);
	zdb_row_slots_set(&now, 4);
	zdb_row_slots_set(&kept, 2);
	self->raw.len = self->map.len = 0;
	zdb_buf_append(&self->raw, raw, sizeof raw - 1, err);
	zdb_row_map_add(&self->map, &was, err);
	zdb_row_map_add(&map, &now, err);
	zdb_row_map_add(&same, &kept, err);
	zdb_row_patch_make(&map, &same, "d\n", 2, &self->patch, err);
	zdb_buf_clear(&map);
	zdb_buf_clear(&same);
}

static void
test_bytes(void)
{
	static const char expected[] = "COPY t FROM stdin;\nb\nd\n\\.\n\n\n\n\n\n";
	/* length; 4 slots: 2 and 4; 2 slots: 2; the row */
	static const uint8_t bytes[] = {3,    0, 0, 0, 4,   0,
									0x0a, 2, 0, 2, 'd', '\n'};
	state self = {0};
	zdb_err err = {0};

	make_small(&self, &err);
	test_ok(self.patch.len == sizeof bytes &&
				memcmp(self.patch.data, bytes, sizeof bytes) == 0 &&
				zdb_row_patch_text(bytes, sizeof bytes) == 2 &&
				zdb_row_patch_rows(bytes, sizeof bytes) == 1,
			"a patch has these bytes");
	apply(&self, (uint32_t) self.raw.len + 2, &err);
	test_ok(!err.code && self.raw.len == sizeof expected - 1 &&
				memcmp(self.raw.data, expected, sizeof expected - 1) == 0,
			"and makes this: %s", err.msg);
	clear(&self);
}

/* The small chunk, changed; each is no longer what the patch is for. */
static void
test_other_chunks(void)
{
	static const char *const chunks[] = {
		"COPY t FROM stdin;\na\nb\n\\.\n\n\n\n",
		"COPY t FROM stdin;\na\nb\nc\nd\n\\.\n",
		"COPY t FROM stdin;\na\nb\nc\n\\. \n",
		"COPY t FROM stdin;\na\nb\nc\n..\n\n",
		"COPY t FROM stdin \na\nb\nc\n\\.\n\n",
		"COPY t FROM stdin;\na\nb\nc\n\\.\nx",
		"a\nb\nc\n\\.\n",
		"\\.\n",
		"\n\n",
		"\n",
	};

	for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++)
	{
		state self = {0};
		zdb_err err = {0};

		make_small(&self, &err);
		self.raw.len = 0;
		zdb_buf_append(&self.raw, chunks[i], strlen(chunks[i]), &err);
		apply(&self, (uint32_t) self.raw.len + 2, &err);
		test_err(&err, ZDB_DAMAGED, "not those that its patch is for");
		clear(&self);
	}
}

/* The chunk's map: other rows than the patch keeps, or no map. */
static void
test_other_maps(void)
{
	static const uint8_t maps[][3] = {{4, 0, 0x0d}, {3, 0, 0x07}, {0}, {9}};
	static const uint32_t lens[] = {3, 2, 2, 1};

	for (size_t i = 0; i < 4; i++)
	{
		state self = {0};
		zdb_err err = {0};

		make_small(&self, &err);
		self.map.len = 0;
		zdb_buf_append(&self.map, maps[i], lens[i], &err);
		apply(&self, (uint32_t) self.raw.len + 2, &err);
		test_err(&err, ZDB_DAMAGED, "not those that its patch is for");
		clear(&self);
	}
}

/* The patch's bytes, changed one by one, and cut. */
static void
test_other_patches(void)
{
	state self = {0};
	zdb_err err = {0};
	int changed = 0, cut = 0;

	make_small(&self, &err);
	for (size_t len = 0; len < 12; len++)
	{
		make_small(&self, &err);
		self.patch.len = len;
		cut += apply(&self, (uint32_t) self.raw.len + 2, &err) == ZDB_DAMAGED;
		zdb_err_clear(&err);
	}
	test_ok(cut == 12, "a patch that was cut is refused: %d of 12", cut);
	for (size_t i = 0; i < 10; i++)
		for (int bit = 0; bit < 8; bit++)
		{
			make_small(&self, &err);
			self.patch.data[i] ^= (uint8_t) (1 << bit);
			changed +=
				apply(&self, (uint32_t) self.raw.len + 2, &err) == ZDB_DAMAGED;
			zdb_err_clear(&err);
		}
	test_ok(changed == 80, "a changed map is refused: %d of 80", changed);
	make_small(&self, &err);
	self.patch.data[11] = 'e';
	apply(&self, (uint32_t) self.raw.len + 2, &err);
	test_err(&err, ZDB_DAMAGED, "not well formed");
	zdb_err_clear(&err);
	make_small(&self, &err);
	self.patch.data[10] = '\n';
	apply(&self, (uint32_t) self.raw.len + 2, &err);
	test_err(&err, ZDB_DAMAGED, "not well formed");
	zdb_err_clear(&err);
	for (int by = 1; by <= 3; by += 2)
	{
		make_small(&self, &err);
		apply(&self, (uint32_t) self.raw.len + (uint32_t) by, &err);
		test_err(&err, ZDB_DAMAGED, "another length");
		zdb_err_clear(&err);
	}
	clear(&self);
}

/* What could not be applied later is not made. */
static void
test_refused(void)
{
	static const uint8_t row_2[] = {2, 0, 2}, row_1[] = {1, 0x80};
	static const uint8_t twice[] = {2, 0, 2, 0, 0};
	static const struct
	{
		const uint8_t *map, *kept;
		size_t map_bytes, kept_bytes;
		const char *text;
	} wrong[] = {
		{row_2, row_1, 3, 2, ""},    {row_2, twice, 3, 5, ""},
		{twice, row_2, 5, 3, ""},    {row_2, row_2, 2, 3, ""},
		{row_2, row_2, 3, 3, "a\n"}, {row_2, NULL, 3, 0, "a\n"},
		{NULL, row_2, 0, 3, ""},
	};
	zdb_buf patch = {0};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
	{
		zdb_buf map = {(uint8_t *) wrong[i].map, wrong[i].map_bytes, 0};
		zdb_buf kept = {(uint8_t *) wrong[i].kept, wrong[i].kept_bytes, 0};
		zdb_err err = {0};

		zdb_row_patch_make(&map, &kept, wrong[i].text,
						   (uint32_t) strlen(wrong[i].text), &patch, &err);
		test_err(&err, ZDB_INTERNAL, "contradicts itself");
	}
	zdb_buf_clear(&patch);
}

static zdb_rc
make_and_apply(void *arg, zdb_err *err)
{
	state self = {0};

	(void) arg;
	make_small(&self, err);
	if (!err->code)
		apply(&self, (uint32_t) self.raw.len + 2, err);
	clear(&self);
	return err->code;
}

int
main(void)
{
	test_maps();
	test_wrong_maps();
	test_bytes();
	test_steps();
	test_trim();
	test_other_chunks();
	test_other_maps();
	test_other_patches();
	test_refused();
	test_break_each("a patch of rows", make_and_apply, NULL);
	return test_done();
}
