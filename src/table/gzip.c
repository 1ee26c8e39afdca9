/* Unpacks a gzip stream (RFC 1952; zlib) into an unlinked temporary file, which then can be read at
 * any place like a plain one. Members may follow each other, as cat a.gz b.gz makes them; zeros
 * after the last are padding. Constant memory (512 KiB and zlib's window); the disk holds the
 * content once. */
#include <string.h>
#include <zlib.h>

#include "table/reader_internal.h"

enum { PIECE = 1 << 18 };

typedef struct unpacking {
  nd_file *packed, *plain;
  nd_spool *spooled;
  unsigned char *in, *out;
  z_stream stream;
  uint64_t written, most; /* most: enough of it */
  nadir_error *error;
} unpacking;

static voidpf take(voidpf context, uInt count, uInt size) {
  (void)context;
  return nd_new(count, size, NULL);
}

static void give_back(voidpf context, voidpf memory) {
  (void)context;
  nd_free(memory);
}

static nadir_status damaged(const unpacking *u, const char *what) {
  return nd_fail(u->error, NADIR_BAD_DATA,
                 "%s: the gzip file is %s: fetch it again or look at it with gzip -t",
                 nd_file_path(u->packed), what);
}

/* More packed bytes where all are used up; avail_in stays 0 at the end of the file. */
static nadir_status feed(unpacking *u) {
  size_t got;
  if (u->stream.avail_in > 0) return NADIR_OK;
  ND_TRY(nd_file_read(u->packed, u->in, PIECE, &got, u->error));
  u->stream.next_in = u->in;
  u->stream.avail_in = (uInt)got;
  return NADIR_OK;
}

static nadir_status drain(unpacking *u) {
  size_t size = PIECE - u->stream.avail_out;
  if (size > 0) ND_TRY(nd_file_write_at(u->plain, u->written, u->out, size, u->error));
  u->written += size;
  u->stream.next_out = u->out;
  u->stream.avail_out = PIECE;
  return NADIR_OK;
}

static nadir_status unpack_member(unpacking *u) {
  for (;;) {
    ND_TRY(feed(u));
    if (u->stream.avail_in == 0) return damaged(u, "cut short");
    int answer = inflate(&u->stream, Z_NO_FLUSH);
    if (answer == Z_MEM_ERROR)
      return nd_fail(u->error, NADIR_NO_MEMORY, "%s: out of memory while it is unpacked",
                     nd_file_path(u->packed));
    if (answer != Z_OK && answer != Z_STREAM_END) return damaged(u, "damaged");
    if (u->stream.avail_out == 0 || answer == Z_STREAM_END) ND_TRY(drain(u));
    if (answer == Z_STREAM_END || u->written >= u->most) return NADIR_OK;
  }
}

/* Whether another member follows; zeros are stepped over. */
static nadir_status follows(unpacking *u, bool *more) {
  *more = false;
  for (;;) {
    ND_TRY(feed(u));
    if (u->stream.avail_in == 0) return NADIR_OK;
    if (*u->stream.next_in != 0) break;
    u->stream.next_in++;
    u->stream.avail_in--;
  }
  *more = true;
  return NADIR_OK;
}

static nadir_status unpack(unpacking *u) {
  for (bool more = true; more;) {
    ND_TRY(unpack_member(u));
    if (u->written >= u->most) return NADIR_OK;
    ND_TRY(follows(u, &more));
    if (more) inflateReset(&u->stream);
  }
  return NADIR_OK;
}

static nadir_status start(unpacking *u) {
  u->in = nd_new(PIECE, 1, u->error);
  u->out = nd_new(PIECE, 1, u->error);
  if (u->in == NULL || u->out == NULL) return NADIR_NO_MEMORY;
  ND_TRY(nd_file_spool(&u->plain, nd_file_path(u->packed), u->spooled, u->error));
  u->stream =
      (z_stream){.zalloc = take, .zfree = give_back, .next_out = u->out, .avail_out = PIECE};
  if (inflateInit2(&u->stream, 15 + 16) == Z_OK) return NADIR_OK;
  return nd_fail(u->error, NADIR_NO_MEMORY, "%s: out of memory while it is unpacked",
                 nd_file_path(u->packed));
}

nadir_status nd_is_gzip(const nd_file *file, bool *is, nadir_error *error) {
  char head[2];
  size_t got;
  ND_TRY(nd_file_read_at(file, 0, head, sizeof head, &got, error));
  *is = got == sizeof head && memcmp(head, "\x1f\x8b", sizeof head) == 0;
  return NADIR_OK;
}

nadir_status nd_gunzip(nd_file *packed, nd_file **plain, nd_spool *spooled, nadir_error *error) {
  return nd_gunzip_some(packed, plain, spooled, UINT64_MAX, error);
}

nadir_status nd_gunzip_some(nd_file *packed, nd_file **plain, nd_spool *spooled, uint64_t most, nadir_error *error) {
  *plain = NULL;
  unpacking u = {.packed = packed, .spooled = spooled, .most = most, .error = error};
  nadir_status status = start(&u);
  if (status == NADIR_OK) {
    status = unpack(&u);
    inflateEnd(&u.stream);
  }
  nd_free(u.in);
  nd_free(u.out);
  if (status == NADIR_OK) {
    *plain = u.plain;
  } else {
    nd_file_close(u.plain);
  }
  return status;
}
