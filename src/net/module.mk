noinst_LIBRARIES += libnet.a
libnet_a_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS) $(BSD_CFLAGS) \
	$(LDNS_CFLAGS) $(URING_CFLAGS)
libnet_a_SOURCES = \
	src/net/allowance.c src/net/allowance.h \
	src/net/dial.c src/net/dial.h \
	src/net/dns.c src/net/dns.h \
	src/net/dns_cache.c src/net/dns_cache.h \
	src/net/file.c src/net/file.h \
	src/net/listen.c src/net/listen.h \
	src/net/loop.c src/net/loop.h \
	src/net/queue.c src/net/queue.h \
	src/net/resolver.c src/net/resolver.h \
	src/net/sends.h \
	src/net/srv.c src/net/srv.h \
	src/net/stream.c src/net/stream.h \
	src/net/stream_end.c \
	src/net/stream_in.c \
	src/net/stream_linger.c \
	src/net/stream_out.c \
	src/net/stream_setup.c \
	src/net/stream_state.h \
	src/net/stream_watch.c \
	src/net/streams.c \
	src/net/tcp.c src/net/transport.h \
	src/net/timer.c src/net/timer.h \
	src/net/tls.c src/net/tls.h \
	src/net/tls_ctx.h \
	src/net/tls_make.c src/net/tls_make.h \
	src/net/tls_sign.c \
	src/net/unix.c src/net/unix.h \
	src/net/ws.c src/net/ws.h src/net/ws_layer.h \
	src/net/ws_frame.c src/net/ws_frame.h \
	src/net/ws_read.c \
	src/net/ws_write.c
if HAVE_URING
libnet_a_SOURCES += src/net/sends.c
else
libnet_a_SOURCES += src/net/sends_none.c
endif
