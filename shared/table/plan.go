package table

import "comptoir/shared/plan"

// Plan
//
//	PK PLANS   SK PLAN#code
var _ = describe("plan", func(p plan.Plan) keys { return keys{primary: Plan(p.Code).Key} })

const plans = "PLANS"

// Plan is a plan by its code.
func Plan(code string) Ref[plan.Plan] { return Ref[plan.Plan]{Key{plans, "PLAN#" + code}} }

// Plans are all plans, by code.
func Plans(p Page) List[plan.Plan] { return List[plan.Plan]{within(plans, "PLAN#", p)} }

// AllPlans are all plans at once, for an operation that learns which one it needs only while it
// decides. Plans are few.
func AllPlans() List[plan.Plan] { return Plans(Page{Limit: 1000}) }
