/* fedmsg to AMQP: every message is persistent and confirmed; its bytes are the fedmsg's, untranslated. */
#include "amqp_side.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/time.h>

struct publisher {
    amqp_connection_state_t connection;
    amqp_bytes_t exchange;
    uint64_t window;
    uint64_t published;
    /* Every delivery tag up to this one is confirmed. */
    uint64_t settled;
    /* Whether a delivery tag above that is confirmed, at its remainder by the window. */
    bool *confirmed;
};

static bool has_room(const struct publisher *publisher) {
    return publisher->published - publisher->settled < publisher->window;
}

/* Takes one message off the socket and publishes it; false where none is there. */
static bool forward(struct publisher *publisher, void *sub) {
    zmq_msg_t topic, body;
    zmq_msg_init(&topic);
    if (zmq_msg_recv(&topic, sub, ZMQ_DONTWAIT) < 0) return false;
    zmq_msg_init(&body);
    if (!zmq_msg_more(&topic) || zmq_msg_recv(&body, sub, 0) < 0 || zmq_msg_more(&body)) fail("not two frames");
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG,
        .content_type = amqp_cstring_bytes("application/json"),
        .delivery_mode = AMQP_DELIVERY_PERSISTENT,
        .message_id = amqp_cstring_bytes("2019-00000000-0000-4000-8000-000000000000"),
    };
    amqp_bytes_t key = {zmq_msg_size(&topic), zmq_msg_data(&topic)};
    amqp_bytes_t content = {zmq_msg_size(&body), zmq_msg_data(&body)};
    if (amqp_basic_publish(publisher->connection, CHANNEL, publisher->exchange, key, 0, 0, &properties, content))
        fail("the broker took no message");
    publisher->confirmed[++publisher->published % publisher->window] = false;
    zmq_msg_close(&topic);
    zmq_msg_close(&body);
    return true;
}

static void confirm(struct publisher *publisher, uint64_t tag, bool multiple) {
    if (multiple && tag > publisher->settled) publisher->settled = tag;
    else publisher->confirmed[tag % publisher->window] = true;
    while (publisher->settled < publisher->published &&
           publisher->confirmed[(publisher->settled + 1) % publisher->window])
        publisher->settled++;
}

/* Takes in the confirms that are there. */
static void read_confirms(struct publisher *publisher) {
    struct timeval no_wait = {0, 0};
    amqp_frame_t frame;
    int status;
    amqp_maybe_release_buffers(publisher->connection);
    while ((status = amqp_simple_wait_frame_noblock(publisher->connection, &frame, &no_wait)) == AMQP_STATUS_OK) {
        if (frame.frame_type != AMQP_FRAME_METHOD) continue;
        if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) fail("the broker did not confirm");
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        confirm(publisher, ack->delivery_tag, ack->multiple);
        amqp_maybe_release_buffers(publisher->connection);
    }
    if (status != AMQP_STATUS_TIMEOUT) fail(amqp_error_string2(status));
}

_Noreturn void to_amqp(void *sub, amqp_connection_state_t connection, const char *exchange, uint64_t window) {
    struct publisher publisher = {
        .connection = connection,
        .exchange = amqp_cstring_bytes(exchange),
        .window = window,
        .confirmed = calloc(window, sizeof(bool)),
    };
    if (!publisher.confirmed) fail("no memory");
    amqp_confirm_select(connection, CHANNEL);
    amqp_side_check(connection, "the broker does not confirm");
    for (;;) {
        while (has_room(&publisher) && forward(&publisher, sub)) continue;
        zmq_pollitem_t awaited[] = {
            {.fd = amqp_get_sockfd(connection), .events = ZMQ_POLLIN},
            {.socket = sub, .events = ZMQ_POLLIN},
        };
        zmq_poll(awaited, has_room(&publisher) ? 2 : 1, -1);
        read_confirms(&publisher);
    }
}
