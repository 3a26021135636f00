# An example: tests have it, and no server is given it.
libmodules_a_SOURCES += modules/skeleton/skeleton.c
EXTRA_DIST += modules/skeleton/skeleton.md modules/skeleton/skeleton.txt \
	modules/skeleton/Makefile
