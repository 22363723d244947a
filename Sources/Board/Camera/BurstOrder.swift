/// Somebody who waits for photos.
final class BurstWaiter: Sendable {
  /// Rung once there is nothing more to wait for.
  let bell: Doorbell
  init(bell: Doorbell) { self.bell = bell }
}

/// What a waiter has, and waits for.
struct BurstOrder {
  let waiter: BurstWaiter
  let began: ContinuousClock.Instant
  /// Photos on the way that were asked for before this order: they may be older than it.
  var skip: Int
  var missing: Int
  var shots: [CameraShot] = []
  var byteCount = 0
  var failure: String?
  var isDone = false

  /// Takes a photo that has come; whether there is nothing more to wait for.
  mutating func take(_ shot: CameraShot, mostBytes: Int) -> Bool {
    if skip > 0 {
      skip -= 1
      return false
    }
    if shots.isEmpty || byteCount + shot.bytes.count <= mostBytes {
      shots.append(shot)
      byteCount += shot.bytes.count
      missing -= 1
      isDone = missing == 0
    } else {
      isDone = true
    }
    return isDone
  }
}
