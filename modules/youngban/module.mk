module_PROGRAMS += modules/youngban.so
modules_youngban_so_CPPFLAGS = $(MODULE_CPP)
modules_youngban_so_CFLAGS = $(MODULE_CC)
modules_youngban_so_LDFLAGS = $(MODULE_LD)
modules_youngban_so_SOURCES = modules/youngban/youngban.c
libmodules_a_SOURCES += modules/youngban/youngban.c
EXTRA_DIST += modules/youngban/youngban.md modules/youngban/youngban.txt modules/youngban/age.txt
