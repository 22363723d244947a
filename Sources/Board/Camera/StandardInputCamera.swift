internal import Glibc

/// JPEG pictures that arrive on standard input: each is one photo that was taken.
///
/// None is passed over: what is not asked for waits in the pipe, whose writer waits with it. Holds one
/// picture that arrives, and those that came in the same piece of 64 KiB. One thread at a time.
package final class StandardInputCamera {
  private let descriptor: Descriptor
  private var splitter: FrameSplitter
  private var waiting: [CameraShot] = []
  private var isOver = false
  private(set) package var health = CameraHealth()

  /// Pictures of up to `mostFrameBytes` from `number`, the standard input unless said otherwise (of which
  /// it takes a copy).
  package init(number: Int32 = 0, mostFrameBytes: Int = 16 << 20) {
    descriptor = Descriptor(fcntl(number, F_DUPFD_CLOEXEC, 3))
    splitter = FrameSplitter(mostFrameBytes: mostFrameBytes)
  }

  /// The next photo, waiting up to `timeout` for it; `nil` when none was complete in time.
  ///
  /// Throws `CameraError.ended` once the input has ended and every photo was taken.
  package func next(timeout: Duration) throws(CameraError) -> CameraShot? {
    let deadline = ContinuousClock.now + timeout
    while waiting.isEmpty {
      if isOver { throw .ended(address: CameraAddress.standardInput.description) }
      switch descriptor.read(upTo: 1 << 16, timeout: deadline - .now) {
      case .bytes(let bytes): take(splitter.feed(bytes))
      case .nothing: break
      case .ended, .failed:
        isOver = true
        splitter.finish()
        take([])
        health.state = .stopped
      }
      if ContinuousClock.now >= deadline { break }
    }
    return waiting.isEmpty ? nil : waiting.removeFirst()
  }

  private func take(_ frames: [[UInt8]]) {
    health.garbageByteCount = splitter.garbageByteCount
    guard !frames.isEmpty else { return }
    let now = SystemClock().monotonicNanoseconds
    waiting += frames.map { CameraShot(bytes: $0, monotonicNanoseconds: now) }
    health.frames += UInt64(frames.count)
    health.lastFrameNanoseconds = now
    health.state = .working
  }
}
