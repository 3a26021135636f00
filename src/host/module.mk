noinst_LIBRARIES += libhost.a
libhost_a_CFLAGS = $(AM_CFLAGS) $(BSD_CFLAGS) $(CONFIG_CFLAGS)
libhost_a_SOURCES = \
	src/host/asker.c src/host/asker.h \
	src/host/child.c src/host/child.h \
	src/host/inherit.c src/host/inherit.h \
	src/host/listening.c src/host/listening.h \
	src/host/loading.c src/host/loading.h \
	src/host/logbound.c src/host/logbound.h \
	src/host/logger.c src/host/logger.h \
	src/host/logwriter.c src/host/logwriter.h \
	src/host/meter.c src/host/meter.h \
	src/host/notify.c src/host/notify.h \
	src/host/pages.c src/host/pages.h \
	src/host/pidfile.c src/host/pidfile.h \
	src/host/probing.c src/host/probing.h \
	src/host/process.c src/host/process.h \
	src/host/proxied.c src/host/proxied.h \
	src/host/sockaddr.c src/host/sockaddr.h \
	src/host/thread.c src/host/thread.h
