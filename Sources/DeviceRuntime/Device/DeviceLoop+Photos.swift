import Board
import Logging
import SampleStore

extension DeviceLoop {
  /// Judges the next photo or burst, if one has come.
  func takePhoto() -> Bool {
    guard device.clock.monotonicNanoseconds >= retryNanoseconds else { return false }
    noteCaptureFailures()
    if takeBurst() { return true }
    return takeFile()
  }

  func takeFile() -> Bool {
    guard let folder = ports.folder else { return false }
    do throws(CameraError) {
      if pendingFile == nil { pendingFile = try folder.next(timeout: .zero) }
      isCameraGone(nil)
    } catch {
      isCameraGone("\(error)")
      return false
    }
    guard let file = pendingFile else {
      hasEmptiedFolder = true
      return false
    }
    hasEmptiedFolder = false
    switch keep({ try device.capture(path: file.path) }) {
    case .kept: filesSinceWake += 1
    case .later: return true
    case .never:
      report("capture", "\(file.name) could not be kept in three tries and is passed over")
    }
    pendingFile = nil
    return true
  }

  func isCameraGone(_ reason: String?) {
    if let reason, !cameraIsGone { report("camera", reason) }
    faults["camera"] = reason
    cameraIsGone = reason != nil
  }

  func takeBurst() -> Bool {
    guard let intake = ports.intake, let spool = ports.spool else { return false }
    for burst in intake.takeDropped() { drop(burst, from: spool) }
    if intake.isCrowded, let unseen = intake.nextUnseen() { glance(unseen, intake) }
    guard let waiting = intake.next() else { return false }
    guard isWorthTrying(waiting, spool) else { return true }
    guard let photos = photos(of: waiting, spool) else {
      intake.putBack(waiting)
      return true
    }
    guard !photos.isEmpty else {
      spool.remove(waiting.entry)
      return true
    }
    let burst = Burst(
      photos: photos, trigger: waiting.trigger,
      triggeredNanoseconds: waiting.triggeredNanoseconds, takenNanoseconds: waiting.takenNanoseconds
    )
    attend(isBusy: true)
    switch keep({ try device.capture(burst) }) {
    case .kept:
      spool.remove(waiting.entry)
      if leftovers.remove(waiting.entry.number) != nil { spool.forgetTries() }
    case .later: intake.putBack(waiting)
    case .never: setAside(waiting, spool, because: "could not be kept in three tries")
    }
    return true
  }

  /// The photos of a burst; empty when there are none, `nil` when they cannot be read now. One that is too
  /// large, or gone, is told and left out.
  private func photos(of waiting: Intake.Waiting, _ spool: SpoolFolder) -> [ArrivedPhoto]? {
    var photos: [ArrivedPhoto] = []
    for path in waiting.entry.paths {
      switch device.contents(path) {
      case .bytes(let bytes):
        photos.append(ArrivedPhoto(bytes: bytes, name: path, spoolPath: path))
      case .gone:
        report("capture", "\(path) is gone before it was judged; look for what removes files there")
      case .unfit:
        setAside(
          waiting, spool, because: "has a photo larger than a photo may be, or no file")
        return []
      case .failed(let code):
        postpone("\(path) cannot be read now: \(errorText(code))")
        return nil
      }
    }
    return photos
  }

  /// Whether a burst that an earlier run left may be tried: one that was begun three times, and the program
  /// never came to its end, is set aside.
  private func isWorthTrying(_ waiting: Intake.Waiting, _ spool: SpoolFolder) -> Bool {
    guard leftovers.contains(waiting.entry.number) else { return true }
    if spool.noteTry(of: waiting.entry.number) <= 3 { return true }
    setAside(waiting, spool, because: "ended the program three times when it was judged")
    return false
  }

  private func setAside(_ waiting: Intake.Waiting, _ spool: SpoolFolder, because reason: String) {
    guarded("capture") {
      try spool.setAside(waiting.entry)
      report(
        "capture", "burst \(waiting.entry.number) \(reason); its photos are in \(spool.asidePath)")
    }
  }

  /// What came of keeping a photo.
  enum Keeping {
    case kept
    /// It has to be tried again.
    case later
    /// It failed three times for a reason that no waiting mends.
    case never
  }

  /// Runs `capture`. A full or locked disk is waited for, with pauses that grow to a minute; another failure
  /// is tried three times.
  func keep(_ capture: () throws -> Int64?) -> Keeping {
    do {
      _ = try capture()
    } catch {
      let passes =
        switch error as? StoreError {
        case .diskFull, .locked: true
        default: false
        }
      if !passes { keepFailures += 1 }
      if case .diskFull = error as? StoreError { makeRoomNow() }
      postpone("\(error)")
      guard keepFailures >= 3 else { return .later }
      keepFailures = 0
      return .never
    }
    retryPause = 0
    keepFailures = 0
    faults["store"] = nil
    faults["capture"] = nil
    if let times = device.latestTimes {
      device.latestTimes = nil
      flag(times)
    }
    if let counts = try? device.store.counts(), counts.captures.isMultiple(of: 10) {
      for console in ports.consoles { console.progress("\(counts.captures) photos judged") }
    }
    return .kept
  }

  /// Tries again after a pause, longer each time, and says why once.
  private func postpone(_ reason: String) {
    retryPause = min(60_000_000_000, max(1_000_000_000, 2 * retryPause))
    retryNanoseconds = device.clock.monotonicNanoseconds + retryPause
    if faults["store"] == nil { report("capture", reason) }
    faults["store"] = reason
  }

  private func makeRoomNow() {
    guarded("quota") { try device.makeRoom(freeByteCount: 0) }
  }

  /// Sets the light for a photo that was judged, and notes how long everything took.
  func flag(_ times: StageTimes) {
    var times = times
    if times.asked != nil {
      attend(isBusy: true)
      times.flagged = device.clock.monotonicNanoseconds
    }
    stages.add(times)
    if firstPhoto == nil { firstPhoto = ProcessAge.current() }
  }

  func drop(_ burst: Intake.Waiting, from spool: SpoolFolder) {
    // What could not be counted stays, and is found again at the next start.
    guard guarded("capture", { try device.store.count(.droppedBursts) }) != nil else { return }
    spool.remove(burst.entry)
    let sure = burst.confidence.map { ", \(Int(($0 * 100).rounded())) % sure at a glance" } ?? ""
    report(
      "capture",
      "photos come faster than they can be judged: burst \(burst.entry.number)\(sure) made room; "
        + "take fewer, or raise queue.limit")
  }

  func glance(_ waiting: Intake.Waiting, _ intake: Intake) {
    guard let path = waiting.entry.paths.first, case .bytes(let bytes) = device.contents(path)
    else {
      return intake.note(confidence: 0, of: waiting.entry.number)
    }
    let confidence = device.glance(ArrivedPhoto(bytes: bytes, name: path)) ?? 0
    intake.note(confidence: confidence, of: waiting.entry.number)
  }

  func noteCaptureFailures() {
    guard let loop = ports.captureLoop else { return }
    let (messages, triggers, isDiskFull) = loop.takeFailures()
    if isDiskFull { makeRoomNow() }
    for message in messages { report("camera", message) }
    if triggers > 0 { guarded("camera") { try device.store.count(.failedTriggers, triggers) } }
    let condition = loop.condition
    faults["camera"] = condition.isWorking ? nil : condition.text
  }
}
