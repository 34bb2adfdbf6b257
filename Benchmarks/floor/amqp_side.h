/* The broker's side of the floor: one connection, one channel, and whatever goes wrong ends the process. */
#ifndef AMQP_SIDE_H
#define AMQP_SIDE_H

#include <amqp.h>
#include <stdbool.h>
#include <stdint.h>
#include <zmq.h>

enum { CHANNEL = 1 };

/* Logs in as guest on 127.0.0.1 and opens the channel. */
amqp_connection_state_t amqp_side_connect(int port);

/* Ends the process with what the broker said, unless the last call succeeded. */
void amqp_side_check(amqp_connection_state_t connection, const char *what);

/* Ends the process with these words. */
_Noreturn void fail(const char *what);

/* From a SUB socket to an exchange, with at most `window` messages unconfirmed, each with such headers as the bridge gives it
   or with none. Returns never. */
_Noreturn void to_amqp(void *sub, amqp_connection_state_t connection, const char *exchange, uint64_t window, bool headers);

/* From a queue to an XPUB socket, with at most `prefetch` messages unacknowledged. Returns never. */
_Noreturn void to_fedmsg(void *pub, amqp_connection_state_t connection, const char *queue, uint16_t prefetch);

#endif
