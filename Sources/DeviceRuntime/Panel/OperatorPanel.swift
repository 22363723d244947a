/// A button of the panel, by what it does.
package enum PanelButton: Hashable, Sendable {
  case shutter
  /// The class at this place, from 0.
  case classKey(Int)
  case skip
  case undo
}

/// A button was pressed.
package struct PanelPress: Hashable, Sendable {
  package var button: PanelButton
  /// Whether it was held.
  package var isLong: Bool
  /// When it went down, on the device's clock.
  package var nanoseconds: UInt64

  /// A press.
  package init(_ button: PanelButton, isLong: Bool = false, nanoseconds: UInt64) {
    self.button = button
    self.isLong = isLong
    self.nanoseconds = nanoseconds
  }
}

/// Lights and buttons. Nothing blocks.
package protocol OperatorPanel: AnyObject {
  /// What was pressed since the last call, oldest first.
  func takePresses() -> [PanelPress]

  /// Sets the lights: `attention` for the questions that wait, `busy`, `fault`. What they say is durable
  /// before this is called.
  func show(waiting: Int, busy: Bool, fault: Bool)

  /// What is wrong with lines, each with its remedy.
  var problems: [String] { get }

  /// All lights off.
  func stop()
}
