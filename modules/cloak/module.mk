module_PROGRAMS += modules/cloak.so
modules_cloak_so_CPPFLAGS = $(MODULE_CPP)
modules_cloak_so_CFLAGS = $(MODULE_CC)
modules_cloak_so_LDFLAGS = $(MODULE_LD)
modules_cloak_so_SOURCES = modules/cloak/cloak.c
libmodules_a_SOURCES += modules/cloak/cloak.c
EXTRA_DIST += modules/cloak/cloak.md modules/cloak/cloak.txt modules/cloak/bans.txt \
	modules/cloak/mode.txt
