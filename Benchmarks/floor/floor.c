/* The floor: what it costs to move the bytes, with nothing translated, checked or kept.
 *
 *     floor to-amqp         ENDPOINT PORT EXCHANGE WINDOW      connects there
 *     floor to-amqp-headers ENDPOINT PORT EXCHANGE WINDOW      the same, with headers such as the bridge's
 *     floor to-fedmsg       ENDPOINT PORT QUEUE PREFETCH       listens there
 *
 * PORT is a RabbitMQ's on 127.0.0.1. Runs until it is killed.
 */
#include "amqp_side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *open_socket(int type, const char *endpoint) {
    void *socket = zmq_socket(zmq_ctx_new(), type);
    int no_limit = 0;
    if (!socket) fail("no socket");
    if (type == ZMQ_SUB) {
        zmq_setsockopt(socket, ZMQ_RCVHWM, &no_limit, sizeof no_limit);
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
        if (zmq_connect(socket, endpoint)) fail(zmq_strerror(zmq_errno()));
    } else {
        zmq_setsockopt(socket, ZMQ_SNDHWM, &no_limit, sizeof no_limit);
        if (zmq_bind(socket, endpoint)) fail(zmq_strerror(zmq_errno()));
    }
    return socket;
}

int main(int count, char **arguments) {
    if (count != 6) fail("to-amqp|to-amqp-headers|to-fedmsg ENDPOINT PORT EXCHANGE|QUEUE WINDOW|PREFETCH");
    const int window = atoi(arguments[5]);
    amqp_connection_state_t connection = amqp_side_connect(atoi(arguments[3]));
    if (window < 1 || window > UINT16_MAX) fail("the window is 1 to 65535");
    const bool headers = !strcmp(arguments[1], "to-amqp-headers");
    if (headers || !strcmp(arguments[1], "to-amqp"))
        to_amqp(open_socket(ZMQ_SUB, arguments[2]), connection, arguments[4], window, headers);
    else
        to_fedmsg(open_socket(ZMQ_XPUB, arguments[2]), connection, arguments[4], window);
}
