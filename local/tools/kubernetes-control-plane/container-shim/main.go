// Runs one container's process for the node and outlives it: keeps the process's output, line by line
// in the format of the Container Runtime Interface, and how it ended, so that a node that is started
// anew goes on where the last one was.
//
//	container-shim DIRECTORY COMMAND [ARGUMENT…]
//
// It begins when a byte comes on its standard input, by which the node says that it has noted this
// program down; without one it ends and has started nothing. The process gets this program's
// environment and working directory, and a process group of its own.
// In DIRECTORY it writes `running.json` ({"pid"}), `log` and, moved in when it is whole, `ended.json`
// ({"exitCode", "signal", "finishedAt", "error"}).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// A log that is longer goes on in a new file; the last one is kept beside it as `log.1`.
const maxLogBytes = 10 << 20

// A longer line is written in parts, as the Container Runtime Interface does.
const maxLineBytes = 16 << 10

// What a process that left the group may still hold of the output after the container has ended.
const outputPatience = time.Second

type ended struct {
	ExitCode   int    `json:"exitCode"`
	Signal     int    `json:"signal"`
	FinishedAt string `json:"finishedAt"`
	Error      string `json:"error,omitempty"`
}

func main() {
	// The process is to end with this program, and the system watches the thread that started it.
	runtime.LockOSThread()
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "use: container-shim DIRECTORY COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	directory := os.Args[1]
	if n, _ := os.Stdin.Read(make([]byte, 1)); n == 0 {
		os.Exit(3)
	}
	// What ends the container is sent to its process, not to this one. (Ignored signals would be
	// ignored by the process as well.)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	result := run(directory, os.Args[2:])
	result.FinishedAt = now()
	if err := writeWhole(filepath.Join(directory, "ended.json"), result); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(directory string, command []string) ended {
	log, err := openLog(filepath.Join(directory, "log"))
	if err != nil {
		return ended{ExitCode: 128, Error: err.Error()}
	}
	defer log.close()
	process := exec.Command(command[0], command[1:]...)
	process.SysProcAttr = ownGroup()
	stdout, err := process.StdoutPipe()
	if err != nil {
		return ended{ExitCode: 128, Error: err.Error()}
	}
	stderr, err := process.StderrPipe()
	if err != nil {
		return ended{ExitCode: 128, Error: err.Error()}
	}
	if err := process.Start(); err != nil {
		// The code with which container runtimes say that there is no such command.
		return ended{ExitCode: 127, Error: err.Error()}
	}
	if err := writeWhole(filepath.Join(directory, "running.json"), map[string]int{"pid": process.Process.Pid}); err != nil {
		_ = syscall.Kill(-process.Process.Pid, syscall.SIGKILL)
		return ended{ExitCode: 128, Error: err.Error()}
	}
	var readers sync.WaitGroup
	readers.Go(func() { log.copy("stdout", stdout) })
	readers.Go(func() { log.copy("stderr", stderr) })
	state, err := process.Process.Wait()
	// What the container started ends with it, as in a container's own process namespace.
	_ = syscall.Kill(-process.Process.Pid, syscall.SIGKILL)
	read := make(chan struct{})
	go func() { readers.Wait(); close(read) }()
	select {
	case <-read:
	case <-time.After(outputPatience):
	}
	if err != nil {
		return ended{ExitCode: 128, Error: err.Error()}
	}
	status := state.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return ended{ExitCode: 128 + int(status.Signal()), Signal: int(status.Signal())}
	}
	return ended{ExitCode: status.ExitStatus()}
}

type logFile struct {
	mutex sync.Mutex
	path  string
	file  *os.File
	bytes int64
}

func openLog(path string) (*logFile, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &logFile{path: path, file: file}, nil
}

func (log *logFile) close() {
	log.mutex.Lock()
	defer log.mutex.Unlock()
	_ = log.file.Close()
}

// copy takes everything from the pipe, whatever becomes of writing it: a full disk must not block
// the process.
func (log *logFile) copy(stream string, pipe io.Reader) {
	reader := bufio.NewReaderSize(pipe, maxLineBytes)
	for {
		line, err := reader.ReadSlice('\n')
		if n := len(line); n > 0 {
			tag := "P"
			if line[n-1] == '\n' {
				tag, line = "F", line[:n-1]
			}
			log.write(stream, tag, line)
		}
		if err != nil && err != bufio.ErrBufferFull {
			return
		}
	}
}

func (log *logFile) write(stream, tag string, line []byte) {
	log.mutex.Lock()
	defer log.mutex.Unlock()
	if log.bytes > maxLogBytes {
		log.rotate()
	}
	written, _ := fmt.Fprintf(log.file, "%s %s %s %s\n", now(), stream, tag, line)
	log.bytes += int64(written)
}

func (log *logFile) rotate() {
	if os.Rename(log.path, log.path+".1") != nil {
		return
	}
	file, err := os.OpenFile(log.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return
	}
	_ = log.file.Close()
	log.file, log.bytes = file, 0
}

func now() string {
	return time.Now().UTC().Format("2006-01-02T15:04:05.000000000Z07:00")
}

func writeWhole(file string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
