internal import Glibc

/// Reads one run of a camera's child process, until it closes its output, fails, or is not wanted.
struct StreamReading {
  /// Why the reading is over.
  enum Outcome {
    case stopped
    case closed
    case failed(String)
  }

  /// Photos that came.
  private(set) var frames = 0
  private var lastWords = LastWords()

  private let worker: StreamWorker
  private let child: ChildProcess
  private let bell: Doorbell
  private var splitter: FrameSplitter
  /// When the last photo came, or it was last asked for one, or was started.
  private var lastSign: ContinuousClock.Instant
  private var garbageAtLastFrame: UInt64 = 0
  /// Garbage that the camera's health knows of.
  private var countedGarbage: UInt64 = 0
  private var readsErrors = true

  private var settings: StreamCameraSettings { worker.settings }

  init(
    worker: StreamWorker, child: ChildProcess, bell: Doorbell, started: ContinuousClock.Instant
  ) {
    (self.worker, self.child, self.bell) = (worker, child, bell)
    splitter = FrameSplitter(mostFrameBytes: worker.settings.mostFrameBytes)
    lastSign = started
  }

  /// Reads until there is a reason to stop.
  mutating func run() -> Outcome {
    defer {
      splitter.finish()
      worker.countGarbage(splitter.garbageByteCount - countedGarbage)
    }
    while true {
      if worker.isStopping { return .stopped }
      let now = ContinuousClock.now
      if let failure = question(now: now) { return failure }
      let deadline = deadline()
      if now >= deadline, !worker.asks || worker.isAsked { return .failed(silence()) }
      if let outcome = read(until: deadline) { return outcome }
    }
  }

  /// Asks the child for photos that are wanted.
  private mutating func question(now: ContinuousClock.Instant) -> Outcome? {
    guard worker.asks else { return nil }
    let isCheck = frames == 0 || now - lastSign >= settings.checkInterval
    let wasAsked = worker.isAsked
    let count = worker.takeQuestion(isCheck: isCheck)
    guard count > 0 else { return nil }
    if !wasAsked { lastSign = now }
    // The socket holds thousands of such lines: one that is full belongs to a child that hangs.
    return child.send(Array("\(count)\n".utf8))
      ? nil : .failed("it takes no more requests")
  }

  /// When something has to be done about a child that gives nothing.
  private func deadline() -> ContinuousClock.Instant {
    if worker.asks, !worker.isAsked { return lastSign + settings.checkInterval }
    return lastSign + (frames == 0 ? settings.firstFrameDeadline : settings.frameDeadline)
  }

  private func silence() -> String {
    let waited = frames == 0 ? settings.firstFrameDeadline : settings.frameDeadline
    let garbage = splitter.garbageByteCount + UInt64(splitter.heldByteCount) - garbageAtLastFrame
    return garbage == 0
      ? "it gave nothing for \(waited)"
      : "no photo was complete for \(waited), among \(garbage) bytes"
  }

  /// Waits for something to read, or for the bell.
  private mutating func read(until deadline: ContinuousClock.Instant) -> Outcome? {
    var requests = [
      pollfd(fd: child.output.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: readsErrors ? child.errors.number : -1, events: Int16(POLLIN), revents: 0),
    ]
    let ready = unsafe poll(&requests, nfds_t(requests.count), (deadline - .now).pollMilliseconds)
    if ready < 0, errno != EINTR {
      return .failed("waiting for it failed: \(SystemFailure.text(errno))")
    }
    guard ready > 0 else { return nil }
    if requests[1].revents != 0 { bell.hear() }
    if requests[2].revents != 0 { readErrors() }
    guard requests[0].revents != 0 else { return nil }
    switch child.output.read(upTo: 1 << 16, timeout: .zero) {
    case .nothing: return nil
    case .ended: return .closed
    case .failed(let code): return .failed("reading from it failed: \(SystemFailure.text(code))")
    case .bytes(let bytes): return take(bytes)
    }
  }

  private mutating func take(_ bytes: [UInt8]) -> Outcome? {
    for frame in splitter.feed(bytes) {
      frames += 1
      lastSign = .now
      garbageAtLastFrame = splitter.garbageByteCount
      worker.deliver(frame)
    }
    worker.countGarbage(splitter.garbageByteCount - countedGarbage)
    countedGarbage = splitter.garbageByteCount
    let garbage = splitter.garbageByteCount - garbageAtLastFrame
    if garbage > 2 * UInt64(settings.mostFrameBytes) {
      return .failed(
        splitter.oversizedCount > 0
          ? "it prints pictures of more than \(settings.mostFrameBytes) bytes"
          : "it prints what is no JPEG: \(garbage) bytes since the last photo")
    }
    return nil
  }

  private mutating func readErrors() {
    if readsErrors { readsErrors = lastWords.read(from: child.errors) }
  }

  /// What the process has said last, also just before its end, without waiting for more.
  mutating func readLastWords() -> String? {
    readErrors()
    return lastWords.line
  }
}
