check_PROGRAMS += tests/unit/net/check_net
TESTS += tests/unit/net/check_net
tests_unit_net_check_net_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_net_check_net_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(OPENSSL_CFLAGS)
tests_unit_net_check_net_LDADD = libunit.a libnet.a libwire.a libbase.a $(SODIUM_LIBS) \
	$(OPENSSL_LIBS) $(LDNS_LIBS) $(URING_LIBS) $(WSLAY_LIBS) $(CHECK_LIBS) -lpthread
tests_unit_net_check_net_SOURCES = \
	tests/unit/net/check_net.c tests/unit/net/check_net.h \
	tests/unit/net/dial.c \
	tests/unit/net/dns.c \
	tests/unit/net/dns_cache.c \
	tests/unit/net/file.c \
	tests/unit/net/fixture.c tests/unit/net/fixture.h \
	tests/unit/net/listen.c \
	tests/unit/net/loop.c \
	tests/unit/net/queue.c \
	tests/unit/net/resolver.c \
	tests/unit/net/sends.c \
	tests/unit/net/srv.c \
	tests/unit/net/stream.c \
	tests/unit/net/stream_rest.c \
	tests/unit/net/streams.c \
	tests/unit/net/timer.c \
	tests/unit/net/tls.c \
	tests/unit/net/unix.c \
	tests/unit/net/ws.c \
	tests/unit/net/ws_frame.c
