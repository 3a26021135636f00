sbin_PROGRAMS += banyan-gate
banyan_gate_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS) $(BSD_CFLAGS) \
	$(CONFIG_CFLAGS)
banyan_gate_LDADD = libhost.a libnet.a libconf.a libcore.a libwire.a libbase.a \
	$(SODIUM_LIBS) $(ZSTD_LIBS) $(OPENSSL_LIBS) $(LDNS_LIBS) $(BSD_LIBS) \
	$(URING_LIBS) $(CONFIG_LIBS) -lpthread
banyan_gate_SOURCES = \
	src/gate/load.c src/gate/load.h \
	src/gate/main.c
