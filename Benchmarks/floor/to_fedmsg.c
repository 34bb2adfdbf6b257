/* AMQP to fedmsg: a message is acknowledged once the socket has taken it; its bytes are the body's, unwrapped. */
#include "amqp_side.h"

#include <sys/time.h>

/* Nothing is sent that nobody would get. */
static void await_subscriber(void *pub) {
    zmq_msg_t subscription;
    zmq_msg_init(&subscription);
    if (zmq_msg_recv(&subscription, pub, 0) < 0) fail("no subscription");
    zmq_msg_close(&subscription);
}

static void acknowledge(amqp_connection_state_t connection, uint64_t up_to) {
    if (amqp_basic_ack(connection, CHANNEL, up_to, 1)) fail("the broker took no acknowledgement");
}

_Noreturn void to_fedmsg(void *pub, amqp_connection_state_t connection, const char *queue, uint16_t prefetch) {
    const uint64_t batch = prefetch / 4 ? prefetch / 4 : 1;
    uint64_t sent = 0, acknowledged = 0;
    await_subscriber(pub);
    amqp_basic_qos(connection, CHANNEL, 0, prefetch, 0);
    amqp_side_check(connection, "no prefetch");
    amqp_basic_consume(connection, CHANNEL, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    amqp_side_check(connection, "no consumer");
    for (;;) {
        struct timeval pause = {0, 20000};
        amqp_envelope_t delivery;
        amqp_maybe_release_buffers(connection);
        amqp_rpc_reply_t reply = amqp_consume_message(connection, &delivery, sent > acknowledged ? &pause : NULL, 0);
        if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
            amqp_bytes_t topic = delivery.routing_key, body = delivery.message.body;
            if (zmq_send(pub, topic.bytes, topic.len, ZMQ_SNDMORE) < 0 || zmq_send(pub, body.bytes, body.len, 0) < 0)
                fail("the socket took no message");
            sent = delivery.delivery_tag;
            amqp_destroy_envelope(&delivery);
            if (sent - acknowledged < batch) continue;
        } else if (reply.reply_type != AMQP_RESPONSE_LIBRARY_EXCEPTION || reply.library_error != AMQP_STATUS_TIMEOUT) {
            fail("no delivery");
        }
        acknowledge(connection, sent);
        acknowledged = sent;
    }
}
