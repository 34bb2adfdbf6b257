// librabbitmq_bench PORT QUEUE publish WINDOW COUNT BYTES, or … consume PREFETCH COUNT: prints the seconds and the seconds of
// processor time that it took, as JSON.
#define _GNU_SOURCE
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHANNEL = 1 };

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "librabbitmq_bench: %s\n", what);
    exit(1);
}

static double seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void check(amqp_connection_state_t connection, const char *what) {
    if (amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

// Waits for a confirm, and returns how many messages are confirmed by now.
static uint64_t confirmed(amqp_connection_state_t connection, uint64_t before) {
    amqp_frame_t frame;
    if (amqp_simple_wait_frame(connection, &frame) != AMQP_STATUS_OK) fail("the connection was lost");
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) fail("no ack");
    amqp_basic_ack_t *ack = frame.payload.method.decoded;
    uint64_t count = ack->multiple ? ack->delivery_tag : before + 1;
    amqp_maybe_release_buffers(connection);
    return count;
}

static void publish(amqp_connection_state_t connection, amqp_bytes_t queue, uint64_t window, uint64_t count, size_t size) {
    amqp_confirm_select(connection, CHANNEL);
    check(connection, "no confirms");
    amqp_bytes_t body = amqp_bytes_malloc(size);
    memset(body.bytes, 'x', size);
    uint64_t done = 0;
    for (uint64_t sent = 0; sent < count || done < count;) {
        if (sent < count && sent - done < window) {
            if (amqp_basic_publish(connection, CHANNEL, amqp_empty_bytes, queue, 0, 0, NULL, body)) fail("publish");
            sent++;
        } else {
            done = confirmed(connection, done);
        }
    }
    amqp_bytes_free(body);
}

static void consume(amqp_connection_state_t connection, amqp_bytes_t queue, uint16_t prefetch, uint64_t count) {
    amqp_basic_qos(connection, CHANNEL, 0, prefetch, 0);
    check(connection, "qos");
    amqp_basic_consume(connection, CHANNEL, queue, amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    check(connection, "consume");
    for (uint64_t taken = 0; taken < count; taken++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        if (amqp_consume_message(connection, &envelope, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL) fail("delivery");
        if (amqp_basic_ack(connection, CHANNEL, envelope.delivery_tag, 0)) fail("ack");
        amqp_destroy_envelope(&envelope);
    }
}

int main(int count, char **arguments) {
    if (count < 6) fail("PORT QUEUE publish|consume N COUNT [BYTES]");
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (!socket || amqp_socket_open(socket, "127.0.0.1", atoi(arguments[1]))) fail("no connection");
    if (amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest").reply_type !=
        AMQP_RESPONSE_NORMAL)
        fail("login");
    amqp_channel_open(connection, CHANNEL);
    check(connection, "no channel");
    amqp_bytes_t queue = amqp_cstring_bytes(arguments[2]);
    double start = seconds(CLOCK_MONOTONIC), processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (!strcmp(arguments[3], "publish"))
        publish(connection, queue, strtoull(arguments[4], NULL, 10), strtoull(arguments[5], NULL, 10),
                count > 6 ? strtoull(arguments[6], NULL, 10) : 0);
    else
        consume(connection, queue, (uint16_t)atoi(arguments[4]), strtoull(arguments[5], NULL, 10));
    printf("{\"seconds\": %f, \"cpu\": %f}\n", seconds(CLOCK_MONOTONIC) - start,
           seconds(CLOCK_PROCESS_CPUTIME_ID) - processor);
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(connection);
}
