// Preloaded, this makes a program wait for ever for the address of a name that ends in .silent, as where no name server answers.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    const char *end = name ? strstr(name, ".silent") : NULL;
    while (end && strcmp(end, ".silent") == 0) pause();
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name, service, hints, found);
}
