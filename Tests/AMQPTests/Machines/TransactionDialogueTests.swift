import NIOCore
import Testing

@testable import AMQP

@Suite("ChannelMachine: transactions")
struct TransactionDialogueTests {
    /// A channel that tx.select was answered on.
    private var dialogue = {
        var dialogue = Dialogue.opened()
        guard let number = try? dialogue.machine.openChannel(1, now: .zero) else { return dialogue }
        dialogue.broker(Method.Channel.OpenOk(), on: number)
        try? dialogue.call(Method.Tx.Select(), request: 2)
        dialogue.broker(Method.Tx.SelectOk(), on: number)
        _ = dialogue.sent()
        return dialogue
    }()

    @Test("publishes are confirmed by the commit, all at once")
    mutating func commit() throws {
        #expect(try dialogue.publish() == 1)
        #expect(try dialogue.publish() == 2)
        try dialogue.call(Method.Tx.Commit(), request: 3)
        #expect(dialogue.outcomes() == [])
        #expect(dialogue.broker(Method.Tx.CommitOk(), on: 1) == ["1: 3 replied tx.commit-ok"])
        #expect(dialogue.outcomes() == ["1...2 confirmed"])
    }

    @Test("after a rollback nothing of them is outstanding, nor told")
    mutating func rollback() throws {
        _ = try dialogue.publish()
        try dialogue.call(Method.Tx.Rollback(), request: 3)
        #expect(dialogue.broker(Method.Tx.RollbackOk(), on: 1) == ["1: 3 replied tx.rollback-ok"])
        #expect(dialogue.machine.channels[1]?.confirms.outstanding == 0)
        #expect(dialogue.outcomes() == [])
        #expect(try dialogue.publish() == 2)
        try dialogue.call(Method.Tx.Commit(), request: 4)
        dialogue.broker(Method.Tx.CommitOk(), on: 1)
        #expect(dialogue.outcomes() == ["2 confirmed"])
    }

    @Test("a channel that is closed amid a transaction fails the commit")
    mutating func closed() throws {
        _ = try dialogue.publish()
        _ = try dialogue.publish()
        try dialogue.call(Method.Tx.Commit(), request: 3)
        let close = Method.Channel.Close(replyCode: 404, replyText: "NOT_FOUND", classID: 60, methodID: 40)
        #expect(
            dialogue.broker(close, on: 1)
                == ["1: closed: channelClosedByBroker 404, failed [3], 1...2 unknown channelClosedByBroker 404"]
        )
    }
}
