import ActiveLearning
import Board
import SampleStore

extension Device {
  package func progress() throws -> OperatorProgress {
    let rounds = try store.models().filter { $0.model.parentID != nil }.map { record in
      OperatorProgress.Round(
        model: record.id, labels: record.model.labelCount, before: record.model.accuracyBefore,
        after: record.model.accuracyAfter, isAccepted: record.model.accepted)
    }
    return OperatorProgress(
      labels: try store.counts().labels, rounds: rounds, audit: try store.auditCounts().estimate)
  }

  /// Sets the wall clock, if the device runs on an `OperatorClock`; what has to be added to the system's is
  /// kept in the store. Order never depends on it.
  package func setDate(unixMilliseconds: Int64) throws -> String {
    guard let clock = clock as? OperatorClock else {
      throw DeskCannot(
        description: "this device's clock cannot be set from here; use `date` on the system")
    }
    let before = clock.stamp
    let (outcome, correction) = clock.set(unixMilliseconds: unixMilliseconds)
    try store.keepClockCorrection(correction.text)
    try? store.recordEvent(
      .info, kind: "clock.set",
      message: "the operator set \(ConsoleDate.text(unixMilliseconds)); the clock had said "
        + ConsoleDate.text(before.unixMilliseconds), at: clock.stamp)
    let text = ConsoleDate.text(clock.wall.unixMilliseconds)
    return switch outcome {
    case .system: "the system's clock is set to \(text) UTC (kept)"
    case .corrected:
      "it is \(text) UTC from now on (kept until the system starts anew, for this program may not set the "
        + "system's clock)"
    }
  }
}

extension OperatorClock {
  /// The system's clock with what an operator said of it, as the store in `folder` keeps it.
  ///
  /// For whoever opens the device: the clock is needed before the store is open.
  package convenience init(storeFolder: String) {
    let store = try? SampleStore.openReadOnly(storeFolder)
    let text = (try? store?.clockCorrection()) ?? nil
    self.init(correction: text.flatMap(Correction.init(text:)))
  }
}
