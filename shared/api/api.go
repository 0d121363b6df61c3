// Package api holds the conventions of the HTTP API.
package api

// Operation is one route of the contract.
type Operation struct {
	ID     string // operation id, for example takeLicence
	Method string
	Path   string // with {parameters}, below /v1
}
