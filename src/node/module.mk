noinst_LIBRARIES += libnode.a
libnode_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS)
libnode_a_SOURCES =
