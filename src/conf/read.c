#include "conf/read.h"

/* The text as libconfig shall see it, parsed and checked. */
static struct conf *
parse(const struct source *src, struct conf_report *report)
{
	struct conf *conf = NULL;
	struct conf_place at;
	config_t tree;

	config_init(&tree);
	if (config_read_string(&tree, src->text.p)) {
		conf = conf_check(&tree, src, report);
	} else {
		at = source_place(src, (unsigned int)config_error_line(&tree));
		conf_report_add(report, false, at,
		    span_of(config_error_text(&tree)));
	}
	config_destroy(&tree);
	return conf;
}

struct conf *
conf_read(struct span path, const struct conf_files *files,
    struct conf_report *report)
{
	struct arena *a = arena_new(64 * 1024);
	struct conf *conf = NULL;
	struct source src;

	if (source_read(&src, a, path, files, report))
		conf = parse(&src, report);
	conf_report_sort(report);
	arena_free(a);
	return conf;
}
