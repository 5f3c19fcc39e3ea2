# zdbackup: make, make test, make demo, make install. See README.md.
#
# Everything is built into build/. The SQLite half needs no PostgreSQL.

BUILD     ?= build
CC        ?= cc
PREFIX    ?= /usr/local
LIBDIR    ?= $(PREFIX)/lib
OPT       ?= -O2 -DNDEBUG
WARN      := -Wall -Wextra -Werror
CFLAGS    ?= $(OPT) -g
ALL_CFLAGS := -std=gnu11 -D_GNU_SOURCE $(CFLAGS) $(WARN) -fPIC -fvisibility=hidden -I.
CORE_LIBS := -lisal -ldeflate -lzstd -lcrypto -ljansson -lcurl -lpthread -lm

CORE_SRC   := $(sort $(wildcard core/*/*.c))
VFS_SRC    := $(sort $(wildcard sqlite_vfs/*.c))
SQLITE_SRC := $(sort $(wildcard sqlite_ext/*.c)) $(VFS_SRC)
CORE_OBJ   := $(CORE_SRC:%.c=$(BUILD)/obj/%.o)
SQLITE_OBJ := $(SQLITE_SRC:%.c=$(BUILD)/obj/%.o)
MODULE     := $(BUILD)/zdbackup.so

# The PostgreSQL extension: core without its threads. Headers of the server
# are not ours to mend.
PG_CONFIG  ?= pg_config
PG_SERVER  := $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)
HAVE_PG    := $(wildcard $(PG_SERVER)/postgres.h)
PG_SRC     := $(sort $(wildcard pg_ext/*.c))
PG_CORE    := $(filter-out core/pool/%,$(CORE_SRC))
PG_OBJ     := $(PG_CORE:%.c=$(BUILD)/obj/%.o) $(PG_SRC:%.c=$(BUILD)/obj/%.o) \
              $(VFS_SRC:%.c=$(BUILD)/obj/pg/%.o)
PG_MODULE  := $(BUILD)/pg/zdbackup.so
PG_LIBS    := -lisal -ldeflate -lzstd -lcrypto -ljansson -lcurl -lsqlite3 -lm
PG_FLAGS    = -std=gnu11 -D_GNU_SOURCE $(CFLAGS) $(WARN) -Wno-unused-parameter \
              -Wno-sign-compare -Wno-missing-field-initializers \
              -fno-strict-aliasing -fwrapv -fexcess-precision=standard -fPIC \
              -DSQLITE_CORE -I. -isystem $(PG_SERVER)

# Unit tests: core again with sanitizers, and with the mem.c that counts.
SAN        := -fsanitize=address,undefined -fno-sanitize-recover=all
TEST_FLAGS := -std=gnu11 -D_GNU_SOURCE -O1 -g $(WARN) $(SAN) -fPIC -I.
TEST_SRC   := $(sort $(wildcard test/core/test_*.c))
TEST_BIN   := $(TEST_SRC:test/core/%.c=$(BUILD)/test/%)
TEST_CORE  := $(filter-out core/base/mem.c,$(CORE_SRC)) test/core/mem_test.c \
              test/core/test.c test/core/archive_test.c test/core/net_test.c \
              test/core/row_test.c
TEST_OBJ   := $(TEST_CORE:%.c=$(BUILD)/san/%.o)

# The module with sanitizers, loaded into the sqlite3 shell by a test.
ASAN_OBJ   := $(patsubst %.c,$(BUILD)/san/%.o,$(CORE_SRC) $(SQLITE_SRC))
ASAN_MODULE := $(BUILD)/asan/zdbackup.so

# The extension with sanitizers, for a server of test/tools/sanitized.
PG_ASAN_OBJ := $(patsubst %.c,$(BUILD)/san/%.o,$(PG_CORE)) \
               $(patsubst %.c,$(BUILD)/asan/%.o,$(PG_SRC)) \
               $(VFS_SRC:%.c=$(BUILD)/asan/pg/%.o)
PG_ASAN_MODULE := $(BUILD)/asan/pg/zdbackup.so

FUZZ_SRC   := $(sort $(wildcard test/fuzz/fuzz_*.c))
FUZZ_BIN   := $(FUZZ_SRC:test/fuzz/%.c=$(BUILD)/fuzz/%)

.PHONY: deps-postgres installcheck all sqlite postgres install install-sqlite install-postgres deps test demo bench-sqlite \
        bench-postgres bench-store bench-codec fuzz unit format check-format clean

all: sqlite $(if $(HAVE_PG),postgres)

sqlite: deps $(MODULE)

deps:
	@scripts/deps build

deps-postgres:
	@scripts/deps postgres

# nodelete: a thread of libcurl's that looks up a name may outlive a connection.
$(MODULE): $(CORE_OBJ) $(SQLITE_OBJ)
	$(CC) -shared -Wl,-z,defs -Wl,-z,now -Wl,-z,nodelete $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(BUILD)/obj/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

postgres: deps-postgres $(PG_MODULE)

$(PG_MODULE): $(PG_OBJ)
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-z,now $(LDFLAGS) -o $@ $^ $(PG_LIBS)

# The SQLite module calls its host's SQLite, the extension libsqlite3.
$(BUILD)/obj/pg/sqlite_vfs/%.o: sqlite_vfs/%.c | deps-postgres
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DSQLITE_CORE $(CPPFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/pg_ext/%.o: pg_ext/%.c | deps-postgres
	@mkdir -p $(@D)
	$(CC) $(PG_FLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

install: install-sqlite $(if $(HAVE_PG),install-postgres)

install-postgres: postgres
	install -d '$(DESTDIR)$(shell $(PG_CONFIG) --pkglibdir)' \
	    '$(DESTDIR)$(shell $(PG_CONFIG) --sharedir)/extension'
	install -m 755 $(PG_MODULE) '$(DESTDIR)$(shell $(PG_CONFIG) --pkglibdir)'
	install -m 644 zdbackup.control $(wildcard sql/zdbackup--*.sql) \
	    '$(DESTDIR)$(shell $(PG_CONFIG) --sharedir)/extension'

install-sqlite: sqlite
	install -d $(DESTDIR)$(LIBDIR)/sqlite3
	install -m 755 $(MODULE) $(DESTDIR)$(LIBDIR)/sqlite3/zdbackup.so

$(BUILD)/san/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(TEST_FLAGS) -MMD -MP -c -o $@ $<

# An archive: a test takes out of it what it needs, which links faster.
$(BUILD)/san/core.a: $(TEST_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/test/%: $(BUILD)/san/test/core/%.o $(BUILD)/san/core.a
	@mkdir -p $(@D)
	$(CC) $(SAN) -o $@ $^ $(CORE_LIBS)

# Stores by hand, for test/store.
$(BUILD)/test/cloud_tool: $(BUILD)/san/test/store/cloud_tool.o $(BUILD)/san/core.a
	@mkdir -p $(@D)
	$(CC) $(SAN) -o $@ $^ $(CORE_LIBS)

# Reads age files, for test/interop.
$(BUILD)/test/age_open: $(BUILD)/san/test/interop/age_open.o $(BUILD)/san/core.a
	@mkdir -p $(@D)
	$(CC) $(SAN) -o $@ $^ $(CORE_LIBS)

unit: deps $(TEST_BIN) $(BUILD)/test/cloud_tool $(BUILD)/test/age_open

$(ASAN_MODULE): $(ASAN_OBJ)
	$(CC) -shared $(SAN) -o $@ $^ $(CORE_LIBS)

$(BUILD)/asan/pg/sqlite_vfs/%.o: sqlite_vfs/%.c | deps-postgres
	@mkdir -p $(@D)
	$(CC) $(TEST_FLAGS) -DSQLITE_CORE -MMD -MP -c -o $@ $<

$(BUILD)/asan/pg_ext/%.o: pg_ext/%.c | deps-postgres
	@mkdir -p $(@D)
	$(CC) $(PG_FLAGS) -O1 $(SAN) -MMD -MP -c -o $@ $<

$(PG_ASAN_MODULE): $(PG_ASAN_OBJ)
	@mkdir -p $(@D)
	$(CC) -shared $(SAN) -o $@ $^ $(PG_LIBS)

# libFuzzer needs clang. Core is compiled once for all targets.
FUZZ_FLAGS := -std=gnu11 -D_GNU_SOURCE -O1 -g -I. -fsanitize=address,undefined
FUZZ_OBJ   := $(CORE_SRC:%.c=$(BUILD)/fuzz/obj/%.o)

$(BUILD)/fuzz/obj/%.o: %.c | deps
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/core.a: $(FUZZ_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/fuzz/%: test/fuzz/%.c $(BUILD)/fuzz/core.a
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(CORE_LIBS)

fuzz: $(FUZZ_BIN)

# On the server that PGHOST and its like name.
REGRESS    := $(filter-out zdbackup--%,$(notdir $(basename $(wildcard sql/*.sql))))

installcheck:
	@mkdir -p $(BUILD)/regress
	'$(dir $(shell $(PG_CONFIG) --pgxs))../test/regress/pg_regress' \
	    --bindir='$(shell $(PG_CONFIG) --bindir)' --inputdir=. \
	    --outputdir=$(BUILD)/regress $(REGRESS)

test:
	@scripts/deps test
	@$(MAKE) --no-print-directory -j$$(nproc) sqlite postgres unit fuzz \
	    $(ASAN_MODULE) $(PG_ASAN_MODULE) $(BUILD)/bench/format.so $(BUILD)/bench/codec
	@test/tools/run

demo:
	@scripts/deps demo
	@$(MAKE) --no-print-directory -s sqlite
	@$(if $(HAVE_PG),$(MAKE) --no-print-directory -s postgres)
	@scripts/demo

bench-sqlite: sqlite
	@bench/sqlite/run

bench-postgres: install-postgres $(BUILD)/bench/format.so
	@bench/postgres/run

bench-store: sqlite
	@scripts/deps bench
	@bench/store/run

$(BUILD)/bench/format.so: bench/postgres/format.c $(BUILD)/obj/pg_ext/rows.o \
        $(BUILD)/obj/pg_ext/out.o $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard pg_ext/value_*.c))
	@mkdir -p $(@D)
	$(CC) $(PG_FLAGS) -shared -o $@ $^

$(BUILD)/bench/codec: bench/codec.c $(CORE_OBJ)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(CORE_LIBS)

$(BUILD)/bench/gen: bench/sqlite/gen.c
	@mkdir -p $(@D)
	$(CC) -O2 -o $@ $< -lsqlite3 -lm

# On FILE, or on 200 MB of invented data.
bench-codec: deps $(BUILD)/bench/codec $(if $(FILE),,$(BUILD)/bench/gen)
	@rm -f $(BUILD)/bench/codec.db
	@$(if $(FILE),,$(BUILD)/bench/gen $(BUILD)/bench/codec.db 200)
	@$(BUILD)/bench/codec $(or $(FILE),$(BUILD)/bench/codec.db)
	@rm -f $(BUILD)/bench/codec.db

FORMATTED := $(shell git ls-files '*.c' '*.h' 2>/dev/null)

format:
	clang-format -i $(FORMATTED)

check-format:
	clang-format --dry-run -Werror $(FORMATTED)

clean:
	rm -rf $(BUILD)

# Keep the objects of pattern rules.
.SECONDARY:

-include $(CORE_OBJ:.o=.d) $(SQLITE_OBJ:.o=.d) $(PG_OBJ:.o=.d) $(TEST_OBJ:.o=.d) \
         $(ASAN_OBJ:.o=.d) $(PG_ASAN_OBJ:.o=.d) $(FUZZ_OBJ:.o=.d) \
         $(BUILD)/san/test/store/cloud_tool.d \
         $(BUILD)/san/test/interop/age_open.d \
         $(patsubst $(BUILD)/test/%,$(BUILD)/san/test/core/%.d,$(TEST_BIN))
