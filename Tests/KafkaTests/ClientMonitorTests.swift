import KafkaTestSupport
import Testing

@testable import Kafka

@Suite struct ClientMonitorTests {
  private let configuration = KafkaConfiguration(brokers: "127.0.0.1:1")

  private func broken(_ kind: KafkaError.Kind = .unreachable) -> KafkaError {
    KafkaError(kind, code: "_TRANSPORT", operation: "reach a broker", place: "127.0.0.1:1", message: "refused")
  }

  /// librdkafka may not say that all brokers are down.
  @Test func silenceAfterABrokenConnectionIsALoss() {
    let monitor = ClientMonitor(configuration, silenceMilliseconds: 20)
    #expect(monitor.connectionState.phase == .connecting)
    monitor.noteResponse()
    #expect(monitor.connectionState.phase == .connected)
    monitor.noteError(broken(), losesBrokers: false)
    #expect(Deadline.wait { monitor.connectionState.phase == .lost })
    let since = monitor.connectionState.sinceMilliseconds
    #expect(since == monitor.connectionState.lastErrorMilliseconds)
    // One answer from whichever broker, and all is well.
    #expect(
      Deadline.wait {
        monitor.noteResponse()
        return monitor.connectionState.phase == .connected
      })
  }

  @Test func anAnswerAfterTheErrorOrAnotherErrorIsNoLoss() {
    let monitor = ClientMonitor(configuration, silenceMilliseconds: 0)
    monitor.noteError(broken(), losesBrokers: false)
    #expect(
      Deadline.wait {
        monitor.noteResponse()
        let state = monitor.connectionState
        return state.lastResponseMilliseconds ?? 0 > state.lastErrorMilliseconds ?? 0
      })
    #expect(monitor.connectionState.phase == .connected)
    let other = ClientMonitor(configuration, silenceMilliseconds: 0)
    other.noteResponse()
    other.noteError(broken(.authentication), losesBrokers: false)
    #expect(!Deadline.wait(seconds: 0.1) { other.connectionState.phase == .lost })
  }

  @Test func aClientThatAsksNothingIsNotLostBySilence() {
    let monitor = ClientMonitor(configuration)
    monitor.noteResponse()
    monitor.noteError(broken(), losesBrokers: false)
    #expect(!Deadline.wait(seconds: 0.1) { monitor.connectionState.phase == .lost })
    monitor.noteError(broken(), losesBrokers: true)
    #expect(monitor.connectionState.phase == .lost)
  }
}
