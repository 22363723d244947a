import Kernels

/// Into how many parts something is cut that threads share: as many for each.
struct PartCount {
  /// A part should take so many multiply-adds of a matrix product, some microseconds: others that wait for its end wait
  /// no longer.
  private static let cost = 1_500_000
  /// The most parts of a thread.
  private static let most = 4

  private(set) var value: Int

  /// Parts of something that takes `cost` multiply-adds and has `things`, of which a part should have `least`.
  init(cost: Int, threads: Int, things: Int = .max, least: Int = 1) {
    let most = min(Self.most, Team.mostParts / threads, things / least / threads)
    value = threads == 1 ? 1 : threads * max(1, min(most, cost / Self.cost / threads))
  }
}
