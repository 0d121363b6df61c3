package apitest

import (
	"context"
	"errors"
	"sync"

	"comptoir/shared/customer"
	"comptoir/shared/table"
)

// DNS is what the world's API asks about domains: nothing is there until a test says so.
type DNS struct {
	mu     sync.Mutex
	values map[string][]string
	silent bool
	asked  []string
}

// Has puts values at a name.
func (d *DNS) Has(name string, values ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.values == nil {
		d.values = map[string][]string{}
	}
	d.values[name] = values
}

// Silence makes that nothing is answered any longer, or again.
func (d *DNS) Silence(silent bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silent = silent
}

// Asked are the names that were asked for.
func (d *DNS) Asked() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.asked...)
}

// LookupTXT is what the API calls.
func (d *DNS) LookupTXT(_ context.Context, name string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, name)
	if d.silent {
		return nil, errors.New("nobody answers")
	}
	return d.values[name], nil
}

// Customer is a customer as it is kept.
func (w *World) Customer(id string) customer.Customer {
	w.t.Helper()
	ref, found := table.Customer(id), customer.Customer{}
	direct := table.New(w.Storage.Client, w.Storage.TableName, w.Always()...)
	call := table.Call{Load: []table.Load{ref}, Allow: func(*table.Tx) error { return nil }}
	_, err := table.Read(w.t.Context(), direct, call, func(tx *table.Tx) (out *struct{}, err error) {
		found, err = ref.Get(tx)
		return nil, err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// Proves sets the record that proves a customer's domain.
func (w *World) Proves(customerID string) {
	w.t.Helper()
	record, err := w.Customer(customerID).DomainRecord()
	if err != nil {
		w.t.Fatal(err)
	}
	w.DNS.Has(record.Name, record.Value)
}

// Verify proves a customer's domain, and has it verified.
func (w *World) Verify(customerID string) {
	w.t.Helper()
	w.Proves(customerID)
	if a := w.Machine("operator").Do("POST /v1/customers/"+customerID+"/domain/verification", nil); a.String("state") != "verified" {
		w.t.Fatalf("answered %d %s", a.Status, a.Text)
	}
}
