/* A question to theory, with the memory that it borrows. */
#ifndef ND_QUESTION_INTERNAL_H
#define ND_QUESTION_INTERNAL_H

#include "base/listener.h"
#include "api/api_internal.h"

typedef struct nd_asked {
  nd_question question;
  nd_teller teller;
  nd_until until; /* of the question, which points to it: an asked stays where it is */
  nd_node *parameters;
  nd_fact *facts;
  size_t capacity;
} nd_asked;
nadir_status nd_ask(nd_asked *asked, const nadir_expr *expr, const nadir_settings *settings,
                    const nadir_listener *listener, nadir_error *error);
void nd_asked_free(nd_asked *asked);
/* Copies of the formula as typed and of its parameters' names, all the caller's. */
nadir_status nd_name_question(const nadir_expr *expr, const nd_question *question, char **formula,
                              char ***names, nadir_error *error);

#endif
