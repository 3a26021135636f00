module_PROGRAMS += modules/delayjoin.so
modules_delayjoin_so_CPPFLAGS = $(MODULE_CPP)
modules_delayjoin_so_CFLAGS = $(MODULE_CC)
modules_delayjoin_so_LDFLAGS = $(MODULE_LD)
modules_delayjoin_so_SOURCES = modules/delayjoin/delayjoin.c
libmodules_a_SOURCES += modules/delayjoin/delayjoin.c
EXTRA_DIST += modules/delayjoin/delayjoin.md modules/delayjoin/acts.txt \
	modules/delayjoin/delayjoin.txt modules/delayjoin/force.txt \
	modules/delayjoin/leaves.txt modules/delayjoin/moved.txt \
	modules/delayjoin/other.txt modules/delayjoin/sight.txt \
	modules/delayjoin/split.txt modules/delayjoin/unset.txt
