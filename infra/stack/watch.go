package stack

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"comptoir/functions"
	"comptoir/shared/table"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// What is too much, in one period of five minutes. Below, nobody has to get up.
const (
	period       = 5 * time.Minute
	oldMessage   = 15 * time.Minute // a notice may take some minutes
	oldEvent     = 5 * time.Minute  // the stream is read within a second unless the outbox fails
	slowResponse = time.Second      // the slowest in a hundred
)

// A watch rings one topic when a figure is too high, and draws all figures on one dashboard.
type watch struct {
	stack  awscdk.Stack
	topic  awssns.Topic
	alarms []interfacesawscloudwatch.IAlarmRef
	charts []*chart
}

// A chart is a title of the dashboard and the figures below it.
type chart struct {
	title   string
	metrics []awscloudwatch.IMetric
}

func newWatch(stack awscdk.Stack, mail string) *watch {
	topic := awssns.NewTopic(stack, jsii.String("Alarms"), &awssns.TopicProps{
		EnforceSSL: jsii.Bool(true),
	})
	topic.GrantPublish(awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), &awsiam.ServicePrincipalOpts{
		Conditions: &map[string]any{"StringEquals": map[string]*string{"aws:SourceAccount": stack.Account()}},
	}))
	if mail != "" {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&mail, nil))
	}
	return &watch{stack: stack, topic: topic}
}

func (w *watch) function(f functions.Function, fn awslambda.Function) {
	w.atLeast(1, "Errors of functions", f.Name+"-errors", fn.MetricErrors(sum(f.Name)))
	w.atLeast(1, "Throttles of functions", f.Name+"-throttles", fn.MetricThrottles(sum(f.Name)))
	if f.OnEvents {
		w.atLeast(oldEvent.Seconds()*1000, "Age of events (ms)", f.Name+"-age",
			fn.Metric(jsii.String("IteratorAge"), statistic("Maximum", f.Name)))
	}
}

func (w *watch) queue(name string, q awssqs.Queue) {
	w.atLeast(oldMessage.Seconds(), "Age of messages (s)", name+"-queue-age",
		q.MetricApproximateAgeOfOldestMessage(statistic("Maximum", name)))
}

func (w *watch) deadQueue(of string, q awssqs.Queue) {
	w.atLeast(1, "Dead letters", of+"-dead-queue-messages",
		q.MetricApproximateNumberOfMessagesVisible(statistic("Maximum", of)))
}

func (w *watch) table(t awsdynamodb.Table) {
	// What DynamoDB refuses is told by table and index, each of which has its own limits; what it
	// fails in, by operation.
	var parts, operations []map[string]*string
	parts = append(parts, map[string]*string{"TableName": t.TableName()})
	for n := 1; n <= table.Indexes; n++ {
		index, _, _ := table.Index(n)
		parts = append(parts, map[string]*string{"TableName": t.TableName(), "GlobalSecondaryIndexName": &index})
	}
	for _, op := range []string{"BatchGetItem", "GetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems"} {
		operations = append(operations, map[string]*string{"TableName": t.TableName(), "Operation": &op})
	}
	const title = "Throttles and errors of the table"
	w.atLeast(1, title, "table-read-throttles", total(t, "ReadThrottleEvents", parts))
	w.atLeast(1, title, "table-write-throttles", total(t, "WriteThrottleEvents", parts))
	w.atLeast(1, title, "table-errors", total(t, "SystemErrors", operations))
}

func (w *watch) api(api awsapigatewayv2.HttpApi) {
	w.atLeast(1, "Errors of the API", "api-errors", api.MetricServerError(sum("5xx")))
	w.atLeast(float64(slowResponse.Milliseconds()), "Slowest in a hundred answers (ms)", "api-latency",
		api.MetricLatency(statistic("p99", "p99")))
}

// total adds a metric of the table up over its dimensions. Plain addition would have no result as long
// as one of them has no data.
func total(t awsdynamodb.Table, metric string, dimensions []map[string]*string) awscloudwatch.IMetric {
	parts := map[string]awscloudwatch.IMetric{}
	for i, d := range dimensions {
		id := fmt.Sprint(strings.ToLower(metric), i) // unique in the chart
		parts[id] = t.Metric(&metric, &awscloudwatch.MetricOptions{
			Statistic: jsii.String("Sum"), Period: seconds(period), DimensionsMap: &d,
		})
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression:   jsii.String("SUM([" + strings.Join(slices.Sorted(maps.Keys(parts)), ",") + "])"),
		UsingMetrics: &parts,
		Label:        &metric,
		Period:       seconds(period),
	})
}

// atLeast rings when the figure reaches the limit, and draws it in the chart of that title.
func (w *watch) atLeast(limit float64, title, id string, m awscloudwatch.IMetric) {
	alarm := awscloudwatch.NewAlarm(w.stack, jsii.String(id+"-alarm"), &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String("Comptoir: " + id),
		Metric:             m,
		Threshold:          &limit,
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	alarm.AddAlarmAction(awscloudwatchactions.NewSnsAction(w.topic))
	w.alarms = append(w.alarms, alarm)

	i := slices.IndexFunc(w.charts, func(c *chart) bool { return c.title == title })
	if i < 0 {
		i = len(w.charts)
		w.charts = append(w.charts, &chart{title: title})
	}
	w.charts[i].metrics = append(w.charts[i].metrics, m)
}

// draw makes the dashboard of everything watched so far.
func (w *watch) draw() {
	dashboard := awscloudwatch.NewDashboard(w.stack, jsii.String("Dashboard"), nil)
	dashboard.AddWidgets(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("Alarms"), Width: jsii.Number(24), Height: jsii.Number(6), Alarms: &w.alarms,
	}))
	for pair := range slices.Chunk(w.charts, 2) {
		var row []awscloudwatch.IWidget
		for _, c := range pair {
			row = append(row, awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
				Title: &c.title, Width: jsii.Number(12), Left: &c.metrics,
			}))
		}
		dashboard.AddWidgets(row...)
	}
}

func sum(label string) *awscloudwatch.MetricOptions { return statistic("Sum", label) }

func statistic(name, label string) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Statistic: &name, Period: seconds(period), Label: &label}
}
