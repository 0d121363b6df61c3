package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"comptoir/functions"
	"comptoir/shared/identifier"
	"comptoir/shared/mail"
	"comptoir/shared/queue"
	"comptoir/shared/setting"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// config is what a deployment chooses: the context of cdk.json, of which -c key=value replaces a
// value. A missing key is an error, so cdk.json lists them all.
type config struct {
	functions    []functions.Function
	code         string            // folder of the built functions
	issuer       string            // of the access tokens; empty: a Cognito user pool is made
	audience     []string          // with an issuer: whom its tokens must be for
	domainPrefix string            // without an issuer: of the sign-in pages; empty: comptoir-<account>
	portalOrigin string            // the only origin whose pages may call the API, and to which mail leads
	alarmMail    string            // is written to when an alarm rings; empty: nobody is
	rate, burst  float64           // requests per second that the API takes: sustained, at once
	destroy      bool              // a trial: everything goes with the stack, data included
	sender       string            // the address that mail comes from, without its name
	values       map[string]string // of the functions' settings that the stack does not make itself
}

func readConfig(node constructs.Node, all []functions.Function) (config, error) {
	r := reader{node: node}
	c := config{
		functions:    all,
		code:         r.text("code"),
		issuer:       r.text("issuer"),
		audience:     list(r.text("audience")),
		domainPrefix: r.text("domainPrefix"),
		portalOrigin: r.text("portalOrigin"),
		alarmMail:    r.text("alarmMail"),
		rate:         parse(&r, "rate", number),
		burst:        parse(&r, "burst", number),
		destroy:      parse(&r, "destroy", strconv.ParseBool),
		values:       map[string]string{},
	}
	for _, f := range all {
		for _, name := range f.Settings {
			if !made(name) {
				c.values[name] = r.text(contextKey(name))
			}
		}
		if _, err := os.Stat(filepath.Join(c.code, f.Name, "bootstrap")); err != nil {
			r.fault("%s is not built: %w", f.Name, err)
		}
	}
	from, err := mail.ParseFrom(c.values[setting.MailFrom])
	if err != nil {
		r.fault("context %q: %w", contextKey(setting.MailFrom), err)
	} else {
		c.sender = from.Address
	}
	if _, err := identifier.ParseDeny(c.values[setting.DeniedMailDomains]); err != nil {
		r.fault("context %q: %w", contextKey(setting.DeniedMailDomains), err)
	}
	if c.issuer != "" && len(c.audience) == 0 {
		r.fault(`context "issuer" needs an "audience"`)
	}
	return c, errors.Join(r.faults...)
}

// A reader reads the context and gathers what is wrong with it.
type reader struct {
	node   constructs.Node
	faults []error
}

func (r *reader) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf(format, args...))
}

func (r *reader) text(key string) string {
	v := r.node.TryGetContext(&key)
	if v == nil {
		r.fault("context %q is not set; cdk.json lists them all", key)
		return ""
	}
	return fmt.Sprint(v) // the command line passes text, whatever the type in cdk.json
}

func parse[T any](r *reader, key string, as func(string) (T, error)) T {
	v, err := as(r.text(key))
	if err != nil {
		r.fault("context %q: %w", key, err)
	}
	return v
}

func number(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

// removal is what becomes of data when it leaves the stack.
func (c config) removal() awscdk.RemovalPolicy {
	if c.destroy {
		return awscdk.RemovalPolicy_DESTROY
	}
	return awscdk.RemovalPolicy_RETAIN
}

// made tells whether the value of a setting is something that the stack makes, or knows by another name.
func made(name string) bool {
	return name == setting.Table || name == setting.PortalURL || name == setting.EventBus || name == setting.ArchiveBucket || slices.ContainsFunc(queue.All, func(q queue.Name) bool {
		return queueSetting(q) == name
	})
}

// queueSetting is the setting that holds a queue's URL: OVER_LIMIT_QUEUE_URL for over-limit.
func queueSetting(q queue.Name) string {
	return strings.ToUpper(strings.ReplaceAll(string(q), "-", "_")) + "_QUEUE_URL"
}

// contextKey is where a deployment chooses a setting: timeZone for TIME_ZONE.
func contextKey(setting string) string {
	words := strings.Split(strings.ToLower(setting), "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

func list(commas string) []string {
	return strings.FieldsFunc(commas, func(r rune) bool { return r == ',' || r == ' ' })
}

// readContext reads the context of a cdk.json. The CDK's command line passes it to the app, and
// nothing else does.
func readContext(file string) (map[string]any, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var cdk struct{ Context map[string]any }
	if err := json.Unmarshal(data, &cdk); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return cdk.Context, nil
}
