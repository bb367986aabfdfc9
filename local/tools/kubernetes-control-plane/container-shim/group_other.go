//go:build !linux

package main

import "syscall"

// ownGroup gives the process a group of its own.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
