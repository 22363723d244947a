/// A reference that is not counted while it is used: whoever holds one keeps its object elsewhere.
///
/// Threads that count the same object at the same time wait for each other's caches, for longer than a small step
/// takes.
@safe
struct Uncounted<Object: AnyObject> {
  private let reference: Unmanaged<Object>

  init(_ object: Object) {
    unsafe reference = Unmanaged.passUnretained(object)
  }

  /// What `body` makes of the object.
  func use<Result>(_ body: (Object) -> Result) -> Result {
    unsafe reference._withUnsafeGuaranteedRef { body($0) }
  }
}
