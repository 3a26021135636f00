check_PROGRAMS += tests/unit/broker/check_broker
TESTS += tests/unit/broker/check_broker
tests_unit_broker_check_broker_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_broker_check_broker_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_broker_check_broker_LDADD = $(UNIT_LDADD)
tests_unit_broker_check_broker_SOURCES = \
	tests/unit/broker/check_broker.c tests/unit/broker/check_broker.h \
	tests/unit/broker/rig.c \
	tests/unit/broker/form.c \
	tests/unit/broker/inbox.c \
	tests/unit/broker/outq.c \
	tests/unit/broker/stream.c \
	tests/unit/broker/trust.c \
	tests/lib/signer.c tests/lib/signer.h
