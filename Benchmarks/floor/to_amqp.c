/* fedmsg to AMQP: every message is persistent and confirmed; its bytes are the fedmsg's, untranslated. */
#include "amqp_side.h"

#include <stdbool.h>
#include <sys/time.h>

struct publisher {
    amqp_connection_state_t connection;
    amqp_bytes_t exchange;
    amqp_table_t headers;
    uint64_t window;
    uint64_t published, confirmed;
};

static uint64_t unconfirmed(const struct publisher *publisher) { return publisher->published - publisher->confirmed; }

/* Takes one message off the socket and publishes it; waits for one only where no confirm is due. */
static bool forward(struct publisher *publisher, void *sub) {
    zmq_msg_t topic, body;
    zmq_msg_init(&topic);
    if (zmq_msg_recv(&topic, sub, unconfirmed(publisher) ? ZMQ_DONTWAIT : 0) < 0) return false;
    zmq_msg_init(&body);
    if (!zmq_msg_more(&topic) || zmq_msg_recv(&body, sub, 0) < 0 || zmq_msg_more(&body)) fail("not two frames");
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG,
        .content_type = amqp_cstring_bytes("application/json"),
        .headers = publisher->headers,
        .delivery_mode = AMQP_DELIVERY_PERSISTENT,
        .message_id = amqp_cstring_bytes("2019-00000000-0000-4000-8000-000000000000"),
    };
    if (publisher->headers.num_entries) properties._flags |= AMQP_BASIC_HEADERS_FLAG;
    amqp_bytes_t key = {zmq_msg_size(&topic), zmq_msg_data(&topic)};
    amqp_bytes_t content = {zmq_msg_size(&body), zmq_msg_data(&body)};
    if (amqp_basic_publish(publisher->connection, CHANNEL, publisher->exchange, key, 0, 0, &properties, content))
        fail("the broker took no message");
    publisher->published++;
    zmq_msg_close(&topic);
    zmq_msg_close(&body);
    return true;
}

static amqp_field_value_t text(const char *value) {
    return (amqp_field_value_t){.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes(value)};
}

/* As many headers as the bridge gives a message, and as long. */
static amqp_table_t native_headers(void) {
    static amqp_table_entry_t origin[4], headers[6];
    origin[0] = (amqp_table_entry_t){amqp_cstring_bytes("origin"), text("fedmsg")};
    origin[1] = (amqp_table_entry_t){amqp_cstring_bytes("username"), text("apache")};
    origin[2] = (amqp_table_entry_t){amqp_cstring_bytes("i"), {.kind = AMQP_FIELD_KIND_I64, .value.i64 = 1}};
    origin[3] = (amqp_table_entry_t){amqp_cstring_bytes("timestamp"), text("1564513942.0")};
    headers[0] = (amqp_table_entry_t){amqp_cstring_bytes("fedora_messaging_schema"), text("base.message")};
    headers[1] = (amqp_table_entry_t){amqp_cstring_bytes("fedora_messaging_schema_package"), text("fedora-messaging")};
    headers[2] = (amqp_table_entry_t){amqp_cstring_bytes("sent-at"), text("2019-07-30T19:12:22+00:00")};
    headers[3] = (amqp_table_entry_t){amqp_cstring_bytes("fedora_messaging_severity"), {.kind = AMQP_FIELD_KIND_I32, .value.i32 = 20}};
    headers[4] = (amqp_table_entry_t){amqp_cstring_bytes("priority"), {.kind = AMQP_FIELD_KIND_I32, .value.i32 = 0}};
    headers[5] = (amqp_table_entry_t){amqp_cstring_bytes("x-fedmsg-bridge"), {.kind = AMQP_FIELD_KIND_TABLE, .value.table = {4, origin}}};
    return (amqp_table_t){6, headers};
}

/* Takes in one frame of confirms; false where none comes in time. RabbitMQ confirms about in order. */
static bool confirm(struct publisher *publisher, int milliseconds) {
    struct timeval limit = {0, milliseconds * 1000};
    amqp_frame_t frame;
    amqp_maybe_release_buffers(publisher->connection);
    int status = amqp_simple_wait_frame_noblock(publisher->connection, &frame, &limit);
    if (status == AMQP_STATUS_TIMEOUT) return false;
    if (status != AMQP_STATUS_OK) fail(amqp_error_string2(status));
    if (frame.frame_type != AMQP_FRAME_METHOD) return true;
    if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) fail("the broker did not confirm");
    uint64_t tag = ((amqp_basic_ack_t *)frame.payload.method.decoded)->delivery_tag;
    if (tag > publisher->confirmed) publisher->confirmed = tag;
    return true;
}

_Noreturn void to_amqp(void *sub, amqp_connection_state_t connection, const char *exchange, uint64_t window, bool headers) {
    struct publisher publisher = {
        .connection = connection,
        .exchange = amqp_cstring_bytes(exchange),
        .window = window,
    };
    if (headers) publisher.headers = native_headers();
    amqp_confirm_select(connection, CHANNEL);
    amqp_side_check(connection, "the broker does not confirm");
    for (;;) {
        // Confirms are looked at where there is nothing else to do: no message has come, or none may go.
        if (!forward(&publisher, sub)) confirm(&publisher, 1);
        while (unconfirmed(&publisher) >= window && confirm(&publisher, 100)) continue;
    }
}
