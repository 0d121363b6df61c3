package runtime

import "syscall"

// dieWithParent kills the process when this one dies, however it dies, and keeps the terminal's
// Ctrl-C from it: stopping in order is the parent's business.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
