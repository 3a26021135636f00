check_PROGRAMS += tests/unit/host/check_host
TESTS += tests/unit/host/check_host
tests_unit_host_check_host_CPPFLAGS = $(TEST_CPPFLAGS)
# -funsigned-char: as on other machines; the log must not depend on it.
tests_unit_host_check_host_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) \
	$(BSD_CFLAGS) -funsigned-char
tests_unit_host_check_host_LDADD = libunit.a libnet.a $(PURE_LDADD) \
	$(URING_LIBS) $(WSLAY_LIBS) $(CHECK_LIBS) -lpthread
tests_unit_host_check_host_SOURCES = \
	src/host/logbound.c src/host/logbound.h \
	src/host/logger.c src/host/logger.h \
	src/host/logwriter.c src/host/logwriter.h \
	src/host/thread.c src/host/thread.h \
	tests/unit/host/check_host.c tests/unit/host/check_host.h \
	tests/unit/host/logbound.c tests/unit/host/logger.c
