package runtime

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// api is the Lambda Runtime API of one process.
func (p *Process) api() http.Handler {
	mux := http.NewServeMux()
	const root = "/2018-06-01/runtime"
	mux.HandleFunc("GET "+root+"/invocation/next", p.next)
	mux.HandleFunc("POST "+root+"/invocation/{id}/response", p.response)
	mux.HandleFunc("POST "+root+"/invocation/{id}/error", p.failure)
	mux.HandleFunc("POST "+root+"/init/error", p.initFailure)
	return mux
}

func (p *Process) next(w http.ResponseWriter, r *http.Request) {
	p.first.Do(func() { close(p.polled) })
	select {
	case <-r.Context().Done():
	case i := <-p.events:
		p.mu.Lock()
		p.current = i
		p.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", p.function.ARN)
		w.Write(i.payload)
	}
}

func (p *Process) response(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(io.LimitReader(r.Body, PayloadLimit+1))
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case len(payload) > PayloadLimit:
		message := fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", PayloadLimit)
		p.answer(w, r, answer{err: &Error{TooLarge, message}})
	default:
		p.answer(w, r, answer{payload: payload})
	}
}

func (p *Process) failure(w http.ResponseWriter, r *http.Request) {
	p.answer(w, r, answer{err: readError(r)})
}

func (p *Process) initFailure(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.initFail = readError(r)
	p.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

// answer completes the invocation that the process works on.
func (p *Process) answer(w http.ResponseWriter, r *http.Request, a answer) {
	p.mu.Lock()
	i := p.current
	p.current = nil
	p.mu.Unlock()
	if i == nil || i.id != r.PathValue("id") {
		http.Error(w, `{"errorType":"InvalidRequestID"}`, http.StatusBadRequest)
		return
	}
	i.answer <- a
	w.WriteHeader(http.StatusAccepted)
}

func readError(r *http.Request) *Error {
	var e Error
	if err := json.NewDecoder(io.LimitReader(r.Body, PayloadLimit)).Decode(&e); err != nil {
		return &Error{"Runtime.UnknownReason", "the function failed and gave no reason"}
	}
	return &e
}
