EXTRA_DIST += src/link/peers/README.md
liblink_a_SOURCES += \
	src/link/peers/auth.c \
	src/link/peers/auth.h \
	src/link/peers/differ.c \
	src/link/peers/differ.h \
	src/link/peers/duplicate.c \
	src/link/peers/duplicate.h \
	src/link/peers/jupe.c \
	src/link/peers/jupe.h \
	src/link/peers/limit.c \
	src/link/peers/limit.def \
	src/link/peers/limit.h \
	src/link/peers/linkcap.c \
	src/link/peers/linkcap.def \
	src/link/peers/linkcap.h \
	src/link/peers/order.c \
	src/link/peers/order.h \
	src/link/peers/peer.c \
	src/link/peers/peer.h \
	src/link/peers/traffic.c \
	src/link/peers/traffic.h
