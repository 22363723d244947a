package import Board
import Glibc
package import Logging
package import SampleStore

/// What a device is joined to; all of it may be absent.
package struct DevicePorts {
  /// The folder that photos arrive in.
  package var folder: FolderCamera?
  /// Bursts that a capture loop took, and where their files are.
  package var intake: Intake?
  package var spool: SpoolFolder?
  package var captureLoop: CaptureLoop?
  /// Operators' lines.
  package var consoles: [ConsoleLoop] = []
  package var panel: PanelDesk?
  package var power = PowerPlan()
  /// Called while the device gets on, for a watchdog.
  package var heartbeat: () -> Void = {}
  /// Given the live status every few seconds.
  package var publish: (LiveStatus) -> Void = { _ in }
  /// Bytes free on the store's disk.
  package var freeByteCount: () -> Int? = { nil }
  /// The board's temperature.
  package var celsius: () -> Double? = { nil }

  /// Joined to nothing.
  package init() {}

  /// Joins what an earlier run's camera left in the spool of the store at `folder`, where no camera of this
  /// run fills it; with nothing left it joins nothing.
  package mutating func joinLeftovers(store folder: String) throws(StoreError) {
    guard spool == nil else { return }
    let found = try SpoolFolder(store: folder)
    let count = try found.leftovers().count
    guard count > 0 else { return }
    (spool, intake) = (found, Intake(limit: count))
  }
}

/// The device's one loop: a photo, learning and asking if they are due, the operator; then again.
package final class DeviceLoop {
  let device: Device
  let ports: DevicePorts
  let log: Logger
  var cameraIsGone = false
  /// A photo of the folder that could not be kept yet.
  var pendingFile: CameraFile?
  /// When keeping is tried again, after how long, and how often it failed for the photo at hand.
  var retryNanoseconds: UInt64 = 0
  var retryPause: UInt64 = 0
  var keepFailures = 0
  /// Photos of the folder since the device woke, and whether it had no more to give at the last look.
  var filesSinceWake = 0
  var hasEmptiedFolder = false
  /// Bursts that an earlier run left, by number, and how often judging them was begun.
  var leftovers: Set<Int64> = []
  /// What is wrong now, by what it is about.
  var faults: [String: String] = [:]
  var stages = StageLog()
  let startNanoseconds: UInt64
  private var wokeNanoseconds: UInt64
  private var burstsAtWake = 0
  /// From the start of the process to the first photo that was judged and kept.
  var firstPhoto: Duration?
  private var publishedNanoseconds: UInt64 = 0
  /// When the device was last busy, until its idle memory has been given back.
  private var busyNanoseconds: UInt64?
  var roomNanoseconds: UInt64?
  var lacksRoom = false
  /// How long to sleep, where the loop ended by itself; `nil` when it was told to.
  package private(set) var sleep: Duration?

  /// A loop over `device`; without a camera it only asks about what the store holds, without a
  /// console or panel it only collects.
  package init(device: Device, ports: DevicePorts, log: Logger) {
    self.device = device
    self.ports = ports
    self.log = log
    startNanoseconds = device.clock.monotonicNanoseconds
    wokeNanoseconds = startNanoseconds
    busyNanoseconds = startNanoseconds
    let consoles = ports.consoles
    device.notice = { text in for console in consoles { console.notice(text) } }
    let heartbeat = ports.heartbeat
    device.madeProgress = heartbeat
  }

  /// Runs until `shouldStop` says so or the power plan lets the device sleep; what was acknowledged by
  /// then is in the store.
  ///
  /// A step that fails is recorded and said to the operator, and the loop goes on.
  package func run(until shouldStop: @escaping () -> Bool) {
    device.shouldStop = shouldStop
    sleep = nil
    while !shouldStop(), sleep == nil {
      step()
      if !shouldStop() { sleep = timeToSleep() }
    }
    if sleep == nil || ports.power.action == .exit { close() }
  }

  /// Goes on after a sleep, with the next photo if `takesPhoto`; then `run` again.
  package func wake(takesPhoto: Bool = true) {
    wokeNanoseconds = device.clock.monotonicNanoseconds
    burstsAtWake = ports.captureLoop?.burstCount ?? 0
    filesSinceWake = 0
    hasEmptiedFolder = false
    guard takesPhoto else { return }
    faults["power"] = nil
    ports.captureLoop?.triggers.pull(.interval, at: wokeNanoseconds)
  }

  /// Notes that the board could not sleep, and stays awake until the next photo is due.
  package func stayAwake(because reason: String) {
    if faults["power"] == nil { report("power", reason) }
    faults["power"] = reason
  }

  /// Goes on with all but sleeping for `duration`.
  package func pause(_ duration: Duration, until shouldStop: () -> Bool) {
    let end =
      device.clock.monotonicNanoseconds + UInt64(max(0, duration / .nanoseconds(1)))
    while !shouldStop(), device.clock.monotonicNanoseconds < end { step() }
  }

  private func close() {
    for console in ports.consoles {
      console.notice("Loam stops; everything answered is kept.")
      console.drain(timeout: .milliseconds(500))
    }
    ports.panel?.stop()
  }

  /// Takes up the photos that an earlier run took and did not get to; call before `run`.
  package func takeUpSpool() {
    guard let intake = ports.intake, let spool = ports.spool else { return }
    guarded("capture") {
      for entry in try spool.leftovers() {
        leftovers.insert(entry.number)
        intake.add(
          Intake.Waiting(entry: entry, trigger: Trigger(rawValue: entry.trigger) ?? .command))
      }
    }
  }

  /// One turn.
  package func step() {
    ports.heartbeat()
    let tookPhoto = takePhoto()
    if device.shouldStop() { return }
    var isBusy = tookPhoto
    if let learned = guarded("learning", { try learnIfDue() }) { isBusy = isBusy || learned }
    if guarded("asking", { try device.askIfDue() }) == true { faults["asking"] = nil }
    attend(isBusy: isBusy)
    pressButtons()
    pollConsoles(wait: isBusy ? .zero : .milliseconds(50))
    pressButtons()
    attend(isBusy: false)
    if guarded("quota", { try makeRoomIfDue() }) != nil { faults["quota"] = nil }
    publishIfDue()
    rest(isBusy: isBusy)
  }

  /// Gives memory back once when nothing was judged or learned for ten seconds.
  private func rest(isBusy: Bool) {
    let now = device.clock.monotonicNanoseconds
    if isBusy { return busyNanoseconds = now }
    guard let busy = busyNanoseconds, now - busy > 10_000_000_000 else { return }
    busyNanoseconds = nil
    device.releaseIdleMemory()
  }

  // MARK: Learning and the operator

  private func learnIfDue() throws -> Bool {
    let learned = try device.learnIfDue { attend(isBusy: true) }
    if learned { faults["learning"] = nil }
    return learned
  }

  /// Sets the lights by what is in the store now.
  func attend(isBusy: Bool) {
    guard let panel = ports.panel else { return }
    let queued = (try? device.store.queuedCount()) ?? 0
    let waiting = device.question == nil ? 0 : max(1, queued)
    panel.show(waiting: waiting, busy: isBusy, fault: !faults.isEmpty)
  }

  private func pressButtons() {
    guard let panel = ports.panel else { return }
    for text in panel.step(desk: device, now: device.clock.monotonicNanoseconds) {
      log.info("\(text)")
      for console in ports.consoles { console.notice(text) }
    }
  }

  /// Attends to each console; with nothing to do, waits at the first one.
  private func pollConsoles(wait: Duration) {
    // A trigger must not wait for the operator's line.
    let isUrgent = ports.intake.map { $0.count > 0 } ?? false
    let isWatched = ports.intake != nil || ports.panel != nil
    let pause = isUrgent ? .zero : isWatched ? min(wait, .milliseconds(10)) : wait
    if ports.consoles.isEmpty, pause > .zero { usleep(UInt32(pause / .microseconds(1))) }
    for (place, console) in ports.consoles.enumerated() {
      console.poll(timeout: place == 0 ? pause : .zero, desk: device)
    }
  }

  // MARK: Keeping going

  /// Looks every half minute, and at each step while something has to go.
  private func makeRoomIfDue() throws {
    let now = device.clock.monotonicNanoseconds
    if !lacksRoom, let last = roomNanoseconds, now - last < 30_000_000_000 { return }
    roomNanoseconds = now
    lacksRoom = try device.makeRoom(freeByteCount: ports.freeByteCount()) > 0
  }

  private func publishIfDue() {
    let now = device.clock.monotonicNanoseconds
    guard publishedNanoseconds == 0 || now - publishedNanoseconds > 5_000_000_000 else { return }
    publishedNanoseconds = now
    ports.publish(liveStatus(now: now))
  }

  private func timeToSleep() -> Duration? {
    let folderHasMore = ports.folder != nil && !hasEmptiedFolder && !cameraIsGone
    let waiting = (ports.intake?.count ?? 0) + (folderHasMore ? 1 : 0)
    let taken = ports.captureLoop.map { $0.burstCount - burstsAtWake } ?? filesSinceWake
    let keys = ports.consoles.compactMap(\.lastKeyNanoseconds).max()
    let operatorAt = [keys, ports.panel?.pressedAt].compactMap { $0 }.max()
    return ports.power.sleep(
      PowerPlan.Situation(
        now: device.clock.monotonicNanoseconds, bursts: taken, waiting: waiting,
        operatorAt: operatorAt), wokeAt: wokeNanoseconds)
  }

  /// Runs `step`; an error is recorded and said, and gives `nil`.
  @discardableResult
  func guarded<Result>(_ what: String, _ step: () throws -> Result) -> Result? {
    do {
      return try step()
    } catch {
      faults[what] = "\(error)"
      report(what, "\(error)")
      return nil
    }
  }

  func report(_ what: String, _ message: String) {
    log.error("\(what) failed", metadata: ["reason": "\(message)"])
    for console in ports.consoles { console.notice("\(what): \(message)") }
    try? device.store.recordEvent(
      .error, kind: "\(what).failed", message: message, at: device.clock.stamp)
  }
}
