noinst_LIBRARIES += libnode.a
libnode_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS)
libnode_a_SOURCES = \
	src/node/control.c src/node/control.h \
	src/node/handover.c src/node/handover.h \
	src/node/metrics.c src/node/metrics.h \
	src/node/node.c src/node/node.h \
	src/node/state.h
