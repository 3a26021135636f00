sbin_PROGRAMS += banyan-gate
banyan_gate_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS) $(BSD_CFLAGS) \
	$(CONFIG_CFLAGS) $(SODIUM_CFLAGS)
banyan_gate_LDADD = libhost.a libnet.a libconf.a libcore.a libplace.a \
	libwire.a libbase.a \
	$(SODIUM_LIBS) $(ZSTD_LIBS) $(OPENSSL_LIBS) $(LDNS_LIBS) $(BSD_LIBS) \
	$(URING_LIBS) $(WSLAY_LIBS) $(CONFIG_LIBS) -lpthread
banyan_gate_SOURCES = \
	src/gate/choose.c src/gate/choose.h \
	src/gate/client.c src/gate/client.h \
	src/gate/control.c src/gate/control.h \
	src/gate/figures.c src/gate/figures.h \
	src/gate/gate.c src/gate/gate.h \
	src/gate/load.c src/gate/load.h \
	src/gate/main.c \
	src/gate/metrics.c src/gate/metrics.h \
	src/gate/names.c src/gate/names.h \
	src/gate/peers.c src/gate/peers.h \
	src/gate/placing.c src/gate/placing.h \
	src/gate/port.c src/gate/port.h \
	src/gate/reload.c src/gate/reload.h \
	src/gate/roll.c src/gate/roll.h \
	src/gate/server.c src/gate/server.h \
	src/gate/trunk.c src/gate/trunk.h \
	src/gate/trunkline.c src/gate/trunkline.h
