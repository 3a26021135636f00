module_PROGRAMS += modules/knock.so
modules_knock_so_CPPFLAGS = $(MODULE_CPP)
modules_knock_so_CFLAGS = $(MODULE_CC)
modules_knock_so_LDFLAGS = $(MODULE_LD)
modules_knock_so_SOURCES = modules/knock/knock.c
libmodules_a_SOURCES += modules/knock/knock.c
EXTRA_DIST += modules/knock/knock.md modules/knock/knock.txt \
	modules/knock/leaves.txt modules/knock/options.txt \
	modules/knock/secret.txt
