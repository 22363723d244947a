import Glibc
package import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Runs the device and its camera as services: SIGTERM and SIGINT end them gracefully, the camera
/// first.
package enum Daemon {
  /// How long the end may take. Whatever was acknowledged is durable at any moment, so what takes longer
  /// is cut off.
  package static let grace = Duration.milliseconds(4500)

  /// Runs `device` on a thread of its own until it returns, throws, or a signal has it stop; beside it
  /// `capture`, if there is one.
  package static func run(
    capture: CaptureLoop?, log: Logger,
    device: @escaping @Sendable (_ shouldStop: @escaping @Sendable () -> Bool) throws -> Void
  ) async throws {
    var quiet = log
    quiet.logLevel = .warning
    var services = [
      ServiceGroupConfiguration.ServiceConfiguration(
        service: ThreadService(name: "device", body: device),
        successTerminationBehavior: .gracefullyShutdownGroup,
        failureTerminationBehavior: .cancelGroup)
    ]
    if let capture {
      services.append(
        ServiceGroupConfiguration.ServiceConfiguration(
          service: ThreadService(name: "capture", stop: { capture.stop() }) { _ in capture.run() },
          successTerminationBehavior: .ignore, failureTerminationBehavior: .cancelGroup))
    }
    var configuration = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
    configuration.maximumGracefulShutdownDuration = grace
    try await ServiceGroup(configuration: configuration).run()
  }
}

/// Work that blocks, as a service.
private struct ThreadService: Service, CustomStringConvertible {
  let name: String
  var stop: @Sendable () -> Void = {}
  let body: @Sendable (_ shouldStop: @escaping @Sendable () -> Bool) throws -> Void

  var description: String { name }

  func run() async throws {
    let flag = StopFlag()
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
          _ = WorkerThread {
            done.resume(with: Result { try body { flag.isSet } })
          }
        }
      } onGracefulShutdown: {
        flag.set()
        stop()
      }
    } onCancel: {
      // The second time round the grace is over: nothing acknowledged is lost by leaving now.
      if flag.set() { _exit(0) }
      stop()
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
