#include "conf/conf.h"

#define MOTD_LINES 1000
#define MOTD_LINE_LEN 400 /* bytes that fit into a numeric */

static struct span
motd_line(struct conf *conf, struct span line)
{
	struct span copy;
	char *p;

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	line = span_head(line, MOTD_LINE_LEN);
	p = arena_alloc(conf->arena, line.n + 1);
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		p[i] = c == '\0' || c == '\r' ? ' ' : c;
	}
	copy = span_make(p, line.n);
	return copy;
}

void
conf_set_motd(struct conf *conf, struct span text)
{
	struct span *v;
	size_t n = 0;

	v = arena_alloc(conf->arena, MOTD_LINES * sizeof(*v));
	while (text.n > 0 && n < MOTD_LINES)
		v[n++] = motd_line(conf, span_cut(&text, '\n'));
	conf->settings.motd = v;
	conf->settings.nmotd = n;
}
