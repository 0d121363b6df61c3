package blueprint

import (
	"strings"
	"time"

	"comptoir/infra/local/runtime"
	"comptoir/infra/local/source"
	"comptoir/infra/local/template"
)

// functionName is the function's own name or, where AWS would make one up, that of its handler.
func functionName(r *template.Resource) string {
	p := r.Properties()
	return p.String("FunctionName", p.Text("Handler"))
}

func (b *builder) functionARN(r *template.Resource) string {
	return b.arn("lambda", "function:"+functionName(r))
}

func (b *builder) addFunction(r *template.Resource) {
	p := r.Properties()
	f := runtime.Function{
		Name: functionName(r), ARN: b.functionARN(r), Region: b.world.Region, Environment: map[string]string{},
		Timeout: time.Duration(p.Int("Timeout", 3)) * time.Second,
		Memory:  p.Int("MemorySize", 128),
	}
	environment := p.Object("Environment")
	variables := environment.Object("Variables")
	for _, name := range variables.Keys() {
		f.Environment[name] = variables.Text(name)
	}
	environment.Close()
	if kind := p.Text("Runtime"); !strings.HasPrefix(kind, "provided.") {
		p.Fail("Runtime", "%s is not known locally", kind)
	}
	// Concurrency is bounded by the machine, and nothing invokes asynchronously.
	p.Ignore("FunctionName", "Handler", "Architectures", "Code", "DeadLetterConfig", "Description", "EphemeralStorage", "LoggingConfig",
		"RecursiveLoop", "ReservedConcurrentExecutions", "Role", "RuntimeManagementConfig", "Tags", "TracingConfig")
	p.Close()
	b.out.Functions = append(b.out.Functions, f)
}

func (b *builder) addMapping(r *template.Resource) {
	p := r.Properties()
	function := b.function(p, "FunctionName")
	filters := readFilters(p)
	partial := readResponseTypes(p)
	if p.Has("Enabled") && !p.Bool("Enabled") {
		return
	}
	origin := p.Text("EventSourceArn")
	// A window only delays, and shares of a shard only hurry: order by key is kept without them too.
	p.Ignore("KmsKeyArn", "MaximumBatchingWindowInSeconds", "ParallelizationFactor", "Tags")
	if table := b.find("AWS::DynamoDB::Table", "StreamArn", origin); table != nil {
		b.out.Streams = append(b.out.Streams, source.Stream{
			ID: r.ID, Function: function, FunctionARN: b.arn("lambda", "function:"+function),
			Table:     tableName(table),
			BatchSize: p.Int("BatchSize", 100),
			Latest:    p.Text("StartingPosition") == "LATEST",
			Filters:   filters, Partial: partial,
			Bisect:    p.Bool("BisectBatchOnFunctionError"),
			Retries:   p.Int("MaximumRetryAttempts", -1),
			MaxAge:    time.Duration(max(0, p.Int("MaximumRecordAgeInSeconds", -1))) * time.Second,
			OnFailure: b.destination(p),
		})
	} else if queue := b.find("AWS::SQS::Queue", "Arn", origin); queue != nil {
		scaling := p.Object("ScalingConfig")
		b.out.Consumers = append(b.out.Consumers, source.Queue{
			ID: r.ID, Function: function, Queue: queueName(queue), ARN: origin,
			BatchSize: p.Int("BatchSize", 10), Filters: filters, Partial: partial,
			Concurrency: scaling.Int("MaximumConcurrency", 5), // with which AWS begins
		})
		scaling.Close()
	} else {
		p.Fail("EventSourceArn", "%s is not known locally", origin)
	}
	p.Close()
}

// addSchedule reads a schedule: what the stack makes are hours.
func (b *builder) addSchedule(r *template.Resource) {
	p := r.Properties()
	if rate := p.Text("ScheduleExpression"); rate != "rate(1 hour)" {
		p.Fail("ScheduleExpression", "%s is not known locally", rate)
	}
	p.Ignore("FlexibleTimeWindow", "Name", "Description")
	target := p.Object("Target")
	b.out.Hourly = append(b.out.Hourly, b.function(target, "Arn"))
	target.Ignore("RoleArn", "DeadLetterConfig", "RetryPolicy")
	target.Close()
	p.Close()
}

// function reads the name of a function, given by its name or ARN.
func (b *builder) function(p *template.Object, key string) string {
	value := p.Text(key)
	for _, attribute := range []string{"", "Arn"} {
		if r := b.find("AWS::Lambda::Function", attribute, value); r != nil {
			return functionName(r)
		}
	}
	p.Fail(key, "%s is no function of the template", value)
	return ""
}

func readFilters(p *template.Object) []source.Pattern {
	var patterns []source.Pattern
	criteria := p.Object("FilterCriteria")
	for _, filter := range criteria.Objects("Filters") {
		pattern, err := source.ParsePattern(filter.Text("Pattern"))
		if err != nil {
			filter.Fail("Pattern", "%v", err)
		}
		patterns = append(patterns, pattern)
		filter.Close()
	}
	criteria.Close()
	return patterns
}

func readResponseTypes(p *template.Object) (partial bool) {
	for _, kind := range p.Strings("FunctionResponseTypes") {
		if kind != "ReportBatchItemFailures" {
			p.Fail("FunctionResponseTypes", "%s is not known locally", kind)
		}
		partial = true
	}
	return partial
}

// destination reads the queue that is told of a stream's failed records.
func (b *builder) destination(p *template.Object) string {
	config := p.Object("DestinationConfig")
	defer config.Close()
	failure := config.Object("OnFailure")
	defer failure.Close()
	arn := failure.String("Destination", "")
	if arn == "" {
		return ""
	}
	queue := b.find("AWS::SQS::Queue", "Arn", arn)
	if queue == nil {
		failure.Fail("Destination", "%s is not known locally", arn)
		return ""
	}
	return queueName(queue)
}
