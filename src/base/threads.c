/* A pool of threads that share out numbered tasks. The caller works too, as worker 0, so a pool of
 * one thread starts none. Tasks are claimed in ascending order; who runs which is left to chance,
 * so results must go by task number. After task i fails no task above i is begun, all below are
 * done: the error given back is that of the lowest failing task, whatever the number of threads. A
 * run that is over ends in the same way, at the task that the caller takes next.
 *
 * Waking the others costs some ten microseconds a run: tasks should be worth that. Threads block
 * all signals, which so reach the program's own threads. Forbidden: two runs of one pool at once, a
 * run from within its own task, freeing it during a run. */
#define _GNU_SOURCE /* sched_getaffinity: the processors that we may use, not those there are */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/lock.h"
#include "base/ranks.h"
#include "fault_internal.h"

/* A run's tasks; guarded by the pool's lock. */
typedef struct job {
  nd_task *task;
  void *context;
  size_t next, end; /* end: the count, or the lowest number that failed */
  nadir_status status;
  nadir_error *error;
} job;

typedef struct worker {
  struct nd_pool *pool;
  size_t number;
  pthread_t thread;
} worker;

struct nd_pool {
  size_t threads, started; /* started: not counting the caller */
  worker *workers;
  pthread_mutex_t lock;
  pthread_cond_t work, done;
  uint64_t run;   /* counts runs, so that a thread knows a new one */
  size_t working; /* threads that have not finished this run */
  bool ending;
  job job;
  const nd_until *until; /* of all runs; NULL: no limit */
  nd_ranks *ranks;       /* with whom sums over blocks are shared; NULL: nobody */
};

struct nd_lock {
  pthread_mutex_t mutex;
};

nadir_status nd_lock_new(nd_lock **lock, nadir_error *error) {
  *lock = nd_new(1, sizeof **lock, error);
  if (!*lock) return NADIR_NO_MEMORY;
  pthread_mutex_init(&(*lock)->mutex, NULL); /* which cannot fail on Linux */
  return NADIR_OK;
}

void nd_lock_free(nd_lock *lock) {
  if (lock) pthread_mutex_destroy(&lock->mutex);
  nd_free(lock);
}

void nd_lock_take(nd_lock *lock) {
  pthread_mutex_lock(&lock->mutex);
}

void nd_lock_give(nd_lock *lock) {
  pthread_mutex_unlock(&lock->mutex);
}

static bool claim(nd_pool *pool, size_t *i) {
  pthread_mutex_lock(&pool->lock);
  bool any = pool->job.next < pool->job.end;
  if (any) *i = pool->job.next++;
  pthread_mutex_unlock(&pool->lock);
  return any;
}

/* Task i failed: nothing at or above it is begun, and its error is kept unless a lower one fails. */
static void keep_failure(nd_pool *pool, size_t i, nadir_status status, const nadir_error *error) {
  pthread_mutex_lock(&pool->lock);
  job *now = &pool->job;
  if (now->status == NADIR_OK || i < now->end) {
    now->end = i;
    now->status = status;
    if (now->error) *now->error = *error;
  }
  pthread_mutex_unlock(&pool->lock);
}

/* The caller alone knows whether the run is over: the others find no more tasks then. */
static nadir_status do_task(nd_pool *pool, size_t i, size_t number, nadir_error *error) {
  if (number == 0) ND_TRY(nd_go_on_apart(pool->until, error));
  return pool->job.task(pool->job.context, i, number, error);
}

static void take_part(nd_pool *pool, size_t number) {
  for (size_t i; claim(pool, &i);) {
    nadir_error error = {.status = NADIR_OK};
    nadir_status status = do_task(pool, i, number, &error);
    if (status != NADIR_OK) keep_failure(pool, i, status, &error);
  }
}

/* Waits for a run after `seen`; false when the pool ends. */
static bool wait_for_run(nd_pool *pool, uint64_t *seen) {
  pthread_mutex_lock(&pool->lock);
  while (!pool->ending && pool->run == *seen)
    pthread_cond_wait(&pool->work, &pool->lock);
  *seen = pool->run;
  bool on = !pool->ending;
  pthread_mutex_unlock(&pool->lock);
  return on;
}

static void report_done(nd_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  if (--pool->working == 0) pthread_cond_signal(&pool->done);
  pthread_mutex_unlock(&pool->lock);
}

static void *work(void *context) {
  const worker *self = context;
  uint64_t seen = 0;
  while (wait_for_run(self->pool, &seen)) {
    take_part(self->pool, self->number);
    report_done(self->pool);
  }
  return NULL;
}

size_t nd_processors(void) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    int count = CPU_COUNT(&allowed);
    if (count > 0) return (size_t)count;
  }
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (size_t)online : 1;
}

/* By default a thread has the stack that `ulimit -s` gives the first one, which may be small. */
static void choose_stack(pthread_attr_t *about) {
  enum { LEAST_STACK = 1 << 18 };
  size_t size;
  if (pthread_attr_getstacksize(about, &size) == 0 && size < LEAST_STACK)
    pthread_attr_setstacksize(about, LEAST_STACK);
}

static int start_one(worker *fresh) {
  pthread_attr_t about;
  if (nd_fault(ND_FAULT_THREAD)) return errno;
  int failure = pthread_attr_init(&about);
  if (failure != 0) return failure;
  choose_stack(&about);
  failure = pthread_create(&fresh->thread, &about, work, fresh);
  pthread_attr_destroy(&about);
  return failure;
}

/* Where the system starts fewer threads than were asked for, the tasks are shared among those: that changes no bit. */
static void start(nd_pool *pool) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failure = 0;
  while (failure == 0 && pool->started + 1 < pool->threads) {
    worker *fresh = &pool->workers[pool->started];
    *fresh = (worker){.pool = pool, .number = pool->started + 1};
    failure = start_one(fresh);
    if (failure == 0) pool->started++;
  }
  pool->threads = pool->started + 1;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

nadir_status nd_pool_new(nd_pool **pool, size_t threads, nadir_error *error) {
  *pool = NULL;
  if (threads > ND_LIMIT_THREADS)
    return nd_fail(error, NADIR_BAD_SETTING, "threads: %zu are more than %d: ask for fewer",
                   threads, ND_LIMIT_THREADS);
  nd_pool *fresh = nd_new(1, sizeof *fresh, error);
  if (!fresh) return NADIR_NO_MEMORY;
  fresh->threads = threads > 0 ? threads : nd_processors();
  fresh->workers = nd_new(fresh->threads, sizeof *fresh->workers, error);
  if (!fresh->workers) {
    nd_free(fresh);
    return NADIR_NO_MEMORY;
  }
  pthread_mutex_init(&fresh->lock, NULL);
  pthread_cond_init(&fresh->work, NULL);
  pthread_cond_init(&fresh->done, NULL);
  start(fresh);
  *pool = fresh;
  return NADIR_OK;
}

void nd_pool_free(nd_pool *pool) {
  if (!pool) return;
  pthread_mutex_lock(&pool->lock);
  pool->ending = true;
  pthread_cond_broadcast(&pool->work);
  pthread_mutex_unlock(&pool->lock);
  for (size_t i = 0; i < pool->started; i++)
    pthread_join(pool->workers[i].thread, NULL);
  pthread_mutex_destroy(&pool->lock);
  pthread_cond_destroy(&pool->work);
  pthread_cond_destroy(&pool->done);
  nd_free(pool->workers);
  nd_free(pool);
}

size_t nd_pool_threads(const nd_pool *pool) {
  return pool->threads;
}

void nd_pool_heed(nd_pool *pool, const nd_until *until) {
  pool->until = until;
}

const nd_until *nd_pool_until(const nd_pool *pool) {
  return pool->until;
}

void nd_pool_share(nd_pool *pool, nd_ranks *ranks) {
  pool->ranks = ranks;
}

nd_ranks *nd_pool_ranks(const nd_pool *pool) {
  return pool->ranks;
}

static void begin(nd_pool *pool, const job *next) {
  pthread_mutex_lock(&pool->lock);
  pool->job = *next;
  if (next->end > 1) { /* a single task is the caller's */
    pool->working = pool->started;
    pool->run++;
    pthread_cond_broadcast(&pool->work);
  }
  pthread_mutex_unlock(&pool->lock);
}

static void wait_for_others(nd_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  while (pool->working > 0)
    pthread_cond_wait(&pool->done, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
}

nadir_status nd_pool_run(nd_pool *pool, size_t count, nd_task *task, void *context,
                         nadir_error *error) {
  job next = {.task = task, .context = context, .end = count, .error = error};
  begin(pool, &next);
  take_part(pool, 0);
  wait_for_others(pool);
  return pool->job.status;
}
