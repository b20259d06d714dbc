/* Loaded into a process before its libraries (LD_PRELOAD): makes its disk slow or failing and its clock wrong.

   Built by bench.soak.faults, which shares one small file with every process that is loaded with this: SOAK_CONTROL
   names it, SOAK_UNDER the folder whose files may fail (any number of folders, separated by colons). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

struct control {
  volatile int64_t sync_microseconds; /* added to every fsync and fdatasync */
  volatile int64_t per_million;       /* of writes and syncs under the folders, so many fail */
  volatile int64_t error;             /* with this error number */
  volatile int64_t clock_seconds;     /* added to the clock of the day */
  volatile int64_t failed;            /* how many have failed */
  volatile int64_t delayed;           /* how many synchronisations took longer */
};

static struct control *control;
static const char *under;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("SOAK_CONTROL");
  const char *folders = getenv("SOAK_UNDER");
  /* A copy: PostgreSQL writes its title over the environment. */
  under = folders ? strdup(folders) : NULL;
  int handle = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (handle < 0) return;
  void *shared = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
  close(handle);
  if (shared != MAP_FAILED) control = shared;
}

static int64_t set(volatile int64_t *value) { return __atomic_load_n(value, __ATOMIC_RELAXED); }

static int is_ours(int handle) {
  char link[32] = "/proc/self/fd/", path[4096], digits[12];
  int length = 0, at = 14;
  do digits[length++] = (char)('0' + handle % 10); while (handle /= 10);
  while (length) link[at++] = digits[--length];
  link[at] = 0;
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return 0;
  path[size] = 0;
  for (const char *folder = under; folder && *folder;) {
    size_t part = strcspn(folder, ":");
    if (part && !strncmp(path, folder, part) && path[part] == '/') return 1;
    folder += part + (folder[part] == ':');
  }
  return 0;
}

static int fails(int handle) {
  if (!control || handle < 0) return 0;
  int64_t per_million = set(&control->per_million);
  if (per_million <= 0) return 0;
  uint32_t drawn;
  if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn || drawn % 1000000 >= per_million) return 0;
  if (!is_ours(handle)) return 0;
  __atomic_add_fetch(&control->failed, 1, __ATOMIC_RELAXED);
  errno = (int)set(&control->error);
  return 1;
}

static void delay(void) {
  int64_t wait = control ? set(&control->sync_microseconds) : 0;
  if (wait <= 0) return;
  usleep((useconds_t)wait);
  __atomic_add_fetch(&control->delayed, 1, __ATOMIC_RELAXED);
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int fsync(int handle) { REAL(fsync); delay(); return fails(handle) ? -1 : real(handle); }
int fdatasync(int handle) { REAL(fdatasync); delay(); return fails(handle) ? -1 : real(handle); }

ssize_t write(int handle, const void *bytes, size_t size) {
  REAL(write);
  return fails(handle) ? -1 : real(handle, bytes, size);
}
ssize_t pwrite(int handle, const void *bytes, size_t size, off_t at) {
  REAL(pwrite);
  return fails(handle) ? -1 : real(handle, bytes, size, at);
}
ssize_t pwrite64(int handle, const void *bytes, size_t size, off64_t at) {
  REAL(pwrite64);
  return fails(handle) ? -1 : real(handle, bytes, size, at);
}

int clock_gettime(clockid_t which, struct timespec *now) {
  REAL(clock_gettime);
  int failed = real(which, now);
  if (!failed && control && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += set(&control->clock_seconds);
  }
  return failed;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  REAL(gettimeofday);
  int failed = real(now, zone);
  if (!failed && control) now->tv_sec += set(&control->clock_seconds);
  return failed;
}
time_t time(time_t *to) {
  REAL(time);
  time_t now = real(NULL);
  if (control) now += set(&control->clock_seconds);
  if (to) *to = now;
  return now;
}
