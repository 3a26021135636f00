module_PROGRAMS += modules/jointhrottle.so
modules_jointhrottle_so_CPPFLAGS = $(MODULE_CPP)
modules_jointhrottle_so_CFLAGS = $(MODULE_CC)
modules_jointhrottle_so_LDFLAGS = $(MODULE_LD)
modules_jointhrottle_so_SOURCES = modules/jointhrottle/jointhrottle.c
libmodules_a_SOURCES += modules/jointhrottle/jointhrottle.c
EXTRA_DIST += modules/jointhrottle/jointhrottle.md \
	modules/jointhrottle/jointhrottle.txt modules/jointhrottle/leaves.txt
