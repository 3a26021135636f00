module_PROGRAMS += modules/dnsbl.so
modules_dnsbl_so_CPPFLAGS = $(MODULE_CPP)
modules_dnsbl_so_CFLAGS = $(MODULE_CC)
modules_dnsbl_so_LDFLAGS = $(MODULE_LD)
modules_dnsbl_so_SOURCES = modules/dnsbl/dnsbl.c
libmodules_a_SOURCES += modules/dnsbl/dnsbl.c
EXTRA_DIST += modules/dnsbl/dnsbl.md modules/dnsbl/dnsbl.txt \
	modules/dnsbl/exempt.txt modules/dnsbl/reload.txt \
	modules/dnsbl/silent.txt
