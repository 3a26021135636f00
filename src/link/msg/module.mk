EXTRA_DIST += src/link/msg/README.md
liblink_a_SOURCES += \
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
	src/link/msg/modules.c \
	src/link/msg/msg.h \
	src/link/msg/offer.c \
	src/link/msg/pack.c \
	src/link/msg/skip.c \
	src/link/msg/query.c \
	src/link/msg/snap.c \
	src/link/msg/sync.c \
	src/link/msg/want.c
