noinst_LIBRARIES += libnet.a
libnet_a_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS) $(BSD_CFLAGS)
libnet_a_SOURCES = \
	src/net/dial.h \
	src/net/listen.h \
	src/net/loop.h \
	src/net/stream.h \
	src/net/timer.h \
	src/net/tls.h \
	src/net/unix.h
