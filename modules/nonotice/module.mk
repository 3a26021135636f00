module_PROGRAMS += modules/nonotice.so
modules_nonotice_so_CPPFLAGS = $(MODULE_CPP)
modules_nonotice_so_CFLAGS = $(MODULE_CC)
modules_nonotice_so_LDFLAGS = $(MODULE_LD)
modules_nonotice_so_SOURCES = modules/nonotice/nonotice.c
libmodules_a_SOURCES += modules/nonotice/nonotice.c
EXTRA_DIST += modules/nonotice/lines.txt
EXTRA_DIST += modules/nonotice/nonotice.md modules/nonotice/nonotice.txt
