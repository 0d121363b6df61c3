// Command tour does what the README's tours say: it starts a local cloud of its own, types every
// command of their sh blocks into one shell, and compares each answer with the json block that
// follows. What a reader can't get alike (ids, dates, instants) is compared by its shape, and "…" in
// the page stands for anything.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := tour("README.md"); err != nil {
		log.Fatal(err)
	}
}

// step is a command of the page and the answer that it shows, if it shows one.
type step struct{ command, answer string }

var block = regexp.MustCompile("(?ms)^```(sh|json)\n(.*?)^```$")

// steps are those of the page's sections that take five minutes, one after another.
func steps(page string) []step {
	var all []step
	for section := range strings.SplitSeq(page, "\n## ") {
		if title, _, _ := strings.Cut(section, "\n"); !strings.HasSuffix(title, " in five minutes") {
			continue
		}
		for _, b := range block.FindAllStringSubmatch(section, -1) {
			if b[1] == "sh" {
				all = append(all, step{command: b[2]})
			} else if len(all) > 0 {
				all[len(all)-1].answer = b[2]
			}
		}
	}
	return all
}

func tour(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	all := steps(string(text))
	if len(all) < 5 {
		return fmt.Errorf("%s: the tours have only %d steps", page, len(all))
	}
	folder, err := os.MkdirTemp("", "tour")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	port, err := freePort()
	if err != nil {
		return err
	}
	env := append(os.Environ(), "PORT="+port, "LOCAL_DIR="+filepath.Join(folder, "data"))
	stop, err := cloud(env, port, folder)
	if err != nil {
		return err
	}
	defer stop()
	shell, err := newShell(env)
	if err != nil {
		return err
	}
	defer shell.close()
	for n, s := range all {
		said, err := shell.run(s.command)
		if err != nil {
			return fmt.Errorf("step %d: %w\n%s", n+1, err, s.command)
		}
		if s.answer == "" {
			continue
		}
		if err := same(s.answer, said); err != nil {
			return fmt.Errorf("step %d: %w\n%s\nthe page shows\n%s\nthe answer is\n%s", n+1, err, s.command, s.answer, said)
		}
	}
	fmt.Printf("the tours' %d steps came true\n", len(all))
	return nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// cloud starts a local cloud and waits until it has published where everything is.
func cloud(env []string, port, folder string) (stop func(), err error) {
	output, err := os.Create(filepath.Join(folder, "cloud.log"))
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(folder, "cloud")
	if out, err := exec.Command("go", "build", "-o", binary, "./infra/local").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	cmd := exec.Command(binary)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, output, output
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop = func() {
		cmd.Process.Signal(syscall.SIGTERM)
		<-ended
	}
	deadline := time.After(10 * time.Minute)
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			log, _ := os.ReadFile(output.Name())
			return nil, fmt.Errorf("the local cloud ended:\n%s", log)
		case <-deadline:
			stop()
			return nil, errors.New("the local cloud was not ready within ten minutes")
		case <-tick.C:
			if _, err := os.Stat(filepath.Join(folder, "data", "addresses.json")); err != nil {
				continue
			}
			if answer, err := http.Get("http://127.0.0.1:" + port + "/"); err == nil {
				answer.Body.Close()
				return stop, nil
			}
		}
	}
}

// shell is one shell for all steps, so that variables stay.
type shell struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *lines
}

func newShell(env []string) (*shell, error) {
	cmd := exec.Command("bash")
	cmd.Env, cmd.Stderr = env, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &shell{cmd, in, &lines{from: out}}, cmd.Start()
}

const mark = "<end of step>"

func (s *shell) run(command string) (string, error) {
	if _, err := fmt.Fprintf(s.in, "%s\nprintf '%%s %%s\\n' $? '%s'\n", command, mark); err != nil {
		return "", err
	}
	text, err := s.out.until(mark)
	if err != nil {
		return text, err
	}
	body, code, _ := cutLast(text)
	if code != "0" {
		return body, fmt.Errorf("the command ended with %s", code)
	}
	return body, nil
}

func cutLast(text string) (before, last string, ok bool) {
	text = strings.TrimSpace(text)
	if n := strings.LastIndexAny(text, "\n}"); n >= 0 {
		return text[:n+1], strings.TrimSpace(text[n+1:]), true
	}
	return "", text, false
}

func (s *shell) close() {
	s.in.Close()
	s.cmd.Wait()
}

type lines struct {
	from io.Reader
	rest bytes.Buffer
}

func (l *lines) until(mark string) (string, error) {
	chunk := make([]byte, 4096)
	for {
		if before, after, found := strings.Cut(l.rest.String(), mark+"\n"); found {
			l.rest.Reset()
			l.rest.WriteString(after)
			return before, nil
		}
		n, err := l.from.Read(chunk)
		l.rest.Write(chunk[:n])
		if err != nil {
			return l.rest.String(), err
		}
	}
}

// same compares an answer with what the page shows of it.
func same(shown, said string) error {
	var want, got any
	if err := json.Unmarshal([]byte(shown), &want); err != nil {
		return fmt.Errorf("the page's answer is not JSON: %w", err)
	}
	if err := json.Unmarshal([]byte(said), &got); err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	return alike("", want, got)
}

var shapes = []*regexp.Regexp{
	regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`),
	regexp.MustCompile(`\d{4}-\d\d-\d\d`),
	regexp.MustCompile(`\b(lic|pre|evt|cus)_[0-9a-z]{24}\b`),
}

func shape(s string) string {
	for _, r := range shapes {
		s = r.ReplaceAllString(s, "<$1>")
	}
	return s
}

func alike(path string, want, got any) error {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is %v", path, got)
		}
		for name, value := range w {
			if err := alike(path+"."+name, value, g[name]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) < len(w) {
			return fmt.Errorf("%s is %v", path, got)
		}
		for n, value := range w {
			if err := alike(fmt.Sprintf("%s[%d]", path, n), value, g[n]); err != nil {
				return err
			}
		}
		return nil
	case string:
		if g, ok := got.(string); w == "…" && got != nil || ok && shape(g) == shape(w) {
			return nil
		}
	default:
		if want == got {
			return nil
		}
	}
	return fmt.Errorf("%s is %v, the page shows %v", path, got, want)
}
