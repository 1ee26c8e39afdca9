/* Words as a shell of POSIX takes them (shell.c). */
#ifndef ND_SHELL_H
#define ND_SHELL_H

#include "base/base.h"

/* As nadir_shell_word. */
void nd_text_append_word(nd_text *text, const char *word);

#endif
