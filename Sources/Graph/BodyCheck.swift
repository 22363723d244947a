import Glibc
import Synchronization

/// The SHA-256 of a network's body, found on a thread of its own while the caller does something else.
///
/// It takes as long as all else that loading does. Where there is one processor, or no thread to be had, it is found
/// when it is asked for. Until it is known what the body is, the thread fetches the file's pages; in the end it lets
/// go of them.
@safe
final class BodyCheck: @unchecked Sendable {
  /// Bytes of the thread's stack.
  private static let stackByteCount = 256 << 10
  /// Bytes of the file that are fetched at a time.
  private static let fetchByteCount = 512 << 10

  private enum State {
    static let isWaiting = 0
    static let hasBody = 1
    static let isAbandoned = 2
  }

  private let storage: TensorBytes
  private let state = Atomic(State.isWaiting)
  /// Written before `state` says that it is there.
  private var body: BodyParts?
  /// Written before `isHashed` is posted.
  private var found = ""
  /// Written before `isDone` is posted.
  private var unneeded = 0..<0
  private var hasThread = false
  private let isHashed: UnsafeMutablePointer<sem_t>
  private let isDone: UnsafeMutablePointer<sem_t>

  /// A check of a body that lies in `storage`, on a thread of its own if there is more than one processor. `end` must
  /// follow in any case.
  init(_ storage: TensorBytes, isShared: Bool = BodyCheck.hasProcessors) {
    self.storage = storage
    unsafe isHashed = .allocate(capacity: 1)
    unsafe isDone = .allocate(capacity: 1)
    unsafe sem_init(isHashed, 0, 0)
    unsafe sem_init(isDone, 0, 0)
    storage.keepPages()
    hasThread = isShared && start()
  }

  deinit {
    unsafe sem_destroy(isHashed)
    unsafe sem_destroy(isDone)
    unsafe isHashed.deallocate()
    unsafe isDone.deallocate()
  }

  /// Begins to find the hash of `body`.
  func begin(_ body: BodyParts) {
    self.body = body
    state.store(State.hasBody, ordering: .releasing)
  }

  /// The hash of the body, which must have begun.
  func wait() -> String {
    guard let body else { preconditionFailure("no body to be checked") }
    guard hasThread else { return BodyDigest().sha256(body) }
    unsafe Self.wait(for: isHashed)
    return found
  }

  /// Ends it. Of the file `unneeded` is not read again soon: its pages are let go of as soon as it is hashed.
  func end(lettingGoOf unneeded: Range<Int>) {
    self.unneeded = unneeded
    if body == nil { state.store(State.isAbandoned, ordering: .releasing) }
    if hasThread {
      unsafe sem_post(isDone)
    } else {
      storage.dropPages(unneeded)
    }
  }

  private func work() {
    let digest = BodyDigest()
    var fetched = 0
    while state.load(ordering: .acquiring) == State.isWaiting {
      if fetched < storage.byteCount {
        let end = min(storage.byteCount, fetched + Self.fetchByteCount)
        storage.fetchPages(fetched..<end)
        fetched = end
      } else {
        // Fractions of a millisecond, unless the file is vast.
        sched_yield()
      }
    }
    if state.load(ordering: .acquiring) == State.hasBody, let body {
      found = digest.sha256(body)
      unsafe sem_post(isHashed)
    }
    unsafe Self.wait(for: isDone)
    storage.dropPages(unneeded)
  }

  @unsafe private static func wait(for semaphore: UnsafeMutablePointer<sem_t>) {
    while unsafe sem_wait(semaphore) != 0 && errno == EINTR {}
  }

  /// Starts the thread, which blocks every signal: they are the main program's. Whether there is one.
  private func start() -> Bool {
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
        unsafe Unmanaged<BodyCheck>.fromOpaque(context).takeRetainedValue().work()
        return nil
      }, context.toOpaque())
    if failure != 0 { unsafe context.release() }
    return failure == 0
  }

  /// Whether there is more than one processor.
  static var hasProcessors: Bool { sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 }
}
