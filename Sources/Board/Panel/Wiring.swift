/// Which GPIO line has which part; names as `GPIO` takes them, `nil` for a part that is not there.
package struct Wiring: Hashable, Sendable {
  package var attention: String?
  package var busy: String?
  package var fault: String?
  package var shutter: String?
  package var skip: String?
  package var undo: String?
  /// One button a class, in the order of the classes.
  package var classes: [String] = []
  /// Those of the names above that are on at low voltage.
  package var activeLow: Set<String> = []

  /// Nothing wired.
  package init() {}

  /// Whether nothing is wired.
  package var isEmpty: Bool { leds.isEmpty && buttons.isEmpty }

  /// The LEDs that are there.
  package var leds: [(led: PanelLED, line: String)] {
    let all: [(PanelLED, String?)] = [(.attention, attention), (.busy, busy), (.fault, fault)]
    return all.compactMap { led, line in line.map { (led, $0) } }
  }

  /// The buttons that are there.
  package var buttons: [(button: PanelButton, line: String)] {
    let all: [(PanelButton, String?)] = [(.shutter, shutter), (.skip, skip), (.undo, undo)]
    return all.compactMap { button, line in line.map { (button, $0) } }
      + classes.enumerated().map { (.label($0.offset), $0.element) }
  }
}

/// A light of the panel.
package enum PanelLED: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  case attention, busy, fault

  package var description: String { rawValue }
}

/// A button of the panel.
package enum PanelButton: Hashable, Sendable, CustomStringConvertible {
  case shutter, skip, undo
  /// The button of a class, counted from 0.
  case label(Int)

  /// Its name as people count: the first class is 1.
  package var description: String {
    switch self {
    case .shutter: "shutter"
    case .skip: "skip"
    case .undo: "undo"
    case .label(let index): "class \(index + 1)"
    }
  }
}
