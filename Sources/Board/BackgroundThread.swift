internal import Glibc
internal import Synchronization

/// A thread of one's own, for work that blocks.
///
/// Every signal is blocked in it: they are the main program's. Who lets go of it without `join` leaves
/// it running; the system cleans up after it when it ends.
package final class BackgroundThread: Sendable {
  private let number: pthread_t
  private let isJoined = Mutex(false)

  /// Starts `body`, which runs once.
  package init(_ body: @escaping @Sendable () -> Void) throws(ThreadError) {
    let box = unsafe Unmanaged.passRetained(Body(body))
    var (all, before) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    // A thread has the mask of the one that starts it.
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    var number = pthread_t()
    let result = unsafe pthread_create(
      &number, nil,
      { box in
        guard let box = unsafe box else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(box).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    guard result == 0 else {
      unsafe box.release()
      throw ThreadError(reason: SystemFailure.text(result))
    }
    self.number = number
  }

  deinit {
    if !isJoined.withLock({ $0 }) { pthread_detach(number) }
  }

  /// Waits for the thread to end; from the thread itself, or when it was waited for already, it does nothing.
  package func join() {
    guard pthread_equal(number, pthread_self()) == 0 else { return }
    isJoined.withLock { isJoined in
      if !isJoined { pthread_join(number, nil) }
      isJoined = true
    }
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

/// The system gives no thread.
package struct ThreadError: Error, Hashable, CustomStringConvertible {
  /// What the system says.
  package let reason: String

  package var description: String {
    "no thread could be started: \(reason); end other programs, or raise the limit "
      + "(TasksMax= of the service, ulimit -u, memory)"
  }
}
