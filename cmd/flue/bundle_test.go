package main

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// bundledProject returns an executable of a project of two files.
func bundledProject(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	files := fstest.MapFS{".flue/flue.yaml": {Data: []byte("model: scripted/x\n")}, "data/run.sh": {Data: []byte("echo\n"), Mode: 0o700}}
	if err := writeBundle(&b, strings.NewReader("the program"), files, []string{".flue/flue.yaml", "data/run.sh"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBundle(t *testing.T) {
	data := bundledProject(t)
	b, err := readBundle(bytes.NewReader(data), int64(len(data)))
	if err != nil || b == nil || string(data[:b.program]) != "the program" {
		t.Fatalf("%+v, %v", b, err)
	}
	if err := fstest.TestFS(b, ".flue/flue.yaml", "data/run.sh"); err != nil {
		t.Error(err)
	}
	if info, err := fs.Stat(b, "data/run.sh"); err != nil || info.Mode() != 0o755 {
		t.Errorf("%v, %v", info, err)
	}
	if b, err := readBundle(strings.NewReader("the program"), 11); b != nil || err != nil {
		t.Errorf("a program without a project: %+v, %v", b, err)
	}
}

// TestBundleChanged: no byte behind the program can be another, and none can be missing in the middle.
func TestBundleChanged(t *testing.T) {
	data := bundledProject(t)
	for i := len("the program"); i < len(data)-len(bundleMagic); i++ {
		changed := bytes.Clone(data)
		changed[i] ^= 0x10
		if b, err := readBundle(bytes.NewReader(changed), int64(len(changed))); err == nil {
			t.Errorf("byte %d of %d: %+v", i, len(data), b)
		}
	}
	short := append(bytes.Clone(data[:20]), data[21:]...)
	if b, err := readBundle(bytes.NewReader(short), int64(len(short))); err == nil {
		t.Errorf("a byte is missing: %+v", b)
	}
}

func FuzzReadBundle(f *testing.F) {
	data := bundledProject(f)
	f.Add(data)
	f.Add(data[5:])
	f.Add([]byte(bundleMagic))
	f.Add([]byte(strings.Repeat("\xff", 40) + bundleMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := readBundle(bytes.NewReader(data), int64(len(data)))
		if b != nil && (err != nil || b.program < 0 || b.program > int64(len(data))) {
			t.Errorf("%+v, %v", b, err)
		}
	})
}

func TestSecretName(t *testing.T) {
	for name, want := range map[string]bool{".env": true, ".ENV": true, ".env.production": true, "prod.env": true, ".env.example": false, "server.pem": true,
		"id_ed25519": true, "id_rsa.pub": true, ".npmrc": true, "Secrets.yaml": true, "credentials": true, ".aws": true, "gcp-credentials.json": true,
		"environment.md": false, "keys.md": false, "secret-scanning.md": false, "key.md": false, "tokens.yaml": false} {
		if secretName(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
