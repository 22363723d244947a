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
}

/// The device's one loop: a photo, learning and asking if they are due, the operator; then again.
package final class DeviceLoop {
  let device: Device
  let ports: DevicePorts
  let log: Logger
  private var cameraIsGone = false
  /// Photos taken up that could not be kept yet.
  private var pendingFile: CameraFile?
  private var retryNanoseconds: UInt64 = 0
  private var retryPause: UInt64 = 0
  /// What is wrong now, by what it is about.
  var faults: [String: String] = [:]
  var stages = StageLog()
  let startNanoseconds: UInt64
  private var wokeNanoseconds: UInt64
  private var burstsAtWake = 0
  /// From the start of the process to the first photo that was judged and kept.
  var firstPhoto: Duration?
  private var publishedNanoseconds: UInt64 = 0
  private var capturesSinceRoom = 0
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
      sleep = timeToSleep()
    }
    if sleep == nil || ports.power.action == .exit { close() }
  }

  /// Takes the next photo after a sleep; then `run` again.
  package func wake() {
    wokeNanoseconds = device.clock.monotonicNanoseconds
    burstsAtWake = ports.captureLoop?.burstCount ?? 0
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
    guarded("asking") { try device.askIfDue() }
    attend(isBusy: isBusy)
    pressButtons()
    pollConsoles(wait: isBusy ? .zero : .milliseconds(50))
    pressButtons()
    attend(isBusy: false)
    guarded("quota") { try makeRoomIfDue() }
    publishIfDue()
  }

  // MARK: Photos

  /// Judges the next photo or burst, if one has come.
  private func takePhoto() -> Bool {
    guard device.clock.monotonicNanoseconds >= retryNanoseconds else { return false }
    noteCaptureFailures()
    if takeBurst() { return true }
    return takeFile()
  }

  private func takeFile() -> Bool {
    guard let folder = ports.folder else { return false }
    do throws(CameraError) {
      if pendingFile == nil { pendingFile = try folder.next(timeout: .zero) }
      isCameraGone(nil)
    } catch {
      isCameraGone("\(error)")
      return false
    }
    guard let file = pendingFile else { return false }
    guard keep({ try device.capture(path: file.path) }) else { return true }
    pendingFile = nil
    return true
  }

  private func isCameraGone(_ reason: String?) {
    if let reason, !cameraIsGone { report("camera", reason) }
    faults["camera"] = reason
    cameraIsGone = reason != nil
  }

  private func takeBurst() -> Bool {
    guard let intake = ports.intake, let spool = ports.spool else { return false }
    for burst in intake.takeDropped() { drop(burst, from: spool) }
    if intake.isCrowded, let unseen = intake.nextUnseen() { glance(unseen, intake) }
    guard let waiting = intake.next() else { return false }
    let photos = waiting.entry.paths.compactMap { path in
      device.boundedContents(path).map {
        ArrivedPhoto(bytes: $0, name: path, spoolPath: path)
      }
    }
    guard !photos.isEmpty else {
      report("capture", "the photos of burst \(waiting.entry.number) are gone or cannot be read")
      spool.remove(waiting.entry)
      return true
    }
    let burst = Burst(
      photos: photos, trigger: waiting.trigger,
      triggeredNanoseconds: waiting.triggeredNanoseconds, takenNanoseconds: waiting.takenNanoseconds
    )
    ports.panel?.show(waiting: queued, busy: true, fault: !faults.isEmpty)
    if keep({ try device.capture(burst) }) {
      spool.remove(waiting.entry)
    } else {
      intake.putBack(waiting)
    }
    return true
  }

  /// Runs `capture`; `false` when it has to be tried again later, after a pause that grows to a minute.
  private func keep(_ capture: () throws -> Int64?) -> Bool {
    do {
      _ = try capture()
    } catch {
      retryPause = min(60_000_000_000, max(1_000_000_000, 2 * retryPause))
      retryNanoseconds = device.clock.monotonicNanoseconds + retryPause
      if faults["store"] == nil { report("capture", "\(error)") }
      faults["store"] = "\(error)"
      if case StoreError.diskFull = error {
        guarded("quota") { try device.makeRoom(freeByteCount: 0) }
      }
      return false
    }
    retryPause = 0
    faults["store"] = nil
    capturesSinceRoom += 1
    if let times = device.latestTimes {
      device.latestTimes = nil
      flag(times)
    }
    if let counts = try? device.store.counts(), counts.captures.isMultiple(of: 10) {
      for console in ports.consoles { console.progress("\(counts.captures) photos judged") }
    }
    return true
  }

  /// Sets the light for a photo that was judged, and notes how long everything took.
  private func flag(_ times: StageTimes) {
    var times = times
    if times.asked != nil {
      attend(isBusy: true)
      times.flagged = device.clock.monotonicNanoseconds
    }
    stages.add(times)
    if firstPhoto == nil { firstPhoto = ProcessAge.current() }
  }

  private func drop(_ burst: Intake.Waiting, from spool: SpoolFolder) {
    guarded("capture") { try device.store.count(.droppedBursts) }
    spool.remove(burst.entry)
    let sure = burst.confidence.map { ", \(Int(($0 * 100).rounded())) % sure at a glance" } ?? ""
    report(
      "capture",
      "photos come faster than they can be judged: burst \(burst.entry.number)\(sure) made room; "
        + "take fewer, or raise queue.limit")
  }

  private func glance(_ waiting: Intake.Waiting, _ intake: Intake) {
    guard let path = waiting.entry.paths.first, let bytes = device.boundedContents(path) else {
      return intake.note(confidence: 0, of: waiting.entry.number)
    }
    let confidence = device.glance(ArrivedPhoto(bytes: bytes, name: path)) ?? 0
    intake.note(confidence: confidence, of: waiting.entry.number)
  }

  private func noteCaptureFailures() {
    guard let loop = ports.captureLoop else { return }
    let (messages, triggers) = loop.takeFailures()
    for message in messages { report("camera", message) }
    if triggers > 0 { guarded("camera") { try device.store.count(.failedTriggers, triggers) } }
    let condition = loop.condition
    faults["camera"] = condition.isWorking ? nil : condition.text
  }

  // MARK: Learning and the operator

  private func learnIfDue() throws -> Bool {
    try device.learnIfDue {
      ports.panel?.show(waiting: queued, busy: true, fault: !faults.isEmpty)
    }
  }

  private var queued: Int { (try? device.store.counts().queued) ?? 0 }

  /// Sets the lights by what is in the store now.
  private func attend(isBusy: Bool) {
    guard let panel = ports.panel else { return }
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

  private func makeRoomIfDue() throws {
    guard capturesSinceRoom >= 8 else { return }
    capturesSinceRoom = 0
    while try device.makeRoom(freeByteCount: ports.freeByteCount()) > 0 { ports.heartbeat() }
  }

  private func publishIfDue() {
    let now = device.clock.monotonicNanoseconds
    guard publishedNanoseconds == 0 || now - publishedNanoseconds > 5_000_000_000 else { return }
    publishedNanoseconds = now
    ports.publish(liveStatus(now: now))
  }

  private func timeToSleep() -> Duration? {
    let waiting = (ports.intake?.count ?? 0) + (pendingFile == nil ? 0 : 1)
    let taken =
      ports.captureLoop.map { $0.burstCount - burstsAtWake } ?? (firstPhoto == nil ? 0 : 1)
    let keys = ports.consoles.compactMap(\.lastKeyNanoseconds).max()
    let operatorAt = [keys, ports.panel?.pressedAt].compactMap { $0 }.max()
    return ports.power.sleep(
      PowerPlan.Situation(
        now: device.clock.monotonicNanoseconds, bursts: taken, waiting: waiting,
        operatorAt: operatorAt), wokeAt: wokeNanoseconds)
  }

  /// Runs `step`; an error is recorded and said, and gives `nil`.
  @discardableResult
  private func guarded<Result>(_ what: String, _ step: () throws -> Result) -> Result? {
    do {
      let result = try step()
      if what != "camera" { faults[what] = nil }
      return result
    } catch {
      faults[what] = "\(error)"
      report(what, "\(error)")
      return nil
    }
  }

  private func report(_ what: String, _ message: String) {
    log.error("\(what) failed", metadata: ["reason": "\(message)"])
    for console in ports.consoles { console.notice("\(what): \(message)") }
    try? device.store.recordEvent(
      .error, kind: "\(what).failed", message: message, at: device.clock.stamp)
  }
}
