noinst_LIBRARIES += libbroker.a
libbroker_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS) $(SODIUM_CFLAGS)
libbroker_a_SOURCES = \
	src/broker/bus.c src/broker/bus.h \
	src/broker/form.c src/broker/form.h \
	src/broker/hear.c \
	src/broker/inbox.c src/broker/inbox.h \
	src/broker/outq.c src/broker/outq.h \
	src/broker/say.c \
	src/broker/seal.c src/broker/seal.h \
	src/broker/state.h

EXTRA_DIST += doc/broker-protocol.md
