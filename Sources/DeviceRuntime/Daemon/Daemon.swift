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
  /// Both are told at once, and `cutOff` is called before the process is left because the end took too long.
  package static func run(
    capture: CaptureLoop?, log: Logger, cutOff: @escaping @Sendable () -> Void = {},
    device: @escaping @Sendable (_ shouldStop: @escaping @Sendable () -> Bool) throws -> Void
  ) async throws {
    var quiet = log
    quiet.logLevel = .error
    let service = ServiceGroupConfiguration.ServiceConfiguration(
      service: DeviceService(capture: capture, cutOff: cutOff, device: device),
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
  let cutOff: @Sendable () -> Void
  let device: @Sendable (_ shouldStop: @escaping @Sendable () -> Bool) throws -> Void

  var description: String { "device" }

  func run() async throws {
    let flag = StopFlag()
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
          _ = WorkerThread {
            let camera = capture.map { loop in WorkerThread { loop.run() } }
            let result = Result { try device { flag.isSet } }
            end(flag)
            camera?.join()
            done.resume(with: result)
          }
        }
      } onGracefulShutdown: {
        end(flag)
      }
    } onCancel: {
      end(flag)
    }
  }

  /// Tells both threads to end, and leaves the process if they have not in time; once.
  private func end(_ flag: StopFlag) {
    guard !flag.set() else { return }
    capture?.stop()
    _ = WorkerThread {
      let (seconds, attoseconds) = Daemon.grace.components
      usleep(UInt32(seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
      cutOff()
      _exit(0)
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
