module_PROGRAMS += modules/noctcp.so
modules_noctcp_so_CPPFLAGS = $(MODULE_CPP)
modules_noctcp_so_CFLAGS = $(MODULE_CC)
modules_noctcp_so_LDFLAGS = $(MODULE_LD)
modules_noctcp_so_SOURCES = modules/noctcp/noctcp.c
libmodules_a_SOURCES += modules/noctcp/noctcp.c
EXTRA_DIST += modules/noctcp/lines.txt
EXTRA_DIST += modules/noctcp/noctcp.md modules/noctcp/noctcp.txt \
	modules/noctcp/leaves.txt
