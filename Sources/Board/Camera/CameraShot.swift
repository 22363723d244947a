/// A photo that a camera gave: one complete JPEG.
package struct CameraShot: Hashable, Sendable {
  /// The JPEG, from its start to its end marker.
  package var bytes: [UInt8]
  /// When it was complete, by `SystemClock`'s monotonic side.
  package var monotonicNanoseconds: UInt64

  /// The photo `bytes`, complete at `monotonicNanoseconds`.
  package init(bytes: [UInt8], monotonicNanoseconds: UInt64) {
    self.bytes = bytes
    self.monotonicNanoseconds = monotonicNanoseconds
  }
}

/// How a camera is doing.
package struct CameraHealth: Hashable, Sendable {
  /// What a camera is doing.
  package enum State: Hashable, Sendable {
    /// Started; nothing has come yet.
    case starting
    /// The last attempt gave photos.
    case working
    /// It does not work; it is tried again. `since` is of `SystemClock`'s monotonic side.
    case failing(reason: String, since: UInt64)
    case stopped
  }

  package var state: State = .starting
  /// Photos it has given, whether somebody wanted them or not.
  package var frames: UInt64 = 0
  /// How often it was started again after it had failed.
  package var restarts: UInt64 = 0
  /// Bytes that belonged to no photo; a few are normal (headers between the pictures of a stream).
  package var garbageByteCount: UInt64 = 0
  /// When the last photo was complete, by `SystemClock`'s monotonic side.
  package var lastFrameNanoseconds: UInt64?

  /// The health of a camera that has just been started.
  package init() {}

  /// Why it does not work, if it does not.
  package var failure: String? {
    guard case .failing(let reason, _) = state else { return nil }
    return reason
  }
}

/// How a streaming camera is driven, and what it may take.
package struct StreamCameraSettings: Hashable, Sendable {
  /// Pixels across and down that a `v4l2:` camera is asked for; it may give the nearest it has.
  package var width: Int
  package var height: Int
  /// Frames a second that a `v4l2:` camera is asked for; as it likes if absent.
  package var framesPerSecond: Int?
  /// Most bytes of one JPEG; a longer one is thrown away and counted as garbage.
  package var mostFrameBytes: Int
  /// Most photos of one burst.
  package var mostInBurst: Int
  /// Most bytes of one burst: it ends before the photo that would pass them, but has at least one.
  package var mostBurstBytes: Int
  /// How long a camera may take from its start to its first photo.
  package var firstFrameDeadline: Duration
  /// How long it may take from one photo to the next.
  package var frameDeadline: Duration
  /// How often a `v4l2:` camera that nobody asks is made to show that it still works.
  package var checkInterval: Duration
  /// Pauses between attempts: the first, doubled with each failure up to the last.
  package var restartPauses: ClosedRange<Duration>
  /// How long a process may take to end after SIGTERM before it gets SIGKILL.
  package var endGrace: Duration

  /// Settings for a board and its usual cameras, unless said otherwise.
  package init(
    width: Int = 1280, height: Int = 720, framesPerSecond: Int? = nil,
    mostFrameBytes: Int = 16 << 20, mostInBurst: Int = 32,
    mostBurstBytes: Int = 32 << 20,
    firstFrameDeadline: Duration = .seconds(15), frameDeadline: Duration = .seconds(5),
    checkInterval: Duration = .seconds(30),
    restartPauses: ClosedRange<Duration> = .milliseconds(500) ... .seconds(30),
    endGrace: Duration = .seconds(1)
  ) {
    self.width = min(max(width, 1), 16384)
    self.height = min(max(height, 1), 16384)
    self.framesPerSecond = framesPerSecond.map { min(max($0, 1), 1000) }
    self.mostFrameBytes = min(max(mostFrameBytes, 1024), 256 << 20)
    self.mostInBurst = max(mostInBurst, 1)
    self.mostBurstBytes = max(mostBurstBytes, 1)
    self.firstFrameDeadline = firstFrameDeadline
    self.frameDeadline = frameDeadline
    self.checkInterval = checkInterval
    self.restartPauses = restartPauses
    self.endGrace = endGrace
  }
}
