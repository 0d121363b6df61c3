// Package stack is Comptoir's infrastructure: one CloudFormation stack. What it makes follows from
// what is declared once elsewhere: the functions (package functions), the queues (shared/queue), the
// settings (shared/setting) and the table (shared/table). A new function, route, permission or
// setting needs no change here.
package stack

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"comptoir/functions"
	"comptoir/shared/api"
	"comptoir/shared/queue"
	"comptoir/shared/setting"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// Name of the stack.
const Name = "Comptoir"

// Synth writes the cloud assembly to the folder out and returns the template. The context is that of
// the file cdkJSON, replaced by the keys of over and by what the CDK's command line was told. A finding
// of cdk-nag or of the CDK's own validation, warnings included, is an error that shows the report.
func Synth(cdkJSON, out string, over map[string]any) (template map[string]any, err error) {
	return synth(functions.All(api.Env{}), cdkJSON, out, over)
}

func synth(all []functions.Function, cdkJSON, out string, over map[string]any) (template map[string]any, err error) {
	context, err := readContext(cdkJSON)
	if err != nil {
		return nil, err
	}
	maps.Copy(context, over)
	context["@aws-cdk/core:appMode"] = "inmemory" // findings come as an error, not on stderr

	defer func() { // a panic is the only way in which the CDK tells of an error
		r := recover()
		if bug, ok := r.(runtime.Error); ok {
			panic(bug)
		}
		if r != nil {
			err = fmt.Errorf("synthesize: %v", r)
		}
	}()
	app := awscdk.NewApp(&awscdk.AppProps{
		Context:            &context,
		Outdir:             &out,
		AnalyticsReporting: jsii.Bool(false),
	})
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
	config, err := readConfig(app.Node(), all)
	if err != nil {
		return nil, err
	}
	build(app, config)
	app.Synth(nil)

	data, err := os.ReadFile(filepath.Join(out, Name+".template.json"))
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(data, &template)
	return template, err
}

// A builder makes the stack, part by part; each part uses those made before it.
type builder struct {
	stack awscdk.Stack
	config
	watch      *watch
	table      awsdynamodb.Table
	queues     map[queue.Name]awssqs.Queue
	bus        awsevents.EventBus
	archive    awss3.Bucket
	api        awsapigatewayv2.HttpApi
	authorizer awsapigatewayv2.HttpAuthorizer
	byLink     awsapigatewayv2.CfnAuthorizer // made with the function that it asks, before those with routes by link
	made       map[string]*string            // values of the settings that the stack makes, by name
}

func build(app awscdk.App, c config) {
	b := &builder{
		stack: awscdk.NewStack(app, jsii.String(Name), &awscdk.StackProps{
			Description:           jsii.String("Comptoir, the partner desk"),
			TerminationProtection: jsii.Bool(!c.destroy),
		}),
		config: c,
		made:   map[string]*string{setting.PortalURL: &c.portalOrigin},
	}
	b.watch = newWatch(b.stack, c.alarmMail)
	b.makeTable()
	b.makeQueues()
	b.makeBus()
	b.makeArchive()
	b.makeAPI()
	for _, f := range b.functions {
		b.makeFunction(f)
	}
	b.watch.draw()
}

// output shows a value at the end of a deployment and to whoever asks for the stack's outputs.
func (b *builder) output(name string, value *string) {
	awscdk.NewCfnOutput(b.stack, &name, &awscdk.CfnOutputProps{Value: value})
}

func seconds(d time.Duration) awscdk.Duration {
	return awscdk.Duration_Seconds(jsii.Number(d.Seconds()))
}
