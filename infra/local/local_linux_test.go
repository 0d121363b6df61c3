package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestNothingOutlivesAKilledRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	build(t, filepath.Join(dir, "bin"))
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVariable+"="+dir, portVariable+"="+freePort(t))
	parent.Stderr = os.Stderr
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var engines []string
	lines := bufio.NewScanner(output)
	for engines == nil && lines.Scan() {
		t.Log(lines.Text())
		if list, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
			engines = strings.Fields(list)
		}
	}
	if len(engines) != 3 || len(processes(t, dir)) != 2 {
		t.Fatalf("engines %v, functions %v", engines, processes(t, dir))
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	parent.Wait()
	for len(processes(t, dir)) > 0 { // the kernel ends them; the test's own limit is the patience
		runtime.Gosched()
	}
	for _, url := range engines {
		for listens(url) {
			runtime.Gosched()
		}
	}
}

// processes lists those whose program lies in the folder.
func processes(t *testing.T, dir string) (programs []string) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if program, err := os.Readlink(link); err == nil && strings.HasPrefix(program, dir) {
			programs = append(programs, program)
		}
	}
	return programs
}
