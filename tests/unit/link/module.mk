check_PROGRAMS += tests/unit/link/check_link
TESTS += tests/unit/link/check_link
tests_unit_link_check_link_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_link_check_link_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_link_check_link_LDADD = $(UNIT_LDADD)
tests_unit_link_check_link_SOURCES = \
	tests/unit/link/check_link.c tests/unit/link/check_link.h \
	tests/unit/link/linkcap.c \
	tests/unit/link/log.c \
	tests/unit/link/netmap.c \
	tests/unit/link/words.c
