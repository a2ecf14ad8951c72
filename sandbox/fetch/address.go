package fetch

import (
	"fmt"
	"net"
	"net/netip"
)

// MayConnect says whether a request to host may connect to address, which a name server may have chosen: to one that is
// not private, or to the private address that host itself is.
func MayConnect(host, address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("the address %s cannot be read", address)
	}
	ip := at.Addr().WithZone("").Unmap()
	if !isPrivate(ip) || host == "localhost" && ip.IsLoopback() {
		return nil
	}
	if written, err := netip.ParseAddr(host); err == nil && written.WithZone("").Unmap() == ip {
		return nil
	}
	return fmt.Errorf("%s is at the private address %s, which can only be reached by writing it in the URL", host, ip)
}

// privateNetworks are the special-purpose ranges of IANA's registries that netip has no method for; those of IPv6 carry
// IPv4 addresses inside.
var privateNetworks = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("fec0::/10"),
}

func isPrivate(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return true
	}
	for _, network := range privateNetworks {
		if network.Contains(ip) {
			return true
		}
	}
	return false
}

// isHere says whether an address is one of this machine's.
func isHere(ip netip.Addr) bool {
	if ip.IsLoopback() || ip.IsUnspecified() {
		return true
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true // it may be
	}
	for _, a := range addresses {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Unmap() == ip {
			return true
		}
	}
	return false
}
