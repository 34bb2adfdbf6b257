/* AMQP to fedmsg: messages are acknowledged, many at once, when the socket has taken them; their bytes are the body's,
 * unwrapped. */
#include "amqp_side.h"

/* Nothing is sent that nobody would get. */
static void await_subscriber(void *pub) {
    zmq_msg_t subscription;
    zmq_msg_init(&subscription);
    if (zmq_msg_recv(&subscription, pub, 0) < 0) fail("no subscription");
    zmq_msg_close(&subscription);
}

_Noreturn void to_fedmsg(void *pub, amqp_connection_state_t connection, const char *queue, uint16_t prefetch) {
    const unsigned batch = prefetch / 4 ? prefetch / 4 : 1;
    await_subscriber(pub);
    amqp_basic_qos(connection, CHANNEL, 0, prefetch, 0);
    amqp_side_check(connection, "no prefetch");
    amqp_basic_consume(connection, CHANNEL, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    amqp_side_check(connection, "no consumer");
    for (unsigned sent = 1;; sent++) {
        amqp_envelope_t delivery;
        amqp_maybe_release_buffers(connection);
        if (amqp_consume_message(connection, &delivery, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL) fail("no delivery");
        amqp_bytes_t topic = delivery.routing_key, body = delivery.message.body;
        if (zmq_send(pub, topic.bytes, topic.len, ZMQ_SNDMORE) < 0 || zmq_send(pub, body.bytes, body.len, 0) < 0)
            fail("the socket took no message");
        if (sent % batch == 0 && amqp_basic_ack(connection, CHANNEL, delivery.delivery_tag, 1))
            fail("the broker took no acknowledgement");
        amqp_destroy_envelope(&delivery);
    }
}
