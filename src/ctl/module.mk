bin_PROGRAMS += banyanctl
banyanctl_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS) $(BSD_CFLAGS) \
	$(CONFIG_CFLAGS) $(SODIUM_CFLAGS)
banyanctl_LDADD = libnet.a libconf.a libcore.a libwire.a libbase.a \
	$(OPENSSL_LIBS) $(BSD_LIBS) $(CONFIG_LIBS) $(SODIUM_LIBS) $(URING_LIBS) $(WSLAY_LIBS) \
	-lpthread
banyanctl_SOURCES = \
	src/ctl/ask.c src/ctl/ask.h \
	src/ctl/ctl.h \
	src/ctl/hash.c src/ctl/hash.h \
	src/ctl/init.c src/ctl/init.h \
	src/ctl/linkblock.c src/ctl/linkblock.h \
	src/ctl/main.c \
	src/ctl/print.c src/ctl/print.h
