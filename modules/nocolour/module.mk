module_PROGRAMS += modules/nocolour.so
modules_nocolour_so_CPPFLAGS = $(MODULE_CPP)
modules_nocolour_so_CFLAGS = $(MODULE_CC)
modules_nocolour_so_LDFLAGS = $(MODULE_LD)
modules_nocolour_so_SOURCES = modules/nocolour/nocolour.c
libmodules_a_SOURCES += modules/nocolour/nocolour.c
EXTRA_DIST += modules/nocolour/lines.txt
EXTRA_DIST += modules/nocolour/nocolour.md modules/nocolour/nocolour.txt
