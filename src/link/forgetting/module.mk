EXTRA_DIST += src/link/forgetting/README.md
liblink_a_SOURCES += \
	src/link/forgetting/census.c \
	src/link/forgetting/census.h \
	src/link/forgetting/forget.c \
	src/link/forgetting/forget.h \
	src/link/forgetting/ready.c \
	src/link/forgetting/ready.h \
	src/link/forgetting/retire.c \
	src/link/forgetting/retire.h
