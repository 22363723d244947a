import Dispatch
import FoundationEssentials
import Glibc
import SampleStore
import Synchronization
import Testing

/// Children of these tests find their folder by the number of the process that started them.
private func sharedPath(_ test: String, parent: Int32) -> String {
  "/tmp/loam-store-\(test)-\(parent)"
}

/// Writes a line to standard output at once, without a buffer that could die with the process.
private func say(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = unsafe line.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

@Suite(.serialized) struct CrashTests {
  static let acknowledgement = "durable "

  @Test(
    "keeps every label it acknowledged, whenever its process is killed", .timeLimit(.minutes(2)))
  func killed() async throws {
    let path = sharedPath("killed", parent: getpid())
    let folder = try TemporaryFolder(path)
    try folder.open().addClass(Name("cat"), at: noon)
    var acknowledged: [Int64] = []
    var kills = 0
    for _ in 0..<24 {
      // The child labels as fast as it can and kills itself some milliseconds after its first
      // acknowledgement, wherever it happens to be then.
      let result = await #expect(
        processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]
      ) {
        let store = try SampleStore.open(sharedPath("killed", parent: getppid()), for: .device)
        let anna = try Name("Anna")
        var number = Int(try store.counts().captures)
        let armed = Atomic(false)
        while true {
          number += 1
          let id = try store.insert(newCandidate(number))
          let receipt = try store.label(
            candidate: id, kind: .label, class: 1, operator: anna, at: noon)
          say(CrashTests.acknowledgement + "\(receipt.labelID)")
          if !armed.exchange(true, ordering: .relaxed) { Self.killSoon() }
        }
      }
      let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
      let lines = output.split(separator: "\n").filter { $0.hasPrefix(Self.acknowledgement) }
      let new = lines.compactMap { Int64($0.dropFirst(Self.acknowledgement.count)) }
      #expect(!new.isEmpty)
      acknowledged += new
      kills += 1

      let store = try SampleStore.openReadOnly(path)
      let kept = try store.activeLabels()
      #expect(Set(acknowledged).isSubset(of: kept.map(\.id)))
      // At most the one label whose acknowledgement was cut off is there beyond those.
      #expect(kept.count - acknowledged.count <= kills)
      #expect(try store.counts().boot == Int64(kills))
      #expect(try store.counts().candidates[.labelled] == kept.count)
    }
    print("\(kills) kills, \(acknowledged.count) acknowledged labels, all kept")
  }

  /// Kills this process after a random time of up to 40 ms.
  private static func killSoon() {
    var thread = pthread_t()
    unsafe pthread_create(
      &thread, nil,
      { _ in
        usleep(UInt32.random(in: 0...40_000))
        kill(getpid(), SIGKILL)
        return nil
      }, nil)
  }

  @Test("lets another process read while this one writes")
  func secondReader() async throws {
    let folder = try TemporaryFolder(sharedPath("reader", parent: getpid()))
    let store = try folder.open(.device)
    try store.insert(newCandidate(1))
    let writer = Writer(store)
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) {
      let store = try SampleStore.openReadOnly(sharedPath("reader", parent: getppid()))
      var last = 0
      for _ in 0..<200 {
        let counts = try store.counts()
        // A transaction is seen as a whole or not at all.
        #expect(counts.captures == counts.candidates[.pool])
        #expect(counts.captures >= last)
        last = counts.captures
        usleep(1000)
      }
      #expect(throws: StoreError.self) { try store.insert(newCandidate(0)) }
      say("saw \(last)")
    }
    #expect(writer.finish() > 1)
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    let saw = output.split(separator: "\n").compactMap {
      $0.hasPrefix("saw ") ? Int($0.dropFirst(4)) : nil
    }
    #expect(try #require(saw.first) > 1)
  }
}

/// Inserts candidates on a thread of its own until it is told to finish.
private final class Writer: Sendable {
  private let isStopped = Mutex(false)
  private let done = DispatchSemaphore(value: 0)
  private let count = Mutex(0)

  init(_ store: SampleStore) {
    DispatchQueue.global().async {
      while !self.isStopped.withLock({ $0 }) {
        let number = self.count.withLock { $0 + 2 }
        guard (try? store.insert(newCandidate(number))) != nil else { break }
        self.count.withLock { $0 += 1 }
      }
      self.done.signal()
    }
  }

  /// Stops, and returns how many were inserted.
  func finish() -> Int {
    isStopped.withLock { $0 = true }
    done.wait()
    return count.withLock { $0 }
  }
}
