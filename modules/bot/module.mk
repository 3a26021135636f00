module_PROGRAMS += modules/bot.so
modules_bot_so_CPPFLAGS = $(MODULE_CPP)
modules_bot_so_CFLAGS = $(MODULE_CC)
modules_bot_so_LDFLAGS = $(MODULE_LD)
modules_bot_so_SOURCES = modules/bot/bot.c
libmodules_a_SOURCES += modules/bot/bot.c
EXTRA_DIST += modules/bot/bot.md modules/bot/bot.txt \
	modules/bot/lines.txt modules/bot/multiline.txt
