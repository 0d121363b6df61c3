package engine

import "syscall"

// attributes keeps a terminal's Ctrl-C from the engine, so that the parent decides when it stops, and
// has the kernel end it when the parent is gone, however that went.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
