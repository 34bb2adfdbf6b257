/// A TCP port on loopback that nobody holds, as the kernel chose it.
///
/// Nothing keeps it until it is bound, so ask for it as late as possible. Where the binder can report the port that it
/// got, let it bind 0 instead; what is bound much later is a ``ReservedPort``.
func freePort() throws -> Int {
    try ReservedPort().number
}
