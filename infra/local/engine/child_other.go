//go:build unix && !linux

package engine

import "syscall"

// attributes keeps a terminal's Ctrl-C from the engine, so that the parent decides when it stops. Only
// Linux can also promise that the engine ends with a parent that was killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
