internal import Glibc
internal import Synchronization

/// A thread of one's own, for work that waits in the system.
final class BackgroundThread: Sendable {
  private let thread = Mutex<pthread_t?>(nil)

  /// No thread yet.
  init() {}

  /// Starts `body` on a new thread; once.
  func start(_ body: @escaping @Sendable () -> Void) {
    let box = unsafe Unmanaged.passRetained(Body(body))
    var number = pthread_t()
    let result = unsafe pthread_create(
      &number, nil,
      { box in
        guard let box = unsafe box else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(box).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    precondition(result == 0, "the system gives no thread: \(SystemFailure.text(result))")
    thread.withLock { $0 = number }
  }

  /// Waits for the thread to end; from the thread itself, or a second time, it does nothing.
  func join() {
    let number = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let number else { return }
    if pthread_equal(number, pthread_self()) != 0 {
      pthread_detach(number)
    } else {
      pthread_join(number, nil)
    }
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
