noinst_LIBRARIES += libcore.a
libcore_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS)
libcore_a_SOURCES =
