/* Faults at system calls, from inside: preloaded into a process, it counts the calls that change something outside of it,
 * and at a chosen one kills the process, or lets it do half of it, or makes it fail. Counts nothing until it is armed, and
 * only in the process that armed it.
 *
 * It can also write down what reaches the disk, in order, with the bytes: see faults_record.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WRITE = 1, SYNC, CREATE, NAME, CUT, SEND, CONNECT, RECEIVE, REPLY };
enum { COUNT = 1, KILL, HALF, FAIL, SHORT, LASTING };

#define MOST 100000
static volatile int armed, mode, at, code, calls, broken;
static volatile pid_t owner;
static volatile int recorder = -1, reply_fd = -1;
static unsigned char kinds[MOST];
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ({ static __typeof__(&name) f; if (!f) f = (__typeof__(&name))dlsym(RTLD_NEXT, #name); f; })

void faults_arm(int how, int which, int error) {
  mode = how; at = which; code = error; calls = 0; broken = 0; owner = getpid(); armed = 1;
}
int faults_disarm(void) { armed = 0; return calls; }
void faults_mend(void) { broken = 0; if (mode == LASTING) mode = COUNT; }
int faults_kind(int which) { return which > 0 && which < MOST ? kinds[which] : 0; }
void faults_reply_fd(int fd) { reply_fd = fd; }

static void die(void) {
  syscall(SYS_kill, owner, SIGKILL);
  for (;;) pause();
}

static int lasts(int kind) { return kind == WRITE || kind == CREATE || kind == CUT || kind == NAME; }

/* What is to happen at this call: 0 go on, 1 fail with errno, 2 do half and die, 3 do half. */
static int fate(int kind) {
  if (!armed || getpid() != owner) return 0;
  int mine = __sync_add_and_fetch(&calls, 1);
  if (mine < MOST) kinds[mine] = (unsigned char)kind;
  if (mode == LASTING && mine >= at && lasts(kind)) { errno = code; return 1; }
  if (mode == SHORT && broken && kind == WRITE) { broken = 0; errno = code; return 1; }
  if (mine != at) return 0;
  switch (mode) {
    case KILL: die(); break;
    case HALF: return 2;
    case FAIL: errno = code; return 1;
    case SHORT: broken = 1; return 3;
  }
  return 0;
}

static int kind_of(int fd) {
  struct stat status;
  if (fd == reply_fd) return REPLY;
  if (fstat(fd, &status)) return WRITE;
  return S_ISSOCK(status.st_mode) ? SEND : WRITE;
}

/* --- the record: what, device and inode, offset, two lengths, then a name or bytes and a second name ---------------- */
struct entry { uint32_t what, pid; uint64_t device, inode, offset; uint32_t first, second; };

static void put(uint32_t what, uint64_t device, uint64_t inode, uint64_t offset, const void *first, size_t n1, const void *second,
                size_t n2) {
  struct entry entry = {what, (uint32_t)getpid(), device, inode, offset, (uint32_t)n1, (uint32_t)n2};
  struct iovec parts[3] = {{&entry, sizeof entry}, {(void *)first, n1}, {(void *)second, n2}};
  REAL(writev)(recorder, parts, 3);
}
static void note_fd(uint32_t what, int fd, uint64_t offset, const void *octets, size_t size) {
  struct stat status;
  if (recorder < 0 || fstat(fd, &status)) return;
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode) && fd != reply_fd) return;
  put(fd == reply_fd ? REPLY + 100 : what, status.st_dev, status.st_ino, offset, octets, size, 0, 0);
}
static void note_names(uint32_t what, const char *first, const char *second) {
  struct stat status = {0};
  if (recorder < 0) return;
  lstat(second ? second : first, &status);
  put(what, status.st_dev, status.st_ino, S_ISDIR(status.st_mode), first, strlen(first), second ? second : "",
      second ? strlen(second) : 0);
}
void faults_record(int fd) { recorder = fd; }

#define HELD(body) do { int locked = recorder >= 0; if (locked) pthread_mutex_lock(&writing); body; \
    if (locked) pthread_mutex_unlock(&writing); } while (0)

/* --- writing --------------------------------------------------------------------------------------------------------- */
static uint64_t place(int fd) {
  struct stat status;
  int flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_APPEND) && !fstat(fd, &status)) return (uint64_t)status.st_size;
  off_t here = lseek(fd, 0, SEEK_CUR);
  return here < 0 ? 0 : (uint64_t)here;
}

ssize_t write(int fd, const void *octets, size_t size) {
  ssize_t done;
  int saved = errno, what = fate(kind_of(fd));
  if (what == 1) return -1;
  errno = saved;
  if (what >= 2 && size > 1) size /= 2;
  HELD({
    uint64_t offset = recorder >= 0 ? place(fd) : 0;
    done = REAL(write)(fd, octets, size);
    if (done > 0) note_fd(WRITE, fd, offset, octets, (size_t)done);
  });
  if (what == 2) die();
  return done;
}

static ssize_t positioned(int fd, const void *octets, size_t size, off_t offset) {
  ssize_t done;
  int saved = errno, what = fate(WRITE);
  if (what == 1) return -1;
  errno = saved;
  if (what >= 2 && size > 1) size /= 2;
  HELD({
    done = syscall(SYS_pwrite64, fd, octets, size, offset);
    if (done > 0) note_fd(WRITE, fd, (uint64_t)offset, octets, (size_t)done);
  });
  if (what == 2) die();
  return done;
}
ssize_t pwrite(int fd, const void *octets, size_t size, off_t offset) { return positioned(fd, octets, size, offset); }
ssize_t pwrite64(int fd, const void *octets, size_t size, off64_t offset) { return positioned(fd, octets, size, offset); }

/* Never used on a file that counts; should that change, the record says so instead of being wrong. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
  int saved = errno, what = fate(kind_of(fd));
  if (what == 1) return -1;
  errno = saved;
  ssize_t done = REAL(writev)(fd, parts, count);
  if (what == 2) die();
  note_fd(99, fd, 0, "", 0);
  return done;
}

#define CALL(kind, ...) \
  int saved = errno, what = fate(kind); \
  if (what == 1) return -1; \
  errno = saved; \
  int done; \
  HELD(__VA_ARGS__); \
  if (what == 2) die(); \
  return done

int fsync(int fd) { CALL(SYNC, { done = REAL(fsync)(fd); if (!done) note_fd(SYNC, fd, 0, "", 0); }); }
int fdatasync(int fd) { CALL(SYNC, { done = REAL(fdatasync)(fd); if (!done) note_fd(SYNC, fd, 0, "", 0); }); }
int ftruncate(int fd, off_t size) {
  CALL(CUT, { done = REAL(ftruncate)(fd, size); if (!done) note_fd(CUT, fd, (uint64_t)size, "", 0); });
}
int ftruncate64(int fd, off64_t size) {
  CALL(CUT, { done = REAL(ftruncate64)(fd, size); if (!done) note_fd(CUT, fd, (uint64_t)size, "", 0); });
}

/* --- names ----------------------------------------------------------------------------------------------------------- */
int rename(const char *old, const char *new) {
  CALL(NAME, { done = REAL(rename)(old, new); if (!done) note_names(20, old, new); });
}
int renameat(int a, const char *old, int b, const char *new) {
  CALL(NAME, { done = REAL(renameat)(a, old, b, new); if (!done) note_names(20, old, new); });
}
int link(const char *old, const char *new) { CALL(NAME, { done = REAL(link)(old, new); if (!done) note_names(21, old, new); }); }
int linkat(int a, const char *old, int b, const char *new, int flags) {
  CALL(NAME, { done = REAL(linkat)(a, old, b, new, flags); if (!done) note_names(21, old, new); });
}
int unlink(const char *name) { CALL(NAME, { done = REAL(unlink)(name); if (!done) note_names(22, name, 0); }); }
int unlinkat(int a, const char *name, int flags) {
  CALL(NAME, { done = REAL(unlinkat)(a, name, flags); if (!done) note_names(22, name, 0); });
}
int rmdir(const char *name) { CALL(NAME, { done = REAL(rmdir)(name); if (!done) note_names(22, name, 0); }); }
int mkdir(const char *name, mode_t bits) {
  CALL(NAME, { done = REAL(mkdir)(name, bits); if (!done) note_names(23, name, 0); });
}
int mkdirat(int a, const char *name, mode_t bits) {
  CALL(NAME, { done = REAL(mkdirat)(a, name, bits); if (!done) note_names(23, name, 0); });
}

static int changing(int flags) { return (flags & (O_CREAT | O_TRUNC)) || (flags & O_ACCMODE) != O_RDONLY || (flags & O_TMPFILE) == O_TMPFILE; }

static int opened(int folder, const char *name, int flags, mode_t bits) {
  int done, saved = errno, what = 0;
  if (changing(flags)) what = fate(CREATE);
  if (what == 1) return -1;
  errno = saved;
  HELD({
    struct stat before;
    int there = recorder >= 0 && !fstatat(folder, name, &before, 0);
    done = (int)syscall(SYS_openat, folder, name, flags | O_LARGEFILE, bits);
    if (done >= 0 && recorder >= 0 && (flags & O_CREAT) && !there) note_names(24, name, 0);
    if (done >= 0 && recorder >= 0 && (flags & O_TRUNC) && there) note_fd(CUT, done, 0, "", 0);
  });
  if (what == 2) die();
  return done;
}
#define BITS() va_list rest; va_start(rest, flags); \
  mode_t bits = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; va_end(rest)
int open(const char *name, int flags, ...) { BITS(); return opened(AT_FDCWD, name, flags, bits); }
int open64(const char *name, int flags, ...) { BITS(); return opened(AT_FDCWD, name, flags, bits); }
int openat(int folder, const char *name, int flags, ...) { BITS(); return opened(folder, name, flags, bits); }
int openat64(int folder, const char *name, int flags, ...) { BITS(); return opened(folder, name, flags, bits); }

/* --- the clock: what has been set by hand, or by a server that is wrong -------------------------------------------------- */
static volatile long shift;
void faults_shift(long seconds) { shift = seconds; }
int clock_gettime(clockid_t clock, struct timespec *now) {
  int done = (int)syscall(SYS_clock_gettime, clock, now);
  if (!done && clock == CLOCK_REALTIME) now->tv_sec += shift;
  return done;
}

/* --- talking --------------------------------------------------------------------------------------------------------- */
ssize_t send(int fd, const void *octets, size_t size, int flags) {
  int saved = errno, what = fate(SEND);
  if (what == 1) { shutdown(fd, SHUT_RDWR); errno = code; return -1; }
  errno = saved;
  if (what >= 2 && size > 1) size /= 2;
  ssize_t done = REAL(send)(fd, octets, size, flags);
  if (recorder >= 0 && done > 0 && done < 16) HELD(put(SEND, 0, 0, 0, octets, (size_t)done, 0, 0));
  if (what == 2) die();
  return done;
}
ssize_t recv(int fd, void *octets, size_t size, int flags) {
  int saved = errno, what = fate(RECEIVE);
  if (what == 1) { shutdown(fd, SHUT_RDWR); errno = code; return -1; }
  errno = saved;
  ssize_t done = REAL(recv)(fd, octets, size, flags);
  if (what == 2) die();
  return done;
}
int connect(int fd, const struct sockaddr *address, socklen_t size) {
  int saved = errno, what = fate(CONNECT);
  if (what == 1) return -1;
  errno = saved;
  int done = REAL(connect)(fd, address, size);
  if (what == 2) die();
  return done;
}
