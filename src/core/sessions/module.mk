EXTRA_DIST += src/core/sessions/README.md
libcore_a_SOURCES += \
	src/core/sessions/access.c \
	src/core/sessions/access.h \
	src/core/sessions/audience.c \
	src/core/sessions/audience.h \
	src/core/sessions/audit.c \
	src/core/sessions/audit.h \
	src/core/sessions/batch.c \
	src/core/sessions/batch.h \
	src/core/sessions/drain.c \
	src/core/sessions/drain.h \
	src/core/sessions/extbans.c \
	src/core/sessions/extbans.def \
	src/core/sessions/extbans.h \
	src/core/sessions/flood.c \
	src/core/sessions/flood.h \
	src/core/sessions/given_key.c \
	src/core/sessions/given_key.h \
	src/core/sessions/lag.c \
	src/core/sessions/lag.h \
	src/core/sessions/line.c \
	src/core/sessions/line.h \
	src/core/sessions/listing.c \
	src/core/sessions/listing.h \
	src/core/sessions/request.c \
	src/core/sessions/request.h \
	src/core/sessions/response.c \
	src/core/sessions/response.h \
	src/core/sessions/session.h \
	src/core/sessions/sight.c \
	src/core/sessions/sight.h \
	src/core/sessions/source.c \
	src/core/sessions/source.h \
	src/core/sessions/timer.c \
	src/core/sessions/timer.h \
	src/core/sessions/wait.c \
	src/core/sessions/wait.h
