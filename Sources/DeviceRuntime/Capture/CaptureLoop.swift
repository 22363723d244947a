package import Board
internal import Imaging
package import Logging
package import SampleStore
internal import Synchronization

/// How and when a camera takes photos.
package struct CaptureSettings: Hashable, Sendable {
  /// What makes it take photos.
  package var triggers: Set<Trigger> = [.button, .command]
  /// Photos of one trigger, at least 1.
  package var burst = 1
  /// Time between two triggers by `.interval`.
  package var interval = Duration.seconds(60)
  /// How long the camera may take for a burst.
  package var timeout = Duration.seconds(10)
  /// Seconds after a trigger by motion until the next.
  package var motionPause = Duration.seconds(2)

  /// The defaults.
  package init() {}
}

/// Sees whether the picture has changed; asked with small grey pictures, one after the other.
package protocol MotionJudge {
  /// Whether `luma`, `width × height` bytes row by row, shows a change.
  mutating func hasMoved(luma: [UInt8], width: Int, height: Int) -> Bool
}

/// Takes photos when a trigger comes and puts them into the spool and the intake.
///
/// It runs on a thread of its own, so that a trigger is seen while a photo is judged or the head
/// learns. A camera that fails or hangs costs its timeout, is recorded, and the loop goes on.
package final class CaptureLoop: Sendable {
  /// A trigger that has waited longer is for a scene that has passed.
  private static let longestWait: UInt64 = 30_000_000_000

  /// Where triggers are put.
  package let triggers = TriggerQueue()
  package let settings: CaptureSettings

  private let shutter: any Shutter
  private let spool: SpoolFolder
  private let intake: Intake
  private let clock: any Clock
  private let log: Logger
  private let motion: Mutex<(any MotionJudge & Sendable)?>

  private struct State {
    var isStopped = false
    var progress: UInt64
    var nextInterval: UInt64
    var nextMotion: UInt64
    var failures: [String] = []
    var failedTriggers = 0
    var bursts = 0
    /// Photos that arrived and could not be kept yet.
    var held: [[UInt8]]?
    var isDiskFull = false
  }

  private let state: Mutex<State>

  /// A loop over `shutter`; `motion` is needed for that trigger only.
  package init(
    shutter: any Shutter, spool: SpoolFolder, intake: Intake, settings: CaptureSettings,
    motion: (any MotionJudge & Sendable)? = nil, clock: any Clock, log: Logger
  ) {
    self.shutter = shutter
    self.spool = spool
    self.intake = intake
    self.settings = settings
    self.motion = Mutex(motion)
    self.clock = clock
    self.log = log
    let now = clock.monotonicNanoseconds
    state = Mutex(State(progress: now, nextInterval: now, nextMotion: now))
  }

  /// When the loop last got on, on the device's clock: what a watchdog may go by.
  package var progress: UInt64 { state.withLock { $0.progress } }

  /// How the camera does.
  package var condition: CameraCondition { shutter.condition }

  /// Bursts taken since the start.
  package var burstCount: Int { state.withLock { $0.bursts } }

  /// What went wrong since the last call, how many triggers gave no photo, and whether the disk was full.
  package func takeFailures() -> (messages: [String], triggers: Int, isDiskFull: Bool) {
    state.withLock { state in
      defer { (state.failures, state.failedTriggers, state.isDiskFull) = ([], 0, false) }
      return (state.failures, state.failedTriggers, state.isDiskFull)
    }
  }

  /// Runs until `stop`, then ends the camera.
  package func run() {
    while !state.withLock({ $0.isStopped }) { step() }
    shutter.stop()
  }

  /// Has `run` end; returns at once.
  package func stop() {
    state.withLock { $0.isStopped = true }
    triggers.nudge()
  }

  /// How long the loop may be silent when all is well.
  package var longestSilence: UInt64 {
    60_000_000_000 + UInt64(max(0, settings.timeout / .nanoseconds(1)))
  }

  /// Waits for the next trigger, at most a quarter of a second, and does what it says.
  package func step() {
    let now = clock.monotonicNanoseconds
    state.withLock { $0.progress = now }
    if settings.triggers.contains(.arrival) { return takeArrival() }
    // Somebody who presses a button comes first.
    if let pull = triggers.next(timeout: .zero) { return obey(pull) }
    if settings.triggers.contains(.interval), isDue(now) { return shoot(.interval, at: now) }
    if settings.triggers.contains(.motion), hasMoved(now) { return shoot(.motion, at: now) }
    if let pull = triggers.next(timeout: wait(now)) { obey(pull) }
  }

  private func obey(_ pull: TriggerQueue.Pull) {
    guard settings.triggers.contains(pull.trigger) else {
      return fail("a trigger by \(pull.trigger.rawValue) came, which camera.trigger does not list")
    }
    let age = clock.monotonicNanoseconds - min(pull.nanoseconds, clock.monotonicNanoseconds)
    guard age < Self.longestWait else {
      return fail(
        "a trigger by \(pull.trigger.rawValue) waited \(age / 1_000_000_000) s for the camera and was "
          + "dropped; what it was for has passed", isTrigger: true)
    }
    shoot(pull.trigger, at: pull.nanoseconds)
  }

  /// Until the next thing to look at.
  private func wait(_ now: UInt64) -> Duration {
    var wait: UInt64 = settings.triggers.contains(.motion) ? 100_000_000 : 250_000_000
    if settings.triggers.contains(.interval) {
      let due = state.withLock { $0.nextInterval }
      wait = min(wait, due > now ? due - now : 0)
    }
    return .nanoseconds(Int64(wait))
  }

  private func isDue(_ now: UInt64) -> Bool {
    state.withLock { state in
      guard now >= state.nextInterval else { return false }
      state.nextInterval = now + UInt64(max(1, settings.interval / .nanoseconds(1)))
      return true
    }
  }

  private func hasMoved(_ now: UInt64) -> Bool {
    guard now >= state.withLock({ $0.nextMotion }), let bytes = shutter.latestPhoto() else {
      return false
    }
    let side = (width: 64, height: 48)
    let photo = Photo(bytes: bytes, name: "the camera's picture")
    guard let picture = try? photo.decode(width: side.width, height: side.height) else {
      return false
    }
    let pixels = picture.pixels
    let luma = stride(from: 0, to: pixels.count, by: 3).map { (index: Int) -> UInt8 in
      let red = 77 * Int(pixels[index])
      let green = 150 * Int(pixels[index + 1])
      let blue = 29 * Int(pixels[index + 2])
      return UInt8((red + green + blue) >> 8)
    }
    let moved = motion.withLock {
      $0?.hasMoved(luma: luma, width: side.width, height: side.height) ?? false
    }
    let pause = moved ? settings.motionPause : .milliseconds(200)
    state.withLock { $0.nextMotion = now + UInt64(max(1, pause / .nanoseconds(1))) }
    return moved
  }

  private func takeArrival() {
    // Nothing is thrown away that can wait where it is.
    guard !intake.isFull else {
      _ = triggers.next(timeout: .milliseconds(100))
      return
    }
    do {
      let held = state.withLock { $0.held }
      let photos = try held ?? shutter.takePhotos(1, timeout: .milliseconds(500))
      guard !photos.isEmpty else {
        // There is none, or there will be no more.
        _ = triggers.next(timeout: .milliseconds(100))
        return
      }
      // It is out of the pipe: until it is durable it is held.
      state.withLock { $0.held = photos }
      try keep(photos, .arrival, triggered: nil)
      state.withLock { $0.held = nil }
    } catch {
      fail("\(error)", isDiskFull: isDiskFull(error))
      _ = triggers.next(timeout: .seconds(1))
    }
  }

  private func shoot(_ trigger: Trigger, at nanoseconds: UInt64) {
    do {
      let photos = try shutter.takePhotos(max(1, settings.burst), timeout: settings.timeout)
      guard !photos.isEmpty else {
        return fail("the camera gave no photo; see `loam status`", isTrigger: true)
      }
      try keep(photos, trigger, triggered: nanoseconds)
    } catch {
      fail("no photo was taken: \(error)", isTrigger: true, isDiskFull: isDiskFull(error))
    }
  }

  private func keep(_ photos: [[UInt8]], _ trigger: Trigger, triggered: UInt64?) throws {
    let entry = try spool.keep(photos, trigger: trigger.rawValue)
    let taken = clock.monotonicNanoseconds
    intake.add(
      Intake.Waiting(
        entry: entry, trigger: trigger, triggeredNanoseconds: triggered, takenNanoseconds: taken))
    state.withLock { $0.bursts += 1 }
  }

  private func isDiskFull(_ error: any Error) -> Bool {
    if case .diskFull = error as? StoreError { true } else { false }
  }

  /// Notes a failure; the same one as before is noted once.
  private func fail(_ message: String, isTrigger: Bool = false, isDiskFull: Bool = false) {
    state.withLock { state in
      if isTrigger { state.failedTriggers += 1 }
      if isDiskFull { state.isDiskFull = true }
      if state.failures.last != message, state.failures.count < 20 {
        state.failures.append(message)
      }
    }
  }
}
