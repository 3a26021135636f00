EXTRA_DIST += src/core/types/README.md
libcore_a_SOURCES += \
	src/core/types/cap.c \
	src/core/types/cap.def \
	src/core/types/cap.h \
	src/core/types/change.h \
	src/core/types/cost.h \
	src/core/types/effect.c \
	src/core/types/effect.def \
	src/core/types/effect.h \
	src/core/types/entry.c \
	src/core/types/entry.h \
	src/core/types/event.c \
	src/core/types/event.def \
	src/core/types/event.h \
	src/core/types/ids.c \
	src/core/types/ids.h \
	src/core/types/log.def \
	src/core/types/mode.c \
	src/core/types/mode.def \
	src/core/types/mode.h \
	src/core/types/mode_value.c \
	src/core/types/mode_value.h \
	src/core/types/mutate.def \
	src/core/types/mutate.h \
	src/core/types/request.def \
	src/core/types/request_kind.c \
	src/core/types/request_kind.h \
	src/core/types/row_check.c \
	src/core/types/row_check.h \
	src/core/types/settings.c \
	src/core/types/settings.h \
	src/core/types/tables.c \
	src/core/types/tables.h \
	src/core/types/vector.c \
	src/core/types/vector.h \
	src/core/types/version.h
