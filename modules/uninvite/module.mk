module_PROGRAMS += modules/uninvite.so
modules_uninvite_so_CPPFLAGS = $(MODULE_CPP)
modules_uninvite_so_CFLAGS = $(MODULE_CC)
modules_uninvite_so_LDFLAGS = $(MODULE_LD)
modules_uninvite_so_SOURCES = modules/uninvite/uninvite.c
libmodules_a_SOURCES += modules/uninvite/uninvite.c
EXTRA_DIST += modules/uninvite/uninvite.md modules/uninvite/uninvite.txt
