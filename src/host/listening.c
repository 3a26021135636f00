#include "host/listening.h"

#include "host/sockaddr.h"

socklen_t
listening_sockaddr(const struct conf_listen *cl, struct sockaddr_storage *ss)
{
	return sockaddr_build(ss, &cl->address, (uint16_t)cl->port);
}

const char *
listening_name(const struct conf_listen *cl, char name[LISTEN_NAME_LEN])
{
	struct sockaddr_storage ss;
	socklen_t len = listening_sockaddr(cl, &ss);

	return listen_name((const void *)&ss, len, name);
}

bool
listening_try(const struct conf_listen *cl, bool used, char why[LISTEN_WHY_LEN])
{
	struct sockaddr_storage ss;
	socklen_t len = listening_sockaddr(cl, &ss);

	return listen_try((const void *)&ss, len, used, why);
}

void
listening_problem(struct conf_report *report, const struct conf_listen *v,
    size_t i, const char *why)
{
	char text[LISTEN_WHY_LEN + 64];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_str(&w, "listen[");
	writer_u64(&w, i + 1);
	writer_str(&w, "].address: ");
	writer_str(&w, why);
	conf_report_add(report, false, v[i].at, writer_done(&w));
}
