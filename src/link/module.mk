noinst_LIBRARIES += liblink.a
liblink_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS) $(SODIUM_CFLAGS) $(ZSTD_CFLAGS)
liblink_a_SOURCES = \
	src/link/ask.c src/link/ask.h \
	src/link/auth.c src/link/auth.h \
	src/link/backlog.c src/link/backlog.h \
	src/link/check.c \
	src/link/census.c src/link/census.h \
	src/link/duplicate.c src/link/duplicate.h \
	src/link/early.c src/link/early.h \
	src/link/forget.c src/link/forget.h \
	src/link/defer.c src/link/defer.h \
	src/link/doubt.c src/link/doubt.h \
	src/link/info.c src/link/info.h \
	src/link/forged.c src/link/forged.h \
	src/link/fork.c src/link/fork.h \
	src/link/ghost.c src/link/ghost.h \
	src/link/junk.c src/link/junk.h \
	src/link/limit.c src/link/limit.def src/link/limit.h \
	src/link/link.c src/link/link.h \
	src/link/linkcap.c src/link/linkcap.def src/link/linkcap.h \
	src/link/linkstate.c src/link/linkstate.h \
	src/link/log.c src/link/log.h \
	src/link/mutate.c src/link/mutate.def src/link/mutate.h \
	src/link/net.c src/link/net.h \
	src/link/netmap.c src/link/netmap.h \
	src/link/overlay.c src/link/overlay.h \
	src/link/pack.c src/link/pack.h \
	src/link/peer.c src/link/peer.h \
	src/link/pump.c src/link/pump.h \
	src/link/ready.c src/link/ready.h \
	src/link/recv.c src/link/recv.h \
	src/link/retire.c src/link/retire.h \
	src/link/sid_collision.c src/link/sid_collision.h \
	src/link/snap_in.c src/link/snap_in.h \
	src/link/snap_out.c src/link/snap_out.h \
	src/link/snap_take.c src/link/snap_take.h \
	src/link/snap_wait.c src/link/snap_wait.h \
	src/link/state.c src/link/state.h \
	src/link/timeout.c src/link/timeout.h \
	src/link/trash.c src/link/trash.h \
	src/link/verb.c src/link/verb.def src/link/verb.h \
	src/link/words.c src/link/words.h \
	src/link/msg/msg.h \
	src/link/msg/ack.c \
	src/link/msg/answer.c \
	src/link/msg/beat.c \
	src/link/msg/digest.c \
	src/link/msg/done.c \
	src/link/msg/end.c \
	src/link/msg/entry.c \
	src/link/msg/error.c \
	src/link/msg/hello.c \
	src/link/msg/limits.c \
	src/link/msg/lsa.c \
	src/link/msg/offer.c \
	src/link/msg/pack.c \
	src/link/msg/query.c \
	src/link/msg/snap.c \
	src/link/msg/sync.c \
	src/link/msg/want.c

EXTRA_DIST += doc/link-protocol.md doc/decisions
