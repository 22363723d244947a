internal import Glibc

/// Where a `FrameServer` gets its frames.
package protocol FrameSource: AnyObject {
  /// What the source is called in errors.
  var name: String { get }
  /// The descriptor that is readable when a frame is there.
  var readyDescriptor: Int32 { get }
  /// Takes the oldest frame that is there; its bytes are wanted only if `isWanted` says so of the
  /// time at which it began or ended (nanoseconds of the monotonic clock, `nil` if unknown).
  func take(_ isWanted: (UInt64?) -> Bool) throws(CameraError) -> TakenFrame
}

/// What came of taking a frame.
package enum TakenFrame: Hashable, Sendable {
  /// None was there.
  case none
  /// One was there and went back unread, or the driver says that it is damaged.
  case unwanted
  case damaged
  case frame(CameraFrame)
}

/// How frames are served.
package struct FrameServerSettings: Hashable, Sendable {
  /// First frames that are thrown away: exposure and white balance have not settled.
  package var settlingFrames: Int
  /// How long the source may take from one frame to the next.
  package var silence: Duration
  /// Damaged frames in a row after which the camera counts as broken.
  package var mostDamaged: Int

  /// Settings for webcams, unless said otherwise.
  package init(settlingFrames: Int = 5, silence: Duration = .seconds(5), mostDamaged: Int = 60) {
    self.settlingFrames = max(0, settlingFrames)
    self.silence = silence
    self.mostDamaged = max(1, mostDamaged)
  }
}

/// The inside of `loam camera`: prints frames of a source as JPEGs when it is asked to.
///
/// A line with a number on the input asks for as many frames; only frames that the source filled after
/// the line was read are given. In between, frames are taken and thrown away, so that none in the driver's
/// buffers is old. The end of the input ends it.
package struct FrameServer {
  /// Most frames that one line may ask for.
  package static let mostAtOnce = 10_000

  private let source: any FrameSource
  private let settings: FrameServerSettings
  private let input: Descriptor?
  private let output: Descriptor
  private let encode: (CameraFrame) throws -> [UInt8]

  /// How many are wanted of those filled from `since` on; when times are unknown, after `skip` more.
  private struct Request {
    var count: Int
    var since: UInt64
    var skip = 1
  }
  private var requests: [Request] = []
  private var line: [UInt8] = []
  private var seen = 0
  private var damaged = 0

  /// Serves `source` by the descriptors `input` and `output`, which it takes copies of; a frame that is
  /// no JPEG is made one by `encode`.
  ///
  /// - Parameter count: without an input, the number of frames to print before it ends.
  package init(
    source: any FrameSource, settings: FrameServerSettings = FrameServerSettings(),
    input: Int32 = 0, output: Int32 = 1, count: Int? = nil,
    encode: @escaping (CameraFrame) throws -> [UInt8]
  ) {
    (self.source, self.settings, self.encode) = (source, settings, encode)
    self.output = Descriptor(fcntl(output, F_DUPFD_CLOEXEC, 3))
    if let count {
      self.input = nil
      requests = [Request(count: count, since: 0)]
    } else {
      self.input = Descriptor(fcntl(input, F_DUPFD_CLOEXEC, 3))
    }
  }

  /// Serves until the input ends, the output is closed, or the count is reached.
  package mutating func run() throws {
    var lastFrame = ContinuousClock.now
    while true {
      if input == nil, requests.isEmpty { return }
      var waits = [
        pollfd(fd: source.readyDescriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: input?.number ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      let left = lastFrame + settings.silence - .now
      guard left > .zero else {
        throw CameraError.silent(
          path: source.name, seconds: Int(settings.silence.components.seconds))
      }
      let ready = unsafe poll(&waits, 2, left.pollMilliseconds)
      guard ready > 0 || errno == EINTR || ready == 0 else {
        throw CameraError.deviceFailed(
          path: source.name, operation: "waiting", reason: SystemFailure.text(errno))
      }
      guard ready > 0 else { continue }
      if waits[1].revents != 0, try !readRequests() { return }
      if waits[0].revents != 0 {
        let taken = try takeFrame()
        if taken { lastFrame = .now }
        // A hang-up without a frame would be reported again at once.
        if !taken { Duration.milliseconds(1).rest() }
      }
    }
  }

  /// Reads what is asked for; false at the end of the input.
  private mutating func readRequests() throws(CameraError) -> Bool {
    guard case .bytes(let bytes)? = input?.read(upTo: 256, timeout: .zero) else { return false }
    for byte in bytes {
      guard byte == 10 else {
        line.append(byte)
        if line.count > 16 { throw badRequest() }
        continue
      }
      guard let count = Int(String(decoding: line, as: UTF8.self)),
        (1...Self.mostAtOnce).contains(count), requests.count < 1000
      else { throw badRequest() }
      requests.append(Request(count: count, since: SystemClock().monotonicNanoseconds))
      line = []
    }
    return true
  }

  private func badRequest() -> CameraError {
    .badRequest(
      found: String(decoding: line.filter { (0x20..<0x7F).contains($0) }, as: UTF8.self))
  }

  /// Takes one frame, and prints it if it is asked for; whether there was one.
  private mutating func takeFrame() throws -> Bool {
    let isSettled = seen >= settings.settlingFrames
    var skips = false
    let first = requests.first
    let taken = try source.take { stamp in
      guard isSettled, let first else { return false }
      guard let stamp else {
        skips = first.skip > 0
        return !skips
      }
      return stamp >= first.since
    }
    if skips { requests[0].skip -= 1 }
    switch taken {
    case .none: return false
    case .unwanted: seen += 1
    case .damaged: try countDamaged()
    case .frame(var frame):
      frame.trimPadding()
      guard frame.isComplete else {
        try countDamaged()
        return true
      }
      seen += 1
      damaged = 0
      try print(frame.format == .jpeg ? frame.bytes : encode(frame))
      requests[0].count -= 1
      if requests[0].count == 0 { requests.removeFirst() }
    }
    return true
  }

  private mutating func countDamaged() throws(CameraError) {
    damaged += 1
    if damaged >= settings.mostDamaged {
      throw .onlyDamaged(path: source.name, frames: damaged)
    }
  }

  private func print(_ bytes: [UInt8]) throws(CameraError) {
    // Whoever asks reads; if it does not, there is nothing better to do than to wait for it.
    let (written, failure) = output.write(bytes, until: .now + .seconds(3600))
    guard written == bytes.count else {
      throw .deviceFailed(
        path: source.name, operation: "printing a photo",
        reason: failure.map(SystemFailure.text) ?? "nobody reads it")
    }
  }
}
