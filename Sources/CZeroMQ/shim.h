// libzmq, and two calls of Linux that Glibc's Swift module leaves out: the eventfd that wakes a poll loop, and naming
// the calling thread, prctl being variadic.
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <zmq.h>

/// Names the calling thread; the first 15 bytes are kept.
static inline void czmq_set_thread_name(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
