check_PROGRAMS += tests/unit/store/check_store
TESTS += tests/unit/store/check_store
tests_unit_store_check_store_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_store_check_store_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_store_check_store_LDADD = libunit.a libstore.a libbase.a \
	$(SODIUM_LIBS) $(SQLITE_LIBS) $(CHECK_LIBS)
tests_unit_store_check_store_SOURCES = \
	tests/unit/store/check_store.c tests/unit/store/check_store.h \
	tests/unit/store/queue.c \
	tests/unit/store/store.c
