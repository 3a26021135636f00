bin_PROGRAMS += banyanctl
banyanctl_CFLAGS = $(AM_CFLAGS) $(BSD_CFLAGS) $(CONFIG_CFLAGS) $(SODIUM_CFLAGS)
banyanctl_LDADD = libconf.a libcore.a libwire.a libbase.a \
	$(SODIUM_LIBS) $(CONFIG_LIBS) $(BSD_LIBS)
banyanctl_SOURCES = \
	src/ctl/ask.c src/ctl/ask.h \
	src/ctl/hash.c src/ctl/hash.h \
	src/ctl/main.c
