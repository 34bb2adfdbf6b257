// libzmq, and the eventfd that wakes its poll loop: Glibc's Swift module leaves the latter out.
#include <sys/eventfd.h>
#include <zmq.h>
