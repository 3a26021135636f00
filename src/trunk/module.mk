noinst_LIBRARIES += libtrunk.a
libtrunk_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS)
libtrunk_a_SOURCES = \
	src/trunk/ahead.c src/trunk/ahead.h \
	src/trunk/check.c \
	src/trunk/info.c src/trunk/info.h \
	src/trunk/list.c src/trunk/list.h \
	src/trunk/load.c src/trunk/load.h \
	src/trunk/net.c src/trunk/net.h \
	src/trunk/peer.c src/trunk/peer.h \
	src/trunk/placing.c src/trunk/placing.h \
	src/trunk/recv.c src/trunk/recv.h \
	src/trunk/recv_stream.c src/trunk/recv_stream.h \
	src/trunk/send.c \
	src/trunk/state.h \
	src/trunk/stream.c src/trunk/stream.h \
	src/trunk/trunk.c src/trunk/trunk.h \
	src/trunk/verb.c src/trunk/verb.def src/trunk/verb.h

EXTRA_DIST += doc/gate-protocol.md
