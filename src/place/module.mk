noinst_LIBRARIES += libplace.a
libplace_a_CFLAGS = $(AM_CFLAGS) $(PURE_CFLAGS) $(BSD_CFLAGS)
libplace_a_SOURCES = \
	src/place/ask.c src/place/ask.h \
	src/place/chans.c src/place/chans.h \
	src/place/choose.c src/place/choose.h \
	src/place/cost.c src/place/cost.h \
	src/place/memory.c src/place/memory.h \
	src/place/net.c src/place/net.h \
	src/place/rate.c src/place/rate.h \
	src/place/sent.c src/place/sent.h \
	src/place/strategy.def
