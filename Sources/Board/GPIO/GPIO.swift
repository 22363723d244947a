/// General-purpose lines of this machine, by name: LEDs are outputs, buttons are inputs.
///
/// Levels are logical: on is high, or low for a line that is requested as active-low. A name is a
/// line's own, or `CHIP/NAME` with the label of its chip where several chips have the name.
package protocol GPIO: Sendable {
  /// Every line that this process may see, used or not. Cost: a system call a line.
  func lines() throws(GPIOError) -> [GPIOLine]

  /// Takes the line `name` as an output that is `on` from the first moment.
  func output(_ name: String, activeLow: Bool, on: Bool) throws(GPIOError) -> any GPIOOutput

  /// Takes the line `name` as an input whose changes become events. The kernel debounces by `debounce`
  /// where it can; a caller must do so too.
  func input(_ name: String, activeLow: Bool, debounce: Duration) throws(GPIOError) -> any GPIOInput

  /// Changes of the `inputs`, oldest first for each of them, waiting up to `timeout` for the first;
  /// empty when none came or `wake` was called.
  func edges(of inputs: [any GPIOInput], timeout: Duration) throws(GPIOError) -> [GPIOEdge]

  /// Lets a call of `edges` that waits, or else the next one, return at once. From any thread.
  func wake()
}

/// An output line that this process has until it lets go of it.
package protocol GPIOOutput: Sendable {
  /// Drives the line. Cost: one system call.
  func set(_ on: Bool) throws(GPIOError)
}

/// An input line that this process has until it lets go of it.
package protocol GPIOInput: Sendable {
  /// The level now. Cost: one system call.
  func isOn() throws(GPIOError) -> Bool
}

/// A change of an input.
package struct GPIOEdge: Hashable, Sendable {
  /// Which of the inputs that were waited for.
  package var input: Int
  package var isOn: Bool
  /// When, on the monotonic clock.
  package var nanoseconds: UInt64

  /// A change of input number `input` at `nanoseconds`.
  package init(input: Int, isOn: Bool, nanoseconds: UInt64) {
    self.input = input
    self.isOn = isOn
    self.nanoseconds = nanoseconds
  }
}

/// What the kernel says about a line.
package struct GPIOLine: Hashable, Sendable {
  /// Path of its chip, as in `/dev/gpiochip0`.
  package var chip: String
  /// Label of its chip, as in `pinctrl-bcm2711`.
  package var label: String
  package var name: String
  /// Place in the chip; it may change from kernel to kernel.
  package var offset: Int
  /// Who has it: a program or a driver; empty if they gave no name, `nil` if nobody has it.
  package var consumer: String?
  package var isOutput: Bool

  /// A line as found.
  package init(
    chip: String, label: String, name: String, offset: Int, consumer: String? = nil,
    isOutput: Bool = false
  ) {
    self.chip = chip
    self.label = label
    self.name = name
    self.offset = offset
    self.consumer = consumer
    self.isOutput = isOutput
  }
}

/// Why a line cannot be used.
package enum GPIOError: Error, Hashable, Sendable, CustomStringConvertible {
  case noChip
  /// A chip is there and may not be opened.
  case noPermission(chip: String)
  case missing(name: String, nearest: [String])
  /// Several chips have a line of this name.
  case ambiguous(name: String, choices: [String])
  case busy(name: String, consumer: String)
  case failed(name: String, operation: String, reason: String)

  package var description: String {
    switch self {
    case .noChip:
      "there is no GPIO chip (/dev/gpiochipN): this machine has none, or its driver is not loaded"
    case .noPermission(let chip):
      "\(chip) may not be opened; add this user to the group gpio, or see the udev rule of the package"
    case .missing(let name, let nearest):
      "no GPIO line is named '\(name)'; "
        + (nearest.isEmpty
          ? "`gpioinfo` lists the lines of this machine"
          : "did you mean \(nearest.joined(separator: ", "))?")
    case .ambiguous(let name, let choices):
      "several chips have a GPIO line '\(name)'; write one of \(choices.joined(separator: ", "))"
    case .busy(let name, let consumer):
      "the GPIO line '\(name)' is in use by \(consumer.isEmpty ? "another program or driver" : "'\(consumer)'")"
        + "; stop that, or name another line"
    case .failed(let name, let operation, let reason):
      "the GPIO line '\(name)' cannot be \(operation): \(reason)"
    }
  }
}
