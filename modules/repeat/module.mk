module_PROGRAMS += modules/repeat.so
modules_repeat_so_CPPFLAGS = $(MODULE_CPP)
modules_repeat_so_CFLAGS = $(MODULE_CC)
modules_repeat_so_LDFLAGS = $(MODULE_LD)
modules_repeat_so_SOURCES = modules/repeat/repeat.c
libmodules_a_SOURCES += modules/repeat/repeat.c
EXTRA_DIST += modules/repeat/repeat.md modules/repeat/repeat.txt \
	modules/repeat/values.txt modules/repeat/window.txt \
	modules/repeat/refused.txt
