noinst_LIBRARIES += liblink.a
liblink_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS)
liblink_a_SOURCES =

EXTRA_DIST += doc/link-protocol.md
