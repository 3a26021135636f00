EXTRA_DIST += src/link/snapshots/README.md
liblink_a_SOURCES += \
	src/link/snapshots/ask.c \
	src/link/snapshots/ask.h \
	src/link/snapshots/pack.c \
	src/link/snapshots/pack.h \
	src/link/snapshots/snap_in.c \
	src/link/snapshots/snap_in.h \
	src/link/snapshots/snap_out.c \
	src/link/snapshots/snap_out.h \
	src/link/snapshots/snap_take.c \
	src/link/snapshots/snap_take.h \
	src/link/snapshots/snap_wait.c \
	src/link/snapshots/snap_wait.h \
	src/link/snapshots/trash.c \
	src/link/snapshots/trash.h
