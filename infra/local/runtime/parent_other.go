//go:build !linux

package runtime

import "syscall"

// dieWithParent keeps the terminal's Ctrl-C from the process; only Linux can also end it when this one
// is killed.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
