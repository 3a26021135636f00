module_PROGRAMS += modules/opmoderated.so
modules_opmoderated_so_CPPFLAGS = $(MODULE_CPP)
modules_opmoderated_so_CFLAGS = $(MODULE_CC)
modules_opmoderated_so_LDFLAGS = $(MODULE_LD)
modules_opmoderated_so_SOURCES = modules/opmoderated/opmoderated.c
libmodules_a_SOURCES += modules/opmoderated/opmoderated.c
EXTRA_DIST += modules/opmoderated/lines.txt
EXTRA_DIST += modules/opmoderated/opmoderated.md \
	modules/opmoderated/opmoderated.txt modules/opmoderated/leaves.txt
