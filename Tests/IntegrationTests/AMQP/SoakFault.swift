/// What breaks in a soak, and where exactly.
struct SoakFault: Sendable {
    var name: String
    var rules: [FaultProxy.Rule]
    /// Whether its last rule holds frames back, to be let go when something came of that.
    var holds = false

    private init(_ name: String, _ rules: FaultProxy.Rule...) {
        self.name = name
        self.rules = rules
    }

    private static func at(
        _ classID: UInt16,
        _ methodID: UInt16,
        _ direction: FaultProxy.Direction,
        _ verdict: FaultProxy.Verdict
    ) -> FaultProxy.Rule {
        { $0.isMethod(classID, methodID) && $0.direction == direction ? verdict : .forward }
    }

    /// At a piece of body, or its header.
    private static func atContent(_ direction: FaultProxy.Direction, _ verdict: FaultProxy.Verdict) -> FaultProxy.Rule {
        { $0.method == nil && $0.channel != 0 && $0.direction == direction ? verdict : .forward }
    }

    static let all: [SoakFault] = [
        SoakFault("a confirm, RST", at(60, 80, .toClient, .reset)),
        SoakFault("a confirm, FIN", at(60, 80, .toClient, .finish)),
        SoakFault("amid a confirm, FIN", at(60, 80, .toClient, .finishAmid)),
        SoakFault("a confirm, black hole", at(60, 80, .toClient, .blackHole)),
        SoakFault("a publish, RST", at(60, 40, .toBroker, .reset)),
        SoakFault("a publish, not read any more", at(60, 40, .toBroker, .stall)),
        SoakFault("amid a published body, FIN", atContent(.toBroker, .finishAmid)),
        SoakFault("a delivery, RST", at(60, 60, .toClient, .reset)),
        SoakFault("amid a delivered body, FIN", atContent(.toClient, .finishAmid)),
        SoakFault("an acknowledgement, RST", at(60, 80, .toBroker, .reset)),
        SoakFault("an acknowledgement, black hole", at(60, 80, .toBroker, .blackHole)),
        SoakFault("a confirm, then the next connection", at(60, 80, .toClient, .reset), at(10, 41, .toClient, .reset)),
        SoakFault("a publish, then confirm.select-ok", at(60, 40, .toBroker, .finish), at(85, 11, .toClient, .reset)),
        SoakFault("a delivery, then consume-ok", at(60, 60, .toClient, .finish), at(60, 21, .toClient, .finishAmid)),
        holdsConsumeOk,
    ]

    private static var holdsConsumeOk: SoakFault {
        var fault = SoakFault("consume-ok is held", at(60, 60, .toClient, .reset), at(60, 21, .toClient, .hold))
        fault.holds = true
        return fault
    }
}
