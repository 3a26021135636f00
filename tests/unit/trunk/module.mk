check_PROGRAMS += tests/unit/trunk/check_trunk
TESTS += tests/unit/trunk/check_trunk
tests_unit_trunk_check_trunk_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_trunk_check_trunk_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_trunk_check_trunk_LDADD = $(UNIT_LDADD)
tests_unit_trunk_check_trunk_SOURCES = \
	tests/unit/trunk/ahead.c \
	tests/unit/trunk/check_trunk.c tests/unit/trunk/check_trunk.h \
	tests/unit/trunk/ends.c \
	tests/unit/trunk/gate.c tests/unit/trunk/gate.h \
	tests/unit/trunk/lists.c \
	tests/unit/trunk/load.c \
	tests/unit/trunk/opening.c \
	tests/unit/trunk/peers.c \
	tests/unit/trunk/place.c \
	tests/unit/trunk/talk.c
