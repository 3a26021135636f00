module_PROGRAMS += modules/check.so
modules_check_so_CPPFLAGS = $(MODULE_CPP)
modules_check_so_CFLAGS = $(MODULE_CC)
modules_check_so_LDFLAGS = $(MODULE_LD)
modules_check_so_SOURCES = modules/check/check.c
libmodules_a_SOURCES += modules/check/check.c
EXTRA_DIST += modules/check/check.md modules/check/check.txt \
	modules/check/leaves.txt modules/check/unknown.txt
