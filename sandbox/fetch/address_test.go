package fetch

import "testing"

func TestMayConnect(t *testing.T) {
	for _, c := range []struct {
		host, address string
		ok            bool
	}{
		{"api.example.com", "93.184.216.34:443", true},
		{"api.example.com", "[2606:2800:220:1::1]:443", true},
		{"api.example.com", "127.0.0.1:80", false},
		{"api.example.com", "169.254.169.254:80", false},
		{"api.example.com", "[fd00:ec2::254]:80", false},
		{"api.example.com", "[::1]:80", false},
		{"api.example.com", "[::ffff:10.0.0.1]:80", false},
		{"api.example.com", "[64:ff9b::a9fe:a9fe]:80", false},
		{"api.example.com", "[fe80::1%eth0]:80", false},
		{"api.example.com", "10.1.2.3:80", false},
		{"api.example.com", "172.16.0.1:80", false},
		{"api.example.com", "192.168.1.1:80", false},
		{"api.example.com", "100.64.0.1:80", false},
		{"api.example.com", "0.0.0.0:80", false},
		{"localhost", "127.0.0.1:80", true},
		{"localhost", "[::1]:80", true},
		{"localhost", "10.0.0.1:80", false},
		{"10.0.0.1", "10.0.0.1:80", true},
		{"10.0.0.1", "10.0.0.2:80", false},
		{"::1", "[::1]:80", true},
		{"localhost.example.com", "127.0.0.1:80", false},
	} {
		if err := MayConnect(c.host, c.address); (err == nil) != c.ok {
			t.Errorf("%s at %s: %v", c.host, c.address, err)
		}
	}
}
