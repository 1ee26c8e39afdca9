/* Ranks by MPI: joining, messages from one to another, and the watch over those that are silent. Nothing else
 * knows MPI. Built with the option NADIR_MPI; else ranks_alone.c is in its place.
 *
 * A rank that waits asks over and over, and sleeps between, so that ranks may share a processor. A thread of its
 * own tells rank 0 each second that this process lives, and rank 0 the others: one that is stopped, or whose
 * machine is gone, is silent, however busy or slow it may be otherwise. Who hears nothing for the time of
 * NADIR_RANK_SECONDS says so and ends all. Calls of MPI are made by one thread at a time (MPI_THREAD_SERIALIZED).
 * While MPI itself begins or ends, which it does when all are there, no sign can be given: that may take some
 * seconds longer.
 *
 * Who ends by an error alone tells rank 0 as it leaves; rank 0 hears it where it waits for a message, and has then
 * that error. Who goes another way than the rest is found out by the size of a message. */
#include <math.h>
#include <mpi.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ranks.h"

enum { PIECE = 1 << 30, NAME = 64, SPINS = 3000, LOST = 3 /* exit status */ };
static const double PATIENCE = 60;     /* seconds, where the environment says nothing */
static const double BEAT_SECONDS = 1;  /* between two signs of life */
static const double GRACE_SECONDS = 2; /* that the others have to end as rank 0 did, by an error */
static const double MPI_SECONDS = 15;  /* that MPI itself has to begin or end, beyond the patience */
static const double NEXT_SECONDS = 5;  /* that the launcher has to end the rest */

typedef struct farewell {
  int exit_status;
  nadir_error why;
} farewell;

/* What the watch sees to. */
typedef enum phase { MEETING, AT_WORK, PARTING, OVER } phase;

struct nadir_ranks {
  int rank, count, here;
  nd_rank_pace pace;
  MPI_Comm talk, life, leaving; /* of messages, of signs of life, of farewells */
  char (*name)[NAME];           /* of the machines */
  bool *left;                   /* of rank 0: who has said farewell ... */
  farewell said;                /* ... and the last of them, by an error: */
  int leaver;                   /* rank 0 where there is none */
  double *heard;                /* when of whom, by nd_clock */
  double patience, told;
  bool crowded;
  phase phase;  /* as the next, guarded by the lock: no thread calls MPI without it */
  double since; /* when the phase began */
  pthread_mutex_t lock;
  pthread_t watch;
  nadir_lost *lost;
  void *context;
};

int nadir_has_mpi(void) {
  return 1;
}

size_t nd_rank_count(const nd_ranks *ranks) {
  return ranks ? (size_t)ranks->count : 1;
}

size_t nd_rank(const nd_ranks *ranks) {
  return ranks ? (size_t)ranks->rank : 0;
}

size_t nd_ranks_here(const nd_ranks *ranks) {
  return ranks ? (size_t)ranks->here : 1;
}

nd_rank_pace *nd_ranks_pace(nd_ranks *ranks) {
  return ranks ? &ranks->pace : NULL;
}

/* ---- the end of all ---- */

/* Does not return: the lock is held, so that nobody else says more. */
static void end_all(nd_ranks *ranks, const char *sentence, int exit_status) {
  if (ranks->lost && sentence) ranks->lost(ranks->context, sentence);
  MPI_Abort(MPI_COMM_WORLD, exit_status);
  exit(exit_status);
}

/* Because of one of them: what it did, and what to see to. */
static void end_for(nd_ranks *ranks, int of, const char *did, const char *hint) {
  char sentence[256];
  snprintf(sentence, sizeof sentence, "rank %d on %s %s, and all end: see whether %s", of,
           ranks->name[of], did, hint);
  end_all(ranks, sentence, LOST);
}

static void end_for_silence(nd_ranks *ranks, int of) {
  char did[64];
  snprintf(did, sizeof did, "has been silent for %.0f s", ranks->patience);
  end_for(ranks, of, did, "that machine and its network are well, and run it again");
}

static void end_for_another_way(nd_ranks *ranks, int of) {
  char did[64];
  snprintf(did, sizeof did, "went another way than rank %d", ranks->rank);
  end_for(ranks, of, did, "both have the same nadir and the same files");
}

/* ---- signs of life ---- */

static void hear(nd_ranks *ranks, double now) {
  MPI_Status about;
  char sign;
  for (int any = 1; any;) {
    MPI_Iprobe(MPI_ANY_SOURCE, 0, ranks->life, &any, &about);
    if (!any) return;
    MPI_Recv(&sign, 1, MPI_CHAR, about.MPI_SOURCE, 0, ranks->life, MPI_STATUS_IGNORE);
    ranks->heard[about.MPI_SOURCE] = now;
  }
}

static void tell(nd_ranks *ranks, int to) {
  static const char sign = 1;
  MPI_Request request;
  MPI_Isend(&sign, 1, MPI_CHAR, to, 0, ranks->life, &request);
  MPI_Request_free(&request);
}

/* Of rank 0 all hear; of the others rank 0 alone. Where rank 0 is silent the first of the others says so: the
 * rest wait a little longer. */
static void look(nd_ranks *ranks, double now) {
  int first = ranks->rank ? 0 : 1, end = ranks->rank ? 1 : ranks->count;
  double patience = ranks->patience + (ranks->rank ? ranks->rank - 1 : 0);
  hear(ranks, now);
  for (int r = first; r < end && now - ranks->told >= BEAT_SECONDS; r++)
    tell(ranks, r);
  if (now - ranks->told >= BEAT_SECONDS) ranks->told = now;
  for (int r = first; r < end; r++)
    if (now - ranks->heard[r] > patience) end_for_silence(ranks, r);
}

/* A process that was stopped, and goes on, has heard nobody meanwhile: it listens for once before it judges. */
static void forgive(nd_ranks *ranks, double now) {
  ranks->since = now;
  for (int r = 0; r < ranks->count && ranks->phase == AT_WORK; r++)
    ranks->heard[r] = now;
}

/* MPI waits for one that does not come, and takes no other call: the launcher, which sees this process end, ends
 * the rest. Rank 0 says it, or, where that is the one, rank 1. */
static void end_unless_all(nd_ranks *ranks, double now) {
  char sentence[256];
  int turn = ranks->rank < 2 ? ranks->rank : 2;
  if (now - ranks->since <= ranks->patience + MPI_SECONDS + NEXT_SECONDS * turn) return;
  snprintf(sentence, sizeof sentence,
           "ranks: not all have %s within %.0f s, and the rest end: see whether their machines and "
           "the network are well, and run it again",
           ranks->phase == MEETING ? "begun" : "ended", ranks->patience + MPI_SECONDS);
  if (ranks->lost && turn < 2) ranks->lost(ranks->context, sentence);
  _exit(LOST);
}

static void *watch(void *context) {
  nd_ranks *ranks = context;
  const struct timespec nap = {.tv_nsec = 100000000};
  double before = nd_clock();
  for (phase in = MEETING; in != OVER;) {
    nanosleep(&nap, NULL);
    pthread_mutex_lock(&ranks->lock);
    double now = nd_clock();
    bool was_stopped = now - before > ranks->patience / 2;
    in = ranks->phase;
    if (was_stopped) forgive(ranks, now);
    if (in == AT_WORK) look(ranks, now);
    if (in == MEETING || in == PARTING) end_unless_all(ranks, now);
    before = now;
    pthread_mutex_unlock(&ranks->lock);
  }
  return NULL;
}

static void enter(nd_ranks *ranks, phase next) {
  pthread_mutex_lock(&ranks->lock);
  ranks->phase = next;
  forgive(ranks, nd_clock());
  pthread_mutex_unlock(&ranks->lock);
}

static void end_watch(nd_ranks *ranks) {
  enter(ranks, OVER);
  pthread_join(ranks->watch, NULL);
}

static nadir_status start_watch(nd_ranks *ranks, nadir_error *error) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failure = pthread_create(&ranks->watch, NULL, watch, ranks);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failure == 0) return NADIR_OK;
  return nd_fail(error, NADIR_SYSTEM,
                 "ranks: no thread can be started to watch over them: allow more (ulimit -u)");
}

/* ---- waiting ---- */

/* Asked in vain: soon the others get the processor, which they do at once where there are more ranks than those. */
static void rest(const nd_ranks *ranks, unsigned *asked) {
  const struct timespec nap = {.tv_nsec = 10000};
  if (++*asked > (ranks->crowded ? 1 : SPINS)) nanosleep(&nap, NULL);
}

static void wait_for(nd_ranks *ranks, MPI_Request *request) {
  unsigned asked = 0;
  for (int done = 0; !done;) {
    pthread_mutex_lock(&ranks->lock);
    MPI_Test(request, &done, MPI_STATUS_IGNORE);
    pthread_mutex_unlock(&ranks->lock);
    if (!done) rest(ranks, &asked);
  }
}

/* Whether someone left; the lock is held. */
static bool take_farewell(nd_ranks *ranks) {
  MPI_Status about;
  int any = 0;
  MPI_Iprobe(MPI_ANY_SOURCE, 0, ranks->leaving, &any, &about);
  if (!any) return ranks->leaver > 0;
  ranks->leaver = about.MPI_SOURCE;
  ranks->left[ranks->leaver] = true;
  MPI_Recv(&ranks->said, sizeof ranks->said, MPI_BYTE, ranks->leaver, 0, ranks->leaving,
           MPI_STATUS_IGNORE);
  return true;
}

static nadir_status fail_as_leaver(nd_ranks *ranks, nadir_error *error) {
  const farewell *said = &ranks->said;
  nadir_status status = said->exit_status == 1   ? NADIR_ENDED
                        : said->exit_status == 2 ? NADIR_BAD_DATA
                                                 : NADIR_SYSTEM;
  if (!said->why.message[0]) end_for_another_way(ranks, ranks->leaver);
  return nd_fail(error, status, "rank %d on %s: %s", ranks->leaver, ranks->name[ranks->leaver],
                 said->why.message);
}

/* ---- messages ---- */

void nd_rank_send(nd_ranks *ranks, size_t to, const void *data, size_t bytes) {
  const char *at = data;
  do {
    int count = (int)(bytes < PIECE ? bytes : PIECE);
    MPI_Request request;
    pthread_mutex_lock(&ranks->lock);
    MPI_Isend(at, count, MPI_BYTE, (int)to, 0, ranks->talk, &request);
    pthread_mutex_unlock(&ranks->lock);
    wait_for(ranks, &request);
    at += count;
    bytes -= (size_t)count;
  } while (bytes > 0);
}

/* Waits for the next message of that rank, or, on rank 0, for anyone's farewell. */
static nadir_status await(nd_ranks *ranks, int from, MPI_Message *message, int *count,
                          nadir_error *error) {
  unsigned asked = 0;
  for (;;) {
    MPI_Status about;
    int any = 0;
    pthread_mutex_lock(&ranks->lock);
    MPI_Improbe(from, 0, ranks->talk, &any, message, &about);
    if (any) MPI_Get_count(&about, MPI_BYTE, count);
    bool left = !any && ranks->rank == 0 && take_farewell(ranks);
    nadir_status status = left ? fail_as_leaver(ranks, error) : NADIR_OK;
    pthread_mutex_unlock(&ranks->lock);
    if (any || left) return status;
    rest(ranks, &asked);
  }
}

nadir_status nd_rank_receive(nd_ranks *ranks, size_t from, void *data, size_t bytes,
                             nadir_error *error) {
  char *at = data;
  do {
    int wanted = (int)(bytes < PIECE ? bytes : PIECE), count;
    MPI_Message message;
    MPI_Request request;
    ND_TRY(await(ranks, (int)from, &message, &count, error));
    pthread_mutex_lock(&ranks->lock);
    if (count != wanted) end_for_another_way(ranks, (int)from);
    MPI_Imrecv(at, count, MPI_BYTE, &message, &request);
    pthread_mutex_unlock(&ranks->lock);
    wait_for(ranks, &request);
    at += count;
    bytes -= (size_t)count;
  } while (bytes > 0);
  return NADIR_OK;
}

/* ---- joining ---- */

/* Which of several processes a launcher has started this one as: mpirun, or Slurm's srun by PMI; NULL where none has.
 * MPI_Init takes a tenth of a second, and starts a server, where there is none. */
static const char *launched_as(void) {
  static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
  const char *rank = NULL;
  for (size_t i = 0; i < ND_COUNT(names) && !rank; i++)
    rank = getenv(names[i]);
  return rank;
}

static nadir_status read_patience(double *patience, nadir_error *error) {
  const char *text = getenv("NADIR_RANK_SECONDS"), *end = NULL;
  *patience = PATIENCE;
  if (!text || !*text) return NADIR_OK;
  end = nd_read_number(text, text + strlen(text), patience);
  if (end && *end == '\0' && *patience >= 2 && *patience < 1e9) return NADIR_OK;
  return nd_fail(
      error, NADIR_BAD_SETTING,
      "NADIR_RANK_SECONDS: expected seconds, 2 or more, and not '%s': give them, or unset it",
      text);
}

static nadir_status set_up(nd_ranks *ranks, nadir_error *error) {
  char own[MPI_MAX_PROCESSOR_NAME] = "", name[NAME] = "";
  int length, rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  pthread_mutex_lock(&ranks->lock);
  ranks->rank = rank; /* the watch may look at it */
  pthread_mutex_unlock(&ranks->lock);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks->count);
  MPI_Comm_dup(MPI_COMM_WORLD, &ranks->talk);
  MPI_Comm_dup(MPI_COMM_WORLD, &ranks->life);
  MPI_Comm_dup(MPI_COMM_WORLD, &ranks->leaving);
  MPI_Comm machine;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
  MPI_Comm_size(machine, &ranks->here);
  MPI_Comm_free(&machine);
  ranks->crowded = (size_t)ranks->here > nd_processors();
  ranks->name = nd_new((size_t)ranks->count, sizeof *ranks->name, error);
  ranks->left = nd_new((size_t)ranks->count, sizeof *ranks->left, error);
  ranks->heard = nd_new((size_t)ranks->count, sizeof *ranks->heard, error);
  if (!ranks->name || !ranks->left || !ranks->heard) return NADIR_NO_MEMORY;
  MPI_Get_processor_name(own, &length);
  memcpy(name, own, NAME - 1);
  MPI_Allgather(name, NAME, MPI_CHAR, ranks->name, NAME, MPI_CHAR, MPI_COMM_WORLD);
  enter(ranks, AT_WORK);
  return NADIR_OK;
}

static void ranks_free(nd_ranks *ranks) {
  pthread_mutex_destroy(&ranks->lock);
  nd_free(ranks->name);
  nd_free(ranks->left);
  nd_free(ranks->heard);
  nd_free(ranks);
}

nadir_status nadir_ranks_join(nadir_ranks **joined, nadir_lost *lost, void *context,
                              nadir_error *error) {
  int given;
  double patience;
  *joined = NULL;
  const char *rank = launched_as();
  if (!rank) return NADIR_OK;
  ND_TRY(read_patience(&patience, error));
  nd_ranks *ranks = nd_new(1, sizeof *ranks, error);
  if (!ranks) return NADIR_NO_MEMORY;
  *ranks = (nd_ranks){.rank = atoi(rank),
                      .since = nd_clock(),
                      .patience = patience,
                      .lost = lost,
                      .context = context};
  pthread_mutex_init(&ranks->lock, NULL);
  nadir_status status = start_watch(ranks, error);
  if (status != NADIR_OK) {
    ranks_free(ranks);
    return status;
  }
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &given) != MPI_SUCCESS ||
      given < MPI_THREAD_SERIALIZED) {
    end_watch(ranks);
    ranks_free(ranks);
    return nd_fail(error, NADIR_SYSTEM,
                   "ranks: this MPI takes calls of no second thread: use a different one");
  }
  status = set_up(ranks, error);
  if (status != NADIR_OK)
    end_all(ranks, error ? error->message : NULL, LOST); /* the rest would wait */
  *joined = ranks;
  return status;
}

/* ---- leaving ---- */

static void await_all(nd_ranks *ranks, int exit_status) {
  double limit = nd_clock() + (exit_status ? GRACE_SECONDS : ranks->patience);
  unsigned asked = 0;
  for (int left = 1; left < ranks->count;) {
    pthread_mutex_lock(&ranks->lock);
    (void)take_farewell(ranks);
    bool late = nd_clock() > limit;
    for (left = 1; left < ranks->count && ranks->left[left];)
      left++;
    if (left < ranks->count && late && exit_status) end_all(ranks, NULL, exit_status);
    if (left < ranks->count && late) end_for_another_way(ranks, left);
    pthread_mutex_unlock(&ranks->lock);
    if (left < ranks->count) rest(ranks, &asked);
  }
}

static void exchange(nd_ranks *ranks, int exit_status, const char *why) {
  farewell said = {.exit_status = exit_status};
  MPI_Request request;
  if (why) snprintf(said.why.message, sizeof said.why.message, "%s", why);
  if (ranks->rank == 0) await_all(ranks, exit_status);
  int first = ranks->rank ? 0 : 1, end = ranks->rank ? 1 : ranks->count;
  for (int to = first; to < end; to++) {
    pthread_mutex_lock(&ranks->lock);
    MPI_Isend(&said, sizeof said, MPI_BYTE, to, 0, ranks->leaving, &request);
    pthread_mutex_unlock(&ranks->lock);
    wait_for(ranks, &request);
  }
  if (ranks->rank == 0) return;
  pthread_mutex_lock(&ranks->lock);
  MPI_Irecv(&said, sizeof said, MPI_BYTE, 0, 0, ranks->leaving, &request);
  pthread_mutex_unlock(&ranks->lock);
  wait_for(ranks, &request);
}

int nadir_ranks_leave(nadir_ranks *ranks, int exit_status, const char *why) {
  if (!ranks) return exit_status;
  int rank = ranks->rank;
  exchange(ranks, exit_status, why);
  enter(ranks, PARTING);
  MPI_Finalize();
  end_watch(ranks);
  ranks_free(ranks);
  return rank ? 0 : exit_status;
}
