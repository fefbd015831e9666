/* Preloaded into a program: names that end in .test are this machine. Of their look-ups the first NAMES_KNOWN succeed,
 * and then NAMES_LOST of them fail, as they do while a name server is away. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static atomic_int asked;

static int number(const char* name) {
  const char* text = getenv(name);
  return text == NULL ? 0 : atoi(text);
}

int getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** found) {
  int (*real)(const char*, const char*, const struct addrinfo*, struct addrinfo**) =
      (int (*)(const char*, const char*, const struct addrinfo*, struct addrinfo**))dlsym(RTLD_NEXT, "getaddrinfo");
  const size_t length = node == NULL ? 0 : strlen(node);
  if (length < 5 || strcmp(node + length - 5, ".test") != 0) return real(node, service, hints, found);
  const int before = atomic_fetch_add(&asked, 1);
  const int known = number("NAMES_KNOWN");
  if (before >= known && before < known + number("NAMES_LOST")) return EAI_AGAIN;
  return real("127.0.0.1", service, hints, found);
}
