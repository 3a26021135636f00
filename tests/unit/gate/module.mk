check_PROGRAMS += tests/unit/gate/check_gate
TESTS += tests/unit/gate/check_gate
tests_unit_gate_check_gate_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_gate_check_gate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_gate_check_gate_LDADD = $(UNIT_LDADD)
tests_unit_gate_check_gate_SOURCES = \
	src/gate/roll.c src/gate/roll.h \
	src/gate/trunkline.c src/gate/trunkline.h \
	tests/unit/gate/check_gate.c tests/unit/gate/check_gate.h \
	tests/unit/gate/roll.c \
	tests/unit/gate/trunkline.c
