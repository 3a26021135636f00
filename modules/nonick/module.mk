module_PROGRAMS += modules/nonick.so
modules_nonick_so_CPPFLAGS = $(MODULE_CPP)
modules_nonick_so_CFLAGS = $(MODULE_CC)
modules_nonick_so_LDFLAGS = $(MODULE_LD)
modules_nonick_so_SOURCES = modules/nonick/nonick.c
libmodules_a_SOURCES += modules/nonick/nonick.c
EXTRA_DIST += modules/nonick/nonick.md modules/nonick/nonick.txt
