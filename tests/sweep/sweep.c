/* Walks failing calls through whole command lines, each in a child of this process: of every kind of call (fault_internal.h) the
 * first fails, then the second, until the command is done before it fails; and some for good, that call and
 * all after it: where TRIES is below MANY_TRIES, of every other kind. Each time the command must end with exit status 3 and a sentence, or as if nothing had happened; an
 * output is the file that was there before, or the whole new one; and nothing else is left behind.
 *
 *     sweep COMMANDS TRIES
 *
 * in a directory with the files that the lines of COMMANDS name: words, with | between them. *NAME is an output; a
 * line may begin with <NAME|, for standard input. TRIES: so many calls of each kind and line, spread evenly; 0: all.
 * Prints a line for each command line that keeps all this; the exit status is 1 where one does not. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fault_internal.h"

enum { MOST_WORDS = 40, MOST_OUTPUTS = 6, MOST_SAID = 10, MANY_TRIES = 4 };

int nadir_main(int argc, char **argv);

static const struct {
  nd_fault_kind kind;
  const char *name;
} kinds[] = {{ND_FAULT_MEMORY, "memory"}, {ND_FAULT_PIECE, "piece"}, {ND_FAULT_OPEN, "open"},
             {ND_FAULT_READ, "read"},     {ND_FAULT_WRITE, "write"}, {ND_FAULT_FSYNC, "fsync"},
             {ND_FAULT_RENAME, "rename"}, {ND_FAULT_MMAP, "mmap"},   {ND_FAULT_CLOSE, "close"},
             {ND_FAULT_THREAD, "thread"}};

typedef struct content {
  char *bytes;
  size_t size;
} content;

/* A line of COMMANDS, and what it does where no call fails. */
typedef struct command {
  char *word[MOST_WORDS + 1];
  int words;
  const char *input, *output[MOST_OUTPUTS];
  int outputs, status;
  content made[MOST_OUTPUTS];
  size_t files;                    /* in the directory */
  uint64_t calls[ND_COUNT(kinds)]; /* of each kind */
} command;

static const char old[] = "what was there before\n";
static int report; /* the standard output of this program; that of the command is a file */
static int said;
static uint64_t *counts; /* of the calls that the child made, by kind: memory that is shared with it */

static void tell(const char *line, const char *failing, const char *wrong) {
  if (said++ < MOST_SAID) dprintf(report, "%s: %s: %s\n", line, failing, wrong);
}

static void stop(const char *why, const char *what) {
  dprintf(report, "sweep: %s: %s\n", what, why);
  exit(2);
}

/* Without bytes where there is no file. */
static content slurp(const char *path) {
  content all;
  bool read = nd_file_slurp(path, (size_t)1 << 24, &all.bytes, &all.size, NULL) == NADIR_OK;
  return read ? all : (content){0};
}

static void put(const char *path, const char *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
    stop("cannot be written", path);
}

static size_t files_here(void) {
  DIR *here = opendir(".");
  size_t count = 0;
  while (here != NULL && readdir(here) != NULL)
    count++;
  closedir(here);
  return count;
}

/* ---- a command line ---- */

static void read_command(command *c, char *line) {
  for (char *word = strtok(line, "|"); word != NULL; word = strtok(NULL, "|")) {
    if (*word == '<') {
      c->input = word + 1;
      continue;
    }
    if (*word == '*') c->output[c->outputs++] = ++word;
    if (c->words == MOST_WORDS || c->outputs == MOST_OUTPUTS) stop("too many words", line);
    c->word[++c->words] = word;
  }
  static char name[] = "nadir";
  c->word[0] = name;
}

static void redirect(int descriptor, const char *path, int flags) {
  int opened = open(path, flags, 0600);
  if (opened < 0 || dup2(opened, descriptor) < 0) stop("cannot be opened", path);
  close(opened);
}

static void take_counts(void) {
  for (size_t k = 0; k < ND_COUNT(kinds); k++)
    counts[k] = nd_fault_count(kinds[k].kind);
}

/* What the command says is in the files of standard output and error, which begin empty. Gives its exit status,
 * 128 and more where a signal ended it. */
static int run(const command *c, const char *failing) {
  int ended;
  for (int i = 0; i < c->outputs; i++)
    put(c->output[i], old, sizeof old - 1);
  redirect(STDIN_FILENO, c->input != NULL ? c->input : "/dev/null", O_RDONLY);
  if (ftruncate(STDOUT_FILENO, 0) != 0 || ftruncate(STDERR_FILENO, 0) != 0)
    stop("cannot be emptied", "standard output");
  pid_t child = fork();
  if (child < 0) stop("there is no other process", c->word[1]);
  if (child == 0) {
    atexit(take_counts);
    nd_fault_set(failing);
    exit(nadir_main(c->words + 1, (char **)(uintptr_t)c->word));
  }
  while (waitpid(child, &ended, 0) < 0)
    ;
  return WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
}

static void run_well(command *c, const char *line) {
  c->status = run(c, "");
  content error = slurp("error.txt");
  if (c->status > 1) stop(error.bytes, line);
  nd_free(error.bytes);
  for (int i = 0; i < c->outputs; i++) {
    c->made[i] = slurp(c->output[i]);
    if (c->made[i].size == sizeof old - 1) stop("makes no output", line);
  }
  c->files = files_here();
  memcpy(c->calls, counts, sizeof c->calls);
}

/* ---- what a failing call may do ---- */

static bool is(const content *made, const char *bytes, size_t size) {
  return made->size == size && memcmp(made->bytes, bytes, size) == 0;
}

/* Whether an output is whole: of what tells the time, the end is that of the good one. */
static bool is_whole(const content *now, const content *good) {
  enum { END = 8 };
  if (is(now, good->bytes, good->size)) return true;
  return now->size > END && good->size > END && now->size + 64 > good->size && good->size + 64 > now->size &&
         memcmp(now->bytes + now->size - END, good->bytes + good->size - END, END) == 0;
}

static void check_outputs(const command *c, int status, const char *line, const char *failing) {
  for (int i = 0; i < c->outputs; i++) {
    content now = slurp(c->output[i]);
    bool whole = now.bytes != NULL && is_whole(&now, &c->made[i]);
    bool kept = now.bytes != NULL && is(&now, old, sizeof old - 1);
    if (!whole && !kept) tell(line, failing, "an output is neither old nor new");
    if (!whole && status == c->status) tell(line, failing, "success, and an output is not written");
    nd_free(now.bytes);
  }
  if (files_here() > c->files) tell(line, failing, "a file is left behind");
}

static void check(const command *c, int status, const char *line, const char *failing) {
  content error = slurp("error.txt");
  if (status != 3 && status != c->status) tell(line, failing, "another exit status than 3");
  if (status == 3 && strncmp(error.bytes, "nadir: ", 7) != 0 && strstr(error.bytes, "\nnadir: ") == NULL)
    tell(line, failing, "exit status 3 without a sentence");
  check_outputs(c, status, line, failing);
  nd_free(error.bytes);
}

/* ---- the walk ---- */

/* Whether the call was reached. */
static bool try_call(const command *c, const char *line, size_t k, uint64_t call, bool for_good) {
  char failing[64];
  snprintf(failing, sizeof failing, "%s:%llu%s", kinds[k].name, (unsigned long long)call, for_good ? ":on" : "");
  int status = run(c, failing);
  bool reached = counts[k] >= call;
  if (reached) check(c, status, line, failing);
  return reached;
}

static uint64_t walk(const command *c, const char *line, size_t k, uint64_t tries, bool for_good) {
  uint64_t calls = c->calls[k], done = 0;
  uint64_t stride = tries == 0 || calls <= tries ? 1 : calls / tries;
  for (uint64_t call = 1; call <= calls && try_call(c, line, k, call, for_good); call += stride)
    done++;
  return done;
}

/* number: of the line, by which the kinds take turns. */
static uint64_t sweep(char *text, size_t number, uint64_t tries) {
  command c = {0};
  uint64_t done = 0;
  char *line = strdup(text);
  read_command(&c, text);
  run_well(&c, line);
  for (size_t k = 0; k < ND_COUNT(kinds); k++) {
    done += walk(&c, line, k, tries, false);
    if (tries == 0 || tries >= MANY_TRIES || (k + number) % 2 == 0)
      done += walk(&c, line, k, tries == 0 ? 64 : tries / 4 + 1, true);
  }
  for (int i = 0; i < c.outputs; i++) {
    nd_free(c.made[i].bytes);
    remove(c.output[i]);
  }
  free(line);
  return done;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  content commands = slurp(argv[1]); /* whole, and closed: a child that ends moves what it shares with its parent */
  uint64_t tries = strtoull(argv[2], NULL, 10), all = 0;
  size_t number = 0;
  int wrong = 0;
  report = dup(STDOUT_FILENO);
  if (commands.bytes == NULL) stop("cannot be opened", argv[1]);
  counts = mmap(NULL, sizeof(uint64_t[ND_COUNT(kinds)]), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (counts == MAP_FAILED) stop("no memory", argv[1]);
  redirect(STDOUT_FILENO, "output.txt", O_WRONLY | O_CREAT | O_APPEND);
  redirect(STDERR_FILENO, "error.txt", O_WRONLY | O_CREAT | O_APPEND);
  char *rest = commands.bytes, *line;
  while ((line = strsep(&rest, "\n")) != NULL) {
    if (line[0] == '#' || line[0] == '\0') continue;
    said = 0;
    char *copy = strdup(line);
    uint64_t done = sweep(line, number++, tries);
    all += done;
    wrong += said > 0;
    dprintf(report, "%s: %s, %llu failing calls\n", said > 0 ? "NOT" : "ok", copy, (unsigned long long)done);
    free(copy);
  }
  nd_free(commands.bytes);
  dprintf(report, "%llu failing calls\n", (unsigned long long)all);
  return wrong > 0;
}
