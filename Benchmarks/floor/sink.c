/* A broker that does nothing but answer: it confirms what is published as soon as it is read, and delivers what is in a
 * file. Beside it a program's own costs show without RabbitMQ's pace in them.
 *
 *     sink confirm COUNT…        prints "COUNT" when as many messages have been published
 *     sink deliver BURST FILE    delivers the file's messages, over and over, at most BURST in one write
 *
 * Prints its port on 127.0.0.1 first, and serves one connection. FILE holds messages, each as three lengths of 32 bits, big
 * endian, and the bytes: routing key, properties, body. The consumer's prefetch is kept.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { METHOD = 1, HEADER = 2, BODY = 3, FRAME_END = 0xCE, FRAME_MAX = 131072, READ_SIZE = 1 << 20 };

/* Class and method in one number. */
#define ID(class, method) ((uint32_t)(class) << 16 | (method))

struct bytes {
    uint8_t *start;
    size_t size, room;
};

struct source {
    const uint8_t *start, *end, *next;
};

struct client {
    int socket;
    struct bytes out;
    struct source source;
    uint64_t published, confirmed, content_left;
    uint64_t delivered, acknowledged, prefetch, burst;
    /* Numbers that are told of when they are reached, as text. */
    char **targets;
    uint8_t tag_size, tag[255];
    int is_consuming;
    /* Those that were published on, and consumed on, last. */
    int publishing_channel, consuming_channel;
};

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "sink: %s\n", what);
    exit(1);
}

static uint32_t get32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t get64(const uint8_t *at) { return (uint64_t)get32(at) << 32 | get32(at + 4); }

/* --- What goes out --- */

static void put(struct bytes *out, const void *bytes, size_t size) {
    if (out->size + size > out->room) {
        out->room = (out->size + size) * 2;
        if (!(out->start = realloc(out->start, out->room))) fail("no memory");
    }
    memcpy(out->start + out->size, bytes, size);
    out->size += size;
}

static void put_integer(struct bytes *out, uint64_t value, int size) {
    while (size--) put(out, &(uint8_t){value >> 8 * size}, 1);
}

static size_t begin_frame(struct bytes *out, int type, int channel) {
    put_integer(out, type, 1);
    put_integer(out, channel, 2);
    put_integer(out, 0, 4);
    return out->size;
}

static void end_frame(struct bytes *out, size_t start) {
    uint32_t size = htonl(out->size - start);
    memcpy(out->start + start - 4, &size, 4);
    put_integer(out, FRAME_END, 1);
}

/* A method whose arguments are these bytes. */
static void answer(struct client *client, int channel, uint32_t id, const void *arguments, size_t size) {
    size_t start = begin_frame(&client->out, METHOD, channel);
    put_integer(&client->out, id, 4);
    put(&client->out, arguments, size);
    end_frame(&client->out, start);
}

static void flush(struct client *client) {
    for (size_t done = 0; done < client->out.size;) {
        ssize_t count = write(client->socket, client->out.start + done, client->out.size - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) exit(0);
        done += count;
    }
    client->out.size = 0;
}

static void start(struct client *client) {
    static const char capabilities[] = "\x12publisher_confirmst\x01\x16" "consumer_cancel_notifyt\x01\x0a" "basic.nackt\x01";
    struct bytes arguments = {0};
    put_integer(&arguments, 9, 2);
    put_integer(&arguments, 4 + 14 + 4 + sizeof capabilities - 1 - 4, 4);
    put(&arguments, "\x0c" "capabilitiesF", 14);
    put_integer(&arguments, sizeof capabilities - 1, 4);
    put(&arguments, capabilities, sizeof capabilities - 1);
    put(&arguments, "\0\0\0\x05PLAIN\0\0\0\x05" "en_US", 18);
    uint32_t table = htonl(14 + 4 + sizeof capabilities - 1);
    memcpy(arguments.start + 2, &table, 4);
    answer(client, 0, ID(10, 10), arguments.start, arguments.size);
    free(arguments.start);
}

/* --- Deliveries --- */

static int deliver(struct client *client) {
    struct source *source = &client->source;
    uint64_t count = 0;
    while (count < client->burst && client->delivered - client->acknowledged < client->prefetch) {
        if (source->next == source->end) source->next = source->start;
        uint32_t key = get32(source->next), properties = get32(source->next + 4), body = get32(source->next + 8);
        const uint8_t *bytes = source->next + 12;
        source->next = bytes + key + properties + body;
        size_t frame = begin_frame(&client->out, METHOD, client->consuming_channel);
        put_integer(&client->out, ID(60, 60), 4);
        put(&client->out, &client->tag_size, 1);
        put(&client->out, client->tag, client->tag_size);
        put_integer(&client->out, ++client->delivered, 8);
        put_integer(&client->out, 0, 1);
        put(&client->out, "\x09" "amq.topic", 10);
        put_integer(&client->out, key, 1);
        put(&client->out, bytes, key);
        end_frame(&client->out, frame);
        frame = begin_frame(&client->out, HEADER, client->consuming_channel);
        put_integer(&client->out, ID(60, 0), 4);
        put_integer(&client->out, body, 8);
        put(&client->out, bytes + key, properties);
        end_frame(&client->out, frame);
        const uint8_t *rest = bytes + key + properties;
        for (uint32_t left = body; left;) {
            uint32_t piece = left < FRAME_MAX - 8 ? left : FRAME_MAX - 8;
            frame = begin_frame(&client->out, BODY, client->consuming_channel);
            put(&client->out, rest, piece);
            end_frame(&client->out, frame);
            rest += piece;
            left -= piece;
        }
        count++;
    }
    return count > 0;
}

/* --- What comes in --- */

static void consume(struct client *client, int channel, const uint8_t *arguments) {
    const uint8_t *tag = arguments + 3 + arguments[2];
    client->tag_size = *tag;
    memcpy(client->tag, tag + 1, *tag);
    client->is_consuming = 1;
    client->consuming_channel = channel;
    answer(client, channel, ID(60, 21), tag, 1 + *tag);
}

static void declare_queue(struct client *client, int channel, const uint8_t *arguments) {
    struct bytes answered = {0};
    put(&answered, arguments + 2, 1 + arguments[2]);
    put_integer(&answered, 0, 8);
    answer(client, channel, ID(50, 11), answered.start, answered.size);
    free(answered.start);
}

static void method(struct client *client, int channel, const uint8_t *payload) {
    const uint8_t *arguments = payload + 4;
    switch (get32(payload)) {
    case ID(10, 11): return answer(client, 0, ID(10, 30), "\x07\xff\0\x02\0\0\0\0", 8);
    case ID(10, 31): return;
    case ID(10, 40): return answer(client, 0, ID(10, 41), "", 1);
    case ID(10, 50): answer(client, 0, ID(10, 51), "", 0); flush(client); exit(0);
    case ID(20, 10): return answer(client, channel, ID(20, 11), "\0\0\0", 4);
    case ID(20, 40): return answer(client, channel, ID(20, 41), "", 0);
    case ID(40, 10): return answer(client, channel, ID(40, 11), "", 0);
    case ID(50, 10): return declare_queue(client, channel, arguments);
    case ID(50, 20): return answer(client, channel, ID(50, 21), "", 0);
    case ID(60, 10):
        client->prefetch = (uint64_t)arguments[4] << 8 | arguments[5];
        return answer(client, channel, ID(60, 11), "", 0);
    case ID(60, 20): return consume(client, channel, arguments);
    case ID(60, 30):
        client->is_consuming = 0;
        return answer(client, channel, ID(60, 31), arguments, 1 + arguments[0]);
    case ID(60, 40): client->publishing_channel = channel; return;
    case ID(60, 90):
    case ID(60, 120): return;
    case ID(60, 80):
        // One alone counts for itself; which one it was does not matter here.
        client->acknowledged = arguments[8] & 1 ? get64(arguments) : client->acknowledged + 1;
        return;
    case ID(85, 10): return answer(client, channel, ID(85, 11), "", 0);
    default:
        fprintf(stderr, "sink: method %u of class %u is not known here\n", get32(payload) & 0xFFFF, get32(payload) >> 16);
        exit(1);
    }
}

static void frame(struct client *client, const uint8_t *bytes, uint32_t size) {
    switch (bytes[0]) {
    case METHOD: return method(client, bytes[1] << 8 | bytes[2], bytes + 7);
    case HEADER:
        client->content_left = get64(bytes + 11);
        client->published += !client->content_left;
        return;
    case BODY:
        client->content_left -= size;
        client->published += !client->content_left;
    }
}

static void confirm(struct client *client) {
    if (client->confirmed == client->published) return;
    client->confirmed = client->published;
    size_t start = begin_frame(&client->out, METHOD, client->publishing_channel);
    put_integer(&client->out, ID(60, 80), 4);
    put_integer(&client->out, client->confirmed, 8);
    put_integer(&client->out, 1, 1);
    end_frame(&client->out, start);
}

static void report(struct client *client) {
    for (; *client->targets && client->published >= strtoull(*client->targets, NULL, 10); client->targets++) {
        puts(*client->targets);
        fflush(stdout);
    }
}

static _Noreturn void serve(struct client *client) {
    uint8_t *in = malloc(READ_SIZE);
    size_t size = 0;
    if (!in) fail("no memory");
    for (int has_started = 0;;) {
        while (client->is_consuming && deliver(client)) flush(client);
        ssize_t count = read(client->socket, in + size, READ_SIZE - size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) exit(0);
        size += count;
        size_t done = 0;
        if (!has_started && size >= 8) {
            has_started = 1;
            done = 8;
            start(client);
        }
        while (has_started && size - done >= 8 && size - done >= get32(in + done + 3) + 8) {
            uint32_t payload = get32(in + done + 3);
            frame(client, in + done, payload);
            done += payload + 8;
        }
        memmove(in, in + done, size -= done);
        confirm(client);
        flush(client);
        report(client);
    }
}

static struct source read_source(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) fail(path);
    long size = ftell(file);
    uint8_t *bytes = malloc(size);
    rewind(file);
    if (!bytes || fread(bytes, 1, size, file) != (size_t)size) fail(path);
    fclose(file);
    return (struct source){bytes, bytes + size, bytes};
}

static int listen_anywhere(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1)) fail("can't listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int count, char **arguments) {
    static char *none[] = {NULL};
    struct client client = {.prefetch = 1, .targets = none};
    if (count > 2 && !strcmp(arguments[1], "confirm")) {
        client.targets = arguments + 2;
    } else if (count == 4 && !strcmp(arguments[1], "deliver")) {
        client.burst = strtoull(arguments[2], NULL, 10);
        client.source = read_source(arguments[3]);
    } else {
        fail("sink confirm COUNT… | sink deliver BURST FILE");
    }
    client.socket = accept(listen_anywhere(), NULL, NULL);
    if (client.socket < 0) fail("can't accept");
    int yes = 1;
    setsockopt(client.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    serve(&client);
}
