/*
 * The type of the URL of a broker. Two texts for one broker become one text, so
 * that blocks of `links` and `brokers` can be compared by it.
 */
#include "conf/broker.h"
#include "conf/type.h"

#define URL_MAX 400 /* bytes of the one form */

bool
type_load_broker(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct conf_broker_url url;
	struct writer w;

	if (g->kind != GIVEN_TEXT || !broker_url_read(g->text, &url))
		return false;
	writer_init_arena(&w, a, URL_MAX);
	broker_url_build(&w, &url);
	*(struct span *)value_at(obj, row) = writer_done(&w);
	return true;
}
