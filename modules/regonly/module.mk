module_PROGRAMS += modules/regonly.so
modules_regonly_so_CPPFLAGS = $(MODULE_CPP)
modules_regonly_so_CFLAGS = $(MODULE_CC)
modules_regonly_so_LDFLAGS = $(MODULE_LD)
modules_regonly_so_SOURCES = modules/regonly/regonly.c
libmodules_a_SOURCES += modules/regonly/regonly.c
EXTRA_DIST += modules/regonly/regonly.md modules/regonly/regonly.txt
