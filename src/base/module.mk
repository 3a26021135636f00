noinst_LIBRARIES += libbase.a
libbase_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS) $(SODIUM_CFLAGS)
libbase_a_SOURCES = \
	src/base/span.c src/base/span.h
