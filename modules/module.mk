# Modules: each folder is built twice, as NAME.so for banyand to load, and into
# libmodules.a for tests and the simulator. A new module is one line here, one row
# in list.def, and its module.mk, which is like that of umodeban.
MODULE_CPP = $(AM_CPPFLAGS) -DBANYAN_MODULE
MODULE_CC = -std=c17 $(WARN_CFLAGS) $(PURE_CFLAGS) $(HARDEN_MODULE_CFLAGS) \
	$(INSTRUMENT_CFLAGS) $(BSD_CFLAGS) -fPIC -fvisibility=hidden
MODULE_LD = -shared $(HARDEN_MODULE_LDFLAGS) $(INSTRUMENT_CFLAGS)

moduledir = $(libdir)/banyan
module_PROGRAMS =
check_LIBRARIES += libmodules.a
libmodules_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS) $(BSD_CFLAGS)
libmodules_a_SOURCES =
EXTRA_DIST += modules/README.md modules/list.def

include modules/autojoin/module.mk
include modules/bot/module.mk
include modules/callerid/module.mk
include modules/check/module.mk
include modules/cloak/module.mk
include modules/deaf/module.mk
include modules/delayjoin/module.mk
include modules/dnsbl/module.mk
include modules/forward/module.mk
include modules/geo/module.mk
include modules/help/module.mk
include modules/jointhrottle/module.mk
include modules/knock/module.mk
include modules/nickdelay/module.mk
include modules/nocolour/module.mk
include modules/noctcp/module.mk
include modules/nonick/module.mk
include modules/nonotice/module.mk
include modules/operonly/module.mk
include modules/opmoderated/module.mk
include modules/regonly/module.mk
include modules/repeat/module.mk
include modules/secureonly/module.mk
include modules/silence/module.mk
include modules/skeleton/module.mk
include modules/stripformat/module.mk
include modules/umodeban/module.mk
include modules/uninvite/module.mk
include modules/youngban/module.mk

# Modules outside of this tree are built with these: include/banyan/src has the
# headers by the paths under which sources include them.
headers_of = $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/src/$(1)/*.h \
	$(srcdir)/src/$(1)/*.def))
nobase_pkginclude_HEADERS = $(call headers_of,base) $(call headers_of,wire) \
	$(call headers_of,core) $(call headers_of,core/*)
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = modules/banyan.pc

modules: $(module_PROGRAMS)

.PHONY: modules
