noinst_LIBRARIES += libwire.a
libwire_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS)
libwire_a_SOURCES =
