// Package engine starts the programs that stand in for AWS on a developer's machine and in CI:
// DynamoDB Local, fauxqs (SQS and S3) and aws-ses-v2-local (SES). Each runs as a child process on a free
// port, never outlives its parent (on Linux, however the parent ends), and is stopped by its process
// id. What tables, queues and buckets there are is for others to say.
package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"comptoir/shared/setting"
)

const (
	// DynamoDBVariable names the environment variable through which one DynamoDB Local, in memory,
	// is shared by the tests of all packages. It holds the URL.
	DynamoDBVariable = "COMPTOIR_DYNAMODB"

	// Region is where everything local pretends to be.
	Region = "eu-west-3"
)

// Options are the same for every engine; one that has no use for an option ignores it.
type Options struct {
	Dir    string // folder that keeps the data, made when missing; "" keeps them in memory. Mail is always in memory.
	HeapMB int    // Java's heap, 256 when 0
	Log    string // file to which the engine's output is added; "" discards it
	Clock  string // file of the clock that queues and mail go by, see setting.Clock; "" is the real time
}

// DynamoDB starts DynamoDB Local. In memory, every access key and region has tables of its own; in a
// folder, all share the same.
func DynamoDB(ctx context.Context, o Options) (*Process, error) {
	jar, err := installed(".engines/dynamodb/DynamoDBLocal.jar")
	if err != nil {
		return nil, err
	}
	storage := []string{"-inMemory"}
	if o.Dir != "" {
		dir, err := filepath.Abs(o.Dir)
		if err == nil {
			err = os.MkdirAll(dir, 0o755)
		}
		if err != nil {
			return nil, err
		}
		storage = []string{"-sharedDb", "-dbPath", dir}
	}
	return start(ctx, o.Log, func(port string) *exec.Cmd {
		cmd := exec.Command("java",
			"-Xmx"+strconv.Itoa(cmp.Or(o.HeapMB, 256))+"m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
			"-Djava.library.path="+filepath.Join(filepath.Dir(jar), "DynamoDBLocal_lib"),
			"-jar", jar, "-port", port, "-disableTelemetry")
		cmd.Args = append(cmd.Args, storage...)
		cmd.Dir = filepath.Dir(jar) // it leaves a file where it works
		return cmd
	})
}

// Queues starts fauxqs, which holds the buckets too: the objects as files in the folder, in buckets.
func Queues(ctx context.Context, o Options) (*Process, error) {
	return startNode(ctx, o, "fauxqs/dist/server.js", func(cmd *exec.Cmd, port string) {
		cmd.Env = append(cmd.Environ(),
			"FAUXQS_HOST=127.0.0.1", "FAUXQS_PORT="+port, "FAUXQS_DEFAULT_REGION="+Region,
			"FAUXQS_DATA_DIR="+o.Dir, "FAUXQS_PERSISTENCE="+strconv.FormatBool(o.Dir != ""),
			"FAUXQS_S3_STORAGE_DIR="+o.Dir)
	})
}

// Mail starts aws-ses-v2-local. Its viewer is at the root of the URL, what it was sent at /store.
func Mail(ctx context.Context, o Options) (*Process, error) {
	return startNode(ctx, o, "aws-ses-v2-local/dist/cli.js", func(cmd *exec.Cmd, port string) {
		cmd.Args = append(cmd.Args, "--host", "127.0.0.1", "--port", port)
	})
}

// startNode runs a script of node_modules with the Node that lies there too: the distribution's own
// may be too old.
func startNode(ctx context.Context, o Options, script string, configure func(cmd *exec.Cmd, port string)) (*Process, error) {
	node, err := installed("node_modules/node/bin/node")
	if err != nil {
		return nil, err
	}
	path, err := installed(filepath.Join("node_modules", script))
	if err != nil {
		return nil, err
	}
	args, env := []string{path}, os.Environ()
	if o.Clock != "" {
		moving, err := installed("infra/local/engine/clock.mjs")
		if err != nil {
			return nil, err
		}
		clock, err := filepath.Abs(o.Clock)
		if err != nil {
			return nil, err
		}
		args, env = []string{"--import", moving, path}, append(env, setting.Clock+"="+clock)
	}
	return start(ctx, o.Log, func(port string) *exec.Cmd {
		cmd := exec.Command(node, args...)
		cmd.Env = env
		configure(cmd, port)
		return cmd
	})
}

// installed returns the absolute path of a file that infra/local/install brings.
func installed(name string) (string, error) {
	root, err := root()
	if err != nil {
		return "", err
	}
	path := filepath.Join(root, name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf(`%s is missing: run "make setup"`, name)
	}
	return path, nil
}

// root finds the repository from the working directory upwards: tests run in their package's folder.
func root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod from the working directory upwards: run this inside the repository")
		}
		dir = parent
	}
}
