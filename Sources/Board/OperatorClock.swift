internal import Glibc
internal import Synchronization

/// The system's clock, and what an operator has said of the time since.
///
/// A board without a battery and a network does not know the time. What the operator says is kept as what
/// has to be added to the system's clock, together with the number of this start of the system: after the
/// next start it says nothing. Once a time source disciplines the system's clock, that is believed instead.
package final class OperatorClock: Clock {
  /// What the operator said, for the next start of this program.
  package struct Correction: Hashable, Sendable {
    /// To be added to the system's clock.
    package var milliseconds: Int64
    /// The system's start that it holds for.
    package var boot: String

    /// A correction.
    package init(milliseconds: Int64, boot: String) {
      self.milliseconds = milliseconds
      self.boot = boot
    }

    /// As `text`, which `init(text:)` reads.
    package var text: String { "\(boot) \(milliseconds)" }

    /// From what `text` gave; `nil` for anything else.
    package init?(text: String) {
      let parts = text.split(separator: " ")
      guard parts.count == 2, let milliseconds = Int64(parts[1]) else { return nil }
      self.init(milliseconds: milliseconds, boot: String(parts[0]))
    }
  }

  /// How the time was set.
  package enum Outcome: Hashable, Sendable {
    /// The system's own clock was set.
    case system
    /// It may not be set by this program, which adds what is missing.
    case corrected
  }

  private let base: any Clock
  private let boot: String
  private let setSystem: @Sendable (Int64) -> Bool
  private let correction: Mutex<Int64?>

  /// The system's clock with `correction`, if that is of this start of the system.
  package convenience init(correction: Correction? = nil) {
    self.init(
      base: SystemClock(), boot: Self.systemBoot, correction: correction, setSystem: Self.setSystem)
  }

  /// For tests: any clock, and what setting it does.
  init(
    base: any Clock, boot: String, correction: Correction?,
    setSystem: @escaping @Sendable (Int64) -> Bool
  ) {
    self.base = base
    self.boot = boot
    self.setSystem = setSystem
    let holds = !boot.isEmpty && correction?.boot == boot
    self.correction = Mutex(holds ? correction?.milliseconds : nil)
  }

  package var monotonicNanoseconds: UInt64 { base.monotonicNanoseconds }

  package var wall: WallTime {
    let time = base.wall
    guard !time.trusted, let correction = correction.withLock({ $0 }) else { return time }
    return WallTime(unixMilliseconds: time.unixMilliseconds &+ correction, trusted: true)
  }

  /// Sets the time to `unixMilliseconds`: the system's clock where that is allowed, else its own.
  ///
  /// - Returns: how, and what to keep for the next start of the program.
  package func set(unixMilliseconds: Int64) -> (outcome: Outcome, correction: Correction) {
    let isSet = setSystem(unixMilliseconds)
    let milliseconds = isSet ? 0 : unixMilliseconds &- base.wall.unixMilliseconds
    correction.withLock { $0 = milliseconds }
    return (isSet ? .system : .corrected, Correction(milliseconds: milliseconds, boot: boot))
  }

  private static func setSystem(_ unixMilliseconds: Int64) -> Bool {
    var time = timespec(
      tv_sec: Int(unixMilliseconds / 1000), tv_nsec: Int(unixMilliseconds % 1000) * 1_000_000)
    return unsafe clock_settime(CLOCK_REALTIME, &time) == 0
  }

  /// What the kernel calls this start of the system; empty where it does not tell.
  private static var systemBoot: String {
    let file = unsafe open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    let descriptor = Descriptor(file)
    guard case .bytes(let bytes) = descriptor.read(upTo: 64, timeout: .zero) else { return "" }
    return String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
  }
}
