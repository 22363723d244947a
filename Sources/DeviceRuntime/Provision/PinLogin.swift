import Board
internal import Dispatch
internal import Synchronization

/// The login of a device's console: the PIN in its store.
///
/// A PIN is hashed on a thread of its own, so that the device's goes on meanwhile. The failure that a try
/// may be is on the disk before the hash is begun; a right one takes it back.
package final class PinLogin: ConsoleLogin {
  private enum Check: Sendable {
    case running
    case ended(Bool?)
  }

  private final class Work: Sendable {
    let check = Mutex(Check.running)
  }

  private let folder: String
  private var work: Work?

  /// The login for the store in `folder`.
  package init(folder: String) { self.folder = folder }

  package var state: ConsoleLoginState {
    do throws(ProvisionError) {
      guard let pin = try ConsolePin.read(in: folder) else {
        return .closed(
          why: "This device has no PIN yet, and nobody can log in. Give it one with "
            + "`loam provision --store \(folder)` on the device.")
      }
      guard !pin.isLocked else {
        return .closed(
          why:
            "Locked after \(pin.failures) wrong PINs. A long press of the undo button on the device "
            + "releases it, or a new PIN by `loam provision --store \(folder)`.")
      }
      return .open(failures: pin.failures, limit: ConsolePin.mostFailures)
    } catch {
      return .closed(why: "The PIN cannot be read: \(error)")
    }
  }

  package func begin(_ secret: String) throws {
    // One hash at a time: each takes memory, and a line that hangs up must not save the waiting.
    if let work, case .running = work.check.withLock({ $0 }) { throw CheckRunning() }
    guard var pin = try ConsolePin.read(in: folder), !pin.isLocked else { throw PinMissing() }
    pin.failures += 1
    try pin.write(in: folder)
    let work = Work()
    self.work = work
    let hash = pin.hash
    DispatchQueue.global().async {
      let matches = SecretHash.matches(secret, hash)
      work.check.withLock { $0 = .ended(matches) }
    }
  }

  package func outcome() -> Bool? {
    guard let work, case .ended(let matches) = work.check.withLock({ $0 }) else { return nil }
    self.work = nil
    if matches == nil, var pin = try? ConsolePin.read(in: folder), pin.failures > 0 {
      // It could not be hashed, as when there is no memory: that was no try.
      pin.failures -= 1
      try? pin.write(in: folder)
    }
    guard matches == true else { return false }
    // A PIN that was set meanwhile stays as it is, its count too.
    if var pin = try? ConsolePin.read(in: folder), pin.failures > 0 {
      pin.failures = 0
      try? pin.write(in: folder)
    }
    return true
  }

  /// Lets people try again after too many wrong PINs. For a button on the device itself: who presses it is
  /// there in person.
  ///
  /// - Returns: whether it was locked.
  @discardableResult
  package func releaseLockout() throws -> Bool {
    guard var pin = try ConsolePin.read(in: folder), pin.failures > 0 else { return false }
    let wasLocked = pin.isLocked
    pin.failures = 0
    try pin.write(in: folder)
    return wasLocked
  }
}

/// A PIN was given while another one was being checked.
private struct CheckRunning: Error, CustomStringConvertible {
  var description: String { "another one is being checked; wait a little" }
}

/// A PIN was given where there is none to compare it with.
private struct PinMissing: Error, CustomStringConvertible {
  var description: String { "there is no PIN, or it is locked" }
}
