noinst_LIBRARIES += libpubsub.a
libpubsub_a_CFLAGS = $(AM_CFLAGS) $(BSD_CFLAGS) $(NATS_CFLAGS) \
	$(HIREDIS_CFLAGS)
libpubsub_a_SOURCES = \
	src/pubsub/kind.h \
	src/pubsub/pubsub.c src/pubsub/pubsub.h
if HAVE_NATS
libpubsub_a_SOURCES += src/pubsub/nats.c
else
libpubsub_a_SOURCES += src/pubsub/nats_none.c
endif
if HAVE_REDIS
libpubsub_a_SOURCES += src/pubsub/redis.c
else
libpubsub_a_SOURCES += src/pubsub/redis_none.c
endif
# what a program with this library needs
PUBSUB_LIBS = $(NATS_LIBS) $(HIREDIS_LIBS)
