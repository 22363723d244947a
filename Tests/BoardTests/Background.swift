import Dispatch
import Synchronization

/// Work on a thread of its own: the test runner's threads may all be blocked in other tests.
final class Background<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () throws -> Value) {
    DispatchQueue.global().async {
      let result = Result { try body() }
      self.outcome.withLock { $0 = result }
      self.done.signal()
    }
  }

  /// Whether the work is done.
  var isDone: Bool { outcome.withLock { if case nil = $0 { false } else { true } } }

  /// What came of the work, once it is done.
  func value() throws -> Value? {
    done.wait()
    done.signal()
    return try outcome.withLock { try $0?.get() }
  }
}
