module_PROGRAMS += modules/deaf.so
modules_deaf_so_CPPFLAGS = $(MODULE_CPP)
modules_deaf_so_CFLAGS = $(MODULE_CC)
modules_deaf_so_LDFLAGS = $(MODULE_LD)
modules_deaf_so_SOURCES = modules/deaf/deaf.c
libmodules_a_SOURCES += modules/deaf/deaf.c
EXTRA_DIST += modules/deaf/deaf.md modules/deaf/deaf.txt
