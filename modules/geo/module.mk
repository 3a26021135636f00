module_PROGRAMS += modules/geo.so
modules_geo_so_CPPFLAGS = $(MODULE_CPP)
modules_geo_so_CFLAGS = $(MODULE_CC)
modules_geo_so_LDFLAGS = $(MODULE_LD)
modules_geo_so_SOURCES = modules/geo/geo.c
libmodules_a_SOURCES += modules/geo/geo.c
EXTRA_DIST += modules/geo/geo.md modules/geo/geo.txt
