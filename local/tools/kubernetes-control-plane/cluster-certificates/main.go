// Makes the certificates of a cluster on one machine: one authority, and what it signs for the API
// server, for the node, and for the API server as a client of the node. They are for 127.0.0.1 only.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const validity = 10 * 365 * 24 * time.Hour

type pair struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("use: cluster-certificates DIRECTORY"))
	}
	directory := os.Args[1]
	authority := sign(directory, "ca", nil, &x509.Certificate{
		Subject:               pkix.Name{CommonName: "aleo-ops-local"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	})
	sign(directory, "apiserver", &authority, serving("kube-apiserver",
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"))
	sign(directory, "node", &authority, serving("system:node:local", "local"))
	sign(directory, "node-client", &authority, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver-node-client"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

func serving(name string, hosts ...string) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		DNSNames:    append(hosts, "localhost"),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
}

// sign makes a key and its certificate; without an issuer it is signed by itself.
func sign(directory, name string, issuer *pair, template *x509.Certificate) pair {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(err)
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	fail(err)
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(validity)
	signer := pair{template, key}
	if issuer != nil {
		signer = *issuer
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.certificate, key.Public(), signer.key)
	fail(err)
	certificate, err := x509.ParseCertificate(der)
	fail(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	fail(err)
	write(filepath.Join(directory, name+".crt"), 0o644, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	write(filepath.Join(directory, name+".key"), 0o600, &pem.Block{Type: "PRIVATE KEY", Bytes: private})
	return pair{certificate, key}
}

func write(file string, mode os.FileMode, block *pem.Block) {
	fail(os.WriteFile(file, pem.EncodeToMemory(block), mode))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
