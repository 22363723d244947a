/// What a run of `Courier` did.
package struct SyncReport: Encodable, Hashable, Sendable {
  /// A bundle that is at the destination now.
  package struct Arrival: Encodable, Hashable, Sendable {
    package var bundle: String
    /// Of its files.
    package var bytes: Int
    /// Bytes that had to be sent; less than `bytes` after an interruption, 0 if it was there already.
    package var bytes_sent: Int
    package var seconds: Double
    package var already_there: Bool
    /// `rsync` or `sftp`; `nil` if nothing was sent.
    package var method: String?
  }

  /// A bundle that could not be sent.
  package struct Failure: Encodable, Hashable, Sendable {
    package var bundle: String
    package var kind: SyncError.Kind
    package var error: String
  }

  package var destination: String
  package var dry_run: Bool
  package var sent: [Arrival] = []
  /// With `dry_run`: what would be sent.
  package var would_send: [String] = []
  package var failed: [Failure] = []
  /// Bundles that wait still.
  package var unsent: Int = 0
}

/// Sends what is in an outbox, one bundle after the other, oldest first.
package struct Courier: Sendable {
  private let outbox: Outbox
  private let transport: any Transport
  private let progress: @Sendable (String) -> Void

  /// A courier; `progress` is told of each step in words.
  package init(
    outbox: Outbox, transport: any Transport,
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.outbox = outbox
    self.transport = transport
    self.progress = progress
  }

  /// Sends every bundle that waits, with `all` also those that were sent before and are still here.
  ///
  /// A bundle that cannot be sent for its own sake is in `failed` and the others go on; a connection that
  /// cannot be made or breaks ends the run with `failed` naming it, and the rest waits. Throws `locked`
  /// when another process sends.
  package func run(all: Bool = false, dryRun: Bool = false) async throws(SyncError) -> SyncReport {
    let lock = try outbox.lockForSending()
    defer { withExtendedLifetime(lock) {} }
    let waiting = (all ? try outbox.sent() : []) + (try outbox.unsent())
    var report = SyncReport(destination: transport.destination, dry_run: dryRun)
    for (index, bundle) in waiting.enumerated() {
      do throws(SyncError) {
        progress("\(bundle.name) (\(index + 1) of \(waiting.count)): reading it")
        let shipment = try Shipment(bundle)
        if dryRun {
          if try await isMissing(shipment, prepare: false) {
            report.would_send.append(bundle.name)
          }
        } else {
          report.sent.append(try await deliver(shipment))
          try outbox.markSent(bundle)
        }
      } catch {
        report.failed.append(.init(bundle: bundle.name, kind: error.kind, error: "\(error)"))
        guard error.spoilsOneBundle else { break }
      }
    }
    report.unsent = try outbox.unsent().count
    return report
  }

  private func isMissing(_ shipment: Shipment, prepare: Bool) async throws(SyncError) -> Bool {
    progress("\(shipment.name): asking what is there")
    switch try await transport.find(shipment, prepare: prepare) {
    case .absent: return true
    case .same: return false
    case .different:
      throw SyncError(
        .differentBundle, step: "sending \(shipment.name)",
        "another bundle of this name is at \(transport.destination); nothing was changed there: "
          + "move it away, or give each device a folder of its own")
    }
  }

  private func deliver(_ shipment: Shipment) async throws(SyncError) -> SyncReport.Arrival {
    let start = ContinuousClock.now
    var arrival = SyncReport.Arrival(
      bundle: shipment.name, bytes: shipment.byteCount, bytes_sent: 0, seconds: 0,
      already_there: false)
    if try await isMissing(shipment, prepare: true) {
      do throws(SyncError) {
        try await ship(shipment, into: &arrival)
      } catch {
        guard error.kind == .mismatch else { throw error }
        // What was wrong there has been removed: once more, and that is all.
        progress("\(shipment.name): \(error.text); sending it again")
        try await ship(shipment, into: &arrival)
      }
    } else {
      arrival.already_there = true
      progress("\(shipment.name): is there already")
    }
    arrival.seconds = (ContinuousClock.now - start) / .seconds(1)
    return arrival
  }

  private func ship(
    _ shipment: Shipment, into arrival: inout SyncReport.Arrival
  ) async throws(SyncError) {
    progress("\(shipment.name): sending \(shipment.byteCount) B")
    let receipt = try await transport.send(shipment)
    arrival.method = receipt.method
    arrival.bytes_sent += receipt.bytes
    progress("\(shipment.name): comparing the hashes there")
    try await transport.publish(shipment)
    progress("\(shipment.name): arrived")
  }
}
