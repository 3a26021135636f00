module_PROGRAMS += modules/operonly.so
modules_operonly_so_CPPFLAGS = $(MODULE_CPP)
modules_operonly_so_CFLAGS = $(MODULE_CC)
modules_operonly_so_LDFLAGS = $(MODULE_LD)
modules_operonly_so_SOURCES = modules/operonly/operonly.c
libmodules_a_SOURCES += modules/operonly/operonly.c
EXTRA_DIST += modules/operonly/operonly.md modules/operonly/operonly.txt \
	modules/operonly/forced.txt
