check_PROGRAMS += tests/unit/wire/check_wire
TESTS += tests/unit/wire/check_wire
tests_unit_wire_check_wire_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_wire_check_wire_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_wire_check_wire_LDADD = $(UNIT_LDADD)
tests_unit_wire_check_wire_SOURCES = \
	tests/unit/wire/check_wire.c tests/unit/wire/check_wire.h \
	tests/unit/wire/addr.c \
	tests/unit/wire/proxy.c \
	tests/unit/wire/casemap.c \
	tests/unit/wire/frame.c \
	tests/unit/wire/glob_index.c \
	tests/unit/wire/isotime.c \
	tests/unit/wire/mask.c \
	tests/unit/wire/msg.c \
	tests/unit/wire/name.c \
	tests/unit/wire/numeric.c \
	tests/unit/wire/pace.c \
	tests/unit/wire/tags.c \
	tests/unit/wire/tally.c \
	tests/unit/wire/upgrade.c \
	tests/unit/wire/utf8.c
