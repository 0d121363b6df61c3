package setting

import (
	"context"
	"log/slog"
	"os"
	"slices"
)

// Log makes the log of a function: JSON lines, each with what With has noted of the request.
func Log() {
	slog.SetDefault(slog.New(noting{slog.NewJSONHandler(os.Stderr, nil)}))
}

type noted struct{}

// With notes attributes for every line that is logged with the context.
func With(ctx context.Context, attributes ...slog.Attr) context.Context {
	before, _ := ctx.Value(noted{}).([]slog.Attr)
	return context.WithValue(ctx, noted{}, slices.Concat(before, attributes))
}

type noting struct{ slog.Handler }

// Handle adds what was noted.
func (n noting) Handle(ctx context.Context, r slog.Record) error {
	attributes, _ := ctx.Value(noted{}).([]slog.Attr)
	r.AddAttrs(attributes...)
	return n.Handler.Handle(ctx, r)
}
