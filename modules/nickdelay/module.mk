module_PROGRAMS += modules/nickdelay.so
modules_nickdelay_so_CPPFLAGS = $(MODULE_CPP)
modules_nickdelay_so_CFLAGS = $(MODULE_CC)
modules_nickdelay_so_LDFLAGS = $(MODULE_LD)
modules_nickdelay_so_SOURCES = modules/nickdelay/nickdelay.c
libmodules_a_SOURCES += modules/nickdelay/nickdelay.c
EXTRA_DIST += modules/nickdelay/nickdelay.md \
	modules/nickdelay/nickdelay.txt modules/nickdelay/split.txt
