/* A file beside an output, written in its stead: without a name, where the file system has such files
 * (O_TMPFILE of Linux), so that nothing is left of it whatever ends us; else as TARGET.nadir-XXXXXXYYYYYY.
 *
 * Also a file without a name needs one for the moment before rename. What a run that was killed has
 * left under such a name the next one with the same output removes: the writer holds a lock (flock) on
 * its file for as long as it lives, so what is locked is left alone, as is what another user owns. Of
 * the letters of a name the last six follow from the first six, so that nobody else's file is taken for
 * one of ours (FNV-1a; Fowler, Noll and Vo 1991). Costs a look at each name of the directory.
 * Forbidden: to remove or to write over a file that nadir has not made. */
#define _GNU_SOURCE /* O_TMPFILE, flock */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aside_internal.h"
#include "fault_internal.h"
#include "system_internal.h"

#define MARK ".nadir-"
enum {
  LETTERS = 6,
  MARKED = sizeof MARK - 1,
  SUFFIX = MARKED + 2 * LETTERS,
  TRIES = 100,
  LINK_TEXT = 64
};

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* The directory of a path, the caller's. */
static char *directory_of(const char *path, nadir_error *error) {
  size_t length = (size_t)(base_of(path) - path);
  if (length == 0) return nd_copy_text(".", 1, error);
  return nd_copy_text(path, length > 1 ? length - 1 : 1, error);
}

/* The six letters that follow from six. */
static void check_letters(const char *letters, char check[LETTERS]) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (int i = 0; i < LETTERS; i++)
    hash = (hash ^ (unsigned char)letters[i]) * 0x100000001b3u;
  for (int i = 0; i < LETTERS; i++, hash /= sizeof alphabet - 1)
    check[i] = alphabet[hash % (sizeof alphabet - 1)];
}

/* ---- what is left of others ---- */

static bool is_leftover(const char *name, const char *base) {
  char check[LETTERS];
  size_t length = strlen(base);
  if (strlen(name) != length + SUFFIX || strncmp(name, base, length) != 0) return false;
  const char *letters = name + length + MARKED;
  check_letters(letters, check);
  return strncmp(name + length, MARK, MARKED) == 0 &&
         memcmp(letters + LETTERS, check, LETTERS) == 0;
}

static bool is_same_file(int descriptor, int directory, const char *name) {
  struct stat open_one, named;
  return fstat(descriptor, &open_one) == 0 &&
         fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(named.st_mode) &&
         named.st_uid == geteuid() && open_one.st_dev == named.st_dev &&
         open_one.st_ino == named.st_ino;
}

/* The lock is had where the writer has ended. */
static void remove_if_left(int directory, const char *name) {
  int descriptor = openat(directory, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0) return;
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 && is_same_file(descriptor, directory, name))
    unlinkat(directory, name, 0);
  nd_close(descriptor);
}

/* What cannot be removed stays: it is in nobody's way. */
static void remove_leftovers(const char *directory, const char *target) {
  DIR *list = opendir(directory);
  if (!list) return;
  for (const struct dirent *entry; (entry = readdir(list));)
    if (is_leftover(entry->d_name, base_of(target))) remove_if_left(dirfd(list), entry->d_name);
  closedir(list);
}

/* ---- names ---- */

static void choose_name(nd_aside *aside, nd_random *random) {
  char *end = aside->name + strlen(aside->target);
  memcpy(end, MARK, MARKED);
  end += MARKED;
  for (int i = 0; i < LETTERS; i++)
    end[i] = alphabet[nd_random_below(random, sizeof alphabet - 1)];
  check_letters(end, end + LETTERS);
  end[2 * LETTERS] = '\0';
}

static nd_random names_of(const nd_aside *aside) {
  uint64_t seed = (uint64_t)(nd_clock() * 1e9) ^ (uint64_t)getpid() << 40 ^ (uintptr_t)aside;
  return nd_random_stream(seed, ND_FOR_START, 0, 0);
}

/* Tries names until nobody has one. */
static bool find_name(nd_aside *aside, bool (*take)(nd_aside *aside)) {
  nd_random random = names_of(aside);
  for (int i = 0; i < TRIES; i++) {
    choose_name(aside, &random);
    if ((aside->named = take(aside))) return true;
    if (errno != EEXIST) return false;
  }
  return false;
}

/* A new file is anybody's leftover until it is locked: where it is gone by then, there are other names. */
static bool create(nd_aside *aside) {
  aside->descriptor = nd_open_to_write(aside->name, O_CREAT | O_EXCL | O_NOFOLLOW);
  if (aside->descriptor < 0) return false;
  flock(aside->descriptor, LOCK_EX | LOCK_NB);
  if (is_same_file(aside->descriptor, AT_FDCWD, aside->name)) return true;
  nd_close(aside->descriptor);
  aside->descriptor = -1;
  errno = EEXIST;
  return false;
}

static void name_of_descriptor(int descriptor, char text[LINK_TEXT]) {
  snprintf(text, LINK_TEXT, "/proc/self/fd/%d", descriptor);
}

static bool give_name(nd_aside *aside) {
  char itself[LINK_TEXT];
  name_of_descriptor(aside->descriptor, itself);
  return !nd_fault(ND_FAULT_RENAME) &&
         linkat(AT_FDCWD, itself, AT_FDCWD, aside->name, AT_SYMLINK_FOLLOW) == 0;
}

/* A name that is too long is told before there is anything to lose. */
static bool may_be_named(nd_aside *aside) {
  struct stat about;
  nd_random random = names_of(aside);
  choose_name(aside, &random);
  return lstat(aside->name, &about) == 0 || errno != ENAMETOOLONG;
}

/* ---- without a name ---- */

/* Where there are no such files, or none that can be given a name, errno says so. */
static bool open_nameless(nd_aside *aside, const char *directory) {
#ifdef O_TMPFILE
  char itself[LINK_TEXT];
  aside->descriptor = nd_open_to_write(directory, O_TMPFILE);
  if (aside->descriptor < 0) return false;
  name_of_descriptor(aside->descriptor, itself);
  if (access(itself, F_OK) == 0) {
    flock(aside->descriptor, LOCK_EX | LOCK_NB);
    return true;
  }
  nd_close(aside->descriptor);
  aside->descriptor = -1;
#endif
  (void)aside, (void)directory;
  errno = EOPNOTSUPP;
  return false;
}

static bool has_only_names(int number) {
  return number == EOPNOTSUPP || number == EISDIR || number == EINVAL || number == ENOENT;
}

nadir_status nd_aside_open(nd_aside *aside, const char *target, const char *path,
                           nadir_error *error) {
  *aside = (nd_aside){.target = target, .descriptor = -1};
  aside->name = nd_new(strlen(target) + SUFFIX + 1, 1, error);
  char *directory = directory_of(target, error);
  if (!aside->name || !directory) {
    nd_free(directory);
    return NADIR_NO_MEMORY;
  }
  memcpy(aside->name, target, strlen(target));
  remove_leftovers(directory, target);
  bool done = may_be_named(aside) && (open_nameless(aside, directory) ||
                                      (has_only_names(errno) && find_name(aside, create)));
  int number = errno;
  nd_free(directory);
  return done ? NADIR_OK : nd_fail_system(error, path, "written", number);
}

/* ---- into place ---- */

/* So that the new name outlasts a loss of power. Some file systems cannot, and nothing is wrong then:
 * the file is whole under its name. */
static void sync_directory(const char *directory) {
  int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  nd_close(descriptor);
}

static bool rename_it(nd_aside *aside) {
  if (!aside->named && !find_name(aside, give_name)) return false;
  if (nd_fault(ND_FAULT_RENAME) || rename(aside->name, aside->target) != 0) return false;
  aside->named = false;
  return true;
}

/* No signal ends us between the two names; what can fail for lack of memory comes before them. */
bool nd_aside_take_place(nd_aside *aside) {
  sigset_t all, before;
  char *directory = directory_of(aside->target, NULL);
  if (!directory) return false;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  bool done = rename_it(aside);
  int number = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (done) sync_directory(directory);
  nd_free(directory);
  errno = number;
  return done;
}

void nd_aside_close(nd_aside *aside) {
  if (aside->descriptor >= 0) nd_close(aside->descriptor);
  if (aside->named) unlink(aside->name);
  nd_free(aside->name);
  *aside = (nd_aside){.descriptor = -1};
}
