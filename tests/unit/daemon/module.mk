check_PROGRAMS += tests/unit/daemon/check_daemon
TESTS += tests/unit/daemon/check_daemon
tests_unit_daemon_check_daemon_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_daemon_check_daemon_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) \
	$(BSD_CFLAGS) $(CONFIG_CFLAGS) $(OPENSSL_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_daemon_check_daemon_LDADD = libunit.a libhost.a libnet.a $(PURE_LDADD) \
	$(LDNS_LIBS) $(BSD_LIBS) $(URING_LIBS) $(WSLAY_LIBS) $(CHECK_LIBS) -lpthread
# The end of the worker is seen when it waits for its thread
tests_unit_daemon_check_daemon_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=pthread_join
tests_unit_daemon_check_daemon_SOURCES = \
	src/daemon/dialling.c src/daemon/dialling.h \
	src/daemon/kept.c src/daemon/kept.h \
	src/daemon/slot.c src/daemon/slot.h \
	src/daemon/worker.c src/daemon/worker.h \
	tests/unit/daemon/check_daemon.c tests/unit/daemon/check_daemon.h \
	tests/unit/daemon/dialling.c \
	tests/unit/daemon/kept.c \
	tests/unit/daemon/slot.c \
	tests/unit/daemon/worker.c
