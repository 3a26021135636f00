module_PROGRAMS += modules/stripformat.so
modules_stripformat_so_CPPFLAGS = $(MODULE_CPP)
modules_stripformat_so_CFLAGS = $(MODULE_CC)
modules_stripformat_so_LDFLAGS = $(MODULE_LD)
modules_stripformat_so_SOURCES = modules/stripformat/stripformat.c
libmodules_a_SOURCES += modules/stripformat/stripformat.c
EXTRA_DIST += modules/stripformat/lines.txt modules/stripformat/reload.txt
EXTRA_DIST += modules/stripformat/stripformat.md modules/stripformat/stripformat.txt
