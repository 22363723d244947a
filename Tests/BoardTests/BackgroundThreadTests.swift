import Glibc
import Synchronization
import Testing

@testable import Board

@Suite("Threads of one's own")
struct BackgroundThreadTests {
  /// What a thread has seen.
  private final class Seen: Sendable {
    let runs = Mutex(0)
    let blocked = Mutex<[Int32]>([])
  }

  @Test("runs once, with signals blocked, and is over after join; a second join does nothing")
  func runs() throws {
    let seen = Seen()
    // Harmless: nobody is told of it unless they ask.
    var (change, before, after) = (sigset_t(), sigset_t(), sigset_t())
    unsafe sigemptyset(&change)
    unsafe sigaddset(&change, SIGWINCH)
    unsafe pthread_sigmask(SIG_UNBLOCK, &change, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    let thread = try BackgroundThread {
      var mask = sigset_t()
      unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
      seen.blocked.withLock { blocked in
        blocked = [SIGTERM, SIGINT, SIGHUP, SIGWINCH].filter { unsafe sigismember(&mask, $0) == 1 }
      }
      seen.runs.withLock { $0 += 1 }
    }
    thread.join()
    thread.join()
    #expect(seen.runs.withLock { $0 } == 1)
    #expect(seen.blocked.withLock { $0 } == [SIGTERM, SIGINT, SIGHUP, SIGWINCH])
    unsafe pthread_sigmask(SIG_BLOCK, nil, &after)
    let isBlocked = unsafe sigismember(&after, SIGWINCH)
    #expect(isBlocked == 0, "the mask of who starts a thread changed")
  }

  @Test("a system that gives no thread is told, not a trap")
  func refused() async {
    await #expect(processExitsWith: .success) {
      // No thread can have a stack of half the address space. In a process of its own, for it holds for all.
      typealias SetDefault = @convention(c) (OpaquePointer) -> Int32
      let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
      unsafe pthread_attr_init(attributes)
      unsafe pthread_attr_setstacksize(attributes, 1 << 47)
      // The header declares it for GNU's own language mode only.
      let symbol = unsafe dlsym(nil, "pthread_setattr_default_np")
      let setDefault = unsafe unsafeBitCast(symbol, to: SetDefault?.self)
      let result = unsafe setDefault?(OpaquePointer(attributes))
      #expect(result == 0)
      let error = #expect(throws: ThreadError.self) { try BackgroundThread {} }
      #expect(error?.description.contains("no thread could be started: ") == true)
    }
  }
}
