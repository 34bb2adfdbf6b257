#include "CBuildInfo.h"

const char *fedmsg_bridge_commit(void) { return FEDMSG_BRIDGE_COMMIT; }
