package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"comptoir/functions"
	"comptoir/shared/api"
	"comptoir/shared/setting"
)

// coldStarts times each function's binary from the start of its process to its first poll of the
// Lambda Runtime API, in turn with a function that does nothing.
func coldStarts(ctx context.Context) error {
	empty := filepath.Join(os.TempDir(), fmt.Sprint("comptoir-empty-", os.Getpid()))
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", empty, "./infra/bench/empty")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	defer os.Remove(empty)
	fmt.Printf("\n## Cold start: process start to first poll\n\n| function | p50 ms | empty p50 ms | ratio | binary MB |\n|---|---|---|---|---|\n")
	for _, f := range functions.All(api.Env{}) {
		binary := filepath.Join("dist/local", f.Name, "bootstrap")
		var own, none []time.Duration
		for range *cold {
			for path, into := range map[string]*[]time.Duration{binary: &own, empty: &none} {
				took, err := firstPoll(ctx, path, f.Name)
				if err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				*into = append(*into, took)
			}
		}
		info, err := os.Stat(binary)
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %s | %s | %.2f | %.1f |\n", f.Name, ms(at(own, 50)), ms(at(none, 50)),
			float64(at(own, 50))/float64(at(none, 50)), float64(info.Size())/1e6)
	}
	return nil
}

func firstPoll(ctx context.Context, binary, handler string) (time.Duration, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	polled := make(chan time.Time, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case polled <- time.Now():
		default:
		}
		<-r.Context().Done() // no event ever comes
	})}
	go server.Serve(listener)
	defer server.Close()
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String(), "_HANDLER=" + handler,
		"AWS_LAMBDA_FUNCTION_NAME=" + handler, "AWS_REGION=eu-west-3", "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x",
		setting.Table + "=t", setting.TimeZone + "=Europe/Paris", setting.DashboardURL + "=https://app.example/", setting.SupportMail + "=s@example.com",
		setting.MailFrom + "=desk@example.com", setting.PortalURL + "=https://desk.example", setting.DeniedMailDomains + "=onmicrosoft.com",
		setting.DNSServer + "=system", setting.PartnerMail + "=p@example.com", setting.PartnerDays + "=monday", setting.PasswordResetURL + "=https://login.example",
		setting.TrailQueue + "=http://127.0.0.1/trail", setting.RenewalQueue + "=http://127.0.0.1/renewal", setting.WebhookQueue + "=http://127.0.0.1/webhook",
		setting.EventBus + "=comptoir", setting.ArchiveBucket + "=archive",
		setting.NoticeQueue + "=http://127.0.0.1/notice", setting.OverLimitQueue + "=http://127.0.0.1/over-limit",
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	select {
	case at := <-polled:
		return at.Sub(start), nil
	case <-time.After(10 * time.Second):
		return 0, fmt.Errorf("no poll within 10 s")
	}
}
