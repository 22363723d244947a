internal import Glibc
internal import Synchronization

/// What a `StreamCamera`'s thread does, and what it shares with those who take photos.
final class StreamWorker: Sendable {
  private struct State {
    var health = CameraHealth()
    var newest: CameraShot?
    var orders: [BurstOrder] = []
    /// Somebody has looked at `newest` and will want a newer one.
    var wantsNewest = false
    /// Photos that the child has been asked for and not given.
    var asked = 0
    /// The command takes a photo each time it is run.
    var isOnDemand = false
    var isStopping = false
    var lastStart: ContinuousClock.Instant?
    var nextStart: ContinuousClock.Instant = .now
    var pause: Duration

    /// Photos on the way or still to be asked for.
    var wanted: Int {
      let most = orders.lazy.filter { !$0.isDone }.map { $0.skip + $0.missing }.max() ?? 0
      return max(most, wantsNewest ? 1 : 0)
    }
  }

  let name: String
  let words: [String]
  /// Whether the child gives photos only when it is asked.
  let asks: Bool
  let settings: StreamCameraSettings
  private let bell: Doorbell
  private let state: Mutex<State>
  private let clock = SystemClock()

  init(
    name: String, words: [String], asks: Bool, settings: StreamCameraSettings, bell: Doorbell
  ) {
    (self.name, self.words, self.asks, self.settings) = (name, words, asks, settings)
    self.bell = bell
    state = Mutex(State(pause: settings.restartPauses.lowerBound))
  }

  var health: CameraHealth { state.withLock { $0.health } }

  // MARK: For those who take photos

  /// Begins to wait for `count` photos; fails when the process has no descriptor left.
  func join(_ count: Int) throws(SystemFailure) -> BurstWaiter {
    let own = try Doorbell()
    let waiter = BurstWaiter(bell: own)
    state.withLock { state in
      var order = BurstOrder(waiter: waiter, began: .now, skip: state.asked, missing: count)
      order.isDone = state.health.state == .stopped
      if order.isDone { own.ring() }
      state.orders.append(order)
      // Somebody wants a photo now, so that the next attempt is made now, but not in a loop.
      if let last = state.lastStart {
        state.nextStart = min(state.nextStart, last + settings.restartPauses.lowerBound)
      }
    }
    bell.ring()
    return waiter
  }

  /// Ends the waiting; the photos there are, and why there are not more.
  func leave(_ waiter: BurstWaiter) -> ([CameraShot], String?) {
    state.withLock { state in
      guard let index = state.orders.firstIndex(where: { $0.waiter === waiter }) else {
        return ([], nil)
      }
      let order = state.orders.remove(at: index)
      return (order.shots, order.failure)
    }
  }

  func latest() -> CameraShot? {
    let (shot, isNew) = state.withLock { state -> (CameraShot?, Bool) in
      let isNew = !state.wantsNewest
      state.wantsNewest = true
      return (state.health.state == .working ? state.newest : nil, isNew)
    }
    if isNew, asks || state.withLock({ $0.isOnDemand }) { bell.ring() }
    return shot
  }

  func requestStop() {
    state.withLock { $0.isStopping = true }
    bell.ring()
  }

  // MARK: The thread

  /// Runs the child again and again until a stop is requested.
  func run() {
    var stuck: [ChildProcess] = []
    while waitForStart(stuck: &stuck) {
      let started = ContinuousClock.now
      state.withLock { $0.lastStart = started }
      do throws(SystemFailure) {
        let child = try ChildProcess(words, withInput: asks)
        var reading = StreamReading(worker: self, child: child, bell: bell, started: started)
        let outcome = reading.run()
        // A process that has closed its output is about to end.
        if case .closed = outcome { _ = child.waitForEnd(until: .now + settings.endGrace) }
        let ending = child.end(grace: settings.endGrace)
        if ending == nil { stuck.append(child) }
        conclude(
          outcome, ending: ending, started: started, frames: reading.frames,
          words: reading.readLastWords())
      } catch {
        failed("'\(words[0])' cannot be run: \(error)", started: started)
      }
    }
    for child in stuck { _ = child.forget() }
    state.withLock { state in
      state.health.state = .stopped
      state.newest = nil
      for index in state.orders.indices { state.orders[index].isDone = true }
      for order in state.orders { order.waiter.bell.ring() }
    }
  }

  /// Waits until the child is to be started; false when it is to be started no more.
  private func waitForStart(stuck: inout [ChildProcess]) -> Bool {
    while true {
      stuck.removeAll { $0.forget() }
      let due = state.withLock { state -> ContinuousClock.Instant? in
        if state.isStopping { return nil }
        let rests = state.isOnDemand && state.health.failure == nil && state.wanted == 0
        return rests ? .now + .seconds(3600) : state.nextStart
      }
      guard let due else { return false }
      // Processes that hang in the kernel are not piled up for ever.
      if due <= .now, stuck.count < 4 { return true }
      bell.wait(until: stuck.count < 4 ? due : .now + settings.restartPauses.upperBound)
    }
  }

  private func conclude(
    _ outcome: StreamReading.Outcome, ending: ChildProcess.Ending?,
    started: ContinuousClock.Instant, frames: Int, words: String?
  ) {
    let reason: String
    switch outcome {
    case .stopped: return
    case .closed:
      if ending == .status(0), frames > 0, !asks {
        state.withLock { state in
          state.isOnDemand = true
          state.pause = settings.restartPauses.lowerBound
          state.nextStart = .now
        }
        return
      }
      reason = "it \(ending?.text ?? "closed its output and hangs") after \(frames) photos"
    case .failed(let text): reason = text
    }
    failed(words.map { "\(reason); it last said '\($0)'" } ?? reason, started: started)
  }

  /// Notes a failure, gives those who wait what there is, and sets the time of the next attempt.
  private func failed(_ reason: String, started: ContinuousClock.Instant) {
    state.withLock { state in
      let now = ContinuousClock.now
      // What has worked for long gets a new chance quickly.
      if now - started > settings.restartPauses.upperBound, state.health.state == .working {
        state.pause = settings.restartPauses.lowerBound
      }
      let pause = state.pause
      let text = "\(reason); it is tried again in \(pause)"
      state.nextStart = now + pause
      state.pause = min(pause * 2, settings.restartPauses.upperBound)
      let since: UInt64 =
        if case .failing(_, let since) = state.health.state { since } else {
          clock.monotonicNanoseconds
        }
      state.health.state = .failing(reason: text, since: since)
      state.health.restarts += 1
      state.asked = 0
      for index in state.orders.indices where !state.orders[index].isDone {
        state.orders[index].skip = 0
        // An attempt that began before the order may have failed for an old reason.
        if !state.orders[index].shots.isEmpty || state.orders[index].began <= started {
          state.orders[index].failure = text
          state.orders[index].isDone = true
          state.orders[index].waiter.bell.ring()
        }
      }
    }
  }

  // MARK: For the reading

  var isStopping: Bool { state.withLock { $0.isStopping } }

  /// How many more photos the child has to be asked for now; they count as asked.
  func takeQuestion(isCheck: Bool) -> Int {
    state.withLock { state in
      let count = max(max(state.wanted, isCheck ? 1 : 0) - state.asked, 0)
      state.asked += count
      return count
    }
  }

  /// Whether the child owes a photo.
  var isAsked: Bool { state.withLock { $0.asked > 0 } }

  /// Hands a photo that has just been completed to everyone who waits.
  func deliver(_ bytes: [UInt8]) {
    let shot = CameraShot(bytes: bytes, monotonicNanoseconds: clock.monotonicNanoseconds)
    state.withLock { state in
      state.health.state = .working
      state.health.frames += 1
      state.health.lastFrameNanoseconds = shot.monotonicNanoseconds
      state.newest = shot
      state.wantsNewest = false
      state.asked = max(0, state.asked - 1)
      for index in state.orders.indices where !state.orders[index].isDone {
        if state.orders[index].take(shot, mostBytes: settings.mostBurstBytes) {
          state.orders[index].waiter.bell.ring()
        }
      }
    }
  }

  func countGarbage(_ byteCount: UInt64) {
    state.withLock { $0.health.garbageByteCount += byteCount }
  }
}
