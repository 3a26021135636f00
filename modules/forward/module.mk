module_PROGRAMS += modules/forward.so
modules_forward_so_CPPFLAGS = $(MODULE_CPP)
modules_forward_so_CFLAGS = $(MODULE_CC)
modules_forward_so_LDFLAGS = $(MODULE_LD)
modules_forward_so_SOURCES = modules/forward/forward.c
libmodules_a_SOURCES += modules/forward/forward.c
EXTRA_DIST += modules/forward/forward.md modules/forward/forward.txt \
	modules/forward/leaves.txt modules/forward/reserved.txt \
	modules/forward/waits.txt
