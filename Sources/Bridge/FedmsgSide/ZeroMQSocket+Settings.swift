package import Settings
package import ZeroMQ

extension ZeroMQSocket {
    /// fedmsg's options of TCP connections, under its names.
    package func setConnectionOptions(_ options: BridgeConfiguration.SocketOptions) throws(ZeroMQError) {
        try set(.tcpKeepalive, to: options.zmqTCPKeepalive)
        try set(.tcpKeepaliveCnt, to: options.zmqTCPKeepaliveCnt)
        try set(.tcpKeepaliveIdle, to: options.zmqTCPKeepaliveIdle)
        try set(.tcpKeepaliveIntvl, to: options.zmqTCPKeepaliveIntvl)
        try set(.reconnectIvl, to: options.zmqReconnectIvl)
        try set(.reconnectIvlMax, to: options.zmqReconnectIvlMax)
    }
}
