EXTRA_DIST += src/link/map/README.md
liblink_a_SOURCES += \
	src/link/map/doubt.c \
	src/link/map/doubt.h \
	src/link/map/ghost.c \
	src/link/map/ghost.h \
	src/link/map/junk.c \
	src/link/map/junk.h \
	src/link/map/linkstate.c \
	src/link/map/linkstate.h \
	src/link/map/netmap.c \
	src/link/map/netmap.h \
	src/link/map/overlay.c \
	src/link/map/overlay.h
