module_PROGRAMS += modules/autojoin.so
modules_autojoin_so_CPPFLAGS = $(MODULE_CPP)
modules_autojoin_so_CFLAGS = $(MODULE_CC)
modules_autojoin_so_LDFLAGS = $(MODULE_LD)
modules_autojoin_so_SOURCES = modules/autojoin/autojoin.c
libmodules_a_SOURCES += modules/autojoin/autojoin.c
EXTRA_DIST += modules/autojoin/autojoin.md modules/autojoin/autojoin.txt
