noinst_LIBRARIES += libstore.a
libstore_a_CFLAGS = $(AM_CFLAGS) $(BSD_CFLAGS) $(SQLITE_CFLAGS)
libstore_a_SOURCES = \
	src/store/queue.c src/store/queue.h \
	src/store/store.c src/store/store.h
