// Command prove shows that seats are never given above the cap, whatever happens at the same time, that nothing falls due
// unnoticed or happens twice, and that the tests which say so would notice if it were otherwise; so would those that say who reaches
// whom, and how licences go on. It runs long histories and a long replay, then plants small faults in the code, one at a time, and has the tests run against
// each; a fault that none of them notices fails the command.
// The sources are left alone: the compiler is given the altered file in place of its own.
//
// It needs the engine (see the Makefile):
//
//	go run ./infra/local/engine/with -- go run ./infra/prove
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	long := flag.Int("histories", 3000, "histories to run without a fault; 0 for none")
	customers := flag.Int("replay", 22000, "customers of the replay without a fault, each with some five events; 0 for none")
	only := flag.String("only", "", "plant only the faults whose names hold this")
	flag.Parse()
	if err := run(*long, *customers, *only); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(long, customers int, only string) error {
	start := time.Now()
	for _, l := range []struct {
		proof
		checks int
		what   string
	}{{histories, long, "histories"}, {replay, customers, "customers"}} {
		if l.checks == 0 {
			continue
		}
		began := time.Now()
		fmt.Printf("%d %s …\n", l.checks, l.what)
		without := l.proof
		without.checks = l.checks
		if out, failed := test(without, ""); failed != nil {
			return fmt.Errorf("%s\n%s fails without a fault", out, without.test)
		} else if said := regexp.MustCompile(`(?m)^ +(?:history|replay)_test\.go:\d+: (.*)$`).FindStringSubmatch(out); said != nil {
			fmt.Println(said[1])
		}
		fmt.Printf("as they should be (%s)\n", since(began))
	}
	folder, err := os.MkdirTemp("", "prove")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	planted, missed := 0, []string{}
	for _, f := range faults {
		if !strings.Contains(f.name, only) {
			continue
		}
		planted++
		overlay, err := f.plant(folder)
		if err != nil {
			return err
		}
		for _, p := range f.caught {
			began := time.Now()
			out, failed := test(p, overlay)
			switch {
			case failed == nil:
				missed = append(missed, f.name+", by "+p.test)
				fmt.Printf("NOT CAUGHT  %s, by %s (%s)\n", f.name, p.test, since(began))
			case len(failed) == 0:
				missed = append(missed, f.name+", by "+p.test)
				fmt.Printf("%s\nNOT RUN     %s, by %s\n", out, f.name, p.test)
			default:
				fmt.Printf("caught      %s, by %s (%s)\n", f.name, strings.Join(failed, ", "), since(began))
			}
		}
	}
	if len(missed) > 0 {
		return fmt.Errorf("%d not caught:\n%s", len(missed), strings.Join(missed, "\n"))
	}
	fmt.Printf("all %d faults were caught (%s in all)\n", planted, since(start))
	return nil
}

func since(t time.Time) time.Duration { return time.Since(t).Round(time.Second) }

// plant writes the altered file, and the overlay that has the compiler take it.
func (f fault) plant(folder string) (overlay string, err error) {
	source, err := os.ReadFile(f.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(source), f.old); n != 1 {
		return "", fmt.Errorf("%s: the text to replace occurs %d times in %s", f.name, n, f.file)
	}
	path, err := filepath.Abs(f.file)
	if err != nil {
		return "", err
	}
	altered := filepath.Join(folder, "altered.go")
	if err := os.WriteFile(altered, []byte(strings.Replace(string(source), f.old, f.new, 1)), 0o600); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{path: altered}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(folder, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

var failures = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)

// test runs a proof and gives the names of the tests that failed: nil if none did, empty if they did not even run.
func test(p proof, overlay string) (out string, failed []string) {
	args := []string{"test", "-count=1", "-timeout=120m", "-failfast", "-v", "-run", "^(" + p.test + ")$", "-overlay", overlay, p.pkg}
	if p.checks > 0 {
		args = append(args, "-args", "-rapid.nofailfile", "-rapid.shrinktime=1s", fmt.Sprint("-rapid.checks=", p.checks)) // a fault need not be understood, only be found
	}
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), fmt.Sprint("HISTORIES=", p.checks), fmt.Sprint("REPLAY=", p.checks))
	all, err := cmd.CombinedOutput()
	if out = string(all); err == nil {
		return out, nil
	}
	failed = []string{}
	for _, m := range failures.FindAllStringSubmatch(out, -1) {
		if !slices.Contains(failed, m[1]) {
			failed = append(failed, m[1])
		}
	}
	return out, failed
}
