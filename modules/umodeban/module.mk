module_PROGRAMS += modules/umodeban.so
modules_umodeban_so_CPPFLAGS = $(MODULE_CPP)
modules_umodeban_so_CFLAGS = $(MODULE_CC)
modules_umodeban_so_LDFLAGS = $(MODULE_LD)
modules_umodeban_so_SOURCES = modules/umodeban/umodeban.c
libmodules_a_SOURCES += modules/umodeban/umodeban.c
EXTRA_DIST += modules/umodeban/umodeban.md modules/umodeban/umodeban.txt
