module_PROGRAMS += modules/silence.so
modules_silence_so_CPPFLAGS = $(MODULE_CPP)
modules_silence_so_CFLAGS = $(MODULE_CC)
modules_silence_so_LDFLAGS = $(MODULE_LD)
modules_silence_so_SOURCES = modules/silence/silence.c
libmodules_a_SOURCES += modules/silence/silence.c
EXTRA_DIST += modules/silence/lines.txt
EXTRA_DIST += modules/silence/silence.md modules/silence/silence.txt \
	modules/silence/hidden.txt modules/silence/list.txt \
	modules/silence/echo.txt modules/silence/invite.txt \
	modules/silence/split.txt
