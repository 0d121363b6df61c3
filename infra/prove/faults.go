package main

// proof is a test that shows that a rule is kept.
type proof struct {
	pkg, test string
	checks    int // random sequences, for a fault to be found without fail; 0 where nothing is left to chance
}

var (
	properties = proof{"./shared/seat", "TestPoolIsAsThePlainModel|TestGaugesAlikeAreDecidedAlike", 5000}
	model      = proof{"./functions", "TestSeatsAreAsThePlainModel", 300}
	histories  = proof{"./functions", "TestHistoriesOfSeatsAreExplained", 1000}
	flexible   = proof{"./functions", "TestFlexibleUnitsStayAboveTheSeatsInUse", 1}
	oneMoment  = proof{"./functions", "TestAnAnswerIsTrueAtOneMoment", 1}
	reach      = proof{"./functions", "TestReachIsWhatAPlainModelSays", 60}
	lives      = proof{"./shared/licence", "TestTwentyYearsFromEveryDayOfALeapYear", 1}
	outages    = proof{"./shared/licence", "TestOutagesChangeNoTerm", 1}
	dueOnce    = proof{"./shared/licence", "TestWhatFallsDueIsDoneOnce", 1000}
	suspending = proof{"./shared/licence", "TestSuspensionFindsWhatTheWorkerWouldHaveLeft", 1000}
	windows    = proof{"./shared/licence", "TestWindowsAcrossARenewal", 1}
	replay     = proof{"./functions", "TestWhatFallsDueHappensOnce", 40}
	scans      = proof{"./functions/scan", "TestAScanThatIsKilledLosesNothing|TestWhatTheQueueRefusesIsNotLost", 0}
	missed     = proof{"./functions/scan", "TestDaysThatWereMissedAreMadeUpFor", 0}
	past       = proof{"./functions/scan", "TestWhatWasDueWhenItWasWrittenIsFound", 0}
	renewed    = proof{"./functions/renewals", "TestWhatIsNotDueStaysAsItIs|TestEightWorkersRenewOnce", 0}
	books      = proof{"./shared/payment", "TestTheBooksBalance", 1000}
	unpaid     = proof{"./shared/payment", "TestWhatNobodyPaysSuspendsTheLicence", 0}
	collected  = proof{"./functions/renewals", "TestAnAccountAddsUpUnderContention", 0}
	once       = proof{"./functions", "TestAPaymentIsRecordedOnce", 0}
	discreet   = proof{"./functions", "TestViewersSeeNoAmounts|TestEachSeesItsOwnMoney", 0}
	until      = proof{"./shared/consent", "TestTheLastDayIsWhole|TestAConsentCoversTheDaysUpToItsLast", 100}
)

// fault is planted by replacing a text that occurs once in its file. Each of the proofs has to fail then.
type fault struct {
	name     string
	file     string
	old, new string
	caught   []proof
}

const (
	gauges  = "shared/seat/gauge.go"
	pools   = "shared/seat/pool.go"
	storage = "shared/table/settle.go"
	commits = "shared/table/tx.go"
	writes  = "shared/table/work.go"
	reaches = "shared/collaborator/reach.go"
	consent = "shared/consent/consent.go"
	roles   = "functions/collaborators/roles.go"
	due     = "shared/licence/due.go"
	suspend = "shared/licence/suspend.go"
	mutes   = "shared/licence/mute.go"
	scanned = "functions/scan/scan.go"
	desks   = "functions/renewals/renewals.go"
	batches = "shared/queue/batch.go"
	trails  = "functions/trail/trail.go"
	entries = "shared/table/due.go"
	terms   = "shared/table/licence.go"
	account = "shared/payment/account.go"
	refunds = "shared/payment/payment.go"
	grace   = "shared/payment/collect.go"
	earned  = "shared/commission/earn.go"
	charges = "shared/table/payment.go"
	reports = "functions/payments/record.go"
	paid    = "functions/payments/payments.go"
	amounts = "shared/api/amounts.go"
)

var faults = []fault{
	{
		"a gauge is moved wherever it stands", storage,
		`	e.when("%s BETWEEN %s AND %s", e.name("used"), e.value(from), e.value(to))`, "",
		[]proof{histories},
	},
	{
		"a gauge is moved under another cap", storage,
		`	e.when("%s = %s", e.name("capVersion"), e.value(g.CapVersion))`, "",
		[]proof{histories},
	},
	{
		"a member's entry is written over another", storage,
		"	for _, id := range changed {\n		e.unchanged(before, id)\n	}", "	_ = changed",
		[]proof{histories},
	},
	{
		"a refusal is given unconfirmed", commits,
		"	if len(tx.checks) < 2 {", "	if len(tx.checks) < 100 {",
		[]proof{histories},
	},
	{
		"a refusal is confirmed by whatever is there", commits,
		"!sameItem(tx.items[key], out.Responses[n].Item)", "!sameItem(tx.items[key], tx.items[key]) && out.Responses[n].Item != nil",
		[]proof{histories},
	},
	{
		"a commit does not check what the answer rests on in other items", commits,
		"tx.writes[key]; !written {", "tx.writes[key]; !written && false {",
		[]proof{oneMoment},
	},
	{
		"a commit does not check what the answer rests on in the items that it writes", storage,
		"	changed := restsOn", "	var changed []string\n	restsOn = nil",
		[]proof{oneMoment},
	},
	{
		"the idempotency mark is not looked up", writes,
		"Find(tx); done {", "Find(tx); done && false {",
		[]proof{histories, model},
	},
	{
		"the idempotency mark is not written", writes,
		"		tx.Put(&mark)", "		_ = &mark",
		[]proof{histories, model},
	},
	{
		"who leaves frees no seats", pools,
		"	for _, module := range freed {\n		after.free(module, today)\n	}", "",
		[]proof{properties, histories},
	},
	{
		"a seat that is removed is not free", pools,
		"	after.put(memberID, &m)\n	after.free(module, today)", "	after.put(memberID, &m)",
		[]proof{properties, model},
	},
	{
		"who holds a seat takes a second", pools,
		"		case !holds && !slices.Contains(added, id):", "		case (holds || true) && !slices.Contains(added, id):",
		[]proof{properties, histories},
	},
	{
		"the last seat is not given", pools,
		"	case r.Used+n > r.Cap:", "	case r.Used+n >= r.Cap:",
		[]proof{model},
	},
	{
		"one seat too many is given", pools,
		"	case r.Used+n > r.Cap:", "	case r.Used+n > r.Cap+1:",
		[]proof{properties, histories},
	},
	{
		"80 percent is rounded down", gauges,
		"	case r.Used*100 >= warningPercent*r.Cap:", "	case r.Used >= warningPercent*r.Cap/100:",
		[]proof{properties, model},
	},
	{
		"a threshold is thought to lie below itself", gauges,
		"(limit*warningPercent + 99) / 100", "limit * warningPercent / 100",
		[]proof{properties},
	},
	{
		"gauges are thought alike across the cap", gauges,
		"	return max(from, afterFrom-moved), min(to, afterTo-moved)", "	_, _, _ = afterFrom, afterTo, moved\n	return from, to",
		[]proof{properties},
	},
	{
		"gauges are thought alike across a threshold", gauges,
		"		return g.Used, g.Used", "		return g.band(today)",
		[]proof{properties},
	},
	{
		"a threshold is told of while the gauge stays there", gauges,
		"rank[after.State] <= rank[before.State]", "rank[after.State] < rank[before.State]",
		[]proof{properties, model},
	},
	{
		"a suspended licence gives seats", gauges,
		"		if !f.ended(today) && !f.Suspended {", "		if !f.ended(today) {",
		[]proof{properties, model},
	},
	{
		"a cap that is too low from the start is not told of", gauges,
		"before.State == Misconfigured && after.State != OverLimit,", "before.State == Misconfigured,",
		[]proof{properties, model},
	},
	{
		"the roster does not hear of a suspension", storage,
		"	if tx.draft || maps.Equal(seat.Standings(before), stand) {", "	if tx.draft || len(stand) > 0 {",
		[]proof{model},
	},
	{
		"the customer's row does not hear of a new part of the roster", pools,
		"		c = c.WithRoster(part)\n", "",
		[]proof{model},
	},
	{
		"flexible units fall under the seats in use", pools,
		"funded < before.Funded(today) && funded < gauge.Used", "funded < before.Funded(today) && funded < 0",
		[]proof{flexible},
	},
	{
		"a role outlives the partner's right to it", reaches,
		"holds && p.Has(role, term)", "holds && term >= 0",
		[]proof{reach},
	},
	{
		"a customer in one role counts for the other", reaches,
		"_, in := r.Boxes[role]; in {", "_, in := r.Boxes[role]; in || len(r.Boxes) > 0 {",
		[]proof{reach},
	},
	{
		"who is shut out comes in again", consent,
		"== Granted && !shut && !out", "== Granted && (!shut || !out)",
		[]proof{reach},
	},
	{
		"a consent outlives its end", consent,
		"c.Term != term || !c.EndsAt.IsZero() && !now.Before(c.EndsAt)", "c.Term != term",
		[]proof{until},
	},
	{
		"a consent outlives the partner's support", consent,
		"c.Term != term || !c.EndsAt.IsZero() &&", "!c.EndsAt.IsZero() &&",
		[]proof{reach},
	},
	{
		"the customers of a role outlive the role", roles,
		"	if len(facts) > 0 {\n		h.clear(role)\n", "	if len(facts) > 0 {\n",
		[]proof{reach},
	},
	{
		"a term is added to a clamped date", due,
		"l.Start, l.End = l.Term.Nth(l.Anchor, l.TermIndex), l.Term.Nth(l.Anchor, l.TermIndex+1)", "l.Start, l.End = l.End, l.Term.Nth(l.End, 1)",
		[]proof{lives},
	},
	{
		"a resumed licence loses the number of its period", due,
		"l.TermIndex, l.Start, l.End = l.Term.Containing", "_, l.Start, l.End = l.Term.Containing",
		[]proof{lives},
	},
	{
		"a late worker charges the days that are left", due,
		"	l.pay(l.Start, out)", "	from := l.Start\n	if at.Today.Before(l.End) {\n		from = at.Today\n	}\n	l.pay(from, out)",
		[]proof{outages},
	},
	{
		"a trial is bought when the worker comes", due,
		"l.buy(l.End, at, out)", "l.buy(at.Today, at, out)",
		[]proof{outages},
	},
	{
		"a scheduled change stays scheduled", due,
		"l.Term, l.Scheduled = s.Offer, s.Quantity, s.Term, nil", "l.Term, l.Scheduled = s.Offer, s.Quantity, s.Term, s",
		[]proof{lives, dueOnce},
	},
	{
		"a suspended licence renews", due,
		"	case l.suspended() && l.EndsOn.IsZero():\n		return calendar.Date{}\n	case l.suspended():", "	case l.suspended() && !l.EndsOn.IsZero():",
		[]proof{lives},
	},
	{
		"every reminder that was missed is sent", due,
		"	l.Reminded = at.Today", "	l.Reminded = l.DueOn()",
		[]proof{outages},
	},
	{
		"on its last day a muted licence is reminded of", mutes,
		"!l.MutedUntil.Before(today)", "l.MutedUntil.After(today)",
		[]proof{lives},
	},
	{
		"a missed term tells of the charges before it", due,
		"		step := l.outcome()", "		step := out\n		out = l.outcome()",
		[]proof{dueOnce},
	},
	{
		"a renewal opens a window", due,
		"		default:\n			kept = append(kept, b)", "		default:\n			b.TakenAt = now\n			kept = append(kept, b)",
		[]proof{windows},
	},
	{
		"a suspension spares a term that has begun", suspend,
		"if !at.Today.Before(l.End) {", "if l.End.IsZero() {",
		[]proof{suspending},
	},
	{
		"a scan notes what it has not sent", scanned,
		"		if err := s.send(ctx, next.items); err != nil {\n			return err\n		}\n		err = s.note(ctx, next.mark)",
		"		err = s.note(ctx, next.mark)\n		if err := s.send(ctx, next.items); err != nil {\n			return err\n		}",
		[]proof{scans},
	},
	{
		"what the renewal queue refuses is taken for sent", batches,
		"range out.Failed {", "range out.Failed[:0] {",
		[]proof{scans},
	},
	{
		"after an outage each look sends everything", scanned,
		"look > 0 && sent.Before(until)", "look > 9 && sent.Before(until)",
		[]proof{missed},
	},
	{
		"what was due when it was written stands in the past", entries,
		"	if at.Before(now) {\n		at = now\n	}\n", "",
		[]proof{past},
	},
	{
		"a licence is looked after before its day", desks,
		"before.DueAt.IsZero() || tx.Now.Before(before.DueAt)", "before.DueAt.IsZero()",
		[]proof{renewed},
	},
	{
		"a licence that was renewed goes on being due", terms,
		"	*after = after.Await(at.Zone)\n", "",
		[]proof{replay},
	},
	{
		"what the notice queue refuses is taken for sent", batches,
		"range out.Failed {", "range out.Failed[:0] {",
		[]proof{replay},
	},
	{
		"what customers are told gets another id each time", trails,
		"id.Copied(e.ID, name)", `id.Copied(e.ID, name+fmt.Sprintf("%p", new(int)))`,
		[]proof{replay},
	},
	{
		"what is paid beyond all charges is lost", account,
		"		a.credit(payer, rest)\n		shares", "		shares",
		[]proof{books},
	},
	{
		"one payer's money pays what another owes", account,
		"if o.Payer != payer || o.Left", "if o.Left",
		[]proof{books},
	},
	{
		"what is taken back is reckoned anew, by the rate", earned,
		"p.Amount.Portion(is.Base.Amount, p.Base.Amount)", "is.Base.Portion(int64(p.Rate), whole)",
		[]proof{books},
	},
	{
		"what is refunded beyond all credit is owed", refunds,
		"a.Refund(p.Payer, net); beyond.Amount > 0", "a.Refund(p.Payer, net); beyond.Amount < 0",
		[]proof{books},
	},
	{
		"what a bank calls back stays paid", refunds,
		"		a = a.CallBack(p.Shares[n].Debt, amount, at.Today)", "		_, _ = n, amount",
		[]proof{books},
	},
	{
		"nobody waits for the grace period", grace,
		"o.DueOn.AddDays(GraceDays)", "o.DueOn.AddDays(GraceDays - GraceDays)",
		[]proof{unpaid},
	},
	{
		"a charge is entered in no account", charges,
		"		h.Account = h.Account.Charge(c)\n", "",
		[]proof{collected},
	},
	{
		"a payment that comes again is recorded again", reports,
		"recorded && !known.Follows(r)", "recorded && known.Follows(r)",
		[]proof{once},
	},
	{
		"the next partner sees what the last has sold", paid,
		"f.PartnerID = in.Organisation", "f.PartnerID = in.Organisation[:0]",
		[]proof{discreet},
	},
	{
		"viewers are told amounts", amounts,
		"!sees || ofOthers", "ofOthers",
		[]proof{discreet},
	},
}
