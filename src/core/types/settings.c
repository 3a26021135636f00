#include "core/types/settings.h"

#include "core/types/tables.h"

#include "base/invariant.h"
#include "core/types/privilege.h"
#include "wire/casemap.h"
#include "wire/mask.h"

const struct class_settings *
settings_class(const struct settings *s, const struct addr *a)
{
	invariant(s->nclass > 0);
	for (size_t i = 0; i + 1 < s->nclass; i++)
		if (addr_in(a, &s->class[i].net, s->class[i].prefix))
			return &s->class[i];
	return &s->class[s->nclass - 1];
}

const struct oper_settings *
settings_oper(const struct settings *s, struct span name)
{
	for (size_t i = 0; i < s->noper; i++)
		if (span_eq(s->oper[i].name, name))
			return &s->oper[i];
	return NULL;
}

const struct oper_class_settings *
settings_oper_class(const struct settings *s, struct span name)
{
	for (size_t i = 0; i < s->noper_class; i++)
		if (name.n > 0 && span_eq(s->oper_class[i].name, name))
			return &s->oper_class[i];
	return NULL;
}

uint32_t
settings_privileges(const struct settings *s, struct span class)
{
	const struct oper_class_settings *c = settings_oper_class(s, class);
	uint32_t set = 0;

	if (class.n == 0)
		return PRIVILEGES_ALL;
	for (size_t n = 0; c != NULL && n < s->noper_class; n++) {
		set |= c->privileges;
		c = settings_oper_class(s, c->inherits);
	}
	return set;
}

uint32_t
settings_option(const struct settings *s, const struct option_row *row)
{
	for (size_t i = 0; i < s->noption; i++)
		if (s->option[i].row == row)
			return s->option[i].v;
	return row->dflt;
}

struct span
settings_word(const struct settings *s, const struct option_row *row)
{
	for (size_t i = 0; i < s->noption; i++)
		if (s->option[i].row == row)
			return s->option[i].word;
	return SPAN_NONE;
}

const struct span *
settings_list(const struct settings *s, const struct option_row *row, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < s->noption; i++)
		if (s->option[i].row == row) {
			*n = s->option[i].nlist;
			return s->option[i].list;
		}
	return NULL;
}

bool
net_list_has(const struct net_list *l, const struct addr *a)
{
	for (size_t i = 0; i < l->n; i++)
		if (addr_in(a, &l->v[i].addr, l->v[i].prefix))
			return true;
	return false;
}

bool
settings_is_gateway(const struct settings *set, const struct addr *a)
{
	for (size_t i = 0; i < set->ngateway; i++)
		if (net_list_has(&set->gateway[i].nets, a))
			return true;
	return false;
}

bool
settings_is_peer(const struct settings *set, const struct addr *a)
{
	const struct peer_settings *p;

	for (size_t i = 0; i < set->npeer; i++) {
		p = &set->peer[i];
		for (size_t k = 0; k < p->naddress; k++)
			if (p->address[k].host.n == 0 &&
			    addr_eq(&p->address[k].addr, a))
				return true;
	}
	return false;
}

bool
settings_has_name(const struct settings *s, struct span name)
{
	struct span rest = s->sts.hosts;

	if (name.n == 0 || rest.n == 0)
		return name.n > 0;
	while (rest.n > 0)
		if (mask_glob(span_cut(&rest, ','), name, NULL))
			return true;
	return false;
}
