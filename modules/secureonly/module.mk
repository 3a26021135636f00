module_PROGRAMS += modules/secureonly.so
modules_secureonly_so_CPPFLAGS = $(MODULE_CPP)
modules_secureonly_so_CFLAGS = $(MODULE_CC)
modules_secureonly_so_LDFLAGS = $(MODULE_LD)
modules_secureonly_so_SOURCES = modules/secureonly/secureonly.c
libmodules_a_SOURCES += modules/secureonly/secureonly.c
EXTRA_DIST += modules/secureonly/secureonly.md modules/secureonly/secureonly.txt
