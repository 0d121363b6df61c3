// Command bench measures every operation on a real engine: what it takes by AWS's rules (round
// trips, units, bytes), what the handler allocates, and how long it lasts beside the raw SDK calls
// that it needs, in the same run. Times say something only as ratios; see docs/performance.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"comptoir/infra/local/engine"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

var (
	sizes = flag.String("customers", "1000,10000,100000", "how many customers the partner has, one table each")
	times = flag.Int("n", 300, "how often each operation is timed")
	adds  = flag.Int("adds", 1000, "how many seats are added in each row of those added at once, 1,000 at the most")
	cold  = flag.Int("cold", 20, "how many starts of each function are timed")
	only  = flag.String("only", "", "measure only the operations whose names hold this")
	due   = flag.Int("due", 1000, "how many licences fall due")
	parts = flag.String("parts", "operations,seats,due,statement,cold", "what is measured")
)

func main() {
	flag.Parse()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	ctx := context.Background()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err) // the log is discarded
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	for part := range strings.SplitSeq(*parts, ",") {
		measure, ok := map[string]func(context.Context) error{"operations": atAllSizes, "seats": manyAtOnce, "due": whatFallsDue, "statement": aLargeStatement, "cold": coldStarts}[part]
		if !ok {
			return fmt.Errorf("there is no part %q", part)
		}
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

func atAllSizes(ctx context.Context) error {
	for size := range strings.SplitSeq(*sizes, ",") {
		var customers int
		if _, err := fmt.Sscan(size, &customers); err != nil {
			return err
		}
		if err := operationsAt(ctx, customers); err != nil {
			return err
		}
	}
	return nil
}

// operationsAt measures every operation in a table of its own with so many customers.
func operationsAt(ctx context.Context, customers int) error {
	process, err := engine.DynamoDB(ctx, engine.Options{HeapMB: 1024 + customers/25})
	if err != nil {
		return err
	}
	defer process.Stop()
	p, err := proxy.Start(process.URL)
	if err != nil {
		return err
	}
	defer p.Close()
	fmt.Fprintf(os.Stderr, "Filling a table with %d customers …\n", customers)
	b := &bench{direct: client(process.URL), proxy: p, customers: customers, kept: &keeper{}}
	if err := b.fill(ctx, append(plainAccounts(customers, 0), crowd(1000), crowd(100))); err != nil {
		return err
	}
	b.serve()
	fmt.Printf("\n## %d customers\n\n", customers)
	fmt.Println("| operation | round trips | read units | write units | bytes out | bytes in | allocations | p50 ms | p99 ms | raw p50 ms | ratio |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|")
	for _, o := range operations {
		if !strings.Contains(o.name, *only) {
			continue
		}
		r, err := b.measure(ctx, o)
		if err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
		fmt.Println(r)
	}
	return nil
}

// client is a DynamoDB client as functions have it, for the engine at a URL.
func client(url string, options ...func(*dynamodb.Options)) *dynamodb.Client {
	return table.Client(aws.Config{
		Region: engine.Region, BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""),
	}, options...)
}
