/* Preloaded into a program: its clocks run FAST_TIME times as fast, and it waits that much less, so that minutes of
 * waiting are met in seconds. The clock of the day begins at FAST_TIME_FROM, in seconds since 1970, or as it is. The
 * calls are the ones that the connector and libcurl make. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static const long kSecond = 1000000000L;
static long factor = 1;
static struct timespec begin[2]; /* of CLOCK_REALTIME and CLOCK_MONOTONIC */
static struct timespec shown[2]; /* what the program is told for it */
static int (*real_gettime)(clockid_t, struct timespec*);
static int (*real_poll)(struct pollfd*, nfds_t, int);
static int (*real_clockwait)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const struct timespec*);

static int is_ours(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC; }

static long since(const struct timespec* from, const struct timespec* when) {
  return (when->tv_sec - from->tv_sec) * kSecond + when->tv_nsec - from->tv_nsec;
}

static struct timespec plus(const struct timespec* from, long nanoseconds) {
  const long all = from->tv_nsec + nanoseconds;
  struct timespec when = {from->tv_sec + all / kSecond, all % kSecond};
  if (when.tv_nsec < 0) {
    when.tv_nsec += kSecond;
    --when.tv_sec;
  }
  return when;
}

/* Others may ask for the time before our own constructor's turn comes. */
static void prepare(void) {
  if (real_gettime != NULL) return;
  real_poll = (int (*)(struct pollfd*, nfds_t, int))dlsym(RTLD_NEXT, "poll");
  real_clockwait = (int (*)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const struct timespec*))dlsym(
      RTLD_NEXT, "pthread_cond_clockwait");
  real_gettime = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  const char* text = getenv("FAST_TIME");
  factor = text == NULL ? 1 : atol(text);
  real_gettime(CLOCK_REALTIME, &begin[CLOCK_REALTIME]);
  real_gettime(CLOCK_MONOTONIC, &begin[CLOCK_MONOTONIC]);
  shown[CLOCK_REALTIME] = begin[CLOCK_REALTIME];
  shown[CLOCK_MONOTONIC] = begin[CLOCK_MONOTONIC];
  text = getenv("FAST_TIME_FROM");
  if (text != NULL) shown[CLOCK_REALTIME].tv_sec = atol(text);
}

__attribute__((constructor)) static void load(void) { prepare(); }

int clock_gettime(clockid_t clock, struct timespec* when) {
  prepare();
  const int result = real_gettime(clock, when);
  if (result == 0 && is_ours(clock)) *when = plus(&shown[clock], since(&begin[clock], when) * factor);
  return result;
}

int poll(struct pollfd* files, nfds_t count, int milliseconds) {
  prepare();
  return real_poll(files, count, milliseconds > 0 ? (int)((milliseconds + factor - 1) / factor) : milliseconds);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const struct timespec* until) {
  prepare();
  if (!is_ours(clock)) return real_clockwait(condition, mutex, clock, until);
  const struct timespec sooner = plus(&begin[clock], since(&shown[clock], until) / factor);
  return real_clockwait(condition, mutex, clock, &sooner);
}
