/// A synchronous method whose reply has not come.
struct PendingReply {
    /// Who waits for it.
    struct Caller: Equatable {
        /// Nil once the caller gave up: the reply still comes, and must not be taken for the next one.
        var id: ChannelMachine.RequestID?
        /// For basic.get, whether what comes needs no settlement.
        var noAck = false
    }

    var method: any MethodArguments
    var caller: Caller
    /// On the clock that stands still while the broker blocks us, and while we read nothing.
    var deadline: Duration

    var id: MethodID { type(of: method).id }

    func isAnswered(by reply: MethodID) -> Bool {
        let method = id
        if reply == Method.Basic.GetEmpty.id { return method == Method.Basic.Get.id }
        // In the grammar a reply's number follows that of its method, but for one.
        let number = method == Method.Exchange.Unbind.id ? Method.Exchange.UnbindOk.methodID : method.methodID + 1
        return reply == MethodID(classID: method.classID, methodID: number)
    }
}
