EXTRA_DIST += src/link/trust/README.md
liblink_a_SOURCES += \
	src/link/trust/defer.c \
	src/link/trust/defer.h \
	src/link/trust/early.c \
	src/link/trust/early.h \
	src/link/trust/forged.c \
	src/link/trust/forged.h \
	src/link/trust/fork.c \
	src/link/trust/fork.h \
	src/link/trust/sid_collision.c \
	src/link/trust/sid_collision.h
