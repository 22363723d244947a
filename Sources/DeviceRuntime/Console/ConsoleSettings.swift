/// How a console looks and how fast its line is.
package struct ConsoleSettings: Hashable, Sendable {
  /// Width of the operator's terminal in characters.
  package var columns = 80
  /// Whether ANSI bold and colours may be sent. Without them, and without `unicode`, all output is
  /// printable ASCII, CR and LF.
  package var colours = false
  /// Whether those colours may have 24 bits. Only where it is known: a line does not carry `COLORTERM`.
  package var trueColour = false
  /// Whether pictures may be sent as sixels. Only where it is known, or the terminal says so.
  package var sixel = false
  /// Whether a terminal is asked what it can show when it connects: colours, 24-bit colours and sixels are
  /// then sent where it answers that it knows them, besides what is set here. A terminal need not answer.
  package var asksTerminal = false
  /// Whether names may be shown in UTF-8; without it other characters than ASCII show as `?`.
  package var unicode = true
  /// Speed of the line in bytes a second (baud / 10), or `nil` when it does not matter (a pty).
  package var bytesPerSecond: Int?
  /// How long a picture may take to send.
  package var previewSeconds = 2.0
  /// After how long without a key a login ends; only with a login.
  package var idleSeconds = 900.0
  /// How long a transfer waits for the other end to begin, or to go on.
  package var transferSeconds = 60.0
  /// Whether transfers must not use control characters, as on a line with XON/XOFF.
  package var escapesControls = false
  /// What the console is called in its greeting, as in `Loam of the north gate`; empty for none.
  package var deviceName = ""
  /// How long after a question stands complete on the screen an answer to it is taken.
  ///
  /// No one reads a question in less: a key within that time was meant for the one before.
  package var settleSeconds = 0.3
  /// How long the line must be free of noise before keys count again.
  package var noiseSeconds = 0.25

  /// How long to gather what arrives together, so that noise is judged as a whole; a person's key
  /// waits that long.
  package var burstSeconds = 0.02

  /// The defaults: 80 columns, no colours, UTF-8 names, no limit of speed.
  package init() {}

  /// The defaults for a serial line of `baud`: 10 bits a byte on the wire.
  package init(baud: Int) {
    bytesPerSecond = max(30, baud / 10)
  }
}
