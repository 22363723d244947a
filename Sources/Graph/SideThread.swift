import Glibc
import Synchronization

/// A thread that does jobs, one after the other, beside the one that made it. It ends with the last job when nobody holds
/// it any more.
package final class SideThread: Sendable {
  package typealias Job = @Sendable () -> Void

  private let worker: Worker

  /// A thread without a job; `nil` where there is one processor, or no thread to be had.
  package init?() {
    guard sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 else { return nil }
    let worker = Worker()
    guard worker.start() else { return nil }
    self.worker = worker
  }

  deinit { worker.add(nil) }

  /// Lets it do `job` after those that it has.
  package func add(_ job: @escaping Job) { worker.add(job) }
}

/// What a side thread finds. Where there is none, or it has not come to it, the caller who asks finds it himself. One
/// thread asks.
package final class Later<Value: Sendable>: Sendable {
  private let find: @Sendable () -> Value
  private let isTaken = Atomic(false)
  private let found = Mutex<Value?>(nil)
  private let isFound = Bell()

  /// What `find` finds, after the jobs that `side` has.
  package init(by side: SideThread?, _ find: @escaping @Sendable () -> Value) {
    self.find = find
    side?.add { [self] in take() }
  }

  /// It, as soon as it is found.
  package var value: Value {
    take()
    isFound.wait()
    isFound.ring()
    guard let value = found.withLock({ $0 }) else { preconditionFailure("nothing was found") }
    return value
  }

  /// Finds it if nobody has begun to.
  private func take() {
    guard !isTaken.exchange(true, ordering: .relaxed) else { return }
    let value = find()
    found.withLock { $0 = value }
    isFound.ring()
  }
}

/// What one thread waits for and another tells: as often as it rang, so often there is no waiting.
@safe
private final class Bell: @unchecked Sendable {
  /// How often one looks whether it rang before one sleeps, which takes some ten microseconds to end.
  private static let patience = 2048
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    unsafe semaphore = .allocate(capacity: 1)
    unsafe semaphore.initialize(to: sem_t())
    unsafe sem_init(semaphore, 0, 0)
  }

  deinit {
    unsafe sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }

  func ring() { unsafe sem_post(semaphore) }

  func wait() {
    for _ in 0..<Self.patience {
      if unsafe sem_trywait(semaphore) == 0 { return }
      sched_yield()
    }
    while unsafe sem_wait(semaphore) != 0 {}
  }
}

private final class Worker: Sendable {
  /// Bytes of the thread's stack.
  private static let stackByteCount = 256 << 10

  /// `nil` ends it.
  private let jobs = Mutex<[SideThread.Job?]>([])
  private let bell = Bell()

  func add(_ job: SideThread.Job?) {
    jobs.withLock { $0.append(job) }
    bell.ring()
  }

  private func loop() {
    while true {
      bell.wait()
      guard let job = jobs.withLock({ $0.removeFirst() }) else { return }
      job()
    }
  }

  /// Starts the thread, which blocks every signal: they are the main program's. Whether there is one.
  func start() -> Bool {
    var attributes = pthread_attr_t()
    guard unsafe pthread_attr_init(&attributes) == 0 else { return false }
    defer { unsafe pthread_attr_destroy(&attributes) }
    guard unsafe pthread_attr_setstacksize(&attributes, Self.stackByteCount) == 0,
      unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED)) == 0
    else { return false }
    var (all, before) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(self)
    let failure = unsafe pthread_create(
      &thread, &attributes,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Worker>.fromOpaque(context).takeRetainedValue().loop()
        return nil
      }, context.toOpaque())
    if failure != 0 { unsafe context.release() }
    return failure == 0
  }
}
