check_PROGRAMS += tests/unit/conf/check_conf
TESTS += tests/unit/conf/check_conf
tests_unit_conf_check_conf_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_conf_check_conf_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CONFIG_CFLAGS)
tests_unit_conf_check_conf_LDADD = $(UNIT_LDADD) $(CONFIG_LIBS)
tests_unit_conf_check_conf_SOURCES = \
	tests/unit/conf/check_conf.c tests/unit/conf/check_conf.h \
	tests/unit/conf/check.c \
	tests/unit/conf/gate.c \
	tests/unit/conf/module_option.c \
	tests/unit/conf/print.c \
	tests/unit/conf/schema.c \
	tests/unit/conf/source.c \
	tests/unit/conf/syntax.c
