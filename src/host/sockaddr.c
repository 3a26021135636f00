#include "host/sockaddr.h"

#include <netinet/in.h>

#include <string.h>

socklen_t
sockaddr_build(struct sockaddr_storage *ss, const struct addr *a, uint16_t port)
{
	struct sockaddr_in *v4 = (void *)ss;
	struct sockaddr_in6 *v6 = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (addr_is_v4(a)) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, a->b + 12, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	memcpy(&v6->sin6_addr, a->b, 16);
	return sizeof(*v6);
}

struct addr
sockaddr_addr(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in *v4 = (const void *)ss;
	const struct sockaddr_in6 *v6 = (const void *)ss;
	struct addr a = ADDR_NONE;

	if (ss->ss_family == AF_INET)
		return addr_v4((const unsigned char *)&v4->sin_addr);
	if (ss->ss_family == AF_INET6)
		memcpy(a.b, &v6->sin6_addr, sizeof(a.b));
	return a;
}

uint16_t
sockaddr_port(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in *v4 = (const void *)ss;
	const struct sockaddr_in6 *v6 = (const void *)ss;

	if (ss->ss_family == AF_INET)
		return ntohs(v4->sin_port);
	return ss->ss_family == AF_INET6 ? ntohs(v6->sin6_port) : 0;
}
