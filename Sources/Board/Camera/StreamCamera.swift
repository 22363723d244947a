/// A camera whose photos are taken with it: a `v4l2:` device, or a command that prints JPEGs.
///
/// Either runs as a child process, of which this reads the standard output on a thread of its own:
/// what hangs or crashes is that process, which is ended and started again with pauses that grow,
/// for as long as this object lives. Pulling the plug and putting it back in is one such failure.
///
/// A `v4l2:` camera is read by `loam camera`, which keeps its buffers moving and prints photos when it
/// is asked. A command that goes on printing is read all the time, and the newest photo kept. A
/// command that has printed a photo and ends with status 0 takes one photo a run (or a few): from then
/// on it is run when a photo is wanted. It is run once at the start, so that its health is known.
///
/// Memory: one photo that arrives, the newest one, and the bursts that are being taken: at most twice
/// `mostFrameBytes`, and for each burst `mostBurstBytes`, or one photo if that is more.
/// May be used from several threads.
package final class StreamCamera: Sendable {
  /// The source that photos come from.
  package let address: CameraAddress
  package let settings: StreamCameraSettings
  private let worker: StreamWorker
  private let thread: BackgroundThread

  /// How this very program is run as the reader of a `v4l2:` camera.
  package static let ownHelper = ["/proc/self/exe", "camera"]

  /// Starts the camera at `address`, a device or a command, and returns at once.
  ///
  /// - Parameter helper: the words that run `loam camera`.
  /// - Throws: `CameraError.notAStream` for another address; `noPhoto` when the process has no
  ///   descriptor or thread left. That the camera does not work is told by `health` and `take`.
  package init(
    _ address: CameraAddress, settings: StreamCameraSettings = StreamCameraSettings(),
    helper: [String] = StreamCamera.ownHelper
  ) throws(CameraError) {
    let words: [String]
    var asks = false
    switch address {
    case .folder, .standardInput: throw .notAStream(address: address.description)
    case .command(let command): words = command
    case .device:
      asks = true
      words =
        helper + [
          address.description, "--width", "\(settings.width)", "--height", "\(settings.height)",
        ] + (settings.framesPerSecond.map { ["--rate", "\($0)"] } ?? [])
    }
    let bell: Doorbell
    do throws(SystemFailure) {
      bell = try Doorbell()
    } catch {
      throw .noPhoto(address: address.description, reason: "\(error)")
    }
    let worker = StreamWorker(
      name: address.description, words: words, asks: asks, settings: settings, bell: bell)
    self.address = address
    self.settings = settings
    self.worker = worker
    do throws(ThreadError) {
      thread = try BackgroundThread { worker.run() }
    } catch {
      throw .noPhoto(address: address.description, reason: "\(error)")
    }
  }

  deinit { stop() }

  /// How the camera is doing now.
  package var health: CameraHealth { worker.health }

  /// Takes a burst: `count` photos (at least 1, at most `mostInBurst`) that were complete only after
  /// this call began, waiting up to `timeout` for all of them.
  ///
  /// Returns fewer, but at least one, when the camera fails in the middle, the time is over, or they
  /// have `mostBurstBytes`. A
  /// camera that waits for its next attempt is tried at once. Throws `CameraError.noPhoto` when there is
  /// none: at once when an attempt that was made for this call fails, else after `timeout`; and
  /// `ended` once the camera was stopped.
  package func take(_ count: Int, timeout: Duration) throws(CameraError) -> [CameraShot] {
    let waiter: BurstWaiter
    do throws(SystemFailure) {
      waiter = try worker.join(min(max(1, count), settings.mostInBurst))
    } catch {
      throw .noPhoto(address: address.description, reason: "\(error)")
    }
    waiter.bell.wait(until: .now + timeout)
    let (shots, reason) = worker.leave(waiter)
    if !shots.isEmpty { return shots }
    let health = worker.health
    if health.state == .stopped { throw .ended(address: address.description) }
    throw .noPhoto(
      address: address.description,
      reason: reason ?? health.failure ?? "none came within \(timeout)")
  }

  /// The newest photo, for seeing whether something moves; `nil` while the camera does not work.
  ///
  /// Returns at once. Where photos come only when they are asked for, this asks for the next one: who calls
  /// it every so often gets what was there at the call before.
  package func latest() -> CameraShot? { worker.latest() }

  /// Ends the camera's processes and the thread; returns once they are gone, after three times
  /// `endGrace` at the latest. A call of `take` that waits returns. Stopping again does nothing.
  package func stop() {
    worker.requestStop()
    thread.join()
  }
}
