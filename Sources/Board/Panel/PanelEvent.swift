/// Something that happened at the panel.
package enum PanelEvent: Hashable, Sendable, CustomStringConvertible {
  case press(ButtonPress)
  /// A button has been held for half a minute; it does nothing until it is let go of.
  case stuck(PanelButton)
  /// A stuck button was let go of.
  case freed(PanelButton)
  /// Buttons that went down together; none of them does anything.
  case together([PanelButton])
  /// A line stopped working; the sentence says which and why.
  case failed(String)

  package var description: String {
    switch self {
    case .press(let press): "\(press.button) pressed\(press.kind == .long ? " long" : "")"
    case .stuck(let button):
      "the button '\(button)' is stuck: it has been on for 30 s; it counts again when it is let go of"
    case .freed(let button): "the button '\(button)' is free again"
    case .together(let buttons):
      "buttons pressed together do nothing: " + buttons.map(\.description).joined(separator: ", ")
    case .failed(let sentence): sentence
    }
  }
}

/// A button that was pressed.
package struct ButtonPress: Hashable, Sendable {
  /// How long it was held.
  package enum Kind: Hashable, Sendable { case short, long }

  package var button: PanelButton
  package var kind: Kind
  /// When it went down, on the monotonic clock.
  package var nanoseconds: UInt64

  /// A press of `button` at `nanoseconds`.
  package init(button: PanelButton, kind: Kind, nanoseconds: UInt64) {
    self.button = button
    self.kind = kind
    self.nanoseconds = nanoseconds
  }
}
