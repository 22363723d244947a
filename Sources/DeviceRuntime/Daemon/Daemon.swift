import Board
import Glibc
package import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Runs the device and its camera as a service that SIGTERM and SIGINT end gracefully.
package enum Daemon {
  /// How long the end may take. Whatever was acknowledged is durable at any moment, so what takes longer
  /// is cut off.
  package static let grace = Duration.milliseconds(4500)

  /// Runs `device` on a thread of its own until it returns, throws, or a signal has it stop; beside it
  /// `capture`, if there is one, on another.
  ///
  /// Throws `ThreadError` when the system gives no thread for one of them; then neither runs. Both are told at
  /// once, and `cutOff` is called before the process is left because the end took too long.
  package static func run(
    capture: CaptureLoop?, log: Logger, cutOff: @escaping @Sendable () -> Void = {},
    device: @escaping @Sendable (_ shouldStop: @escaping @Sendable () -> Bool) throws -> Void
  ) async throws {
    var quiet = log
    quiet.logLevel = .error
    let service = ServiceGroupConfiguration.ServiceConfiguration(
      service: DeviceService(capture: capture, log: log, cutOff: cutOff, device: device),
      successTerminationBehavior: .gracefullyShutdownGroup,
      failureTerminationBehavior: .cancelGroup)
    let configuration = ServiceGroupConfiguration(
      services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
    try await ServiceGroup(configuration: configuration).run()
  }
}

/// The device's two threads as one service.
private struct DeviceService: Service, CustomStringConvertible {
  let capture: CaptureLoop?
  let log: Logger
  let cutOff: @Sendable () -> Void
  let device: @Sendable (_ shouldStop: @escaping @Sendable () -> Bool) throws -> Void

  var description: String { "device" }

  func run() async throws {
    let flag = StopFlag()
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
          do throws(ThreadError) {
            _ = try BackgroundThread { done.resume(with: Result { try work(flag) }) }
          } catch {
            done.resume(throwing: error)
          }
        }
      } onGracefulShutdown: {
        end(flag)
      }
    } onCancel: {
      end(flag)
    }
  }

  /// What the device's thread does; the camera's runs as long.
  private func work(_ flag: StopFlag) throws {
    let camera = try capture.map { loop in try BackgroundThread { loop.run() } }
    defer {
      end(flag)
      camera?.join()
    }
    try device { flag.isSet }
  }

  /// Tells both threads to end, and leaves the process if they have not in time; once.
  private func end(_ flag: StopFlag) {
    guard !flag.set() else { return }
    capture?.stop()
    do throws(ThreadError) {
      _ = try BackgroundThread {
        let (seconds, attoseconds) = Daemon.grace.components
        usleep(UInt32(seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
        cutOff()
        _exit(0)
      }
    } catch {
      log.warning("the end is not cut off after \(Daemon.grace): \(error)")
    }
  }
}

/// Set once, seen by all threads.
private final class StopFlag: Sendable {
  private let value = Atomic(false)

  var isSet: Bool { value.load(ordering: .relaxed) }

  /// Returns whether it was set already.
  @discardableResult
  func set() -> Bool { value.exchange(true, ordering: .relaxed) }
}
