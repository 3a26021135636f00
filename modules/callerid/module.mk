module_PROGRAMS += modules/callerid.so
modules_callerid_so_CPPFLAGS = $(MODULE_CPP)
modules_callerid_so_CFLAGS = $(MODULE_CC)
modules_callerid_so_LDFLAGS = $(MODULE_LD)
modules_callerid_so_SOURCES = modules/callerid/callerid.c
libmodules_a_SOURCES += modules/callerid/callerid.c
EXTRA_DIST += modules/callerid/lines.txt
EXTRA_DIST += modules/callerid/callerid.md modules/callerid/callerid.txt \
	modules/callerid/leaves.txt modules/callerid/list.txt \
	modules/callerid/gone.txt
