import Foundation
import Sync
import Synchronization
import Testing

/// A place that takes bundles and fails as it is told.
final class FakeTransport: Transport {
  struct State: Sendable {
    var there: [String: String] = [:]
    var calls: [String] = []
    /// Failures to come, by call: the first of each is thrown once.
    var failures: [String: [SyncError]] = [:]
  }

  let destination = "fake"
  let state = Mutex(State())

  func find(_ shipment: Shipment, prepare: Bool) async throws(SyncError) -> RemoteState {
    try call("find", shipment)
    let there = state.withLock { $0.there[shipment.name] }
    return there == nil ? .absent : there == shipment.stagingName ? .same : .different
  }

  func send(_ shipment: Shipment) async throws(SyncError) -> SendReceipt {
    try call("send", shipment)
    return SendReceipt(method: "fake", bytes: shipment.byteCount)
  }

  func publish(_ shipment: Shipment) async throws(SyncError) {
    try call("publish", shipment)
    state.withLock { $0.there[shipment.name] = shipment.stagingName }
  }

  private func call(_ name: String, _ shipment: Shipment) throws(SyncError) {
    let failure = state.withLock { state -> SyncError? in
      state.calls.append("\(name) \(shipment.name)")
      guard let list = state.failures[name], let first = list.first else { return nil }
      state.failures[name] = Array(list.dropFirst())
      return first
    }
    if let failure { throw failure }
  }

  func fail(_ call: String, _ kinds: SyncError.Kind...) {
    state.withLock { state in
      state.failures[call] = kinds.map { SyncError($0, step: call, "as told") }
    }
  }

  var calls: [String] { state.withLock { $0.calls } }
}

@Suite("The courier")
struct CourierTests {
  @Test("brings what waits, and marks it sent only then")
  func delivers() async throws {
    let (folder, transport) = (try TestFolder(), FakeTransport())
    let outbox = Outbox(store: folder.path)
    for version in 1...2 { try folder.queue(Int64(version)) }
    let report = try await Courier(outbox: outbox, transport: transport).run()
    #expect(report.sent.map(\.bundle) == ["cam-1", "cam-2"] && report.unsent == 0)
    #expect(transport.calls.prefix(3) == ["find cam-1", "send cam-1", "publish cam-1"])
    #expect(try outbox.sent().count == 2)
    let again = try await Courier(outbox: outbox, transport: transport).run()
    #expect(again.sent.isEmpty && again.failed.isEmpty)
    let all = try await Courier(outbox: outbox, transport: transport).run(all: true)
    #expect(all.sent.map(\.already_there) == [true, true] && all.sent.map(\.bytes_sent) == [0, 0])
  }

  @Test(
    "keeps everything that waits when the connection fails at any step, and goes on afterwards",
    arguments: ["find", "send", "publish"],
    [SyncError.Kind.unreachable, .interrupted, .diskFull, .keyRefused, .timeLimit])
  func interrupted(_ call: String, _ kind: SyncError.Kind) async throws {
    let (folder, transport) = (try TestFolder(), FakeTransport())
    let outbox = Outbox(store: folder.path)
    for version in 1...2 { try folder.queue(Int64(version)) }
    transport.fail(call, kind)
    let courier = Courier(outbox: outbox, transport: transport)
    let first = try await courier.run()
    #expect(first.failed.map(\.kind) == [kind] && first.unsent == 2 && first.sent.isEmpty)
    #expect(!transport.calls.contains { $0.hasSuffix("cam-2") })
    let second = try await courier.run()
    #expect(second.sent.count == 2 && second.unsent == 0)
  }

  @Test("leaves another bundle of the same name alone, and sends the others")
  func different() async throws {
    let (folder, transport) = (try TestFolder(), FakeTransport())
    for version in 1...3 { try folder.queue(Int64(version)) }
    transport.state.withLock { $0.there["cam-2"] = "another" }
    let outbox = Outbox(store: folder.path)
    let report = try await Courier(outbox: outbox, transport: transport).run()
    #expect(report.sent.map(\.bundle) == ["cam-1", "cam-3"])
    #expect(report.failed.map(\.kind) == [.differentBundle])
    #expect(transport.state.withLock { $0.there["cam-2"] } == "another")
    #expect(try outbox.unsent().map(\.name) == ["cam-2"])
  }

  @Test("sends a bundle again once when it did not arrive as it was sent, not for ever")
  func mismatch() async throws {
    let (folder, transport) = (try TestFolder(), FakeTransport())
    try folder.queue(1)
    transport.fail("publish", .mismatch)
    let outbox = Outbox(store: folder.path)
    let courier = Courier(outbox: outbox, transport: transport)
    #expect(try await courier.run().sent.count == 1)
    try folder.queue(2)
    transport.fail("publish", .mismatch, .mismatch)
    let report = try await courier.run()
    #expect(report.failed.map(\.kind) == [.mismatch] && report.unsent == 1)
  }

  @Test("does not send a bundle that is spoilt here")
  func spoilt() async throws {
    let (folder, transport) = (try TestFolder(), FakeTransport())
    for version in 1...2 { try folder.queue(Int64(version)) }
    try folder.write([1], "outbox/cam-1/labels.csv")
    let outbox = Outbox(store: folder.path)
    let report = try await Courier(outbox: outbox, transport: transport).run()
    #expect(report.failed.map(\.kind) == [.damagedBundle] && report.sent.count == 1)
    #expect(!transport.calls.contains { $0.hasSuffix("cam-1") })
  }

  @Test("says in a dry run what it would send, and changes nothing")
  func dryRun() async throws {
    let (folder, transport) = (try TestFolder(), FakeTransport())
    try folder.queue(1)
    let outbox = Outbox(store: folder.path)
    let report = try await Courier(outbox: outbox, transport: transport).run(dryRun: true)
    #expect(report.would_send == ["cam-1"] && report.unsent == 1 && report.sent.isEmpty)
    #expect(transport.calls == ["find cam-1"])
  }
}
