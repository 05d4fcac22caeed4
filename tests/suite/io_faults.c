/* Lets the FAULT_AT-th write, sync or truncation of a file whose name holds FAULT_FILE fail: with the
   error of number FAULT_ERRNO, or by half the bytes where that is 0; that one only, or with
   FAULT_STAYS every one from there on. The number of calls goes to the file FAULT_COUNT. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

/* 0: go on; 1: fail; 2: write half. */
static int decide(int fd, int has_bytes) {
  char link[64], name[4096];
  const char *file = getenv("FAULT_FILE"), *at = getenv("FAULT_AT"), *error = getenv("FAULT_ERRNO");
  if (!file || !at || !error) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (length < 0) return 0;
  name[length] = 0;
  if (!strstr(name, file)) return 0;
  long number = atomic_fetch_add(&calls, 1) + 1, wanted = atol(at);
  int now = number == wanted || (getenv("FAULT_STAYS") && wanted > 0 && number > wanted);
  if (!now) return 0;
  errno = atoi(error);
  if (errno == 0) return has_bytes ? 2 : 0;
  return 1;
}

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("FAULT_COUNT");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (!file) return;
  fprintf(file, "%ld\n", atomic_load(&calls));
  fclose(file);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t count) {
  int fault = decide(fd, count > 1);
  return fault == 1 ? -1 : REAL(write)(fd, bytes, fault == 2 ? count / 2 : count);
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  int fault = decide(fd, count > 1);
  return fault == 1 ? -1 : REAL(pwrite)(fd, bytes, fault == 2 ? count / 2 : count, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  int fault = decide(fd, count > 1);
  return fault == 1 ? -1 : REAL(pwrite64)(fd, bytes, fault == 2 ? count / 2 : count, at);
}
int fsync(int fd) { return decide(fd, 0) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return decide(fd, 0) ? -1 : REAL(fdatasync)(fd); }
int ftruncate(int fd, off_t length) { return decide(fd, 0) ? -1 : REAL(ftruncate)(fd, length); }
int ftruncate64(int fd, off64_t length) { return decide(fd, 0) ? -1 : REAL(ftruncate64)(fd, length); }
