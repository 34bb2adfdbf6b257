#include "amqp_side.h"

#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void fail(const char *what) {
    fprintf(stderr, "floor: %s\n", what);
    exit(1);
}

void amqp_side_check(amqp_connection_state_t connection, const char *what) {
    if (amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

amqp_connection_state_t amqp_side_connect(int port) {
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = connection ? amqp_tcp_socket_new(connection) : NULL;
    if (!socket || amqp_socket_open(socket, "127.0.0.1", port)) fail("no connection to the broker");
    amqp_rpc_reply_t login =
        amqp_login(connection, "/", 0, AMQP_DEFAULT_FRAME_SIZE, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
    if (login.reply_type != AMQP_RESPONSE_NORMAL) fail("the broker refused the login");
    amqp_channel_open(connection, CHANNEL);
    amqp_side_check(connection, "the broker opened no channel");
    return connection;
}
