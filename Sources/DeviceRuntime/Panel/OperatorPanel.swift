package import Board

/// Lights and buttons. Nothing blocks.
package protocol OperatorPanel: AnyObject {
  /// What happened at the buttons since the last call, oldest first.
  func takeEvents() -> [PanelEvent]

  /// Sets the lights: `attention` for the questions that wait, `busy`, `fault`. What they say is durable
  /// before this is called.
  func show(waiting: Int, busy: Bool, fault: Bool)

  /// What is wrong with lines, each with its remedy.
  var problems: [String] { get }

  /// All lights off.
  func stop()
}

extension Panel: OperatorPanel {
  package func takeEvents() -> [PanelEvent] { events(timeout: .zero) }
}
