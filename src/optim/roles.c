/* Which rule plays which part: roles.def. Elsewhere no rule is known by its name. */
#include "optim/optim.h"

#include <string.h>

#define ND_ROLE(id, part, rule) extern const nadir_optimizer nd_optimizer_##rule;
#include "optim/roles.def"
#undef ND_ROLE

static const struct {
  const char *part;
  const nadir_optimizer *rule;
} roles[] = {
#define ND_ROLE(id, part, rule) [ND_FOR_##id] = {part, &nd_optimizer_##rule},
#include "optim/roles.def"
#undef ND_ROLE
};

const nadir_optimizer *nd_optimizer_for(nd_role role) {
  return roles[role].rule;
}

const nadir_optimizer *nd_optimizer_for_part(const char *part, size_t length) {
  for (size_t i = 0; i < ND_COUNT(roles); i++)
    if (strlen(roles[i].part) == length && memcmp(roles[i].part, part, length) == 0)
      return roles[i].rule;
  return NULL;
}
