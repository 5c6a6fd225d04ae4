/* What stands between a server and its files, its database and its clock; tests/aids/faults.py loads it and says what
 * happens. Of one file's name and those that begin with it (a database and its journal), every write, sync, cut, making
 * and removal is a step, and so is what is sent to a port and received from it. The Nth step fails or kills. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, CUT = 4, MAKE = 8, REMOVE = 16, SYNC_FOLDER = 32, SEND = 64, RECEIVE = 128 };
enum { KILL_BEFORE = -1, KILL_HALF = -2, KILL_AFTER = -3, STOP = -4, SLOW = -1000 }; /* SLOW and less: milliseconds */

/* Shared by every process of the server and by the test. */
struct board {
  int64_t kinds, first, last, what; /* of these kinds, the steps first to last: an errno, or what is above */
  int64_t counted, failed, records, skew; /* nanoseconds that the clock is ahead */
};
struct record {
  int64_t kind, began, ended, offset, length, result, path; /* the path's length; path and what was written follow */
};

static struct board *board;
static const char *file;
static char folder[PATH_MAX];
static int port, log_fd = -1;
static int64_t room = -1;

static int64_t now(void) {
  struct timespec t;
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("FAULTS_BOARD"), *log = getenv("FAULTS_LOG");
  if (!name) return;
  file = getenv("FAULTS_FILE");
  if (file) {
    strncpy(folder, file, sizeof folder - 1);
    *strrchr(folder, '/') = 0;
  }
  if (getenv("FAULTS_PORT")) port = atoi(getenv("FAULTS_PORT"));
  if (getenv("FAULTS_ROOM")) room = atoll(getenv("FAULTS_ROOM"));
  int fd = open(name, O_RDWR | O_CLOEXEC);
  if (fd < 0) abort();
  board = mmap(0, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (board == MAP_FAILED) abort();
  syscall(SYS_close, fd);
  if (log) log_fd = open(log, O_WRONLY | O_APPEND | O_CLOEXEC);
}

static int is_ours(const char *path) { return board && file && path && !strncmp(path, file, strlen(file)); }

/* The path of a descriptor, and whether it is one of ours: 1 a file, 2 the folder. */
static int known(int fd, char *path) {
  if (!board || !file) return 0;
  char link[32] = "/proc/self/fd/", digits[12];
  int n = 0, m = 14;
  for (int rest = fd; n == 0 || rest; rest /= 10) digits[n++] = '0' + rest % 10;
  while (n) link[m++] = digits[--n];
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (fd < 0 || length < 0) return 0;
  path[length] = 0;
  return is_ours(path) && !strstr(path, "-shm") ? 1 : strcmp(path, folder) ? 0 : 2;
}

static void die(void) {
  struct timespec t = {0, 50000000}; /* an answer that did not wait for this step would be out by then */
  nanosleep(&t, 0);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* Count a step, and say what is to happen at it: 0 nothing. */
static int64_t step(int64_t kind) {
  if (!(__atomic_load_n(&board->kinds, __ATOMIC_SEQ_CST) & kind)) return 0;
  int64_t number = __atomic_add_fetch(&board->counted, 1, __ATOMIC_SEQ_CST);
  if (number < board->first || number > board->last) return 0;
  __atomic_add_fetch(&board->failed, 1, __ATOMIC_SEQ_CST);
  int64_t what = board->what;
  if (what == KILL_BEFORE) die();
  if (what == STOP) kill(getpid(), SIGSTOP);
  if (what <= SLOW) {
    struct timespec t = {-what / 1000, -what % 1000 * 1000000};
    nanosleep(&t, 0);
  }
  return what;
}

static void record(int64_t kind, int64_t began, const char *path, const void *data, int64_t length, int64_t offset,
                   int64_t result) {
  if (log_fd < 0 || !board->records) return;
  struct record head = {kind, began, now(), offset, length, result, (int64_t)strlen(path)};
  int64_t held = kind == WRITE && result > 0 ? result : 0;
  head.length = kind == WRITE ? held : length;
  char *all = malloc(sizeof head + head.path + held);
  memcpy(all, &head, sizeof head);
  memcpy(all + sizeof head, path, head.path);
  if (held) memcpy(all + sizeof head + head.path, data, held);
  syscall(SYS_write, log_fd, all, sizeof head + head.path + held);
  free(all);
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
/* Do a call as a step: fail, die, or do it, take note of it and return. */
#define AS_STEP(kind, path, data, length, offset, call, half) AS(kind, path, data, length, offset, call, half, )
#define AS(kind, path, data, length, offset, call, half, broken)                    \
  do {                                                                              \
    int64_t began = now(), what = step(kind);                                       \
    if (what > 0) { broken; errno = (int)what; return -1; }                         \
    if (what == KILL_HALF) { half; die(); }                                         \
    __typeof__(call) result = call;                                                 \
    int error = errno;                                                              \
    record(kind, began, path, data, length, offset, result);                        \
    if (what == KILL_AFTER) die();                                                  \
    errno = error;                                                                  \
    return result;                                                                  \
  } while (0)

ssize_t write(int fd, const void *data, size_t length) {
  char path[PATH_MAX];
  if (known(fd, path) != 1) return syscall(SYS_write, fd, data, length);
  AS_STEP(WRITE, path, data, length, lseek(fd, 0, SEEK_CUR), (ssize_t)syscall(SYS_write, fd, data, length),
          syscall(SYS_write, fd, data, length / 2));
}

static ssize_t write_at(int fd, const void *data, size_t length, off_t offset) {
  char path[PATH_MAX];
  if (known(fd, path) != 1) return syscall(SYS_pwrite64, fd, data, length, offset);
  AS_STEP(WRITE, path, data, length, offset, (ssize_t)syscall(SYS_pwrite64, fd, data, length, offset),
          syscall(SYS_pwrite64, fd, data, length / 2, offset));
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return write_at(fd, data, length, offset); }
ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) { return write_at(fd, data, length, offset); }

static int synced(int fd, int number) {
  char path[PATH_MAX];
  int which = known(fd, path);
  if (!which) return (int)syscall(number, fd);
  AS_STEP(which == 1 ? SYNC : SYNC_FOLDER, path, 0, 0, 0, (int)syscall(number, fd), );
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

static int cut(int fd, off_t length) {
  char path[PATH_MAX];
  if (known(fd, path) != 1) return (int)syscall(SYS_ftruncate, fd, length);
  AS_STEP(CUT, path, 0, length, 0, (int)syscall(SYS_ftruncate, fd, length), );
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off_t length) { return cut(fd, length); }

int unlink(const char *path) {
  if (!is_ours(path) || strstr(path, "-shm")) return (int)syscall(SYS_unlink, path);
  AS_STEP(REMOVE, path, 0, 0, 0, (int)syscall(SYS_unlink, path), );
}

static int opened(const char *path, int flags, int mode) {
  int is_new = flags & O_CREAT && is_ours(path) && !strstr(path, "-shm") && syscall(SYS_access, path, F_OK);
  if (!is_new) return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
  AS_STEP(MAKE, path, 0, 0, 0, (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode), );
}

#define MODE(flags)                                \
  va_list more;                                    \
  va_start(more, flags);                           \
  int mode = (flags) & (O_CREAT | O_TMPFILE) ? va_arg(more, int) : 0; \
  va_end(more)

int open(const char *path, int flags, ...) { MODE(flags); return opened(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags); return opened(path, flags, mode); }

static int is_database(int fd) {
  struct sockaddr_in peer;
  socklen_t size = sizeof peer;
  return board && port && !getpeername(fd, (struct sockaddr *)&peer, &size) && peer.sin_family == AF_INET &&
         ntohs(peer.sin_port) == port;
}

ssize_t send(int fd, const void *data, size_t length, int flags) {
  REAL(send);
  if (!is_database(fd)) return real(fd, data, length, flags);
  AS(SEND, "", 0, 0, 0, real(fd, data, length, flags), real(fd, data, length / 2, flags), shutdown(fd, SHUT_RDWR));
}

ssize_t recv(int fd, void *data, size_t length, int flags) {
  REAL(recv);
  if (!is_database(fd)) return real(fd, data, length, flags);
  AS(RECEIVE, "", 0, 0, 0, real(fd, data, length, flags), , shutdown(fd, SHUT_RDWR));
}

int statvfs(const char *path, struct statvfs *about) {
  REAL(statvfs);
  int result = real(path, about);
  if (!result && room >= 0) about->f_bavail = room / about->f_frsize;
  return result;
}

int statvfs64(const char *path, struct statvfs64 *about) {
  REAL(statvfs64);
  int result = real(path, about);
  if (!result && room >= 0) about->f_bavail = room / about->f_frsize;
  return result;
}

int clock_gettime(clockid_t clock, struct timespec *t) {
  REAL(clock_gettime);
  int result = real(clock, t);
  if (!result && board && clock == CLOCK_REALTIME && board->skew) {
    int64_t all = t->tv_sec * 1000000000LL + t->tv_nsec + board->skew;
    t->tv_sec = all / 1000000000LL, t->tv_nsec = all % 1000000000LL;
  }
  return result;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone) {
  (void)zone;
  struct timespec exact;
  int result = clock_gettime(CLOCK_REALTIME, &exact);
  t->tv_sec = exact.tv_sec, t->tv_usec = exact.tv_nsec / 1000;
  return result;
}

time_t time(time_t *t) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (t) *t = exact.tv_sec;
  return exact.tv_sec;
}
