EXTRA_DIST += src/core/part/README.md
libcore_a_SOURCES += \
	src/core/part/ban.c \
	src/core/part/ban.h \
	src/core/part/chan.c \
	src/core/part/clean.c \
	src/core/part/clean.h \
	src/core/part/entrance.c \
	src/core/part/entrance.h \
	src/core/part/field.c \
	src/core/part/field.h \
	src/core/part/home.c \
	src/core/part/kind.c \
	src/core/part/kind.h \
	src/core/part/later.c \
	src/core/part/later.h \
	src/core/part/list.c \
	src/core/part/member.c \
	src/core/part/merge.c \
	src/core/part/merge.h \
	src/core/part/nick.c \
	src/core/part/part.c \
	src/core/part/part.def \
	src/core/part/part.h \
	src/core/part/server.c \
	src/core/part/user.c
