/* What the system may refuse to a process, by environment variables:
   NO_ALLOCATION_FROM=n, NO_ALLOCATIONS=m: m allocations fail, from the n-th on
   NO_ALLOCATION_OF=n: those of n bytes or more fail
   SOCKET_ERROR=e, CONNECT_ERROR=e: what these calls fail with
   LOOKUP_BEGUN=path: a look-up of a name makes that file, and never ends */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

static atomic_long allocations;
static long from = -1, many, largest;

__attribute__((constructor)) static void begin(void) {
  if (getenv("NO_ALLOCATION_FROM")) from = atol(getenv("NO_ALLOCATION_FROM"));
  if (getenv("NO_ALLOCATIONS")) many = atol(getenv("NO_ALLOCATIONS"));
  if (getenv("NO_ALLOCATION_OF")) largest = atol(getenv("NO_ALLOCATION_OF"));
}

static int refused(size_t size) {
  const long before = atomic_fetch_add(&allocations, 1);
  if (!(from >= 0 && before >= from && before < from + many) && !(largest > 0 && size >= (size_t)largest)) return 0;
  errno = ENOMEM;
  return 1;
}

void *malloc(size_t size) { return refused(size) ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return refused(count * size) ? NULL : __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return refused(size) ? NULL : __libc_realloc(old, size); }

static int fails_by(const char *name) {
  if (!getenv(name)) return 0;
  errno = atoi(getenv(name));
  return 1;
}

int socket(int family, int type, int protocol) {
  const int internet = family == AF_INET || family == AF_INET6;
  if (internet && (type & SOCK_STREAM) && fails_by("SOCKET_ERROR")) return -1;
  return (int)syscall(SYS_socket, family, type, protocol);
}

int connect(int socket, const struct sockaddr *address, socklen_t size) {
  const int internet = address->sa_family == AF_INET || address->sa_family == AF_INET6;
  return internet && fails_by("CONNECT_ERROR") ? -1 : (int)syscall(SYS_connect, socket, address, size);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
  const char *mark = getenv("LOOKUP_BEGUN");
  if (mark) {
    close(open(mark, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    for (;;) pause();
  }
  real = dlsym(RTLD_NEXT, "getaddrinfo");
  return real(name, service, hints, found);
}
