module_PROGRAMS += modules/help.so
modules_help_so_CPPFLAGS = $(MODULE_CPP)
modules_help_so_CFLAGS = $(MODULE_CC)
modules_help_so_LDFLAGS = $(MODULE_LD)
modules_help_so_SOURCES = modules/help/help.c
libmodules_a_SOURCES += modules/help/help.c
EXTRA_DIST += modules/help/help.md modules/help/help.txt
