/// The commit that this was built from, or an empty text. Package.swift defines it.
const char *_Nonnull fedmsg_bridge_commit(void);
