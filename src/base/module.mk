noinst_LIBRARIES += libbase.a
libbase_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS) $(SODIUM_CFLAGS) $(ZSTD_CFLAGS)
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/ascii.h \
	src/base/awake.c src/base/awake.h \
	src/base/blocks.c src/base/blocks.h \
	src/base/chains.c src/base/chains.h \
	src/base/invariant.c src/base/invariant.h \
	src/base/lines.c src/base/lines.h \
	src/base/map.c src/base/map.h \
	src/base/mem.c src/base/mem.h \
	src/base/mtime.h \
	src/base/poison.h \
	src/base/pool.c src/base/pool.h \
	src/base/rcbuf.c src/base/rcbuf.h \
	src/base/rng.c src/base/rng.h \
	src/base/shelves.c \
	src/base/shelves.h \
	src/base/keyed.c src/base/keyed.h \
	src/base/siphash.c src/base/siphash.h \
	src/base/span.c src/base/span.h \
	src/base/work.c src/base/work.h \
	src/base/writer.c src/base/writer.h \
	src/base/zip.c src/base/zip.h
