internal import Board

/// Does what the buttons say, on the thread that owns the device.
///
/// An answer by a button is for the question that had stood for `settleNanoseconds` when the button
/// went down, and for no other: a press meant for the one before is refused, as at the console.
package final class PanelDesk {
  /// How long a question must stand before a button answers it.
  package var settleNanoseconds: UInt64 = 300_000_000
  /// Pulls the shutter at a moment; `nil` where no camera has one.
  package var pullShutter: ((UInt64) -> Bool)?
  /// What holding undo or the shutter does: somebody stands beside the device.
  package var confirmPresence: () -> Void = {}
  /// When a button was last pressed.
  package private(set) var pressedAt: UInt64?
  /// Answers given by buttons.
  package private(set) var answerCount = 0

  private let panel: any OperatorPanel
  private var standing: (candidate: Int64, since: UInt64)?
  private var shown: (waiting: Int, busy: Bool, fault: Bool)?

  /// A desk for `panel`.
  package init(_ panel: any OperatorPanel) { self.panel = panel }

  /// What is wrong with lines.
  package var problems: [String] { panel.problems }

  /// Sets the lights, if they change.
  package func show(waiting: Int, busy: Bool, fault: Bool) {
    if let shown, shown == (waiting, busy, fault) { return }
    shown = (waiting, busy, fault)
    panel.show(waiting: waiting, busy: busy, fault: fault)
  }

  /// All lights off.
  package func stop() { panel.stop() }

  /// Does what was pressed since the last call; returns what to say of it.
  package func step(desk: any OperatorDesk, now: UInt64) -> [String] {
    var said: [String] = []
    for event in panel.takeEvents() {
      guard case .press(let press) = event else {
        said.append("panel: \(event)")
        continue
      }
      note(desk.question, now: now)
      pressedAt = now
      do {
        if let text = try act(on: press, desk) { said.append("button: \(text)") }
      } catch {
        said.append("button: nothing was done: \(error)")
      }
    }
    note(desk.question, now: now)
    return said
  }

  /// Remembers since when a question stands.
  private func note(_ question: OperatorQuestion?, now: UInt64) {
    guard let question else { return standing = nil }
    if standing?.candidate != question.candidate { standing = (question.candidate, now) }
  }

  private func act(on press: ButtonPress, _ desk: any OperatorDesk) throws -> String? {
    switch press.button {
    case .shutter where press.kind == .long:
      confirmPresence()
      return nil
    case .shutter:
      guard let pullShutter else { return "this camera has no shutter; photos come by themselves" }
      return pullShutter(press.nanoseconds) ? nil : "too many photos are being taken; wait a little"
    case .label(let place):
      let names = desk.classNames
      guard names.indices.contains(place) else {
        return "no class has button \(place + 1); there are \(names.count) classes"
      }
      return try answer(.label(names[place]), press, desk)
    case .skip: return try answer(press.kind == .long ? .unsure : .skip, press, desk)
    case .undo where press.kind == .long:
      confirmPresence()
      return nil
    case .undo: return "undone: " + (try desk.undo())
    }
  }

  private func answer(
    _ answer: OperatorAnswer, _ press: ButtonPress, _ desk: any OperatorDesk
  ) throws -> String {
    guard let standing else { return "no question is open; nothing to label" }
    guard press.nanoseconds >= standing.since + settleNanoseconds else {
      return "ignored: it was pressed before question #\(standing.candidate) stood; press again"
    }
    let more = try desk.answer(candidate: standing.candidate, answer)
    answerCount += 1
    // What follows must stand for itself, also the same photo asked once more.
    defer { self.standing = nil }
    let text =
      switch answer {
      case .label(let name): "labelled #\(standing.candidate) as \(name) (kept)"
      case .skip: "skipped #\(standing.candidate) (kept)"
      case .unsure: "noted that #\(standing.candidate) cannot be told (kept)"
      }
    return more.isEmpty ? text : "\(text); \(more)"
  }
}
