import DeviceRuntime
import Testing

@Suite("Sleeping between captures")
struct PowerPlanTests {
  private let second: UInt64 = 1_000_000_000

  private func situation(
    at seconds: UInt64, bursts: Int = 1, waiting: Int = 0, operatorAt: UInt64? = nil
  ) -> PowerPlan.Situation {
    PowerPlan.Situation(
      now: seconds * second, bursts: bursts, waiting: waiting,
      operatorAt: operatorAt.map { $0 * second })
  }

  @Test("a device that stays awake never sleeps")
  func awake() {
    #expect(PowerPlan().sleep(situation(at: 100), wokeAt: 0) == nil)
    #expect(PowerPlan(period: .seconds(600)).sleep(situation(at: 100), wokeAt: 0) == nil)
    #expect(PowerPlan(action: .exit).sleep(situation(at: 100), wokeAt: 0) == nil)
  }

  @Test("sleeps once its photo is judged, until the next is due")
  func sleeps() {
    let plan = PowerPlan(period: .seconds(600), action: .exit)
    #expect(plan.sleep(situation(at: 10, bursts: 0), wokeAt: 0) == nil)
    #expect(plan.sleep(situation(at: 10, waiting: 1), wokeAt: 0) == nil)
    #expect(plan.sleep(situation(at: 10), wokeAt: 0) == .seconds(590))
    #expect(plan.sleep(situation(at: 700), wokeAt: 0) == .seconds(1), "late already")
  }

  @Test("stays while the operator is there, and gives up on a camera that gives nothing")
  func stays() {
    let plan = PowerPlan(period: .seconds(600), action: .suspend)
    #expect(plan.sleep(situation(at: 200, operatorAt: 100), wokeAt: 0) == nil)
    #expect(plan.sleep(situation(at: 221, operatorAt: 100), wokeAt: 0) == .seconds(379))
    #expect(plan.sleep(situation(at: 29, bursts: 0), wokeAt: 0) == nil)
    #expect(plan.sleep(situation(at: 31, bursts: 0), wokeAt: 0) == .seconds(569))
  }
}
