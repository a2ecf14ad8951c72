package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"
)

// sentHeaders are the lines of a modelserver's notes in which a secret is where it belongs.
var sentHeaders = regexp.MustCompile(`(?mi)^(authorization|x-api-key|x-tenant):.*$`)

// secretless is the script command `secretless DIR SECRET…`: no file below DIR holds one of the secrets, plain or encoded.
func secretless(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: secretless DIR SECRET...")
	}
	read := 0
	err := filepath.WalkDir(ts.MkAbs(args[0]), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		read++
		data = sentHeaders.ReplaceAll(data, nil)
		for _, secret := range args[1:] {
			for _, form := range []string{secret, url.QueryEscape(secret), hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret[:len(secret)/3*3]))} {
				if at := bytes.Index(data, []byte(form)); at >= 0 {
					ts.Fatalf("%s holds a secret: %q", file, data[max(at-100, 0):min(at+100, len(data))])
				}
			}
		}
		return nil
	})
	ts.Check(err)
	if read == 0 {
		ts.Fatalf("there is no file in %s", args[0])
	}
}
