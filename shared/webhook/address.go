package webhook

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"comptoir/shared/identifier"
	"comptoir/shared/problem"
)

// Hosts are those at which endpoints may lie although they are private, by http as well and at any port: that of the local cloud.
// Nothing that is deployed has any.
type Hosts []string

// MaxURL is how long an address may be, in bytes.
const MaxURL = 1000

// Check reads an endpoint's address, given as a field of the input: by https, at a public name or address, at the port 443 or
// 8443, without a user or a fragment. Where a name leads is looked at when it is dialled (see Public): it can change.
// Errors: problem.Invalid.
func (h Hosts) Check(field, text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > MaxURL || u.Opaque != "" || u.Hostname() == "":
		return "", problem.Invalid(field, "This is not an address of the form https://name/path.")
	case u.User != nil:
		return "", problem.Invalid(field, "An address holds no user and no password: messages are signed instead.")
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		return "", problem.Invalid(field, "An address of an endpoint has no part after a # sign.")
	case slices.Contains(h, u.Hostname()) && (u.Scheme == "http" || u.Scheme == "https"):
		return u.String(), nil
	case u.Scheme != "https":
		return "", problem.Invalid(field, "An endpoint is reached by https.")
	case u.Port() != "" && u.Port() != "443" && u.Port() != "8443":
		return "", problem.Invalid(field, "An endpoint is reached at the port 443 or 8443.")
	case !publicHost(u.Hostname()):
		return "", problem.Invalid(field, "An endpoint has a public name or address.")
	}
	return u.String(), nil
}

func publicHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return Public(ip)
	}
	name, err := identifier.Domain(host) // which takes no other way to write an IP address, and no single label
	return err == nil && !slices.ContainsFunc(internal, func(suffix string) bool { return strings.HasSuffix(name, suffix) })
}

// internal are ends of names that lead nowhere public.
var internal = []string{".localhost", ".local", ".internal", ".home.arpa"}

// May tells whether an address that a name led to may be dialled.
func (h Hosts) May(ip netip.Addr) bool { return Public(ip) || slices.Contains(h, ip.Unmap().String()) }

// Public tells whether an address is one of the public internet. Whatever leads elsewhere is not: this machine, its network, the
// services of the cloud, and ways to write an IPv4 address as one of IPv6.
func Public(ip netip.Addr) bool {
	if ip.Zone() != "" || ip.Is4In6() || !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	if ip.Is6() && !globalIPv6.Contains(ip) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// globalIPv6 is all of IPv6 that is given out to anybody.
var globalIPv6 = netip.MustParsePrefix("2000::/3")

// special are networks for special purposes (IANA's registries, RFC 6890) that look like public ones.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),        // this network
	netip.MustParsePrefix("100.64.0.0/10"),    // between a provider and its customers; metadata of some clouds
	netip.MustParsePrefix("192.0.0.0/24"),     // of the IETF's protocols
	netip.MustParsePrefix("192.0.2.0/24"),     // documentation
	netip.MustParsePrefix("192.88.99.0/24"),   // 6to4 relays
	netip.MustParsePrefix("198.18.0.0/15"),    // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"),  // documentation
	netip.MustParsePrefix("203.0.113.0/24"),   // documentation
	netip.MustParsePrefix("168.63.129.16/32"), // the platform of a cloud
	netip.MustParsePrefix("240.0.0.0/4"),      // reserved
	netip.MustParsePrefix("2001::/23"),        // of the IETF's protocols: Teredo, ORCHID
	netip.MustParsePrefix("2001:db8::/32"),    // documentation
	netip.MustParsePrefix("2002::/16"),        // 6to4: IPv4 within
	netip.MustParsePrefix("3fff::/20"),        // documentation
}
