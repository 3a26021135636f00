check_PROGRAMS += tests/unit/base/check_base
TESTS += tests/unit/base/check_base
tests_unit_base_check_base_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_base_check_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_base_check_base_LDADD = $(UNIT_LDADD)
tests_unit_base_check_base_SOURCES = \
	tests/unit/base/check_base.c tests/unit/base/check_base.h \
	tests/unit/base/arena.c \
	tests/unit/base/ascii.c \
	tests/unit/base/awake.c \
	tests/unit/base/blocks.c \
	tests/unit/base/invariant.c \
	tests/unit/base/chains.c \
	tests/unit/base/lines.c \
	tests/unit/base/map.c \
	tests/unit/base/mem.c \
	tests/unit/base/mtime.c \
	tests/unit/base/pool.c \
	tests/unit/base/rcbuf.c \
	tests/unit/base/rng.c \
	tests/unit/base/keyed.c \
	tests/unit/base/siphash.c \
	tests/unit/base/span.c \
	tests/unit/base/work.c \
	tests/unit/base/writer.c \
	tests/unit/base/zip.c
