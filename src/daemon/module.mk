sbin_PROGRAMS += banyand
banyand_CPPFLAGS = $(AM_CPPFLAGS) -DDOCDIR='"$(docdir)"' \
	-DMODULEDIR='"$(moduledir)"'
banyand_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS) $(BSD_CFLAGS) \
	$(CONFIG_CFLAGS) $(SODIUM_CFLAGS) $(SQLITE_CFLAGS) $(GEO_CFLAGS)
# Modules may call any function of core, wire and base, so banyand has all of
# them.
banyand_LDFLAGS = $(AM_LDFLAGS) -Wl,--export-dynamic
banyand_LDADD = libpubsub.a libbroker.a libhost.a libnet.a \
	libstore.a libnode.a libtrunk.a libplace.a liblink.a \
	libconf.a \
	$(WHOLE_BEGIN) libcore.a libwire.a libbase.a \
	$(WHOLE_END) $(SODIUM_LIBS) $(ZSTD_LIBS) $(OPENSSL_LIBS) $(LDNS_LIBS) $(BSD_LIBS) $(URING_LIBS) $(WSLAY_LIBS) \
	$(CONFIG_LIBS) $(SQLITE_LIBS) $(GEO_LIBS) $(PUBSUB_LIBS) -lpthread -ldl
banyand_DEPENDENCIES = libpubsub.a libbroker.a libhost.a libnet.a libstore.a $(PURE_LIBS)
banyand_SOURCES = \
	src/daemon/banyand.c src/daemon/banyand.h \
	src/daemon/broker_figures.c \
	src/daemon/broker_links.c \
	src/daemon/broker_state.h \
	src/daemon/brokers.c src/daemon/brokers.h \
	src/daemon/control.c src/daemon/control.h \
	src/daemon/dialling.c src/daemon/dialling.h \
	src/daemon/endpoint.c src/daemon/endpoint.h \
	src/daemon/expiry.c src/daemon/expiry.h \
	src/daemon/countries.c src/daemon/countries.h \
	src/daemon/mmdb.h \
	src/daemon/figures.c src/daemon/figures.h \
	src/daemon/happened.c src/daemon/happened.h \
	src/daemon/http.c src/daemon/http.h \
	src/daemon/keeper.c src/daemon/keeper.h \
	src/daemon/kept.c src/daemon/kept.h \
	src/daemon/load.c src/daemon/load.h \
	src/daemon/main.c \
	src/daemon/modules.c src/daemon/modules.h \
	src/daemon/names.c src/daemon/names.h \
	src/daemon/port.c src/daemon/port.h \
	src/daemon/probe.c src/daemon/probe.h \
	src/daemon/pump.c src/daemon/pump.h \
	src/daemon/rehash.c \
	src/daemon/rehash.h \
	src/daemon/reload.c src/daemon/reload.h \
	src/daemon/renew.c src/daemon/renew.h \
	src/daemon/restart.c src/daemon/restart.h \
	src/daemon/restart_check.c src/daemon/restart_check.h \
	src/daemon/slot.c src/daemon/slot.h \
	src/daemon/state.c src/daemon/state.h \
	src/daemon/stay.c src/daemon/stay.h \
	src/daemon/takeover.c src/daemon/takeover.h \
	src/daemon/worker.c src/daemon/worker.h
if HAVE_GEO
banyand_SOURCES += src/daemon/mmdb.c
else
banyand_SOURCES += src/daemon/mmdb_none.c
endif
