noinst_LIBRARIES += liblink.a
liblink_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS) $(SODIUM_CFLAGS)
liblink_a_SOURCES = \
	src/link/backlog.c \
	src/link/backlog.h \
	src/link/check.c \
	src/link/handover.c \
	src/link/handover.h \
	src/link/handover_take.c \
	src/link/info.c \
	src/link/info.h \
	src/link/link.c \
	src/link/link.h \
	src/link/log.c \
	src/link/log.h \
	src/link/mutate.c \
	src/link/mutate.def \
	src/link/mutate.h \
	src/link/net.c \
	src/link/net.h \
	src/link/pump.c \
	src/link/pump.h \
	src/link/recv.c \
	src/link/recv.h \
	src/link/state.c \
	src/link/state.h \
	src/link/timeout.c \
	src/link/timeout.h \
	src/link/verb.c \
	src/link/verb.def \
	src/link/verb.h \
	src/link/words.c \
	src/link/words.h

EXTRA_DIST += doc/link-protocol.md doc/decisions
